"""Golden sets from files."""
