"""Runs made readable."""
