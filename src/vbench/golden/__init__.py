"""Golden sets: clips whose truth is known."""

from vbench.golden.digest import golden_set_digests, taxonomy_sha256
from vbench.golden.formats import TruthContext, read_truth, write_vbench_truth
from vbench.golden.load import load_golden_set
from vbench.golden.lock import check_media_digest, facts_from_lock, write_lock
from vbench.golden.validate import (
    ClassCount,
    GoldenSummary,
    Problem,
    TagShare,
    ValidationReport,
    validate_golden_set,
)

__all__ = [
    "ClassCount",
    "GoldenSummary",
    "Problem",
    "TagShare",
    "TruthContext",
    "ValidationReport",
    "check_media_digest",
    "facts_from_lock",
    "golden_set_digests",
    "load_golden_set",
    "read_truth",
    "taxonomy_sha256",
    "validate_golden_set",
    "write_lock",
    "write_vbench_truth",
]
