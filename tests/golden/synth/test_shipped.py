"""The shipped golden set is what `vbench golden synth` writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vbench.config.golden_file import read_golden_file
from vbench.golden.load import load_golden_set
from vbench.golden.synth.render import render
from vbench.golden.synth.scene import default_specs
from vbench.golden.synth.write import clip_truth
from vbench.types import GoldenSet


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "golden_sets" / "loading-dock"


@pytest.fixture(scope="module")
def shipped(folder: Path) -> GoldenSet:
    return load_golden_set(folder)


def test_is_small_enough_to_ship(folder: Path) -> None:
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert n_bytes < 8_000_000


def test_clips_are_those_of_the_default_seed(folder: Path, shipped: GoldenSet) -> None:
    specs = default_specs()
    assert [clip.id for clip in shipped.clips] == [spec.clip_id for spec in specs]
    assert [clip.facts.n_frames for clip in shipped.clips] == [spec.n_frames for spec in specs]
    for clip, spec in zip(read_golden_file(folder).model.clips, specs, strict=True):
        assert clip.tags["daypart"] == spec.daypart
        assert clip.tags["weather"] == spec.weather
        assert clip.tags["camera"] == spec.camera.name


def test_truth_is_what_the_renderer_says(shipped: GoldenSet) -> None:
    index = [clip.id for clip in shipped.clips].index("dock1-night-quiet")
    stored = shipped.clips[index].truth
    fresh = clip_truth([frame.without_pixels() for frame in render(default_specs()[index])])
    np.testing.assert_array_equal(stored.frame_index, fresh.frame_index)
    np.testing.assert_array_equal(stored.track_id, fresh.track_id)
    np.testing.assert_array_equal(stored.ignore, fresh.ignore)
    np.testing.assert_allclose(stored.boxes_xyxy, fresh.boxes_xyxy, atol=0.51)


def test_has_occlusion_truncation_and_empty_frames(shipped: GoldenSet) -> None:
    tags: dict[str, int] = {"occluded": 0, "truncated": 0}
    n_ignored = n_empty = 0
    for clip in shipped.clips:
        for tag in clip.truth.tags:
            tags[tag.key] += int((tag.values == "true").sum())
        n_ignored += int(clip.truth.ignore.sum())
        n_empty += clip.facts.n_frames - len(np.unique(clip.truth.frame_index))
    assert min(tags.values()) > 200
    assert n_ignored > 50
    assert n_empty > 100
