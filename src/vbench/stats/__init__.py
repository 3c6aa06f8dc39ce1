"""Summary statistics of samples, and how sure they are."""

from vbench.stats.autocorrelation import block_length
from vbench.stats.cut import MIN_BLOCKS, cut
from vbench.stats.holm import holm
from vbench.stats.percentiles import percentiles
from vbench.stats.spread import (
    MOST_FOOTAGE,
    MOST_TIMES,
    MOST_UNDEFINED,
    footage_factor,
    interval,
    lower_bound,
    p_at_least,
    p_at_most,
    spread_of,
    two_sided_p,
    upper_bound,
)
from vbench.stats.student import normal_cdf, normal_quantile, student_cdf, student_quantile
from vbench.stats.weights import block_weights, clip_weights

__all__ = [
    "MIN_BLOCKS",
    "MOST_FOOTAGE",
    "MOST_TIMES",
    "MOST_UNDEFINED",
    "block_length",
    "block_weights",
    "clip_weights",
    "cut",
    "footage_factor",
    "holm",
    "interval",
    "lower_bound",
    "normal_cdf",
    "normal_quantile",
    "p_at_least",
    "p_at_most",
    "percentiles",
    "spread_of",
    "student_cdf",
    "student_quantile",
    "two_sided_p",
    "upper_bound",
]
