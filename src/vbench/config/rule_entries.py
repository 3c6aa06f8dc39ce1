"""``kind: rule`` stages, one entry per rule."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vbench.config.golden_file import Name
from vbench.config.model_file import FileModel
from vbench.config.post_entry import Score

Point: TypeAlias = Annotated[tuple[float, float], Field(strict=False)]
"""(x, y) px of the source frame."""


def _in_pixels(points: list[Point]) -> list[Point]:
    if all(0.0 <= value <= 1.0 for point in points for value in point):
        raise ValueError("these look like shares of the frame; give pixels of the source frame")
    return points


def _with_area(points: list[Point]) -> list[Point]:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    # Twice the area that the corners enclose (shoelace formula).
    if sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) == 0.0:
        raise ValueError("the zone has no area: its corners lie on one line, or it crosses itself")
    return points


def _each_once(names: list[str]) -> list[str]:
    doubled = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if doubled is not None:
        raise ValueError(f'class "{doubled}" is listed twice')
    return names


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Zone: TypeAlias = Annotated[
    list[Point], Field(min_length=3), AfterValidator(_in_pixels), AfterValidator(_with_area)
]
"""Corners in order, either way round."""

Classes: TypeAlias = Annotated[
    list[str],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
    Field(min_length=1),
    AfterValidator(_each_once),
]
"""Names of taxonomy classes; a single one may stand without brackets."""

Seconds: TypeAlias = Annotated[float, Field(ge=0.0, strict=False, allow_inf_nan=False)]


class _ObjectRuleStage(FileModel):
    """What the rules about objects have in common."""

    id: Name
    kind: Literal["rule"]
    alert: str | None = Field(default=None, min_length=1)
    """Kind of the alerts; by default the stage's id."""
    class_: Classes = Field(alias="class")
    score: Score | None = None
    """Detections from here on count; by default the operating point of their class."""
    anchor: Literal["bottom_center", "center"] = "bottom_center"
    """The point of a box that stands for the object."""
    min_frames: int = Field(default=1, ge=1)
    """Frames in a row for which it must hold; a single missed frame in between is forgiven."""
    rearm_s: Seconds = 1.0
    """For longer than this it must not hold before it can raise an alert again."""
    cooldown_s: Seconds = 0.0
    """After an alert, how long no other one of the same class is raised."""

    @property
    def alert_kind(self) -> str:
        """Kind of the alerts."""
        return self.id if self.alert is None else self.alert


class ZoneEnterStage(_ObjectRuleStage):
    """An alert when an object is inside a zone."""

    type: Literal["zone_enter"]
    zone: Zone
    zone_name: str | None = None


class ZoneDwellStage(_ObjectRuleStage):
    """An alert when an object stays inside a zone for some time."""

    type: Literal["zone_dwell"]
    zone: Zone
    zone_name: str | None = None
    dwell_s: Annotated[float, Field(gt=0.0, strict=False, allow_inf_nan=False)]


class LineCrossStage(_ObjectRuleStage):
    """An alert when an object crosses a line."""

    type: Literal["line_cross"]
    line: Annotated[list[Point], Field(min_length=2, max_length=2), AfterValidator(_in_pixels)]
    """From a first point to a second one."""
    direction: Literal["any", "left", "right"] = "any"
    """To which side, for someone who looks from the first point to the second one."""
    zone_name: str | None = None

    @model_validator(mode="after")
    def _has_length(self) -> LineCrossStage:
        if self.line[0] == self.line[1]:
            raise ValueError("the line's two points are the same")
        return self


class CountAboveStage(_ObjectRuleStage):
    """An alert when there are more objects than a number."""

    type: Literal["count_above"]
    count: int = Field(ge=0)
    """More objects than this raise the alert."""
    zone: Zone | None = None
    """Where objects count; by default everywhere."""
    zone_name: str | None = None


class PresenceStage(_ObjectRuleStage):
    """An alert when there is an object."""

    type: Literal["presence"]
    zone: Zone | None = None
    """Where objects count; by default everywhere."""
    zone_name: str | None = None


class PythonRuleStage(FileModel):
    """A rule of the user's own code."""

    id: Name
    kind: Literal["rule"]
    type: Literal["python"]
    object: str = Field(pattern=r"^[\w.]+:\w+$")
    """``module:Class``; modules are looked for in the pipeline file's folder first."""
    options: dict[str, bool | int | float | str | list[bool | int | float | str] | None] = Field(
        default_factory=dict
    )
    """Keyword arguments of the class."""


ObjectRuleStage: TypeAlias = (
    ZoneEnterStage | ZoneDwellStage | LineCrossStage | CountAboveStage | PresenceStage
)
"""Rules about objects of some classes."""

RuleStage: TypeAlias = Annotated[ObjectRuleStage | PythonRuleStage, Field(discriminator="type")]
