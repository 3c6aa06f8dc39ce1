"""Confusion matrices as the page shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.metrics.scenes import FAR, A, B, clip, detections, golden_set, truth
from tests.report.errors.made_errors import Box, made_errors
from vbench.report.errors.clip_errors import SetErrors
from vbench.report.errors.matrix import MatrixView, matrix_views
from vbench.report.errors.places import Places, page_places
from vbench.types import Run


def scene() -> SetErrors:
    one = clip(truth([(0, A), (0, B)], class_id=[0, 1]), exhaustive=(True, True))
    found = detections([(0, A, 0.9), (0, B, 0.8), (1, FAR, 0.7)], class_id=[0, 0, 1])
    return made_errors(golden_set(one, classes=("person", "truck")), {"p": [found]})


def places_of(run: Run, errors: SetErrors) -> Places:
    """Where a page would show the clips of a made golden set."""
    name = errors.golden_set.name
    clips = tuple(
        replace(run.clips[0], id=one.id, golden_set=name, facts=one.facts)
        for one in errors.golden_set.clips
    )
    golden_set_ = replace(run.golden_sets[0], name=name)
    return page_places(replace(run, golden_sets=(golden_set_,), clips=clips))


def test_rows_are_the_truth_and_columns_what_was_reported(demo_run: Run) -> None:
    errors = scene()
    (matrix,) = matrix_views(errors, places_of(demo_run, errors), 1, 1)
    assert matrix.columns == ("person", "truck", None)
    assert [row.name for row in matrix.rows] == ["person", "truck", None]
    counts = [[cell.n for cell in row.cells] for row in matrix.rows]
    assert counts == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    kinds = [[cell.kind for cell in row.cells] for row in matrix.rows]
    assert kinds == [
        ["right", "wrong", "wrong"],
        ["wrong", "right", "wrong"],
        ["wrong", "wrong", "none"],
    ]
    assert matrix.rows[1].cells[0].share == "100 %"
    assert matrix.rows[2].cells[1].share == ""
    assert (matrix.left_out, matrix.lacks_examples) == ("", False)


def test_each_number_leads_to_its_frames(demo_run: Run) -> None:
    errors = scene()
    (matrix,) = matrix_views(errors, places_of(demo_run, errors), 1, 1)
    keys = {cell.key for row in matrix.rows for cell in row.cells if cell.n}
    assert keys == {one.key for one in matrix.examples}
    assert not any(cell.key for row in matrix.rows for cell in row.cells if not cell.n)
    told = {
        (one.truth_class, one.detection_class): [
            (frame.place.frame_index, frame.score) for frames in one.clips for frame in frames
        ]
        for one in matrix.examples
    }
    assert told == {
        ("person", "person"): [(0, "0.90")],
        ("truck", "person"): [(0, "0.80")],
        (None, "truck"): [(1, "0.70")],
    }


def _many_classes(n_classes: int, n_pipelines: int) -> SetErrors:
    """Class k is missed k times; every fifth is taken for its neighbour."""
    boxes = [
        (k % 4, (float(k % 20) * 30, float(k), float(k % 20) * 30 + 20, float(k) + 20))
        for k in range(n_classes)
        for _ in range(k % 7)
    ]
    classes = [k for k in range(n_classes) for _ in range(k % 7)]
    order = sorted(range(len(boxes)), key=lambda row: boxes[row][0])
    rows: list[tuple[int, Box]] = [boxes[row] for row in order]
    class_id = [classes[row] for row in order]
    one = clip(truth(rows, class_id=class_id), exhaustive=[True] * n_classes)
    found = detections(
        [(frame, box, 0.9) for (frame, box), c in zip(rows, class_id, strict=True) if c % 5 == 0],
        class_id=[(c + 1) % n_classes for c in class_id if c % 5 == 0],
    )
    golden = golden_set(one, classes=[f"class {k}" for k in range(n_classes)])
    return made_errors(golden, {f"p{k}": [found] for k in range(n_pipelines)})


def test_too_many_cells_have_no_examples_and_the_page_says_so(demo_run: Run) -> None:
    pairs = [(i, j) for i in range(8) for j in range(8) for _ in range(1 + (i == j + 1))]
    one = clip(
        truth([(k, A) for k in range(len(pairs))], class_id=[i for i, _ in pairs]),
        n_frames=len(pairs),
        exhaustive=[True] * 8,
    )
    found = detections([(k, A, 0.9) for k in range(len(pairs))], class_id=[j for _, j in pairs])
    golden = golden_set(one, classes=[f"class {k}" for k in range(8)])
    errors = made_errors(golden, {"p": [found]})
    (matrix,) = matrix_views(errors, places_of(demo_run, errors), 1, 50)
    assert matrix.lacks_examples
    held = [cell for row in matrix.rows for cell in row.cells if cell.n]
    assert {cell.key for cell in held} >= {""}
    # The numbers that stand for most wrong answers keep theirs.
    most = max((cell for cell in held if cell.kind == "wrong"), key=lambda cell: cell.n)
    assert most.key


def _links(matrix: MatrixView) -> int:
    return sum(len(frames) for one in matrix.examples for frames in one.clips)


def test_of_80_classes_the_twenty_with_most_errors_are_shown(demo_run: Run) -> None:
    errors = _many_classes(80, 1)
    (matrix,) = matrix_views(errors, places_of(demo_run, errors), 1, 1)
    assert len(matrix.columns) == len(matrix.rows) == 21
    assert matrix.columns[-1] is None
    assert "20 of 80 classes" in matrix.left_out
    # Class 7k has no truth and no error unless its neighbour is taken for it.
    assert "class 7" not in matrix.columns
    assert "class 6" in matrix.columns


@pytest.mark.parametrize("n_pipelines", [1, 50])
def test_a_page_of_many_matrices_stays_small(demo_run: Run, n_pipelines: int) -> None:
    errors = _many_classes(80, n_pipelines)
    views = matrix_views(errors, places_of(demo_run, errors), 1, n_pipelines)
    assert sum(len(row.cells) for view in views for row in view.rows) <= 8_000
    assert sum(map(_links, views)) <= 1_800
    for view in views:
        keys = {cell.key for row in view.rows for cell in row.cells if cell.key}
        assert keys == {one.key for one in view.examples}
        n_held = sum(cell.n > 0 for row in view.rows for cell in row.cells)
        assert 0 < len(keys) <= n_held
        assert view.lacks_examples == (len(keys) < n_held)
