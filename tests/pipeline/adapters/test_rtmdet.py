from __future__ import annotations

import numpy as np
import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.errors import EngineError, ModelError


def test_hand_computed_tensor() -> None:
    dets = f32([[[12, 6, 28, 14, 0.9], [0, 0, 5, 5, 0.2], [0, 0, 0, 0, 0.9]]])
    found = decode(made("rtmdet", 2), {"dets": dets, "labels": np.array([[1, 0, -1]], np.int64)})
    # The second is too low, the third is padding.
    expect(found, [[12, 6, 28, 14]], [0.9], [1])


def test_what_does_not_fit() -> None:
    labels = np.array([[2]], np.int64)
    with pytest.raises(EngineError, match="gave class 2"):
        decode(made("rtmdet", 2), {"dets": f32([[[0, 0, 1, 1, 0.9]]]), "labels": labels})
    with pytest.raises(ModelError, match=r"cannot be the dets of rtmdet: \[1, N, 5\] is needed"):
        decode(made("rtmdet", 2), {"dets": f32([[[0, 0, 1, 1]]]), "labels": labels})
    with pytest.raises(ModelError, match=r"labels of rtmdet are \[1, 2\]"):
        decode(made("rtmdet", 2), {"dets": f32([[[0] * 5] * 2]), "labels": labels})
