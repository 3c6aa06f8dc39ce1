"""Plain truth and results files of other tools, without a golden set."""
