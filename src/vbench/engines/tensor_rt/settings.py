"""How a plan is built: everything but the model that decides what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbench.config.engines.tensorrt import ShapeRange, TensorRtEntry
from vbench.errors import InputError

_N_SHAPES = 3


@dataclass(frozen=True, slots=True)
class InputRange:
    """Shapes that an input with free axes may have."""

    name: str
    smallest: tuple[int, ...]
    best: tuple[int, ...]
    """What kernels are chosen for."""
    largest: tuple[int, ...]

    def text(self) -> str:
        """``images=1x3x416x416:4x3x416x416:8x3x416x416``."""
        shapes = (self.smallest, self.best, self.largest)
        return f"{self.name}=" + ":".join("x".join(map(str, shape)) for shape in shapes)


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """Settings of the builder."""

    profile: tuple[InputRange, ...] = ()
    """Sorted by name."""
    tf32: bool = False
    workspace_mib: int | None = None
    """None: as much as the GPU has."""
    optimization_level: int = 3
    plugins: tuple[Path, ...] = ()


def build_settings(entry: TensorRtEntry, folder: Path) -> BuildSettings:
    """The settings of an entry whose paths start from `folder`."""
    return BuildSettings(
        profile=tuple(_input_range(name, entry.profile[name]) for name in sorted(entry.profile)),
        tf32=entry.tf32,
        workspace_mib=entry.workspace_mib,
        optimization_level=entry.optimization_level,
        plugins=tuple(folder / plugin for plugin in entry.plugins),
    )


def parse_input_range(text: str) -> InputRange:
    """``images=1x3x640x640``, or the smallest, best and largest shape with colons between.

    Raises InputError.
    """
    name, _, written = text.rpartition("=")
    shapes = [tuple(map(_length, shape.split("x"))) for shape in written.split(":")]
    smallest, best, largest = shapes if len(shapes) == _N_SHAPES else shapes[:1] * _N_SHAPES
    ordered = len(smallest) == len(best) == len(largest) and all(
        0 < a <= b <= c for a, b, c in zip(smallest, best, largest, strict=True)
    )
    if not name or not ordered or len(shapes) not in (1, _N_SHAPES):
        raise InputError(
            f'the profile "{text}" is not understood',
            hint="write NAME=1x3x640x640, or the smallest, best and largest shape: "
            "NAME=1x3x640x640:4x3x640x640:8x3x640x640",
        )
    return InputRange(name, smallest, best, largest)


def _length(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _input_range(name: str, shapes: ShapeRange | list[int]) -> InputRange:
    if isinstance(shapes, ShapeRange):
        return InputRange(name, tuple(shapes.min), tuple(shapes.opt), tuple(shapes.max))
    fixed = tuple(shapes)
    return InputRange(name, fixed, fixed, fixed)
