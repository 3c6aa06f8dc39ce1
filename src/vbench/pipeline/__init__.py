"""From a frame to its detections; `load.load_pipeline` is the way in."""
