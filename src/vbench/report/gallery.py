"""The worst frames as pictures with boxes drawn over them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbench.record.folder import RunFolder
from vbench.report.evidence import Evidence, FrameBoxes, read_frame_boxes
from vbench.report.numbers import clock_text, plural
from vbench.report.worst_frames import WorstFrame
from vbench.types import Run

_JPEG_START = b"\xff\xd8\xff"
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
    """Empty where there is no picture; then `problem` says why."""
    problem: str
    width_px: int
    height_px: int
    label_px: float
    boxes: tuple[DrawnBox, ...]
    pipeline: str
    golden_set: str
    clip: str
    tags: str
    frame_index: int
    time: str
    n_found: int
    n_missed: int
    n_false: int
    is_focus: bool
    """Whether the errors are of a kind that a failed gate is about."""
    description: str
    """The picture in words."""


def pictures(
    folder: RunFolder,
    run: Run,
    evidence: Evidence,
    frames: Sequence[WorstFrame],
    *,
    share_images: bool = True,
) -> tuple[Picture, ...]:
    """Pictures of the worst frames in their order.

    A missing or unreadable JPEG gives a placeholder with the reason, never an error.

    Args:
        folder: the run folder.
        run: its run.
        evidence: its evidence, for clips and truth.
        frames: what to show.
        share_images: carry the JPEG of a frame only in its first picture.

    Raises:
        RunFolderError: a shard is missing or broken.
    """
    boxes = _boxes_of(folder, run, evidence, frames)
    seen: dict[tuple[str, int], str] = {}
    made: list[Picture] = []
    for number, frame in enumerate(frames, start=1):
        place = (frame.clip, frame.frame_index)
        first = place not in seen
        image_key = seen.setdefault(place, f"image-{number}")
        data_uri, problem = "", ""
        if first or not share_images:
            data_uri, problem = _read_jpeg(folder, frame)
        elif (earlier := next(p for p in made if p.image_key == image_key)).problem:
            problem = earlier.problem
        made.append(_picture(frame, number, image_key, first, data_uri, problem, boxes, evidence))
    return tuple(made)


_Boxes = Mapping[tuple[str, str, str, int], FrameBoxes]


def _boxes_of(
    folder: RunFolder, run: Run, evidence: Evidence, frames: Sequence[WorstFrame]
) -> _Boxes:
    wanted: dict[tuple[str, str, str], list[int]] = {}
    for frame in frames:
        place = (frame.pipeline, frame.golden_set, frame.clip)
        wanted.setdefault(place, []).append(frame.frame_index)
    pipelines = {item.name: item for item in run.pipelines}
    golden_sets = {item.name: item for item in evidence.golden_sets}
    found = {}
    for (pipeline, golden_set, clip), indices in wanted.items():
        one = evidence.clip(golden_set, clip)
        by_frame = read_frame_boxes(
            folder, golden_sets[golden_set], one, pipelines[pipeline], indices
        )
        found.update({(pipeline, golden_set, clip, k): item for k, item in by_frame.items()})
    return found


def _picture(
    frame: WorstFrame,
    number: int,
    image_key: str,
    first: bool,
    data_uri: str,
    problem: str,
    boxes: _Boxes,
    evidence: Evidence,
) -> Picture:
    clip = evidence.clip(frame.golden_set, frame.clip)
    found = boxes[frame.pipeline, frame.golden_set, frame.clip, frame.frame_index]
    label_px = max(10.0, _LABEL_SHARE * max(found.width_px, found.height_px))
    return Picture(
        key=f"frame-{number}",
        image_key=image_key,
        is_first_use=first,
        data_uri=data_uri,
        problem=problem,
        width_px=found.width_px,
        height_px=found.height_px,
        label_px=label_px,
        boxes=drawn_boxes(found, label_px),
        pipeline=frame.pipeline,
        golden_set=frame.golden_set,
        clip=frame.clip,
        tags=", ".join(f"{key}={value}" for key, value in clip.tags),
        frame_index=frame.frame_index,
        time=clock_text(frame.time_s),
        n_found=frame.tp,
        n_missed=frame.fn,
        n_false=frame.fp,
        is_focus=frame.focus > 0,
        description=(
            f"Frame {frame.frame_index} of {frame.clip}: {frame.pipeline} found {frame.tp}, "
            f"missed {frame.fn}, gave {plural(frame.fp, 'false alarm')}"
        ),
    )


def drawn_boxes(boxes: FrameBoxes, label_px: float) -> tuple[DrawnBox, ...]:
    """Rectangles in drawing order: what went well first, so that errors lie on top."""
    made = []
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
            made.append(_drawn("found", box, "", label_px, boxes))
    for box, _, _, false in detections:
        if not false:
            made.append(_drawn("hit", box, "", label_px, boxes))
    for box, name, score, false in detections:
        if false:
            made.append(_drawn("false", box, f"✕ {_short(name)} {score:.2f}", label_px, boxes))
    for box, name, missed in truth:
        if missed:
            made.append(_drawn("missed", box, f"! missed {_short(name)}", label_px, boxes))
    return tuple(made)


def _drawn(
    kind: str, box_xyxy: Sequence[float], label: str, label_px: float, picture: FrameBoxes
) -> DrawnBox:
    x1, y1, x2, y2 = (round(float(value), 1) for value in box_xyxy)
    above = y1 - 0.35 * label_px
    below = min(y2 + 1.2 * label_px, picture.height_px - 0.3 * label_px)
    width = (0.58 * len(label) + 0.6) * label_px
    return DrawnBox(
        kind=kind,
        x=x1,
        y=y1,
        width=round(x2 - x1, 1),
        height=round(y2 - y1, 1),
        label=label,
        label_x=round(max(0.0, min(x1, picture.width_px - width)), 1),
        label_y=round(above if above > label_px else below, 1),
        label_width=round(width, 1),
    )


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"


def _read_jpeg(folder: RunFolder, frame: WorstFrame) -> tuple[str, str]:
    """(data URI, "") or ("", why there is no picture)."""
    try:
        content = folder.picture(frame.clip, frame.frame_index).read_bytes()
    except OSError:
        return "", "this frame was not kept as a picture"
    if not content.startswith(_JPEG_START):
        return "", "the stored picture is not a JPEG"
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode('ascii')}", ""
