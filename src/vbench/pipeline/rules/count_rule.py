"""``count_above`` and ``presence``: how many objects there are, whoever they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.rule_entries import CountAboveStage, PresenceStage
from vbench.engines.protocol import KeyPlace
from vbench.pipeline.counted import Counted
from vbench.pipeline.rules.cooldown import Cooldown
from vbench.pipeline.rules.stays import Stays
from vbench.pipeline.rules.zone import anchors, check_in_frame, inside
from vbench.types.alerts import Alert
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip

_NO_CLASS = -1
_SCENE = 0
"""The key of the only stay: that of the scene."""


class CountRule:
    """One alert each time that the number of objects comes to be above a limit."""

    def __init__(
        self, stage: CountAboveStage | PresenceStage, counted: Counted, place: KeyPlace
    ) -> None:
        """Prepare for the first clip; `place` names a key of the stage in messages."""
        self._stage = stage
        self._counted = counted
        self._where = place("zone")
        # Alerts about objects of several classes name none.
        self._class_id = counted.class_ids[0] if len(counted.class_ids) == 1 else _NO_CLASS
        self._limit = stage.count if isinstance(stage, CountAboveStage) else 0
        self._zone = None if stage.zone is None else np.array(stage.zone, np.float64)
        self._stays = Stays(stage.rearm_s)
        self._cooldown = Cooldown(stage.alert_kind, stage.zone_name, stage.cooldown_s)

    def begin_clip(self, clip: Clip) -> None:
        """Forget everything. Raises ConfigError where the zone lies outside of the frame."""
        if self._zone is not None:
            check_in_frame(self._zone, clip, self._where)
        self._stays = Stays(self._stage.rearm_s)
        self._cooldown.begin_clip()

    def update(self, time_s: float, found: FrameDetections) -> Sequence[Alert]:
        """What is raised on this frame."""
        holding = [_SCENE] if self._n_objects(found) > self._limit else []
        for stay in self._stays.advance(time_s, holding):
            if stay.n_frames >= self._stage.min_frames and not stay.raised:
                stay.raised = True
                return self._cooldown.alert(time_s, self._class_id)
        return ()

    def _n_objects(self, found: FrameDetections) -> int:
        rows = self._counted.rows(found)
        if self._zone is None:
            return len(rows)
        points = anchors(found.boxes_xyxy[rows], self._stage.anchor)
        return int(inside(points, self._zone).sum())
