"""Whatever metric rows depend on changes a digest, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.metrics.crowd import POINT, crowd_set
from vbench.bench import evaluation_keys
from vbench.bench.evaluation_keys import (
    answers_key,
    clip_key,
    code_key,
    golden_key,
    matches_key,
    rows_key,
)
from vbench.config.benchmark_file import IntervalsEntry
from vbench.types import Clip, OperatingPoint, TruthEvent

CLIP = crowd_set(2).clips[0]
TRUTH = CLIP.truth


def other(column: np.ndarray) -> np.ndarray:
    changed = column.copy()
    changed[-1] = not changed[-1] if column.dtype == np.bool_ else changed[-1] + 1
    return changed


CHANGES: dict[str, Callable[[], Clip]] = {
    "id": lambda: replace(CLIP, id="other"),
    "tags": lambda: replace(CLIP, tags=(*CLIP.tags, ("lens", "wide"))),
    "annotated": lambda: replace(CLIP, annotated=other(CLIP.annotated)),
    "exhaustive": lambda: replace(CLIP, exhaustive=other(CLIP.exhaustive)),
    "regions": lambda: replace(CLIP, ignore_regions=(np.ones((3, 2)),)),
    "events": lambda: replace(CLIP, events=(TruthEvent("enter", 0.5, 1.0, None, None),)),
    "rate": lambda: replace(CLIP, facts=replace(CLIP.facts, fps=CLIP.facts.fps + 1)),
    "box": lambda: replace(CLIP, truth=replace(TRUTH, boxes_xyxy=TRUTH.boxes_xyxy + 0.5)),
    "class": lambda: replace(CLIP, truth=replace(TRUTH, class_id=TRUTH.class_id[::-1].copy())),
    "track": lambda: replace(CLIP, truth=replace(TRUTH, track_id=other(TRUTH.track_id))),
    "ignore": lambda: replace(CLIP, truth=replace(TRUTH, ignore=other(TRUTH.ignore))),
    "crowd": lambda: replace(CLIP, truth=replace(TRUTH, crowd=other(TRUTH.crowd))),
    "box tags": lambda: replace(CLIP, truth=replace(TRUTH, tags=())),
}


@pytest.mark.parametrize("what", CHANGES)
def test_everything_of_a_clip_that_counts_is_in_its_key(what: str) -> None:
    assert clip_key(CHANGES[what]()) != clip_key(CLIP)


def test_where_media_lie_is_not() -> None:
    facts = replace(CLIP.facts, sha256="f" * 64)
    assert clip_key(replace(CLIP, media=Path("elsewhere.mp4"), facts=facts)) == clip_key(CLIP)


def test_a_golden_set_is_its_name_classes_and_clips_in_order() -> None:
    golden = crowd_set(2)
    key = golden_key(golden)
    assert golden_key(replace(golden, version="9", digest="other", locked=False)) == key
    assert golden_key(replace(golden, name="other")) != key
    assert golden_key(replace(golden, clips=golden.clips[::-1])) != key
    assert golden_key(replace(golden, clips=golden.clips[:1])) != key


def test_answers_are_their_files_point_and_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = tmp_path / "shard"
    shard.write_bytes(b"answers")
    key = answers_key("golden", [shard], POINT)
    assert answers_key("golden", [shard], POINT) == key
    assert answers_key("other", [shard], POINT) != key
    assert answers_key("golden", [shard, tmp_path / "absent"], POINT) != key
    moved = OperatingPoint(POINT.iou, tuple((name, 0.875) for name, _ in POINT.scores))
    assert answers_key("golden", [shard], moved) != key
    assert answers_key("golden", [shard], replace(POINT, iou=0.75)) != key
    shard.write_bytes(b"answer5")
    assert answers_key("golden", [shard], POINT) != key
    shard.write_bytes(b"answers")
    monkeypatch.setattr(evaluation_keys, "code_key", lambda: "other")
    assert answers_key("golden", [shard], POINT) != key


def test_rows_are_slices_intervals_and_block_length() -> None:
    key = rows_key([("daypart",)], IntervalsEntry(), 30)
    assert rows_key([("daypart",), ("size",)], IntervalsEntry(), 30) != key
    assert rows_key([("daypart",)], IntervalsEntry(), 31) != key
    for changed in (
        IntervalsEntry(seed=1),
        IntervalsEntry(resamples=500),
        IntervalsEntry(confidence=0.9),
    ):
        assert rows_key([("daypart",)], changed, 30) != key


def test_match_tables_are_clip_detections_and_thresholds(tmp_path: Path) -> None:
    shard = tmp_path / "shard"
    shard.write_bytes(b"answers")
    key = matches_key(CLIP, shard, [0.5])
    assert matches_key(CLIP, shard, [0.5, 0.75]) != key
    assert matches_key(CHANGES["box"](), shard, [0.5]) != key
    shard.write_bytes(b"others")
    assert matches_key(CLIP, shard, [0.5]) != key


def test_code_is_versions_and_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    key = code_key.__wrapped__()
    assert code_key.__wrapped__() == key
    with monkeypatch.context() as patch:
        patch.setattr(evaluation_keys, "_version", lambda library: "0")
        assert code_key.__wrapped__() != key
    read = evaluation_keys.file_digest
    for part in ("metrics/counts.py", "kernels/match.py", "bench/evaluations.py"):
        with monkeypatch.context() as patch:
            patch.setattr(
                evaluation_keys,
                "file_digest",
                lambda path, part=part: "" if path.as_posix().endswith(part) else read(path),
            )
            assert code_key.__wrapped__() != key, part
