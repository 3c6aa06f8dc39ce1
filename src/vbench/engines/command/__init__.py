"""Any program in place of a model: frames in over a pipe, detections out as JSON lines."""
