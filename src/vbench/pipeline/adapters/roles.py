"""Which of a model's outputs is which: by the file's keys, by usual names, then by shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vbench.config.model_file import closest
from vbench.engines.protocol import TensorInfo
from vbench.errors import ConfigError, ModelError
from vbench.pipeline.adapters.adapter import Shape

ABSENT = -1
"""In place of a position: the model has no such output."""


@dataclass(frozen=True, slots=True)
class Role:
    """A tensor that an adapter looks for."""

    key: str
    """The key of the pipeline file that names it."""
    name: str | None
    """What the key says; None where it is left out."""
    usual: tuple[str, ...]
    """Names that published exports give it, in lower case."""
    form: str
    """Its shape in words, for messages."""
    fits: Callable[[Shape], bool]
    whole_numbers: bool | None = None
    """Whether it holds whole numbers (True), fractions (False), or either (None)."""
    optional: bool = False
    """An optional tensor is found by name only."""

    def may_be(self, output: TensorInfo) -> bool:
        """Whether an output has the shape and kind of numbers for it."""
        whole = not output.dtype.startswith("float")
        return self.fits(output.shape) and self.whole_numbers in (None, whole)


def find_outputs(
    outputs: Sequence[TensorInfo], roles: Sequence[Role], adapter: str, place: str
) -> tuple[int, ...]:
    """Position of each role's output; `ABSENT` for an optional one that is not there.

    Raises:
        ConfigError: a key names an output that the model does not have.
        ModelError: an output is missing or of another shape, or several could be meant.
    """
    found = _by_name(outputs, roles, place)
    for role in roles:
        if role.key in found and not role.fits(outputs[found[role.key]].shape):
            raise ModelError(
                f"the model's output {outputs[found[role.key]].text()} cannot be the "
                f"{role.key} of {adapter}: {role.form} is needed",
                where=place,
                hint="check the adapter and the number of classes, or name the right output "
                f"in `{role.key}`",
            )
    _by_shape(outputs, roles, found)
    for role in roles:
        if role.key not in found and not role.optional:
            raise _not_found(outputs, role, found, adapter, place)
    return tuple(found.get(role.key, ABSENT) for role in roles)


def _by_name(outputs: Sequence[TensorInfo], roles: Sequence[Role], place: str) -> dict[str, int]:
    """Key -> position of each tensor that the file names or that has a usual name."""
    found = {role.key: _named(outputs, role, place) for role in roles if role.name is not None}
    for role in roles:
        named = [
            k
            for k, item in enumerate(outputs)
            if _plain(item.name) in role.usual and k not in found.values()
        ]
        if role.key not in found and len(named) == 1:
            found[role.key] = named[0]
    return found


def _named(outputs: Sequence[TensorInfo], role: Role, place: str) -> int:
    names = [item.name for item in outputs]
    if role.name not in names:
        raise ConfigError(
            f'the model has no output "{role.name}"',
            where=place,
            hint=closest(role.name or "", names),
        )
    return names.index(role.name)


def _plain(name: str) -> str:
    """A name without the decoration that frameworks add: ``detection_boxes:0``."""
    return name.lower().partition(":")[0].rpartition("/")[2]


def _by_shape(outputs: Sequence[TensorInfo], roles: Sequence[Role], found: dict[str, int]) -> None:
    """Give each role the only output left that it may be, until nothing changes."""
    changed = True
    while changed:
        changed = False
        for role in roles:
            if role.key in found or role.optional:
                continue
            left = [
                k for k, item in enumerate(outputs) if k not in found.values() and role.may_be(item)
            ]
            if len(left) == 1:
                found[role.key] = left[0]
                changed = True


def _not_found(
    outputs: Sequence[TensorInfo], role: Role, found: dict[str, int], adapter: str, place: str
) -> ModelError:
    listed = "; ".join(item.text() for item in outputs)
    several = [
        item.name for k, item in enumerate(outputs) if k not in found.values() and role.may_be(item)
    ]
    if len(several) > 1:
        return ModelError(
            f"{adapter} cannot tell which output holds the {role.key}: {', '.join(several)}",
            where=place,
            hint=f"name it: `{role.key}: {several[0]}`",
        )
    return ModelError(
        f"the model has no output of the form {role.form} for the {role.key} of {adapter}; it "
        f"has {listed}",
        where=place,
        hint="choose the adapter of the model's family (`vbench pipeline suggest MODEL.onnx`), "
        "and list as many classes as the model has",
    )
