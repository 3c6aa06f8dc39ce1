"""What is known of a pipeline's answers on a golden set, as bytes that are kept with a run."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import numpy as np

from vbench.metrics.cause_boxes import ScoredBoxes, SliceColumn
from vbench.metrics.resampled import RowKey, RowSample
from vbench.metrics.statistics import AnswersDigest
from vbench.record.cache_entry import DamagedEntryError, unpack_entry, write_entry
from vbench.record.folder import whole_file
from vbench.record.metric_columns import Columns, metric_columns, metrics_from_columns
from vbench.types import GoldenSet, Metric, Units

_FACTS, _ARRAYS = "facts", "arrays"
_SAMPLE_ARRAYS = ("replicates", "support", "without_clip", "without_block")
_BOX_ARRAYS = ("clip", "frame", "class_id", "truth", "outcome", "false_xyxy")


class _RowsFacts(TypedDict):
    key: str
    metrics: Columns
    samples: list[tuple[str, str | None, str | None, list[tuple[str, str]], Units | None]]
    """Key of a row, and the units of its sample; None where it has none."""


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Metric rows, and the samples of those that gates asked for."""

    key: str
    """Of what they depend on beyond the answers: slices, intervals, block length."""
    metrics: tuple[Metric, ...]
    samples: Mapping[RowKey, RowSample | None]
    """None for rows that have no sample."""


@dataclass(slots=True)
class KeptEvaluation:
    """What is known of a pipeline's answers on a golden set; None for what was not computed."""

    key: str
    """Of the answers, the golden set, the operating point and the code that computes."""
    length: int | None = None
    """Block length of this pipeline alone."""
    answers: AnswersDigest | None = None
    rows: KeptRows | None = None
    boxes: ScoredBoxes | None = None
    changed: bool = field(default=False, compare=False)
    """Whether it has what is not on the disk yet."""


def kept_parts(kept: KeptEvaluation) -> list[tuple[str, bytes]]:
    """The parts of an entry, as `vbench.record.cache_entry.write_entry` takes them."""
    arrays: dict[str, np.ndarray] = {}
    facts = {
        "key": kept.key,
        "length": kept.length,
        "answers": None
        if kept.answers is None
        else [kept.answers.detections, kept.answers.tracks, kept.answers.alerts],
        "rows": None if kept.rows is None else _rows_facts(kept.rows, arrays),
        "boxes": None if kept.boxes is None else _boxes_facts(kept.boxes, arrays),
    }
    # Level 1: what is written once for each run should not cost more than it saves.
    text = zlib.compress(json.dumps(facts, ensure_ascii=False).encode(), 1)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return [(_FACTS, text), (_ARRAYS, stream.getvalue())]


def kept_from_parts(
    parts: Mapping[str, bytes], key: str, pipeline: str, golden_set: GoldenSet
) -> KeptEvaluation | None:
    """What was kept under a key; None for another key, or what vbench does not write.

    Args:
        parts: of an entry.
        key: that of the answers as they are now.
        pipeline: the name that its rows get.
        golden_set: as decoded.
    """
    try:
        facts = json.loads(zlib.decompress(parts[_FACTS]))
        if facts["key"] != key:
            return None
        with np.load(io.BytesIO(parts[_ARRAYS]), allow_pickle=False) as arrays:
            return KeptEvaluation(
                key=key,
                length=None if facts["length"] is None else int(facts["length"]),
                answers=None if facts["answers"] is None else AnswersDigest(*facts["answers"]),
                rows=None
                if facts["rows"] is None
                else _rows(facts["rows"], arrays, pipeline, golden_set.name),
                boxes=None
                if facts["boxes"] is None
                else _boxes(facts["boxes"], arrays, golden_set),
            )
    except (KeyError, IndexError, TypeError, ValueError, OSError, zlib.error):
        return None


def write_kept(path: Path, parts: Sequence[tuple[str, bytes]]) -> None:
    """Write a file of a run folder. Raises OSError, RunFolderError."""
    with whole_file(path) as part, part.open("wb") as stream:
        write_entry(stream, parts)


def read_kept(path: Path, key: str, pipeline: str, golden_set: GoldenSet) -> KeptEvaluation | None:
    """Read a file of a run folder; None where it is absent, damaged or of another key."""
    try:
        with path.open("rb") as stream:
            parts = unpack_entry(stream, {})
    except (OSError, DamagedEntryError):
        return None
    return kept_from_parts(parts, key, pipeline, golden_set)


def _rows_facts(rows: KeptRows, arrays: dict[str, np.ndarray]) -> dict[str, object]:
    samples = [one for one in rows.samples.values() if one is not None]
    for name in _SAMPLE_ARRAYS if samples else ():
        arrays[name] = np.stack([getattr(one, name) for one in samples])
    return {
        "key": rows.key,
        "metrics": metric_columns(rows.metrics),
        "samples": [
            [*row, None if sample is None else sample.units] for row, sample in rows.samples.items()
        ],
    }


def _rows(
    facts: _RowsFacts,
    arrays: Mapping[str, np.ndarray],
    pipeline: str,
    golden_set: str,
) -> KeptRows:
    samples: dict[RowKey, RowSample | None] = {}
    columns = [arrays[name] for name in _SAMPLE_ARRAYS if name in arrays]
    place = 0
    for name, class_name, clip, of_slice, units in facts["samples"]:
        sample = None
        if units is not None:
            replicates, support, without_clip, without_block = (one[place] for one in columns)
            sample = RowSample(replicates, support, units, without_clip, without_block)
            place += 1
        samples[name, class_name, clip, tuple((key, value) for key, value in of_slice)] = sample
    metrics = metrics_from_columns(facts["metrics"], pipeline, golden_set)
    return KeptRows(str(facts["key"]), metrics, samples)


def _boxes_facts(boxes: ScoredBoxes, arrays: dict[str, np.ndarray]) -> list[list[object]]:
    for name in _BOX_ARRAYS:
        arrays[f"boxes.{name}"] = getattr(boxes, name)
    for place, column in enumerate(boxes.columns):
        arrays[f"boxes.group.{place}"] = column.group
    return [
        [column.key, column.values, column.by_clip, column.tells_false] for column in boxes.columns
    ]


def _boxes(
    facts: Sequence[tuple[str, list[str], bool, bool]],
    arrays: Mapping[str, np.ndarray],
    golden_set: GoldenSet,
) -> ScoredBoxes:
    clip, frame, class_id, truth, outcome, false_xyxy = (
        arrays[f"boxes.{name}"] for name in _BOX_ARRAYS
    )
    return ScoredBoxes(
        golden_set=golden_set,
        clip=clip,
        frame=frame,
        class_id=class_id,
        truth=truth,
        outcome=outcome,
        false_xyxy=false_xyxy,
        columns=tuple(
            SliceColumn(key, tuple(values), arrays[f"boxes.group.{place}"], by_clip, tells_false)
            for place, (key, values, by_clip, tells_false) in enumerate(facts)
        ),
    )
