"""Rules over metrics."""
