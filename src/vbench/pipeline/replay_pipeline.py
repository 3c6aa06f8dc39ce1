"""A pipeline that needs no frames: stored results, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from vbench.pipeline.loaded import Loaded
from vbench.pipeline.replayed_detector import ReplayedDetector, frame_rows
from vbench.types.alerts import Alerts
from vbench.types.detections import Detections
from vbench.types.golden import Clip


class ReplayPipeline(Loaded):
    """Stored results in place of models; trackers and rules may follow."""

    needs_frames: Literal[False] = False

    def check(self, clips: Sequence[Clip]) -> None:
        """Read every clip's results once, so that what is wrong is found before a run begins.

        Raises:
            ConfigError: there is not a results file for every clip.
            TruthError: a file is broken, or does not fit its clip or the pipeline's classes.
        """
        for detector in self._detectors():
            detector.check(clips)

    def replay(self, clip: Clip) -> tuple[Detections, Alerts | None]:
        """Every stored detection of a clip in the taxonomy's classes, and what was raised.

        Boxes are not clipped. Alerts are None for a pipeline that raises nothing. Rules get a
        frame's time from its number and the clip's mean rate.

        Raises:
            ConfigError: the clip has no results file.
            TruthError: a file is broken, or does not fit the clip or the pipeline's classes.
        """
        found = _united([detector.results(clip) for detector in self._detectors()])
        tail = self.stages.tail
        if tail:
            tail.begin_clip(clip)
            parts = [
                tail(index, index / clip.facts.fps, frame_rows(found, index))[0]
                for index in range(clip.facts.n_frames)
            ]
            found = Detections.of_frames(range(len(parts)), parts)
        stored = [detector.stored_alerts(clip) for detector in self._detectors()]
        raised = [one.rows() for one in stored if one is not None]
        by_rules = tail.alerts()
        if by_rules is not None:
            raised.append(tuple(by_rules))
        alerts = Alerts.of([alert for rows in raised for alert in rows]) if raised else None
        return found, alerts

    def _detectors(self) -> list[ReplayedDetector]:
        return [one for one in self.stages.detectors if isinstance(one, ReplayedDetector)]


def _united(parts: Sequence[Detections]) -> Detections:
    if len(parts) == 1:
        return parts[0]
    return Detections.sorted_from(
        frame_index=np.concatenate([part.frame_index for part in parts]),
        boxes_xyxy=np.concatenate([part.boxes_xyxy for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        class_id=np.concatenate([part.class_id for part in parts]),
        track_id=np.concatenate([part.track_id for part in parts]),
    )
