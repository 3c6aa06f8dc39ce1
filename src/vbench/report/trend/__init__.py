"""Several runs over time: the same numbers, what changed between them, what was promoted."""
