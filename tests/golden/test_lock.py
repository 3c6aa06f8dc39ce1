from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.golden.sets import FACTS, GOLDEN, write_set
from vbench.errors import ConfigError, LockError, TruthError
from vbench.golden.load import load_golden_set
from vbench.golden.lock import check_media_digest, facts_from_lock, write_lock


def test_facts_come_back_exactly(tmp_path: Path) -> None:
    path = write_lock(write_set(tmp_path), FACTS)
    assert path == tmp_path / "golden.lock"
    assert facts_from_lock(path) == FACTS
    assert list(facts_from_lock(path)) == ["day", "night"]


def test_the_same_facts_give_the_same_bytes(tmp_path: Path) -> None:
    write_set(tmp_path)
    first = (tmp_path / "golden.lock").read_bytes()
    other = write_lock(
        tmp_path / "golden.yaml", dict(reversed(FACTS.items())), tmp_path / "other.lock"
    )
    assert other == tmp_path / "other.lock"
    assert other.read_bytes() == first
    assert first.startswith(b"# Written by `vbench golden lock`")
    assert b"29.97002997002997" in first


def test_nothing_is_overwritten_where_facts_or_truth_are_missing(tmp_path: Path) -> None:
    lock = write_set(tmp_path) / "golden.lock"
    before = lock.read_bytes()
    with pytest.raises(LockError, match=r'clips\[1\]: the media of clip "night" were not measured'):
        write_lock(tmp_path, {"day": FACTS["day"]})
    (tmp_path / "night.csv").unlink()
    with pytest.raises(TruthError, match="truth not found"):
        write_lock(tmp_path, FACTS)
    (tmp_path / "golden.yaml").write_text(GOLDEN.replace("schema", "shema"))
    with pytest.raises(ConfigError):
        write_lock(tmp_path, FACTS)
    assert lock.read_bytes() == before
    assert not list(tmp_path.glob("*.tmp"))
    assert not list(tmp_path.glob(".*"))


def test_a_clip_without_truth(tmp_path: Path) -> None:
    write_set(tmp_path, GOLDEN.replace("    truth: day.csv\n", ""))
    assert "truth_sha256: null" in (tmp_path / "golden.lock").read_text()
    assert len(load_golden_set(tmp_path).clips[0].truth) == 0


def test_media_digests_are_compared(tmp_path: Path) -> None:
    clip = load_golden_set(write_set(tmp_path)).clips[0]
    check_media_digest(clip, FACTS["day"].sha256)
    with pytest.raises(LockError) as caught:
        check_media_digest(clip, "0" * 64)
    assert 'the media of clip "day" no longer match golden.lock' in caught.value.what
    assert caught.value.where == str(tmp_path / "day.mp4")
    assert "vbench golden lock" in caught.value.hint


def test_every_fact_is_locked(tmp_path: Path) -> None:
    write_set(tmp_path)
    for field, value in (
        ("sha256", "0" * 64),
        ("n_frames", 11),
        ("fps", 25.0),
        ("duration_s", 1.0),
        ("width_px", 641),
        ("height_px", 481),
        ("fingerprint", "1" * 64),
    ):
        changed = dataclasses.replace(FACTS["day"], **{field: value})  # type: ignore[arg-type]
        with pytest.raises(LockError, match=f"{field} is"):
            load_golden_set(tmp_path, {"day": changed})
