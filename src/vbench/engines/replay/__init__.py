"""Stored results of any system in place of a model: one module per file format."""
