"""From a decoded frame to detections."""
