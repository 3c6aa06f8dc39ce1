"""SORT and ByteTrack on real detections, and rules on real tracks.

The Faster-RCNN detections of TUD-Campus are those that SORT's authors publish results of, in the
README of github.com/abewley/sort: FP 15, FN 113, IDs 6, FM 9, MT 6, PT 2, ML 0, MOTA 62.7. Their
results hold the filter's boxes; vbench keeps the detector's, and differs there alone.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.pipeline.trackers.scenes import byte_track, detections, sort
from tests.pipeline.trackers.twins import SortTwin
from vbench.bench.evaluate_mot import evaluate_mot
from vbench.config.rule_entries import LineCrossStage, ZoneEnterStage
from vbench.config.tracker_entries import ByteTrackStage, SortStage
from vbench.pipeline.rules.registry import make_rule
from vbench.pipeline.trackers.registry import make_tracker
from vbench.types import F64, ClassDef, Taxonomy
from vbench.types.alerts import Alert
from vbench.types.frame_detections import FrameDetections

pytestmark = pytest.mark.real

PERSON = Taxonomy(1, (ClassDef("person", "people walking by"),))
N_FRAMES, FPS = 71, 25.0


def found(real_data: Path) -> list[FrameDetections]:
    rows = np.loadtxt(real_data / "tud-campus" / "frcnn_det.txt", delimiter=",")
    frames = []
    for number in range(1, N_FRAMES + 1):
        of_frame = rows[rows[:, 0] == number]
        of_frame = of_frame[np.argsort(-of_frame[:, 6], kind="stable")]
        top_left = of_frame[:, 2:4]
        boxes = np.concatenate([top_left, top_left + of_frame[:, 4:6]], axis=1)
        frames.append(detections(boxes, of_frame[:, 6]))
    return frames


def tracked(real_data: Path, stage: ByteTrackStage | SortStage) -> list[FrameDetections]:
    tracker = make_tracker(stage)
    return [tracker.update(k, frame) for k, frame in enumerate(found(real_data))]


def mot_rows(frames: list[FrameDetections]) -> F64:
    rows = []
    for index, frame in enumerate(frames):
        for (x1, y1, x2, y2), identity in zip(frame.boxes_xyxy, frame.track_id, strict=True):
            if identity >= 0:
                rows.append([index + 1, identity, x1, y1, x2 - x1, y2 - y1, 1.0])
    return np.array(rows)


def test_sort_gives_its_published_numbers(real_data: Path) -> None:
    stage = sort()
    twin, tracker, rows = SortTwin(stage), make_tracker(stage), []
    for index, frame in enumerate(found(real_data)):
        identities = twin.update(frame.boxes_xyxy, frame.scores)
        assert tracker.update(index, frame).track_id.tolist() == identities
        for track in twin.tracks:
            if track.detection >= 0 and identities[track.detection] >= 0:
                x, y, area, aspect = track.kalman.mean[:4]
                width = np.sqrt(area * aspect)
                height = area / width
                corner = [x - width / 2, y - height / 2]
                rows.append([index + 1, track.identity, *corner, width, height, 1.0])
    scores = evaluate_mot(str(real_data / "tud-campus" / "gt.txt"), np.array(rows))
    counts = [scores[name] for name in ("FP", "FN", "IDSW", "FM", "MT", "PT", "ML")]
    assert counts == [15, 113, 6, 9, 6, 2, 0]
    assert scores["MOTA"] == pytest.approx(0.627, abs=5e-4)


@pytest.mark.parametrize(
    ("stage", "counts", "idf1", "hota"),
    [
        (sort(), [238, 23, 121, 7], 0.5710, 0.4447),
        (byte_track(), [257, 29, 102, 6], 0.6605, 0.4776),
        (byte_track(fuse_score=False), [257, 29, 102, 4], 0.7070, 0.5102),
    ],
    ids=["sort", "bytetrack", "bytetrack_without_fusing"],
)
def test_with_the_detectors_own_boxes(
    real_data: Path, stage: ByteTrackStage | SortStage, counts: list[int], idf1: float, hota: float
) -> None:
    truth = str(real_data / "tud-campus" / "gt.txt")
    scores = evaluate_mot(truth, mot_rows(tracked(real_data, stage)))
    assert [scores[name] for name in ("TP", "FP", "FN", "IDSW")] == counts
    assert scores["IDF1"] == pytest.approx(idf1, abs=5e-5)
    assert scores["HOTA"] == pytest.approx(hota, abs=5e-5)


def alerts(stage: ZoneEnterStage | LineCrossStage, frames: list[FrameDetections]) -> list[Alert]:
    rule = make_rule(stage, PERSON, np.array([0.5]), Path(), lambda key: key)
    return [
        alert for index, frame in enumerate(frames) for alert in rule.update(index / FPS, frame)
    ]


def test_a_zone_raises_once_for_everyone_in_it(real_data: Path) -> None:
    frames = tracked(real_data, byte_track())
    entry: dict[str, object] = {
        "id": "intrusion",
        "kind": "rule",
        "type": "zone_enter",
        "class": "person",
    }
    entry |= {"zone": [[0, 300], [640, 300], [640, 480], [0, 480]], "min_frames": 5}
    stage = ZoneEnterStage.model_validate({**entry, "rearm_s": 10.0})
    inside: Counter[int] = Counter()
    for frame in frames:
        feet = frame.boxes_xyxy[:, 3]
        counted = (feet >= 300) & (frame.scores >= 0.5) & (frame.track_id >= 0)
        inside.update(frame.track_id[counted].tolist())
    # Nobody of this clip leaves the zone and comes back, nor is seen in it for 3 or 4 frames only.
    expected = sum(n >= 5 for n in inside.values())
    assert 3 <= expected == len(alerts(stage, frames))
    cooled = ZoneEnterStage.model_validate({**entry, "cooldown_s": 30})
    assert len(alerts(cooled, frames)) == 1


def test_a_line_raises_once_per_crossing(real_data: Path) -> None:
    frames = tracked(real_data, byte_track())
    entry: dict[str, object] = {
        "id": "gate",
        "kind": "rule",
        "type": "line_cross",
        "class": "person",
    }
    entry |= {"line": [[320, 0], [320, 480]], "min_frames": 3}
    both = alerts(LineCrossStage.model_validate(entry), frames)
    left = alerts(LineCrossStage.model_validate({**entry, "direction": "left"}), frames)
    right = alerts(LineCrossStage.model_validate({**entry, "direction": "right"}), frames)
    assert sorted([*left, *right], key=lambda alert: alert.time_s) == both
    # Read off the tracks: one person wavers on the line (frames 17 to 19) before crossing it for
    # good, another crosses it at the clip's start to the left and comes back at frame 38.
    assert [round(alert.time_s * FPS) for alert in both] == [3, 21, 27, 40, 65]
    assert [round(alert.time_s * FPS) for alert in right] == [3]
