"""The pictures of the PDF: a typical miss, enlarged, and the worst frames of all pipelines."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from vbench.record.folder import RunFolder
from vbench.report.evidence import Evidence
from vbench.report.lookup import MetricIndex
from vbench.report.vega.print_charts import print_paretos
from vbench.report.web.gallery import Picture, pictures
from vbench.report.worst_frames import WorstFrame
from vbench.types import Run, Verdict

_MARGIN = 0.35
"""Shown around missed objects, relative to the room that they take."""
_LEAST_SHARE = 0.5
"""Of the frame's width that is shown."""


@dataclass(frozen=True, slots=True)
class PrintPicture:
    """A frame and the part of it that is shown."""

    picture: Picture
    x: float
    y: float
    width: float
    height: float
    """In pixels of the frame."""

    @property
    def is_enlarged(self) -> bool:
        """Whether a part of the frame is not shown."""
        return self.width < self.picture.width_px


@dataclass(frozen=True, slots=True)
class PrintedChart:
    """A drawing of lines and letters, as an image of its own."""

    title: str
    text: str
    """What it shows, one sentence."""
    data_uri: str


def charts(index: MetricIndex, golden_set: str) -> tuple[PrintedChart, ...]:
    """Accuracy against what it costs. Raises MissingDependencyError as `print_paretos`."""
    return tuple(
        PrintedChart(item.title, item.text, _svg_uri(item.svg))
        for item in print_paretos(index, golden_set, "pareto")
    )


def _svg_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode('utf-8')).decode('ascii')}"


def whole(picture: Picture) -> PrintPicture:
    """All of a frame."""
    return PrintPicture(picture, 0.0, 0.0, picture.width_px, picture.height_px)


def enlarged(picture: Picture) -> PrintPicture:
    """The part of a frame where objects were missed, in the frame's own proportions."""
    missed = [box for box in picture.boxes if box.kind == "missed"]
    if not missed:
        return whole(picture)
    left, top = min(box.x for box in missed), min(box.y for box in missed)
    right = max(box.x + box.width for box in missed)
    bottom = max(box.y + box.height for box in missed)
    needed = max((right - left) / picture.width_px, (bottom - top) / picture.height_px)
    share = max(_LEAST_SHARE, min(1.0, needed * (1 + 2 * _MARGIN)))
    width, height = share * picture.width_px, share * picture.height_px
    return PrintPicture(
        picture,
        round(max(0.0, min((left + right - width) / 2, picture.width_px - width)), 1),
        round(max(0.0, min((top + bottom - height) / 2, picture.height_px - height)), 1),
        round(width, 1),
        round(height, 1),
    )


def typical_miss(
    folder: RunFolder, run: Run, evidence: Evidence, frames: Sequence[WorstFrame]
) -> PrintPicture | None:
    """A kept frame with missed objects, of the pipeline whose failure matters most."""
    ranked = sorted(
        run.pipelines,
        key=lambda item: (item.verdict is not Verdict.FAIL, item.name == run.baseline),
    )
    for pipeline in ranked:
        for frame in frames:
            if frame.pipeline == pipeline.name and frame.fn:
                made = pictures(folder, run, evidence, [frame])[0]
                if made.data_uri:
                    return enlarged(made)
    return None


def worst_pictures(
    folder: RunFolder, run: Run, evidence: Evidence, frames: Sequence[WorstFrame], n: int
) -> tuple[PrintPicture, ...]:
    """The worst frames of all pipelines in turn: the worst of each, then the second of each."""
    by_pipeline = [
        [frame for frame in frames if frame.pipeline == item.name] for item in run.pipelines
    ]
    turns = max((len(each) for each in by_pipeline), default=0)
    chosen = [each[k] for k in range(turns) for each in by_pipeline if k < len(each)]
    return tuple(map(whole, pictures(folder, run, evidence, chosen[:n])))
