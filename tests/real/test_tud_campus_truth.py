"""Truth of TUD-Campus: 359 boxes of 8 people on 71 frames (MOT15, frames from 1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.errors import TruthError
from vbench.golden.load import load_golden_set
from vbench.golden.validate import validate_golden_set
from vbench.types import MediaFacts

FACTS = {
    "campus": MediaFacts(
        sha256="0" * 64,
        n_frames=71,
        fps=25.0,
        duration_s=2.84,
        width_px=640,
        height_px=480,
        fingerprint="0" * 64,
    )
}


@pytest.fixture
def golden(real_data: Path, tmp_path: Path) -> Path:
    folder = real_data / "tud-campus"
    path = tmp_path / "golden.yaml"
    path.write_text(
        "schema: vbench.golden/v1\n"
        "name: tud-campus\n"
        "version: 1\n"
        "taxonomy: {version: 1, classes: [{name: person}]}\n"
        "truth_format: mot\n"
        "clips:\n"
        f"  - {{id: campus, media: {folder / 'TUD-Campus.mp4'}, truth: {folder / 'gt.txt'}}}\n"
    )
    return path


@pytest.mark.real
def test_boxes_tracks_and_frames(golden: Path) -> None:
    truth = load_golden_set(golden, FACTS).clips[0].truth
    assert len(truth) == 359
    assert len(set(truth.track_id.tolist())) == 8
    assert (truth.frame_index.min(), truth.frame_index.max()) == (0, 70)
    assert truth.boxes_xyxy[0].tolist() == [399, 182, 520, 411]
    assert not truth.ignore.any()
    report = validate_golden_set(golden, FACTS)
    assert report.n_errors == 0
    assert report.summary is not None
    assert report.summary.classes[0].n_boxes == 359


@pytest.mark.real
def test_the_wrong_frame_base_is_noticed(golden: Path) -> None:
    golden.write_text(golden.read_text().replace("clips:", "truth_frame_base: 0\nclips:"))
    with pytest.raises(TruthError) as caught:
        load_golden_set(golden, FACTS)
    assert 'truth is for frame 71 but clip "campus" has 71 frames' in caught.value.what
    assert "truth_frame_base" in caught.value.hint


@pytest.mark.real
def test_coco_truth_is_refused_as_mot(golden: Path, real_data: Path) -> None:
    truth = real_data / "coco-fakebbox100" / "gt_coco100.json"
    text = golden.read_text().replace(str(real_data / "tud-campus" / "gt.txt"), str(truth))
    golden.write_text(text)
    with pytest.raises(TruthError, match="is JSON, expected rows of numbers"):
        load_golden_set(golden, FACTS)
