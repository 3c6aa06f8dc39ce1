"""Trackers and rules after detection, on frames and on stored results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_constant_model
from tests.pipeline.files import DETECTOR, REPLAY, clip, frame, pipeline_file, taxonomy
from vbench.errors import ConfigError
from vbench.pipeline.load import FramePipeline, ReplayPipeline, load_pipeline
from vbench.pipeline.stage_names import stage_names

TAIL = """\
  - {id: track, kind: tracker, type: sort}
  - id: intrusion
    kind: rule
    type: zone_enter
    zone: [[0, 0], [64, 0], [64, 48], [0, 48]]
    class: person
"""


def walking(folder: Path, n_frames: int = 5) -> None:
    """Results of one person who stands in the zone."""
    rows = [f"{k + 1},-1,10,10,8,20,0.9\n" for k in range(n_frames)]
    (folder / "dock.txt").write_text("".join(rows))


def load_replay(folder: Path, text: str) -> ReplayPipeline:
    loaded = load_pipeline(pipeline_file(folder, text), taxonomy("person"))
    assert isinstance(loaded, ReplayPipeline)
    return loaded


def test_stored_results_are_tracked_and_watched_without_frames(tmp_path: Path) -> None:
    walking(tmp_path)
    loaded = load_replay(tmp_path, REPLAY + TAIL)
    loaded.check([clip()])
    found, alerts = loaded.replay(clip())
    assert len(found) == 5
    assert set(found.track_id.tolist()) == {1}
    assert alerts is not None
    assert alerts.kinds == ("intrusion",)
    assert len(alerts) == 1
    assert loaded.stage_names == ()


def test_stored_results_alone_raise_nothing(tmp_path: Path) -> None:
    walking(tmp_path)
    found, alerts = load_replay(tmp_path, REPLAY).replay(clip())
    assert alerts is None
    assert found.track_id.tolist() == [-1] * 5


def test_stored_alerts_and_rules_are_united(tmp_path: Path) -> None:
    walking(tmp_path)
    (tmp_path / "alerts.json").write_text('[{"time_s": 0.1, "kind": "fire"}]')
    text = (REPLAY + TAIL).replace('txt"}', 'txt", alerts: alerts.json}')
    _, alerts = load_replay(tmp_path, text).replay(clip())
    assert alerts is not None
    assert sorted(alerts.kinds) == ["fire", "intrusion"]


def test_clips_do_not_share_tracks_or_alerts(tmp_path: Path) -> None:
    walking(tmp_path)
    loaded = load_replay(tmp_path, REPLAY + TAIL)
    first, second = loaded.replay(clip()), loaded.replay(clip())
    np.testing.assert_array_equal(first[0].track_id, second[0].track_id)
    assert first[1] is not None
    assert second[1] is not None
    assert len(first[1]) == len(second[1]) == 1


def test_frames_go_through_tracker_and_rule(tmp_path: Path) -> None:
    rows = np.array([[[2, 2, 10, 20, 0.9, 0]]], np.float32)
    write_constant_model(tmp_path / "m.onnx", {"dets": rows})
    file = pipeline_file(tmp_path, DETECTOR + TAIL)
    loaded = load_pipeline(file, taxonomy("person", "forklift"))
    assert isinstance(loaded, FramePipeline)
    assert stage_names(file)[-2:] == ("track", "intrusion")
    loaded.check([clip()])
    loaded.begin_clip(clip())
    for index in range(3):
        found, stage_ns = loaded.run_frame(frame(index=index))
        assert len(stage_ns) == len(loaded.stage_names)
    assert found.track_id.tolist() == [1]
    alerts = loaded.alerts()
    assert alerts is not None
    assert len(alerts) == 1
    loaded.close()


def test_a_rule_that_follows_objects_needs_identities(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", {"dets": np.zeros((1, 1, 6), np.float32)})
    without = DETECTOR + "\n".join(TAIL.splitlines()[1:]) + "\n"
    with pytest.raises(ConfigError, match=r"stages\[1\]: zone_enter follows objects.*tracker"):
        load_pipeline(pipeline_file(tmp_path, without), taxonomy("person", "forklift"))
