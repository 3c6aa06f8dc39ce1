"""Identities over time; `registry.make_tracker` is the way in."""
