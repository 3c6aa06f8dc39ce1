"""``zone_enter`` and ``zone_dwell``: an object is in a zone, or stays in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.rule_entries import ZoneDwellStage, ZoneEnterStage
from vbench.engines.protocol import KeyPlace
from vbench.pipeline.counted import Counted
from vbench.pipeline.rules.cooldown import Cooldown
from vbench.pipeline.rules.stays import TOLERANCE_S, Stays
from vbench.pipeline.rules.zone import anchors, check_in_frame, inside
from vbench.types.alerts import Alert
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip


class ZoneRule:
    """One alert per object and stay in the zone."""

    def __init__(
        self, stage: ZoneEnterStage | ZoneDwellStage, counted: Counted, place: KeyPlace
    ) -> None:
        """Prepare for the first clip; `place` names a key of the stage in messages."""
        self._stage = stage
        self._counted = counted
        self._where = place("zone")
        self._zone = np.array(stage.zone, np.float64)
        self._dwell_s = stage.dwell_s if isinstance(stage, ZoneDwellStage) else 0.0
        self._stays = Stays(stage.rearm_s)
        self._cooldown = Cooldown(stage.alert_kind, stage.zone_name, stage.cooldown_s)

    def begin_clip(self, clip: Clip) -> None:
        """Forget everything. Raises ConfigError where the zone lies outside of the frame."""
        check_in_frame(self._zone, clip, self._where)
        self._stays = Stays(self._stage.rearm_s)
        self._cooldown.begin_clip()

    def update(self, time_s: float, found: FrameDetections) -> Sequence[Alert]:
        """What is raised on this frame, for the best-scored object first."""
        rows = self._counted.followed_rows(found)
        points = anchors(found.boxes_xyxy[rows], self._stage.anchor)
        rows = rows[inside(points, self._zone)]
        stays = self._stays.advance(time_s, found.track_id[rows].tolist())
        alerts: list[Alert] = []
        for row, stay in zip(rows, stays, strict=True):
            long_enough = time_s - stay.start_s >= self._dwell_s - TOLERANCE_S
            if stay.n_frames >= self._stage.min_frames and long_enough and not stay.raised:
                stay.raised = True
                alerts.extend(self._cooldown.alert(time_s, int(found.class_id[row])))
        return alerts
