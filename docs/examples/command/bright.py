#!/usr/bin/env python3
"""A program for the command engine: everything brighter than a threshold is one person.

Replace `detect` with your own detector; the rest is the protocol vbench.command/v1.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import numpy.typing as npt

PROTOCOL = "vbench.command/v1"
THRESHOLD = 200

Detection = dict[str, object]


def detect(image: npt.NDArray[np.uint8]) -> list[Detection]:
    """Detections of one frame, (height, width, 3) uint8."""
    rows, columns = np.nonzero(image.min(axis=2) >= THRESHOLD)
    if len(rows) == 0:
        return []
    # Pixel k covers k to k + 1, so the far edges are one after the last pixel.
    box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    return [{"box": [int(edge) for edge in box], "score": 0.9, "class": "person"}]


def answer(message: dict[str, object]) -> None:
    """Write one line, at once: without the flush, both sides would wait for each other."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer the hello, then every frame until the input ends."""
    frames = sys.stdin.buffer
    hello = json.loads(frames.readline())
    if hello["protocol"] != PROTOCOL or hello["frames"] != "raw":
        sys.exit(f"needs {PROTOCOL} and raw frames")
    answer({"protocol": PROTOCOL, "name": "bright", "version": "1.0"})
    width = height = 0
    for line in iter(frames.readline, b""):
        message = json.loads(line)
        if "clip" in message:
            # A new clip: forget what was seen before.
            width, height = message["width"], message["height"]
            continue
        content = frames.read(message["n_bytes"])
        image = np.frombuffer(content, np.uint8).reshape(height, width, 3)
        answer({"frame": message["frame"], "detections": detect(image)})


if __name__ == "__main__":
    main()
