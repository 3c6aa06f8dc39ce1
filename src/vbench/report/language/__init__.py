"""English texts and their translations."""
