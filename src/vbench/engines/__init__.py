"""What executes a model: one module per engine, chosen in `registry`, alike behind `protocol`."""
