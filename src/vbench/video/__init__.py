"""Frames from media, under one contract."""
