"""The JSON that the page carries, ``vbench.page/v1``; ``js/data.js`` reads it.

Numbers in it stand for positions: a clip's among `PageData.clips`, a pipeline's among
`PageData.pipelines`, a slice's among `PageData.slices`, a class's among those of its golden set.
"""

from __future__ import annotations

import json
from typing import Literal, TypedDict

from markupsafe import Markup

SCHEMA = "vbench.page/v1"

FrameRange = tuple[int, int]
"""First and last frame."""


class Packed(TypedDict):
    """An array: bytes of little-endian values, deflated, in base64.

    Of values of several bytes first the lowest bytes of all of them, then the next, ...: so they
    deflate to less.
    """

    t: Literal["u1", "u2", "i2", "i4", "f4"]
    n: int
    z: str


class PipelineData(TypedDict):
    """A pipeline of the run."""

    name: str
    is_baseline: bool


class SetData(TypedDict):
    """A golden set."""

    name: str
    classes: list[str]
    scores: list[list[float]]
    """Per pipeline the operating score of each class."""
    floors: list[float]
    """Per pipeline the score down to which detections were stored."""
    iou: float


class SliceData(TypedDict):
    """A slice of a golden set."""

    set: int
    title: str


class EventData(TypedDict):
    """Something that should be alerted once."""

    first: int
    last: int
    text: str


class AlertData(TypedDict):
    """An alert of a pipeline."""

    frame: int
    outcome: Literal["raised", "duplicate", "false"]
    text: str


class ClipData(TypedDict):
    """A clip of F frames; lists over pipelines are in their order."""

    key: str
    """Anchor of its timeline."""
    set: int
    name: str
    n_frames: int
    fps: float
    width_px: int
    height_px: int
    tags: list[tuple[str, str]]
    slices: list[int]
    annotated: list[FrameRange]
    """First frame and the one after the last."""
    counts: list[Packed]
    """Per pipeline (3, F): found, false alarms, missed in each frame; 255 and more are 255."""
    late: list[list[int]]
    """Frames that took longer than the clip's frame interval, decoding left out."""
    events: list[EventData]
    alerts: list[list[AlertData]]
    missed_events: list[list[int]]
    stretches: list[list[FrameRange]]
    """Frames that carry the loss of gates which did not pass."""
    truth: Packed | None
    """Boxes of all frames, see `vbench.report.page_data.boxes`; None: no room in the file."""
    answers: list[Packed | None]
    """Those at the operating point."""


TruthRow = tuple[float, float, float, float, int, int, int]
"""x1, y1, x2, y2 in pixels, class, whether it counts, track (-1: none)."""
AnswerRow = tuple[float, float, float, float, int, float, int]
"""x1, y1, x2, y2 in pixels, class, score, and the truth that it is matched with: the row in the
frame's truth, -1: none, a false alarm, -2: it does not count."""


class FrameData(TypedDict):
    """A frame, with all that is stored of it down to the score floor."""

    clip: int
    frame: int
    image: str | None
    """Id of the element that holds the picture."""
    problem: str
    """Why there is no picture, where the server knows; else empty."""
    truth: list[TruthRow]
    answers: list[list[AnswerRow]]
    """Per pipeline, best score first."""
    left_out: list[int]
    """Per pipeline how many answers of the lowest scores are not here."""


class CurveData(TypedDict):
    """One pipeline on one golden set of C classes; row 0 is all classes together."""

    tp: Packed
    """(C + 1, 101) at score >= 0.00, 0.01, ..., 1.00."""
    fp: Packed
    """(C + 1, 101)"""
    n_truth: list[int]
    known: list[bool]
    """(C + 1,) whether false alarms can be known in any footage."""
    at_point: list[list[int]]
    """(3, C + 1) found, false alarms, missed at the operating point."""


class PageData(TypedDict):
    """All of it."""

    schema: str
    server: str | None
    """Where `vbench view` serves frames; None: this is a file."""
    pipelines: list[PipelineData]
    sets: list[SetData]
    slices: list[SliceData]
    clips: list[ClipData]
    frames: list[FrameData]
    curves: list[list[CurveData]]
    """Per golden set, per pipeline."""


def json_text(data: PageData) -> Markup:
    """The data as text for a script element, where no name can end the element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
