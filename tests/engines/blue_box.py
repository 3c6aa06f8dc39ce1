"""The detector that frame engines run in `contract`; started as a program, for the command engine.

No import beyond numpy and OpenCV: a program knows nothing of vbench.
"""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


class BlueBox:
    """Two boxes; the scores are the mean blue and the mean red of the frame."""

    def detect(self, image: Image) -> tuple[list[list[float]], list[float], list[int]]:
        height, width = image.shape[:2]
        boxes = [[0, 0, width / 2, height / 2], [width / 4, height / 4, width, height]]
        blue, _, red = (image.reshape(-1, 3).mean(axis=0) / 255).tolist()
        return boxes, [blue, red], [0, 1]


def decoded(content: bytes, size: tuple[int, int] | None) -> Image:
    """A frame as it was sent: raw, of this (height, width), or as a picture file."""
    values = np.frombuffer(content, np.uint8)
    if size is not None:
        return values.reshape(*size, 3)
    return np.asarray(cv2.imdecode(values, cv2.IMREAD_COLOR), np.uint8)


def main() -> None:
    frames = sys.stdin.buffer
    hello = json.loads(frames.readline())
    print(json.dumps({"protocol": hello["protocol"], "name": "blue", "version": "1"}), flush=True)
    size: tuple[int, int] | None = None
    for line in iter(frames.readline, b""):
        message = json.loads(line)
        if "clip" in message:
            raw = hello["frames"] == "raw"
            size = (message["height"], message["width"]) if raw else None
            continue
        boxes, scores, classes = BlueBox().detect(decoded(frames.read(message["n_bytes"]), size))
        rows = [
            {"box": box, "score": score, "class": hello["classes"][index]}
            for box, score, index in zip(boxes, scores, classes, strict=True)
        ]
        print(json.dumps({"frame": message["frame"], "detections": rows}), flush=True)


if __name__ == "__main__":
    main()
