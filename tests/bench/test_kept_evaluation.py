"""What is kept of an evaluation comes back to the last bit, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.metrics.crowd import POINT, Crowd, answered, crowd_set
from tests.metrics.test_resampling import KEYS, evaluated, keys_of
from vbench.bench.kept_evaluation import (
    KeptEvaluation,
    KeptRows,
    kept_from_parts,
    kept_parts,
    read_kept,
    write_kept,
)
from vbench.metrics.cause_boxes import scored_boxes
from vbench.metrics.resampled import RowKey, RowSample
from vbench.metrics.statistics import AnswersDigest


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return answered(crowd_set(3), seed=1)


@pytest.fixture(scope="module")
def kept(crowd: Crowd) -> KeptEvaluation:
    found = evaluated(crowd, keys=KEYS, keep=keys_of(crowd, KEYS)[::7])
    absent: dict[RowKey, RowSample | None] = {("longest_gap_s_max", None, None, ()): None}
    return KeptEvaluation(
        key="k",
        length=6,
        answers=AnswersDigest("d", "t", "a"),
        rows=KeptRows("r", found.metrics, {**found.samples, **absent}),
        boxes=scored_boxes(crowd.golden, crowd.answers, POINT),
    )


def read(path: Path, crowd: Crowd, key: str = "k") -> KeptEvaluation | None:
    return read_kept(path, key, "pipe", crowd.golden)


def test_everything_comes_back(tmp_path: Path, crowd: Crowd, kept: KeptEvaluation) -> None:
    write_kept(tmp_path / "p" / "set.bin", kept_parts(kept))
    back = read(tmp_path / "p" / "set.bin", crowd)
    assert back is not None
    assert (back.key, back.length, back.answers) == (kept.key, kept.length, kept.answers)
    assert back.rows is not None
    assert kept.rows is not None
    assert back.rows.key == "r"
    assert back.rows.metrics == kept.rows.metrics
    assert any(row.interval is not None for row in back.rows.metrics)
    assert list(back.rows.samples) == list(kept.rows.samples)
    assert len(back.rows.samples) > 50
    for key, sample in kept.rows.samples.items():
        other = back.rows.samples[key]
        if sample is None:
            assert other is None
            continue
        assert other is not None
        assert other.units == sample.units
        for name in ("replicates", "support", "without_clip", "without_block"):
            assert getattr(other, name).tobytes() == getattr(sample, name).tobytes()
    assert back.boxes is not None
    assert kept.boxes is not None
    for name in ("clip", "frame", "class_id", "truth", "outcome", "false_xyxy"):
        assert np.array_equal(getattr(back.boxes, name), getattr(kept.boxes, name)), name
        assert getattr(back.boxes, name).dtype == getattr(kept.boxes, name).dtype
    for ours, theirs in zip(back.boxes.columns, kept.boxes.columns, strict=True):
        assert np.array_equal(ours.group, theirs.group)
        assert replace(ours, group=theirs.group) == theirs


def test_what_was_not_computed_is_not_there(tmp_path: Path, crowd: Crowd) -> None:
    write_kept(tmp_path / "set.bin", kept_parts(KeptEvaluation("k", length=3)))
    assert read(tmp_path / "set.bin", crowd) == KeptEvaluation("k", length=3)


def test_the_same_bytes_each_time(kept: KeptEvaluation) -> None:
    assert kept_parts(kept) == kept_parts(kept)


def test_another_key_is_nothing(tmp_path: Path, crowd: Crowd, kept: KeptEvaluation) -> None:
    write_kept(tmp_path / "set.bin", kept_parts(kept))
    assert read(tmp_path / "set.bin", crowd, "other") is None
    assert read(tmp_path / "absent.bin", crowd) is None


def test_a_flipped_bit_is_noticed_wherever_it_is(
    tmp_path: Path, crowd: Crowd, kept: KeptEvaluation
) -> None:
    path = tmp_path / "set.bin"
    write_kept(path, kept_parts(kept))
    whole = path.read_bytes()
    for place in [*range(0, len(whole), max(1, len(whole) // 40)), len(whole) - 1]:
        broken = bytearray(whole)
        broken[place] ^= 4
        path.write_bytes(broken)
        assert read(path, crowd) is None, place
    path.write_bytes(whole[: len(whole) // 2])
    assert read(path, crowd) is None


@pytest.mark.parametrize("part", ["facts", "arrays"])
def test_what_vbench_does_not_write_is_nothing(
    crowd: Crowd, kept: KeptEvaluation, part: str
) -> None:
    parts = dict(kept_parts(kept))
    assert kept_from_parts(parts, "k", "pipe", crowd.golden) is not None
    assert kept_from_parts({**parts, part: b"foreign"}, "k", "pipe", crowd.golden) is None
    del parts[part]
    assert kept_from_parts(parts, "k", "pipe", crowd.golden) is None
