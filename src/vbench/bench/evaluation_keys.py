"""What metric rows depend on, as digests: equal digests, equal rows."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np

import vbench
from vbench.config.benchmark_file import IntervalsEntry
from vbench.metrics.scopes import SliceKeys
from vbench.types import Clip, GoldenSet, OperatingPoint

_CODE = ("types", "kernels", "stats", "matching", "metrics", "record")
"""Folders of the package that metric rows come from."""
_MODULES = ("bench/evaluations.py", "bench/kept_evaluation.py", "bench/held.py", "bench/rules.py")
"""What else has a part in it."""
_LIBRARIES = ("numba", "llvmlite", "pyarrow")
"""Libraries that rows come from, beside numpy."""


def golden_key(golden_set: GoldenSet) -> str:
    """Digest of a golden set as decoded: everything that a metric may look at."""
    names = golden_set.taxonomy.names
    digest = hashlib.sha256(_text(golden_set.name, names, len(golden_set.clips)))
    for clip in golden_set.clips:
        digest.update(clip_key(clip).encode())
    return digest.hexdigest()


def clip_key(clip: Clip) -> str:
    """Digest of a clip and its truth."""
    truth, facts = clip.truth, clip.facts
    size = [
        float(one)
        for one in (
            facts.n_frames,
            facts.fps,
            facts.duration_s,
            facts.width_px,
            facts.height_px,
        )
    ]
    events = [
        (one.kind, float(one.start_s), float(one.end_s), one.class_name, one.zone)
        for one in clip.events
    ]
    tags = [(tag.key, tag.values.tolist()) for tag in truth.tags]
    digest = hashlib.sha256(_text(clip.id, size, clip.tags, events, tags))
    columns = {
        "annotated": clip.annotated,
        "exhaustive": clip.exhaustive,
        "frame_index": truth.frame_index,
        "boxes_xyxy": truth.boxes_xyxy,
        "class_id": truth.class_id,
        "track_id": truth.track_id,
        "ignore": truth.ignore,
        "crowd": truth.crowd,
        **{f"region {place}": one for place, one in enumerate(clip.ignore_regions)},
    }
    for name, column in columns.items():
        digest.update(_text(name, column.dtype.str, column.shape))
        digest.update(np.ascontiguousarray(column).data)
    return digest.hexdigest()


def answers_key(golden: str, shards: Sequence[Path], point: OperatingPoint) -> str:
    """Digest of a pipeline's answers, what they are compared with, and the code that compares.

    Args:
        golden: `golden_key`.
        shards: files of detections, alerts and times, clip after clip; they need not be there.
        point: where it is judged.
    """
    files = [file_digest(path) for path in shards]
    return hashlib.sha256(_text("answers", code_key(), golden, files, point)).hexdigest()


def rows_key(slice_keys: Sequence[SliceKeys], intervals: IntervalsEntry, length: int) -> str:
    """Digest of what rows depend on beyond the answers."""
    how = intervals.resamples, intervals.seed, intervals.confidence
    return hashlib.sha256(_text("rows", tuple(slice_keys), how, length)).hexdigest()


def matches_key(clip: Clip, detections: Path, iou_thresholds: Sequence[float]) -> str:
    """Digest of what a match table depends on."""
    found = file_digest(detections)
    text = _text("matches", code_key(), clip_key(clip), found, tuple(iou_thresholds))
    return hashlib.sha256(text).hexdigest()


def file_digest(path: Path) -> str:
    """Digest of a file; empty where it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


@cache
def code_key() -> str:
    """Digest of the code that rows come from: a version alone is not enough for who changes it."""
    package = Path(vbench.__file__).parent
    files = [path for folder in _CODE for path in sorted((package / folder).rglob("*.py"))]
    files += [package / module for module in _MODULES]
    sources = [(path.relative_to(package).as_posix(), file_digest(path)) for path in files]
    libraries = [(name, _version(name)) for name in _LIBRARIES]
    versions = vbench.__version__, sys.version_info[:2], np.__version__, libraries
    return hashlib.sha256(_text(versions, sources)).hexdigest()


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _text(*parts: object) -> bytes:
    """What is written of numbers, texts and tuples of them tells them apart."""
    return repr(parts).encode()
