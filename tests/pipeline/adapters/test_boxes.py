from __future__ import annotations

import numpy as np
import pytest

from vbench.config.output_entries import BoxesOutput
from vbench.engines.protocol import TensorInfo
from vbench.errors import ConfigError, EngineError, ModelError
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.boxes import BoxesAdapter


def adapter(*columns: str, n_classes: int = 2, **more: object) -> BoxesAdapter:
    entry = BoxesOutput.model_validate({"adapter": "boxes", "columns": list(columns)} | more)
    return BoxesAdapter(entry, ModelFacts(n_classes, (64, 32), "p.yaml:9: stages[0].output"))


CORNERS = ("x1", "y1", "x2", "y2", "score", "class")


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (CORNERS, [1, 2, 11, 22, 0.5, 1]),
        (("class", "score", "cx", "cy", "w", "h"), [1, 0.5, 6, 12, 10, 20]),
        (("skip", "x1", "y1", "w", "h", "skip", "score", "class"), [9, 1, 2, 10, 20, 9, 0.5, 1]),
    ],
)
def test_columns_are_read_by_name(columns: tuple[str, ...], row: list[float]) -> None:
    found = adapter(*columns).decode([np.array([[row, row]], np.float32)], 0.5)
    assert found.boxes_xyxy.tolist() == [[1, 2, 11, 22]] * 2
    assert found.scores.tolist() == [0.5, 0.5]
    assert found.class_index.tolist() == [1, 1]


def test_rows_below_the_floor_may_hold_anything() -> None:
    """Fixed-size outputs are padded with rows whose class is often -1."""
    rows = np.array([[1, 2, 3, 4, 0.9, 0], [0, 0, 0, 0, 0, -1]], np.float32)
    assert len(adapter(*CORNERS).decode([rows], 0.3)) == 1


def test_normalized_coordinates() -> None:
    rows = np.array([[0.25, 0.25, 0.5, 0.75, 0.9, 0]], np.float32)
    found = adapter(*CORNERS, normalized=True).decode([rows], 0.3)
    assert found.boxes_xyxy.tolist() == [[16, 8, 32, 24]]


def test_no_rows_at_all() -> None:
    assert len(adapter(*CORNERS).decode([np.zeros((1, 0, 6), np.float32)], 0.3)) == 0


def test_only_class_needs_no_column() -> None:
    one = adapter("x1", "y1", "x2", "y2", "score", n_classes=1)
    found = one.decode([np.array([[1, 2, 3, 4, 0.9]], np.float32)], 0.3)
    assert found.class_index.tolist() == [0]
    with pytest.raises(ConfigError, match="columns hold no class, but the pipeline has 2 classes"):
        adapter("x1", "y1", "x2", "y2", "score", n_classes=2)


def test_named_output() -> None:
    outputs = [TensorInfo("count", (1,), "int64"), TensorInfo("dets", (None, 6), "float32")]
    chosen = adapter(*CORNERS, output="dets")
    chosen.check(outputs)
    found = chosen.decode([np.array([1]), np.array([[1, 2, 3, 4, 0.9, 0]], np.float32)], 0.3)
    assert len(found) == 1
    with pytest.raises(ConfigError, match=r'no output "det".*did you mean "dets"'):
        adapter(*CORNERS, output="det").check(outputs)
    with pytest.raises(ModelError, match="the model has 2 outputs"):
        adapter(*CORNERS).check(outputs)


@pytest.mark.parametrize("class_value", [2, -1, 0.5])
def test_class_outside_the_list_is_an_error(class_value: float) -> None:
    rows = np.array([[1, 2, 3, 4, 0.9, class_value]], np.float32)
    with pytest.raises(EngineError, match=f"gave class {class_value:g}; .* lists 2 classes"):
        adapter(*CORNERS).decode([rows], 0.3)


@pytest.mark.parametrize("shape", [(1, 100, 7), (2, 100, 6), (6,), (1, 1, 100, 6)])
def test_shapes_that_do_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"6 columns are named, so \[1, N, 6\] or \[N, 6\]"):
        adapter(*CORNERS).check([TensorInfo("output", shape, "float32")])
    with pytest.raises(ModelError, match="6 columns are named"):
        adapter(*CORNERS).decode([np.zeros(shape, np.float32)], 0.3)
