"""Alerts from detections; `registry.make_rule` is the way in."""
