"""Gates and scored boxes for tests of causes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.metrics.scenes import table
from vbench.metrics.cause_boxes import ScoredBoxes, scored_boxes
from vbench.types import (
    Detections,
    Gate,
    GateForm,
    GoldenSet,
    OperatingPoint,
    Slice,
    whole_answers,
)


def gate(
    metric: str,
    *,
    form: GateForm = "min",
    class_name: str | None = None,
    clip: str | None = None,
    slice: Slice = (),
) -> Gate:
    return Gate(
        metric=metric,
        form=form,
        limit=0.9,
        class_name=class_name,
        slice=slice,
        clip=clip,
        level="error",
        pipelines=None,
        golden_set=None,
        versus=None,
        source="benchmark.yaml:1",
    )


def scored(
    golden: GoldenSet, found: Sequence[Detections], operating_point: OperatingPoint
) -> ScoredBoxes:
    tables = [
        table(one, of, operating_point.iou) for one, of in zip(golden.clips, found, strict=True)
    ]
    return scored_boxes(golden, whole_answers(found, tables), operating_point)
