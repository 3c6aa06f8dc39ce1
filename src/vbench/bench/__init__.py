"""The steps chained."""
