"""Run in a process of its own with TensorRT's libraries replaced by empty ones.

Prints, as JSON, every name of vbench's `api` that the real bindings lack or spell otherwise. Each
protocol is held against the class of its name, ``...Members`` against the enumeration, and
`TensorRt` against the module itself.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator

from vbench.engines.tensor_rt import api, runtime
from vbench.errors import VbenchError

trt = importlib.import_module("tensorrt_bindings")

# Python's own protocols, which the bindings implement in C or through `enum`.
PLAIN = {"__buffer__", "__int__", "__bool__"}
MEMBERS = "Members"
# What is any member of an enumeration, and not one class of the bindings.
NOT_A_CLASS = {"Named", "TensorRt"}


def own_protocols() -> dict[str, type]:
    return {
        name: item
        for name, item in vars(api).items()
        if inspect.isclass(item) and item.__module__ == api.__name__ and not name.startswith("_")
    }


def own_members(protocol: type) -> dict[str, object]:
    """Methods, properties and plain attributes that a protocol names."""
    plain = dict.fromkeys(protocol.__annotations__) if hasattr(protocol, "__annotations__") else {}
    named = {
        name: value
        for name, value in vars(protocol).items()
        if (inspect.isfunction(value) or isinstance(value, property))
        and (not name.startswith("_") or name in PLAIN)
        and name != "__init__"
    }
    return {**plain, **named}


def overloads(docstring: str, name: str) -> list[list[str]]:
    """Parameters of each overload, from a docstring of pybind11; without `self`."""
    found = re.findall(rf"^(?:\d+\. )?{name}\((.*)\) -> ", docstring, re.MULTILINE)
    split = [re.split(r",\s*(?![^\[]*\])", text) for text in found if "*args" not in text]
    return [[part for part in parts if part and not part.startswith("self:")] for parts in split]


def wrong_call(what: str, mine: object, theirs: object, name: str) -> Iterator[str]:
    """vbench calls with positions: the names and their order must be the bindings' own."""
    asked = [item for item in inspect.signature(mine).parameters if item != "self"]  # type: ignore[arg-type]
    have = overloads(getattr(theirs, "__doc__", "") or "", name)
    if not have:
        yield f"{what}: no signature in its docstring"
    for parameters in have:
        names = [item.partition(":")[0].strip() for item in parameters]
        defaults = [item for item in parameters if " = " in item]
        if names[: len(asked)] == asked and len(parameters) - len(defaults) <= len(asked):
            return
    yield f"{what}: takes {have}, called with {asked}"


def wrong_member(what: str, mine: object, owner: object, name: str) -> Iterator[str]:
    theirs = inspect.getattr_static(owner, name, None) if inspect.isclass(owner) else None
    theirs = theirs if theirs is not None else getattr(owner, name, None)
    if theirs is None:
        yield f"{what}: is gone"
    elif name in PLAIN:
        return
    elif inspect.isclass(theirs):
        if inspect.isfunction(mine):
            yield from wrong_call(what, mine, theirs.__init__, "__init__")
    elif isinstance(theirs, property):
        if inspect.isfunction(mine):
            yield f"{what}: is a property, called as a method"
    elif inspect.isfunction(mine):
        yield from wrong_call(what, mine, getattr(owner, name), name)


def findings() -> Iterator[str]:
    for name, protocol in own_protocols().items():
        if name == "Named":
            continue
        owner: object = trt
        if name not in NOT_A_CLASS:
            owner = getattr(trt, name.removesuffix(MEMBERS), None)
        if owner is None:
            yield f"{name}: is gone"
            continue
        for member, mine in own_members(protocol).items():
            if not (name == "IHostMemory" and member == "__buffer__"):
                yield from wrong_member(f"{name}.{member}", mine, owner, member)
    for name in runtime.DTYPES:
        if not hasattr(trt.DataType, name):
            yield f"DataType.{name}: is gone"


def refusal() -> str:
    """What the engine says of libraries that make nothing."""
    from vbench.engines.tensor_rt import library

    try:
        loaded = library.load_library()
        runtime.make_runtime(loaded)
    except VbenchError as error:
        return error.what
    return ""


def plant() -> None:
    """Names that the bindings do not have, to see that they are found."""

    def method(self: object, stream: int) -> bool:
        return True

    for owner, name, planted in (
        (api.IExecutionContext, "execute_async_v4", method),
        (api.IExecutionContext, "execute_async_v3", method),
        (api.ICudaEngine, "num_layers", method),
        (api.BuilderFlagMembers, "FP16", property()),
    ):
        setattr(owner, name, planted)


if __name__ == "__main__":
    if "--plant" in sys.argv:
        plant()
    checked = sum(len(own_members(protocol)) for protocol in own_protocols().values())
    answer = {
        "version": trt.__version__,
        "findings": list(findings()),
        "checked": checked,
        "refusal": refusal(),
    }
    print(json.dumps(answer))
