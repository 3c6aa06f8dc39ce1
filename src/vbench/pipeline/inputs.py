"""A model's input tensors against the pipeline file: the image, and constants for the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vbench.config.input_entry import InputEntry
from vbench.config.model_file import closest
from vbench.engines.protocol import Tensor, TensorEngine, TensorInfo
from vbench.errors import ConfigError, ModelError

_ANY = np.zeros(0, np.float32)


def model_inputs(engine: TensorEngine, entry: InputEntry) -> tuple[list[Tensor], int]:
    """A tensor for each input of a checked model, and the place of the image among them.

    The image's own tensor is a placeholder.
    """
    image = image_input(engine, entry)
    tensors = [
        _ANY if item is image else np.array(entry.extra[item.name], np.dtype(item.dtype))
        for item in engine.inputs
    ]
    return tensors, engine.inputs.index(image)


def image_input(engine: TensorEngine, entry: InputEntry) -> TensorInfo:
    """The input that the image goes to: the only one that `extra` does not give."""
    return next(item for item in engine.inputs if item.name not in entry.extra)


def check_input(engine: TensorEngine, entry: InputEntry, place: Callable[[str], str]) -> None:
    """Compare the tensors that the input entry describes with what the model takes.

    Args:
        engine: the loaded model.
        entry: the pipeline file's ``input``.
        place: names a key of it in messages.

    Raises:
        ConfigError: `extra` names an input that the model does not have.
        ModelError: number of inputs, shape or dtype differ; names both.
    """
    _check_extra(engine, entry, place)
    wanted = image_input(engine, entry)
    width, height = entry.size
    shape = (1, 3, height, width) if entry.layout == "nchw" else (1, height, width, 3)
    if entry.rectangular is not None:
        _check_free_axes(wanted, entry, place)
    elif not wanted.accepts(shape):
        raise ModelError(
            f"the pipeline gives {list(shape)} ({entry.layout}, {width}x{height}), but the model "
            f"takes {wanted.text()}",
            where=place("size"),
            hint=_size_hint(wanted.shape, entry),
        )
    if wanted.dtype != entry.dtype:
        raise ModelError(
            f"the pipeline gives {entry.dtype}, but the model takes {wanted.text()}",
            where=place("dtype"),
            hint=f"write `dtype: {wanted.dtype}`",
        )


def _check_extra(engine: TensorEngine, entry: InputEntry, place: Callable[[str], str]) -> None:
    names = [item.name for item in engine.inputs]
    for name in entry.extra:
        if name not in names:
            raise ConfigError(
                f'the model has no input "{name}"', where=place("extra"), hint=closest(name, names)
            )
    images = [item for item in engine.inputs if item.name not in entry.extra]
    if len(images) != 1:
        raise ModelError(
            f"the model has {len(names)} inputs, and `extra` gives {len(entry.extra)} of them; "
            "one must be left for the image: " + "; ".join(item.text() for item in engine.inputs),
            where=place("extra"),
            hint="give the other inputs' constant values: `extra: {name: [[640, 640]]}`",
        )
    for item in engine.inputs:
        if item in images:
            continue
        shape = np.array(entry.extra[item.name]).shape
        if not item.accepts(shape):
            raise ModelError(
                f"`extra` gives {item.name} as {list(shape)}, but the model takes {item.text()}",
                where=place("extra"),
                hint="nest the numbers in as many brackets as the model's input has axes",
            )


def _check_free_axes(wanted: TensorInfo, entry: InputEntry, place: Callable[[str], str]) -> None:
    axes = wanted.shape[2:] if entry.layout == "nchw" else wanted.shape[1:3]
    if len(wanted.shape) != 4 or any(axis is not None for axis in axes):
        raise ModelError(
            f"`rectangular` needs a model with free height and width; it takes {wanted.text()}",
            where=place("rectangular"),
            hint="export the model with dynamic axes, or leave `rectangular` out",
        )


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
