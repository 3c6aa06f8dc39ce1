"""A model on a server of the KServe v2 protocol, such as Triton."""

from vbench.engines.kserve.engine import files_of, open_engine

__all__ = ["files_of", "open_engine"]
