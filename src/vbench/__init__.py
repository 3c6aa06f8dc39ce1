"""vbench: golden-truth benchmarking of computer-vision pipelines."""

__version__ = "0.1.0"
