"""Files a user writes, read strictly."""
