"""Summary statistics of samples."""

from vbench.stats.percentiles import percentiles

__all__ = ["percentiles"]
