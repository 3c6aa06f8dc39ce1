"""What is checked before the first real frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vbench.config.pipeline_file import InputEntry
from vbench.engines.protocol import Engine
from vbench.errors import ConfigError
from vbench.types.frame import Frame

_SEED = 0


def check_input(engine: Engine, entry: InputEntry, place: Callable[[str], str]) -> None:
    """Compare the tensor that the input entry describes with what the model takes.

    Args:
        engine: the loaded model.
        entry: the pipeline file's ``input``.
        place: names a key of it in messages.

    Raises:
        ConfigError: shape or dtype differ; names both.
    """
    wanted = engine.inputs[0]
    width, height = entry.size
    shape = (1, 3, height, width) if entry.layout == "nchw" else (1, height, width, 3)
    if not wanted.accepts(shape):
        raise ConfigError(
            f"the pipeline gives {list(shape)} ({entry.layout}, {width}x{height}), but the model "
            f"takes {wanted.text()}",
            where=place("size"),
            hint=_size_hint(wanted.shape, entry),
        )
    if wanted.dtype != entry.dtype:
        raise ConfigError(
            f"the pipeline gives {entry.dtype}, but the model takes {wanted.text()}",
            where=place("dtype"),
            hint=f"write `dtype: {wanted.dtype}`",
        )


def warmup_frame(width: int, height: int) -> Frame:
    """A frame of fixed noise, so that no stage sees an empty picture."""
    image = np.random.default_rng(_SEED).integers(0, 256, (height, width, 3), np.uint8)
    return Frame(index=0, pts_s=0.0, image=image, color_order="bgr")


def _size_hint(shape: tuple[int | None, ...], entry: InputEntry) -> str:
    if len(shape) != 4:
        return "a model with one image of four axes is needed"
    if shape[0] not in (1, None):
        return "export the model with batch size 1, or with a free batch axis"
    height, width, n_channels = (
        (shape[2], shape[3], shape[1]) if entry.layout == "nchw" else (shape[1], shape[2], shape[3])
    )
    if n_channels not in (3, None):
        other = "nhwc" if entry.layout == "nchw" else "nchw"
        swapped = 3 in (shape[1], shape[3])
        return f"write `layout: {other}`" if swapped else "the model needs 3 channels"
    return f"write `size: [{width or entry.size[0]}, {height or entry.size[1]}]`"
