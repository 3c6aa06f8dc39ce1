"""From raw output tensors to candidate boxes: one module per model family."""
