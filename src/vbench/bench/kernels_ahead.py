"""The kernels of inference, loaded while models are: neither needs the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

_loaded = threading.Event()


@contextmanager
def kernels_ahead() -> Iterator[None]:
    """Load kernels in a thread during the block, once per process; leaving waits for them."""
    if _loaded.is_set():
        yield
        return
    _loaded.set()
    thread = threading.Thread(target=load_kernels, name="vbench-kernels")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def load_kernels() -> None:
    """Call what nearly every detector needs, on next to nothing."""
    from vbench.kernels.finite import all_finite
    from vbench.kernels.fused_preprocess import PixelValues, Placement, fill
    from vbench.kernels.nms import nms
    from vbench.kernels.resize_taps import unresized
    from vbench.types import Planes, YuvCoefficients

    sample = np.zeros((1, 1), np.uint8)
    planes = Planes(sample, sample, sample, 0, 0, YuvCoefficients(0, 1, 0, 0, 0, 0))
    values = PixelValues(
        np.zeros((3, 256), np.float32), np.zeros((3, 2), np.float32), "as they are"
    )
    place = Placement(start=0, channel_step=1, row_step=1, bgr=True)
    fill(planes, unresized((1, 1)), values, np.zeros(3, np.float32), place)
    box, score = np.zeros((1, 4), np.float32), np.zeros(1, np.float32)
    all_finite(box)
    nms(box, score, np.zeros(1, np.int64), iou_threshold=0.5, class_aware=True, top_k=1)
