"""CVAT for video 1.1 truth: tracks of boxes, one for every frame.

Frames count from 0 unless ``truth_frame_base`` says otherwise. A box marked ``outside`` is where
its object is not to be seen and is no truth. ``occluded`` and the box's attributes become per-box
tags. Source: https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/
"""

from __future__ import annotations

from pathlib import Path

from vbench.errors import TruthError
from vbench.golden.formats.annotations import Annotation, truth_from_annotations
from vbench.golden.formats.context import DROPPED, TruthContext
from vbench.golden.formats.xml_text import XmlElement, read_xml
from vbench.types import Truth

CORNERS = ("xtl", "ytl", "xbr", "ybr")


def read(path: Path, context: TruthContext) -> Truth:
    """Truth from a CVAT for video XML file; raises TruthError with ``file:line: tag``."""
    root = read_xml(path, "annotations")
    images = root.find_all("image")
    if images:
        raise TruthError(
            "is in the format CVAT for images, expected CVAT for video",
            where=images[0].where,
            hint='export the task as "CVAT for video 1.1"',
        )
    size = root.find("meta", "task", "original_size") or root.find("meta", "original_size")
    if size is not None:
        width_px, height_px = (size.need(key).number() for key in ("width", "height"))
        context.check_declared_size(width_px, height_px, size.where)
    boxes: list[Annotation] = []
    for track in root.find_all("track"):
        class_id = context.class_id(track.attribute("label"), track.where)
        if class_id == DROPPED:
            continue
        track_id = track.whole("id")
        shapes = [child for child in track.children if child.tag not in ("box", "attribute")]
        if shapes:
            raise TruthError(
                f"a track of <{shapes[0].tag}>, only boxes are read",
                where=shapes[0].where,
                hint="draw boxes, or leave the track out of the export",
            )
        boxes += [
            _annotation(box, class_id, track_id)
            for box in track.find_all("box")
            if box.attributes.get("outside") != "1"
        ]
    return truth_from_annotations(boxes, context)


def _annotation(box: XmlElement, class_id: int, track_id: int) -> Annotation:
    x1, y1, x2, y2 = (box.number(key) for key in CORNERS)
    tags = {item.attribute("name"): item.text for item in box.find_all("attribute")}
    return Annotation(
        element=box,
        frame_number=box.whole("frame"),
        box_xyxy=(x1, y1, x2, y2),
        class_id=class_id,
        track_id=track_id,
        ignore=False,
        tags={"occluded": "true" if box.attributes.get("occluded") == "1" else "false"} | tags,
    )
