"""What slices can be made of."""

from __future__ import annotations

import numpy as np

from tests.metrics.scenes import A, clip, golden_set, truth
from vbench.metrics import slice_keys
from vbench.types import BoxTag


def test_keys_of_clips_boxes_and_size() -> None:
    tagged = truth([(0, A)], tags=(BoxTag("occluded", np.array(["true"])),))
    golden = golden_set(
        clip(tagged, id="a", tags=(("store", "12"),)),
        clip(truth([]), id="b", tags=(("rain", "1"),)),
    )
    assert slice_keys(golden) == ("occluded", "rain", "size", "store")
