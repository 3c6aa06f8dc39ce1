"""Pascal VOC truth: a folder with one XML file per frame.

The number that a file's name ends in is its frame, counted from 0 unless ``truth_frame_base``
says otherwise; a frame without a file has no boxes. ``difficult`` objects are ignored, as in the
VOC evaluation; ``truncated`` and ``occluded`` become per-box tags. Corners are taken as they
stand, as continuous pixels. Source: Everingham et al., "The Pascal Visual Object Classes
Challenge: A Retrospective", 2015, and the VOC development kit.
"""

from __future__ import annotations

from pathlib import Path

from vbench.golden.formats.annotations import Annotation, truth_from_annotations
from vbench.golden.formats.context import TruthContext
from vbench.golden.formats.frame_files import numbered_files
from vbench.golden.formats.xml_text import XmlElement, read_xml
from vbench.types import Truth

CORNERS = ("xmin", "ymin", "xmax", "ymax")
TAG_KEYS = ("truncated", "occluded")


def read(path: Path, context: TruthContext) -> Truth:
    """Truth from a folder of VOC XML files; raises TruthError with ``file:line: tag``."""
    boxes: list[Annotation] = []
    for frame_number, file in numbered_files(path, ".xml"):
        root = read_xml(file, "annotation")
        size = root.find("size")
        if size is not None:
            width_px, height_px = (size.need(key).number() for key in ("width", "height"))
            context.check_declared_size(width_px, height_px, size.where)
        boxes += [_annotation(item, frame_number, context) for item in root.find_all("object")]
    return truth_from_annotations(boxes, context)


def _annotation(item: XmlElement, frame_number: int, context: TruthContext) -> Annotation:
    name, box = item.need("name"), item.need("bndbox")
    x1, y1, x2, y2 = (box.need(key).number() for key in CORNERS)
    return Annotation(
        element=item,
        frame_number=frame_number,
        box_xyxy=(x1, y1, x2, y2),
        class_id=context.class_id(name.text, name.where),
        track_id=-1,
        ignore=_flag(item, "difficult"),
        tags={key: "true" if _flag(item, key) else "false" for key in TAG_KEYS if item.find(key)},
    )


def _flag(item: XmlElement, key: str) -> bool:
    element = item.find(key)
    return element is not None and element.number() != 0
