"""What one writes first: letterbox with cv2, tensors with numpy, boxes with numpy and cv2's NMS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from models import Model

from vbench.types import F32, F64, U8

NMS_IOU = 0.5
_STRIDES = (8, 16, 32)

Infer = Callable[[F32], F32]
"""A model's input tensor to its one output, both without the batch axis."""


@dataclass(frozen=True, slots=True)
class Letterboxed:
    """A picture in the model's input, and the way back."""

    tensor: F32
    """(3, H, W)"""
    ratio: float
    left: int
    top: int


def pictures(path: Path) -> Iterator[U8]:
    """Frames of a clip as BGR arrays, as PyAV gives them by default."""
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            yield np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)


def detect(model: Model, infer: Infer, image: U8) -> F64:
    """(N, 4) boxes of one picture, after NMS, as x, y, w, h in its pixels."""
    boxed = letterbox(model, image)
    output = infer(boxed.tensor)
    return boxes_xywh(model, output, boxed)


def letterbox(model: Model, image: U8) -> Letterboxed:
    """Scaled into the input's size, on grey; RGB in 0..1 or BGR in 0..255, as the model wants."""
    height, width = image.shape[:2]
    input_width, input_height = model.size
    ratio = min(input_width / width, input_height / height)
    size = round(width * ratio), round(height * ratio)
    canvas = np.full((input_height, input_width, 3), 114, np.uint8)
    left = top = 0
    if model.centered:
        left, top = (input_width - size[0]) // 2, (input_height - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(image, size)
    if model.family == "yolox":
        values = canvas.transpose(2, 0, 1).astype(np.float32)
    else:
        values = canvas[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    tensor: F32 = np.ascontiguousarray(values)
    return Letterboxed(tensor, ratio, left, top)


def boxes_xywh(model: Model, output: F32, boxed: Letterboxed) -> F64:
    """Boxes above the model's floor, after class-aware NMS."""
    table = _yolox_table(output, model.size) if model.family == "yolox" else output
    scores, classes = table[4:].max(axis=0), table[4:].argmax(axis=0)
    keep = scores >= model.floor
    cx, cy, w, h = table[:4, keep]
    x, y = (cx - w / 2 - boxed.left) / boxed.ratio, (cy - h / 2 - boxed.top) / boxed.ratio
    boxes: F64 = np.stack([x, y, w / boxed.ratio, h / boxed.ratio], axis=1).astype(np.float64)
    chosen = cv2.dnn.NMSBoxesBatched(
        boxes.tolist(), scores[keep].tolist(), classes[keep].tolist(), model.floor, NMS_IOU
    )
    return boxes[np.asarray(chosen, np.int64).reshape(-1)]


def _yolox_table(output: F32, size: tuple[int, int]) -> F32:
    """Raw grid values as (4 + C, N): centres and sizes in pixels, objectness times class."""
    grid, stride = _yolox_grid(size)
    centre = (output[:, :2] + grid) * stride
    extent = np.exp(output[:, 2:4]) * stride
    table: F32 = np.concatenate([centre, extent, output[:, 4:5] * output[:, 5:]], axis=1)
    return table.T


@cache
def _yolox_grid(size: tuple[int, int]) -> tuple[F32, F32]:
    """(N, 2) cell and (N, 1) stride of every anchor."""
    width, height = size
    grids, strides = [], []
    for stride in _STRIDES:
        x, y = np.meshgrid(np.arange(width // stride), np.arange(height // stride))
        grids.append(np.stack([x, y], axis=2).reshape(-1, 2))
        strides.append(np.full((x.size, 1), stride))
    return np.concatenate(grids).astype(np.float32), np.concatenate(strides).astype(np.float32)
