"""The worst frames as pictures with boxes drawn over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbench.record.folder import RunFolder
from vbench.report.evidence import Evidence, FrameBoxes, frame_boxes
from vbench.report.language.strings import say, say_n, spoken
from vbench.report.numbers import clock_text
from vbench.report.web.kept_pictures import KeptPictures, read_jpeg
from vbench.report.worst_frames import WorstFrame
from vbench.types import Run

_LABEL_SHARE = 0.02
"""Height of a label relative to the picture's longer side."""


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A rectangle with an optional label, in pixels of the source frame."""

    kind: str
    """``found``, ``missed``, ``false`` or ``hit`` (a detection that found its truth)."""
    x: float
    y: float
    width: float
    height: float
    label: str
    """Empty for boxes that need none."""
    label_x: float
    label_y: float
    """Left end of the label's base line."""
    label_width: float
    """Estimated from the number of characters."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame of the gallery."""

    key: str
    """Anchor of the page."""
    image_key: str
    """Shared by pictures of the same frame: the JPEG is in the page once."""
    is_first_use: bool
    data_uri: str
    """Empty where there is no picture, then `problem` says why, and after the first use."""
    problem: str
    width_px: int
    height_px: int
    label_px: float
    boxes: tuple[DrawnBox, ...]
    pipeline: str
    pipeline_number: int
    golden_set: str
    clip: str
    clip_number: int
    """Among all clips of the run."""
    tags: str
    frame_index: int
    time: str
    n_found: int
    n_missed: int
    n_false: int
    n_alike: int
    """Other frames of the clip with errors on the same objects."""
    is_focus: bool
    """Whether the errors are of a kind that a failed gate is about."""
    description: str
    """The picture in words."""


def pictures(
    folder: RunFolder,
    run: Run,
    evidence: Evidence,
    frames: Sequence[WorstFrame],
    kept: KeptPictures | None = None,
) -> tuple[Picture, ...]:
    """Pictures of the worst frames in their order.

    A missing or unreadable JPEG gives a placeholder with the reason, never an error.

    Args:
        folder: the run folder.
        run: its run.
        evidence: its evidence, for clips and boxes.
        frames: what to show.
        kept: the JPEGs that the page holds, each in the first picture of its frame; None: every
            picture carries its own.
    """
    numbers = _Numbers.of(run, evidence)
    seen: set[str] = set()
    made: list[Picture] = []
    for number, frame in enumerate(frames, start=1):
        image = _image(folder, frame, kept, f"image-{number}")
        is_first_use = image.key not in seen
        made.append(_picture(evidence, numbers, frame, f"frame-{number}", image, is_first_use))
        seen.add(image.key)
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Image:
    key: str
    data_uri: str
    problem: str


def _image(folder: RunFolder, frame: WorstFrame, kept: KeptPictures | None, key: str) -> _Image:
    if kept is None:
        return _Image(key, *read_jpeg(folder, frame.clip, frame.frame_index))
    found = kept.by_frame.get((frame.clip, frame.frame_index))
    if found is None:
        # No key: that of another frame's picture must not be taken.
        return _Image("", "", kept.problem(frame.clip, frame.frame_index))
    return _Image(found.key, found.data_uri, "")


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers by which the page's scripts know pipelines and clips."""

    pipelines: Mapping[str, int]
    clips: Mapping[tuple[str, str], int]
    """(golden set, clip)."""

    @classmethod
    def of(cls, run: Run, evidence: Evidence) -> _Numbers:
        """In the order of the run; clips golden set by golden set."""
        places = [(item.name, clip.id) for item in evidence.golden_sets for clip in item.clips]
        return cls(
            {item.name: number for number, item in enumerate(run.pipelines)},
            {place: number for number, place in enumerate(places)},
        )


def _picture(
    evidence: Evidence,
    numbers: _Numbers,
    frame: WorstFrame,
    key: str,
    image: _Image,
    is_first_use: bool,
) -> Picture:
    clip = evidence.clip(frame.golden_set, frame.clip)
    golden_set = next(item for item in evidence.golden_sets if item.name == frame.golden_set)
    answers = evidence.of(frame.pipeline, frame.golden_set, frame.clip)
    boxes = frame_boxes(golden_set, clip, answers, frame.frame_index)
    label_px = max(10.0, _LABEL_SHARE * max(boxes.width_px, boxes.height_px))
    return Picture(
        key=key,
        image_key=image.key,
        is_first_use=is_first_use,
        data_uri=image.data_uri if is_first_use else "",
        problem=say(image.problem) if image.problem else "",
        width_px=boxes.width_px,
        height_px=boxes.height_px,
        label_px=label_px,
        boxes=drawn_boxes(boxes, label_px),
        pipeline=frame.pipeline,
        pipeline_number=numbers.pipelines[frame.pipeline],
        golden_set=frame.golden_set,
        clip=frame.clip,
        clip_number=numbers.clips[frame.golden_set, frame.clip],
        tags=", ".join(f"{key}={value}" for key, value in clip.tags),
        frame_index=frame.frame_index,
        time=clock_text(frame.time_s),
        n_found=frame.tp,
        n_missed=frame.fn,
        n_false=frame.fp,
        n_alike=frame.n_alike,
        is_focus=frame.focus > 0,
        description=_description(frame),
    )


def _description(frame: WorstFrame) -> str:
    return say_n(
        frame.fp,
        "Frame {index} of {clip}: {pipeline} found {found}, missed {missed}, gave {n} false alarm",
        "Frame {index} of {clip}: {pipeline} found {found}, missed {missed}, gave {n} false alarms",
        index=str(frame.frame_index),
        clip=frame.clip,
        pipeline=frame.pipeline,
        found=str(frame.tp),
        missed=str(frame.fn),
    )


def drawn_boxes(boxes: FrameBoxes, label_px: float) -> tuple[DrawnBox, ...]:
    """Rectangles in drawing order: what went well first, so that errors lie on top.

    Labels stay inside the picture, and off each other where there is room.
    """
    made = []
    taken: list[_Place] = []

    def add(kind: str, box: Sequence[float], label: str = "") -> None:
        made.append(_drawn(kind, box, label, label_px, boxes, taken))

    truth = list(zip(boxes.truth_xyxy, boxes.truth_class, boxes.truth_missed, strict=True))
    detections = list(
        zip(
            boxes.detection_xyxy,
            boxes.detection_class,
            boxes.detection_score,
            boxes.detection_false,
            strict=True,
        )
    )
    for box, _, missed in truth:
        if not missed:
            add("found", box)
    for box, _, _, false in detections:
        if not false:
            add("hit", box)
    for box, name, score, false in detections:
        if false:
            add("false", box, f"✕ {_short(name)} {spoken().number(f'{score:.2f}')}")
    for box, name, missed in truth:
        if missed:
            add("missed", box, say("! missed {name}", name=_short(name)))
    return tuple(made)


_Place = tuple[float, float, float, float]
"""Left, top, right and bottom of a label."""


def _drawn(
    kind: str,
    box_xyxy: Sequence[float],
    label: str,
    label_px: float,
    picture: FrameBoxes,
    taken: list[_Place],
) -> DrawnBox:
    x1, y1, x2, y2 = (round(float(value), 1) for value in box_xyxy)
    width = (0.58 * len(label) + 0.6) * label_px
    x = y = 0.0
    if label:
        places = _label_places((x1, y1, x2, y2), width, label_px, picture)
        place = min(places, key=lambda one: _covered(one, taken))
        taken.append(place)
        x, y = place[0], place[3] - 0.3 * label_px
    return DrawnBox(
        kind=kind,
        x=x1,
        y=y1,
        width=round(x2 - x1, 1),
        height=round(y2 - y1, 1),
        label=label,
        label_x=round(x, 1),
        label_y=round(y, 1),
        label_width=round(width, 1),
    )


def _label_places(box: _Place, width: float, label_px: float, picture: FrameBoxes) -> list[_Place]:
    """Over the box, under it, and inside it at its top and bottom; each moved into the picture."""
    x1, y1, x2, y2 = box
    height = 1.3 * label_px
    gap = 0.05 * label_px
    found = []
    for top in (y1 - height - gap, y2 + gap, y1 + gap, y2 - height - gap):
        for left in (x1, x2 - width):
            inside_left = max(0.0, min(left, picture.width_px - width))
            inside_top = max(0.0, min(top, picture.height_px - height))
            found.append((inside_left, inside_top, inside_left + width, inside_top + height))
    return found


def _covered(place: _Place, taken: Sequence[_Place]) -> float:
    """Area of other labels that a label would cover."""
    x1, y1, x2, y2 = place
    return sum(
        max(0.0, min(x2, right) - max(x1, left)) * max(0.0, min(y2, bottom) - max(y1, top))
        for left, top, right, bottom in taken
    )


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"
