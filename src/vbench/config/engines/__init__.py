"""``engine:`` entries of a pipeline file, one file per engine."""
