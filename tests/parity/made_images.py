"""Images made at random for comparisons with other programs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

N_IMAGES = 25
N_CLASSES = 3


def error_scene(seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Truth with every kind of error on it; no scores tie, every class has truth.

    Returns:
        truth rows (frame, class, x1, y1, x2, y2) and detection rows (frame, class, x1, y1, x2, y2,
        score), both sorted by frame.
    """
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for frame in range(N_IMAGES):
        for _ in range(int(rng.integers(1, 6))):
            x, y = rng.uniform(0, 500, 2)
            w, h = rng.uniform(20, 120, 2)
            own = int(rng.integers(0, N_CLASSES))
            box = np.array([x, y, x + w, y + h])
            truth.append([frame, own, *box])
            for _ in range(int(rng.integers(0, 4))):
                # From a hit over a bad place to a box that is barely near, and the wrong class.
                spread = rng.choice([0.03, 0.15, 0.4, 0.6])
                shift = rng.normal(0, spread, 2) * (w, h)
                near = box + np.tile(shift, 2)
                class_id = own if rng.random() < 0.75 else int(rng.integers(0, N_CLASSES))
                found.append([frame, class_id, *near])
        for _ in range(int(rng.integers(0, 2))):
            x, y = rng.uniform(600, 900, 2)
            found.append([frame, int(rng.integers(0, N_CLASSES)), x, y, x + 30, y + 30])
    scores = (rng.permutation(len(found)) + 1) / (len(found) + 1)
    return np.array(truth), np.column_stack([np.array(found), scores])
