from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from vbench.bench.parity.outputs import explain_outputs
from vbench.engines.protocol import Tensor
from vbench.types import F32

TOLERANCE = 1e-3


def outputs(seed: int) -> list[F32]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(1, 6, 6)).astype(np.float32) * scale for scale in (1, 5, 100)]


def sigmoid(one: npt.NDArray[np.floating]) -> F32:
    return np.asarray(1 / (1 + np.exp(-one.astype(np.float64))), np.float32)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda found: [found[2], found[0], found[1]], "output_order"),
        (lambda found: [one.swapaxes(1, 2) for one in found], "transposed"),
        (lambda found: [sigmoid(one) for one in found], "sigmoid"),
        (lambda found: [one * 1.1 for one in found], "model"),
    ],
)
def test_causes(change: Callable[[list[F32]], Sequence[Tensor]], kind: str) -> None:
    a = [outputs(0), outputs(1)]
    found = explain_outputs(a, [change(one) for one in a], TOLERANCE, "the file is the same")
    assert [cause.kind for cause in found.causes] == [kind]
    assert found.exact is (kind != "model")


def test_both_ways() -> None:
    """The sigmoid may be on either side; large logits lose digits in it."""
    raw = [[one / 50 for one in outputs(0)]]
    squashed = [[sigmoid(one) for one in raw[0]]]
    for a, b in ((raw, squashed), (squashed, raw)):
        (cause,) = explain_outputs(a, b, TOLERANCE, "").causes
        assert cause.kind == "sigmoid"


def test_other_shapes_are_another_model() -> None:
    a, b = [outputs(0)], [outputs(0)[:2]]
    (cause,) = explain_outputs(a, b, TOLERANCE, "the model files differ").causes
    assert cause.kind == "model"
    assert cause.value_a == "the model files differ"
