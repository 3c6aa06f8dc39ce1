"""Synthetic golden sets: rendered loading-dock scenes whose truth is known exactly."""
