"""The few facts about an ONNX file that are needed before a runtime opens it.

An ONNX file is one protobuf message. Large weights may lie in files beside it ("external data"),
which belong to the model's identity. Only the fields that lead to them are walked; the numbers are
those of ``onnx.proto3`` (github.com/onnx/onnx).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from vbench.engines.protobuf_wire import Span, fields
from vbench.errors import EngineError

_Paths: TypeAlias = "dict[int, _Paths]"
"""Field number -> the fields to follow inside it."""

_Entries: TypeAlias = dict[bytes, bytes]
"""Where a tensor keeps its numbers: ``location``, ``offset``, ``length``."""

# TensorProto.external_data (13) of StringStringEntryProto: key (1), value (2).
_EXTERNAL_DATA = 13
_TENSOR: _Paths = {_EXTERNAL_DATA: {}}
# GraphProto: node (1), initializer (5), sparse_initializer (15: values 1, indices 2).
_GRAPH: _Paths = {5: _TENSOR, 15: {1: _TENSOR, 2: _TENSOR}}
# NodeProto.attribute (5) -> AttributeProto: t (5), g (6), tensors (10), graphs (11).
_NODE: _Paths = {5: {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH}}
_GRAPH[1] = _NODE
# ModelProto: graph (7), functions (25) -> FunctionProto.node (7).
_GRAPH_OF_MODEL = 7
_MODEL: _Paths = {_GRAPH_OF_MODEL: _GRAPH, 25: {7: _NODE}}


def external_data_files(model: Path) -> tuple[Path, ...]:
    """Files with the model's external weights, sorted; empty where all is in the model file.

    Raises:
        EngineError: the file is missing, empty, cut short, or no ONNX model; a file with weights is
            missing, too short, or outside the model's folder.
    """
    try:
        with (
            model.open("rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            n_bytes = _external_sizes(_external_data(data, (0, len(data)), _MODEL))
            parts = {field for field, _ in _messages(data, (0, len(data)))}
    except FileNotFoundError:
        raise _missing(model) from None
    except IsADirectoryError:
        raise EngineError(
            "is a folder, expected an ONNX file", where=str(model), hint="name the file"
        ) from None
    except (ValueError, IndexError, RecursionError, UnicodeDecodeError):
        # mmap refuses an empty file with a ValueError.
        raise unreadable(model) from None
    except OSError as error:
        raise EngineError(
            f"cannot be read: {error.strerror}", where=str(model), hint="check its permissions"
        ) from None
    if _GRAPH_OF_MODEL not in parts:
        raise unreadable(model)
    for location in sorted(n_bytes):
        _check_external(model, location, n_bytes[location])
    return tuple(model.parent / location for location in sorted(n_bytes))


def unreadable(model: Path) -> EngineError:
    """The error for a file that is no whole ONNX model."""
    return EngineError(
        "is not a readable ONNX model",
        where=str(model),
        hint="the file may be cut short or of another format; copy or export it again",
    )


def _check_external(model: Path, location: str, n_bytes: int) -> None:
    folder = model.parent.resolve()
    if not (folder / location).resolve().is_relative_to(folder):
        raise EngineError(
            f'keeps weights in "{location}", outside its own folder',
            where=str(model),
            hint="put the weights beside the model and export it again",
        )
    if not (folder / location).is_file():
        raise EngineError(
            f'keeps weights in "{location}", which is not there',
            where=str(model),
            hint=f"copy {location} into {model.parent}, or export the model as one file",
        )
    there = (folder / location).stat().st_size
    if there < n_bytes:
        raise EngineError(
            f'keeps {n_bytes} bytes of weights in "{location}", which has only {there}',
            where=str(model),
            hint=f"{location} is cut short or of another model; copy both again",
        )


def _missing(model: Path) -> EngineError:
    folder = model.parent
    if not folder.is_dir():
        hint = f"the folder {folder} does not exist"
    else:
        names = sorted(item.name for item in folder.glob("*.onnx"))
        hint = f"the folder holds {', '.join(names[:8])}" if names else "the folder has no .onnx"
    return EngineError("model file not found", where=str(model), hint=hint)


def _external_sizes(entries: Iterable[_Entries]) -> dict[str, int]:
    """Location -> how many bytes the model needs there; raises ValueError on broken entries."""
    n_bytes: dict[str, int] = {}
    for tensor in entries:
        location = tensor.get(b"location")
        if location is not None:
            end = int(tensor.get(b"offset", b"0")) + int(tensor.get(b"length", b"0"))
            name = location.decode("utf-8")
            n_bytes[name] = max(end, n_bytes.get(name, 0))
    return n_bytes


def _external_data(data: mmap.mmap, message: Span, follow: _Paths) -> Iterator[_Entries]:
    """Entries of every tensor inside a message; raises ValueError on broken bytes."""
    entries: _Entries = {}
    for field, span in _messages(data, message):
        if field not in follow:
            continue
        if follow is _TENSOR:
            pair = {key: data[slice(*text)] for key, text in _messages(data, span)}
            entries[pair.get(1, b"")] = pair.get(2, b"")
        else:
            yield from _external_data(data, span, follow[field])
    if entries:
        yield entries


def _messages(data: mmap.mmap, message: Span) -> Iterator[tuple[int, Span]]:
    """(field number, span) of each length-delimited field of a message."""
    for number, value in fields(data, message):
        if not isinstance(value, int):
            yield number, value
