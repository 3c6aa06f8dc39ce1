"""Truth files: one reader per format, all with the same face."""

from __future__ import annotations

from pathlib import Path

from vbench.config.golden_file import TruthFormat
from vbench.golden.formats import coco, cvat, mot, vbench_csv, voc, yolo
from vbench.golden.formats.context import TruthContext
from vbench.golden.formats.vbench_csv import write_vbench_truth
from vbench.types import Truth

__all__ = ["DEFAULT_FRAME_BASE", "TruthContext", "read_truth", "write_vbench_truth"]

DEFAULT_FRAME_BASE: dict[TruthFormat, int] = {
    "mot": 1,
    "coco": 0,
    "yolo": 0,
    "cvat": 0,
    "voc": 0,
    "vbench": 0,
}
"""Number of the first frame where golden.yaml does not say."""

_READERS = {
    "mot": mot.read,
    "coco": coco.read,
    "yolo": yolo.read,
    "cvat": cvat.read,
    "voc": voc.read,
    "vbench": vbench_csv.read,
}


def read_truth(path: Path, truth_format: TruthFormat, context: TruthContext) -> Truth:
    """Truth of one clip, sorted by frame, boxes in media pixels.

    Raises:
        TruthError: the file is missing, not of this format, or holds what cannot be truth of this
            clip; names ``file:line`` and the column or key.
    """
    return _READERS[truth_format](path, context)
