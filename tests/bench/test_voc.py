"""Pascal VOC's numbers of a finished run."""

from __future__ import annotations

import pytest

from vbench.bench.finished import FinishedRun
from vbench.bench.voc import PixelConvention, voc_of_run


@pytest.mark.parametrize("pixels", ["inclusive", "continuous"])
def test_both_averages_of_both_pipelines(finished: FinishedRun, pixels: PixelConvention) -> None:
    answer = voc_of_run(finished.folder.path, pixels)
    assert [(one.pipeline, one.golden_set) for one in answer.tables] == [
        ("v1", "dock"),
        ("v2", "dock"),
    ]
    # v1 finds the person in 12 of 24 frames, v2 in all before its one false alarm.
    half, whole = answer.tables
    assert half.all_points.mean == 0.5
    assert half.eleven_points.mean == pytest.approx(6 / 11)
    assert (whole.all_points.mean, whole.eleven_points.mean) == (1.0, 1.0)
    assert (whole.all_points.tp.tolist(), whole.all_points.fp.tolist()) == ([24, 0], [1, 0])
