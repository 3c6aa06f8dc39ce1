"""One peer's loop over a clip, timed in this process; started by peers.py. Prints frames/s.

    python peers_loop.py opencv|supervision CLIP MODEL N_FRAMES

The peers read video; cv2's letterbox, numpy, the engine and cv2's NMS are the same for all.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from models import Model, fake, yolox_nano
from naive import detect

from vbench.types import U8


def opencv(path: Path) -> Iterator[U8]:
    """`cv2.VideoCapture`, as its documentation shows it."""
    capture = cv2.VideoCapture(str(path))
    try:
        while True:
            more, image = capture.read()
            if not more:
                return
            yield np.asarray(image, np.uint8)
    finally:
        capture.release()


def supervision(path: Path) -> Iterator[U8]:
    """supervision's generator of frames."""
    import supervision as library  # type: ignore[import-not-found]

    yield from library.get_video_frames_generator(str(path))


PEERS = {"opencv": opencv, "supervision": supervision}


def model_named(name: str) -> Model:
    """What peers.py measures with."""
    if name == "fake-gpu":
        return fake(name, wait_ms=2.0)
    found = yolox_nano()
    if found is None:
        raise SystemExit("yolox_nano is absent: set VBENCH_REAL_DATA")
    return found


def main() -> None:
    """Run and print."""
    tool, clip, name, n_frames = sys.argv[1:]
    model = model_named(name)
    infer = model.alone()
    images = PEERS[tool]
    for image in islice(images(Path(clip)), 10):
        detect(model, infer, image)
    began_s = time.perf_counter()
    n_done = 0
    for image in islice(images(Path(clip)), int(n_frames)):
        detect(model, infer, image)
        n_done += 1
    print(n_done / (time.perf_counter() - began_s))


if __name__ == "__main__":
    main()
