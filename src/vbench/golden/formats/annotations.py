"""Boxes gathered one by one from XML truth, with the element each came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.golden.formats.context import TruthContext
from vbench.golden.formats.rows import TruthRows, build_truth
from vbench.golden.formats.tag_columns import tag_columns
from vbench.golden.formats.xml_text import XmlElement
from vbench.types import Truth


@dataclass(frozen=True, slots=True)
class Annotation:
    """One box of an XML file."""

    element: XmlElement
    frame_number: int
    box_xyxy: tuple[float, float, float, float]
    class_id: int
    track_id: int
    ignore: bool
    tags: dict[str, str]


def truth_from_annotations(boxes: list[Annotation], context: TruthContext) -> Truth:
    """Truth of a clip; raises TruthError as `build_truth`."""
    rows = TruthRows(
        frame_number=np.array([box.frame_number for box in boxes], np.int64),
        boxes_xyxy=np.array([box.box_xyxy for box in boxes], np.float64).reshape(-1, 4),
        class_id=np.array([box.class_id for box in boxes], np.int64),
        track_id=np.array([box.track_id for box in boxes], np.int64),
        ignore=np.array([box.ignore for box in boxes], np.bool_),
        crowd=np.zeros(len(boxes), np.bool_),
        tags=tag_columns([box.tags for box in boxes]),
        place=lambda row, _part: boxes[row].element.where,
    )
    return build_truth(rows, context)
