"""``type: python``: a rule of the user's own code.

The class is made once per pipeline and has two methods::

    class TwoForklifts:
        def __init__(self, *, class_names, thresholds, **options): ...
        def begin_clip(self, clip): ...            # vbench.engines.protocol.ClipFacts
        def update(self, time_s, found): ...       # -> list of vbench.types.Alert

`found` is a `vbench.types.FrameDetections`: every stored detection, also those below the operating
point. It is told nothing of the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, cast

from vbench.config.rule_entries import PythonRuleStage
from vbench.engines.protocol import ClipFacts, KeyPlace
from vbench.engines.python_object import error_text, imports_from, load_object
from vbench.errors import EngineError, Interrupted
from vbench.types.alerts import Alert
from vbench.types.arrays import F64
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip, Taxonomy

_METHODS = ("begin_clip", "update")

Answer = TypeVar("Answer")


class UserRule(Protocol):
    """What the user's class must be."""

    def begin_clip(self, clip: ClipFacts) -> None:
        """Forget everything: another clip follows."""

    def update(self, time_s: float, found: FrameDetections) -> Iterable[Alert]:
        """What is raised on this frame."""


class PythonRule:
    """Runs the user's rule, and checks what it raises."""

    def __init__(
        self,
        stage: PythonRuleStage,
        taxonomy: Taxonomy,
        thresholds: F64,
        folder: Path,
        place: KeyPlace,
    ) -> None:
        """Load the class. Raises EngineError where that fails or a method is missing."""
        self._stage = stage
        self._folder = folder
        self._n_classes = len(taxonomy.names)
        self._where = place("object")
        made = load_object(stage.object, folder, self._where)
        if not callable(made):
            raise self._failure(f"{stage.object} is no class", "name a class")
        rule = self._call(
            lambda: made(class_names=taxonomy.names, thresholds=thresholds.copy(), **stage.options),
            "making it",
        )
        for method in _METHODS:
            if not callable(getattr(rule, method, None)):
                raise self._failure(f"{stage.object} has no method `{method}`", "add the method")
        self._rule = cast(UserRule, rule)
        self._in_clip = False

    def begin_clip(self, clip: Clip) -> None:
        """Tell the rule of a new clip. Raises EngineError."""
        self._where = f"stage {self._stage.id}"
        facts = ClipFacts(clip.id, clip.facts.width_px, clip.facts.height_px, clip.facts.fps)
        self._call(lambda: self._rule.begin_clip(facts), "`begin_clip`")
        self._in_clip = True

    def update(self, time_s: float, found: FrameDetections) -> Sequence[Alert]:
        """What the rule raises on this frame. Raises EngineError."""
        # A pipeline that is tried without clips shows a frame of none.
        if not self._in_clip:
            return ()
        shown = _read_only(found)
        raised = self._call(lambda: list(self._rule.update(time_s, shown)), "`update`", time_s)
        for alert in raised:
            problem = self._problem(alert, time_s)
            if problem:
                raise self._failure(
                    f"`update` gave {problem} at {time_s:g} s",
                    "return a list of vbench.types.Alert(time_s, kind, class_id, zone)",
                )
        return raised

    def _problem(self, alert: object, time_s: float) -> str:
        """What is wrong with an alert; empty where nothing is."""
        if not isinstance(alert, Alert):
            return f"a {type(alert).__name__}, no Alert"
        if not math.isfinite(alert.time_s) or not 0.0 <= alert.time_s <= time_s:
            return f"an alert for the time {alert.time_s:g} s"
        if not isinstance(alert.kind, str) or not alert.kind:
            return "an alert without a kind"
        if not -1 <= alert.class_id < self._n_classes:
            return f"an alert of class {alert.class_id}, of {self._n_classes} classes"
        return ""

    def _call(self, call: Callable[[], Answer], what: str, time_s: float | None = None) -> Answer:
        try:
            with imports_from(self._folder):
                return call()
        except Interrupted:
            raise
        except (Exception, SystemExit) as error:
            when = "" if time_s is None else f" at {time_s:g} s"
            raise self._failure(
                f"{what} failed{when}: {error_text(error, self._folder)}", "correct the rule"
            ) from error

    def _failure(self, what: str, hint: str) -> EngineError:
        return EngineError(what, where=self._where, hint=hint)


def _read_only(found: FrameDetections) -> FrameDetections:
    """The same detections; a rule that writes into them fails, and what is stored stays."""
    shown = FrameDetections(
        found.boxes_xyxy.view(), found.scores.view(), found.class_id.view(), found.track_id.view()
    )
    for column in (shown.boxes_xyxy, shown.scores, shown.class_id, shown.track_id):
        column.flags.writeable = False
    return shown
