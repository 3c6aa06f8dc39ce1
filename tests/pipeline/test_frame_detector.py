"""What follows a frame engine's answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.pipeline.files import clip, frame
from vbench.config.detector_stage import DetectorStage
from vbench.engines.protocol import ClipFacts, EngineAlert, EngineInfo, FrameAnswer
from vbench.errors import EngineError
from vbench.pipeline.classes import ClassMap
from vbench.pipeline.frame_detector import FrameDetector
from vbench.pipeline.stage_names import FRAME_STEPS
from vbench.types import Alert, Frame, FrameDetections


class FakeEngine:
    """Answers every frame alike."""

    info = EngineInfo("fake", "1", "none", 1)

    def __init__(self, answer: FrameAnswer) -> None:
        self.answer = answer
        self.clips: list[ClipFacts] = []

    def begin_clip(self, clip: ClipFacts) -> None:
        self.clips.append(clip)

    def detect(self, frame: Frame) -> FrameAnswer:
        if frame.index == 99:
            raise EngineError("no answer", hint="look at it")
        return self.answer

    def close(self) -> None:
        pass


def answer(*rows: Sequence[float], alerts: tuple[EngineAlert, ...] = ()) -> FrameAnswer:
    """Rows of x1 y1 x2 y2 score class track."""
    table = np.array(rows, np.float64).reshape(-1, 7)
    return FrameAnswer(
        table[:, :4], table[:, 4], table[:, 5].astype(int), table[:, 6].astype(int), alerts
    )


def detector(given: FrameAnswer, **more: object) -> tuple[FrameDetector, FakeEngine]:
    entry = {
        "id": "detect",
        "kind": "detector",
        "engine": {"type": "python", "object": "a:B"},
        **more,
    }
    engine = FakeEngine(given)
    classes = ClassMap(("a", "b", "c"), np.array([1, 0, -1], np.int64))
    return FrameDetector(DetectorStage.model_validate(entry), engine, classes), engine


def detect(given: FrameAnswer, **more: object) -> FrameDetections:
    found, _ = detector(given, **more)[0](frame())
    return found


def test_rows_go_to_the_taxonomy_best_first_clipped_with_their_tracks() -> None:
    found = detect(
        answer([1, 2, 3, 4, 0.25, 0, 7], [60, 40, 90, 90, 0.5, 1, 8], [0, 0, 9, 9, 0.9, 2, 9])
    )
    assert found.boxes_xyxy.tolist() == [[60, 40, 64, 48], [1, 2, 3, 4]]
    assert found.class_id.tolist() == [0, 1]
    assert found.track_id.tolist() == [8, 7]


def test_floor_nms_and_top_k_hold_for_answers_too() -> None:
    rows = answer([0, 0, 9, 9, 0.5, 0, -1], [0, 0, 9, 8, 0.4, 0, -1], [0, 0, 9, 9, 0.005, 1, -1])
    assert detect(rows).scores.tolist() == [0.5, 0.4]
    assert detect(rows, post={"nms": {"iou": 0.5}}).scores.tolist() == [0.5]
    assert detect(rows, post={"top_k": 1}).scores.tolist() == [0.5]


def test_scores_that_are_one_in_float32_keep_their_order() -> None:
    low, high = 0.5, 0.5 + 1e-12
    assert detect(answer([0, 0, 1, 1, low, 0, 1], [0, 0, 2, 2, high, 0, 2])).track_id.tolist() == [
        2,
        1,
    ]


def test_numbers_are_not_rounded() -> None:
    box = [0.1, 0.2, 10.3, 20.4]
    assert detect(answer([*box, 0.3, 0, -1])).boxes_xyxy.tolist() == [box]


def test_alerts_get_time_and_class_of_the_taxonomy() -> None:
    raised = (EngineAlert("intrusion", 0, "door"), EngineAlert("fire", -1, None))
    dropped = EngineAlert("intrusion", 2, None)
    stage, engine = detector(answer(alerts=(*raised, dropped)), alerts=True)
    stage.begin_clip(clip("gate"))
    assert engine.clips == [ClipFacts("gate", 64, 48, 25.0)]
    stage(frame(index=50))
    assert stage.alerts() == [Alert(2.0, "intrusion", 1, "door"), Alert(2.0, "fire", -1, None)]
    stage.begin_clip(clip("dock"))
    assert stage.alerts() == []


def test_alerts_must_be_announced() -> None:
    with pytest.raises(EngineError, match=r"stage detect, frame 0: .*write `alerts: true`"):
        detect(answer(alerts=(EngineAlert("fire", -1, None),)))
    assert detector(answer())[0].alerts() is None


def test_failures_name_stage_and_frame() -> None:
    stage, _ = detector(answer())
    with pytest.raises(EngineError, match=r"stage detect, frame 99: no answer \(look at it\)"):
        stage(frame(index=99))


def test_both_steps_are_timed() -> None:
    _, durations_ns = detector(answer())[0](frame())
    assert len(durations_ns) == len(FRAME_STEPS)
