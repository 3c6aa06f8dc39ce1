"""From a model's tensors to a proposed pipeline file."""
