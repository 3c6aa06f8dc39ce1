"""What every engine checks of its model file and of the tensors it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vbench.engines.protocol import KeyPlace, Tensor, TensorInfo
from vbench.errors import ConfigError, EngineError


@contextmanager
def told_at_key(key: str, file: Path, place: KeyPlace) -> Iterator[None]:
    """What is wrong with a file, told at the key of the entry that names the file."""
    try:
        yield
    except EngineError as error:
        if error.where != str(file):
            raise
        what = f"{error.where}: {error.what}"
        raise type(error)(what, where=place(key), hint=error.hint) from error


def check_digest(file: Path, expected: str, place: KeyPlace) -> None:
    """Raise ConfigError where the file's sha256 is not the one that the entry pins."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise ConfigError(
            f"{file.name} is another file than the one pinned: its sha256 is {found}",
            where=place("sha256"),
            hint="restore the pinned model, or write the new digest if the change is meant",
        )


def check_tensors(inputs: Sequence[TensorInfo], tensors: Sequence[Tensor]) -> None:
    """Raise EngineError where tensors do not fit the model's inputs in number, shape or dtype.

    Libraries differ here: some convert silently, some read past the end.
    """
    if len(tensors) != len(inputs):
        raise EngineError(
            f"the model takes {len(inputs)} tensors, given {len(tensors)}",
            hint="give one for each input, in the model's order: "
            + "; ".join(item.text() for item in inputs),
        )
    for item, tensor in zip(inputs, tensors, strict=True):
        if not item.accepts(tensor.shape) or tensor.dtype.name != item.dtype:
            raise EngineError(
                f"the model takes {item.text()}, given {list(tensor.shape)} {tensor.dtype.name}",
                hint="let the pipeline file's `input` say what the model takes",
            )


def closed() -> EngineError:
    """The error for a run after `close`."""
    return EngineError("the engine is closed", hint="open it again")
