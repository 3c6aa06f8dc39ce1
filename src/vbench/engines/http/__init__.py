"""A detector behind an HTTP server: a frame in, JSON out."""

from vbench.engines.http.engine import files_of, open_engine

__all__ = ["files_of", "open_engine"]
