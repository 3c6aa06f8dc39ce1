"""What goes wrong and where: kinds, confusion, disagreement, probable label errors."""
