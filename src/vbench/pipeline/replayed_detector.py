"""Stored results in place of a detector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from vbench.config.engines.replay import ReplayEntry
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.engines.replay.alerts import read_alerts
from vbench.engines.replay.read import (
    CLIP_PLACEHOLDER,
    alerts_file,
    read_results,
    results_file,
)
from vbench.errors import ConfigError
from vbench.pipeline.classes import DROPPED, ClassMap
from vbench.pipeline.prepared import Prepared, SharedInput
from vbench.pipeline.stage import FinishFrame
from vbench.types.alerts import Alert, Alerts
from vbench.types.detections import Detections
from vbench.types.frame import Frame
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip


class ReplayedDetector:
    """What another system found, from its files; nothing runs and nothing is timed."""

    steps: tuple[str, ...] = ()
    shared_input: SharedInput | None = None
    input_path = ""
    engine_threads = 0

    def __init__(
        self,
        stage_id: str,
        file: ModelFile[PipelineFile],
        entry: ReplayEntry,
        place: Callable[[str], str],
        classes: ClassMap,
    ) -> None:
        """Nothing is read before `check`, `results` or `begin_clip`."""
        self.stage_id = stage_id
        self._folder = file.folder
        self._entry = entry
        self._place = place
        self._classes = classes
        self._clip: Clip | None = None
        self._found = Detections.empty()

    @property
    def engine_text(self) -> str:
        """``replay (mot)``."""
        return f"replay ({self._entry.format})"

    def check(self, clips: Sequence[Clip]) -> None:
        """Read every clip's results once, so that what is wrong is found before a run begins.

        Raises:
            ConfigError: there is not a results file for every clip.
            TruthError: a file is broken, or does not fit its clip or the pipeline's classes.
        """
        of_each = (("path", "results", self._entry.path), ("alerts", "alerts", self._entry.alerts))
        for key, kind, path in of_each:
            if path is not None and CLIP_PLACEHOLDER not in path and len(clips) > 1:
                raise ConfigError(
                    f"one {kind} file for {len(clips)} clips",
                    where=self._place(key),
                    hint=f"write {CLIP_PLACEHOLDER} where file names hold the clip's id",
                )
        for clip in clips:
            self.results(clip)
            self.stored_alerts(clip)

    def begin_clip(self, clip: Clip) -> None:
        """Read the clip's results."""
        self._clip = clip
        self._found = self.results(clip)

    def __call__(self, frame: Frame) -> tuple[FrameDetections, tuple[int, ...]]:
        """What was stored for a frame."""
        return self.at(frame.index), ()

    def infer(self, frame: Frame, _prepared: Prepared | None = None, /) -> FinishFrame:
        """Nothing runs: what was stored for a frame."""
        return partial(self.at, frame.index)

    def at(self, frame_index: int) -> FrameDetections:
        """What was stored for a frame of the clip that was begun."""
        return frame_rows(self._found, frame_index)

    def alerts(self) -> Sequence[Alert] | None:
        """What was stored of the clip's alerts; None where the entry names no file."""
        stored = None if self._clip is None else self.stored_alerts(self._clip)
        return None if stored is None else stored.rows()

    def close(self) -> None:
        """Nothing is held open."""

    def results(self, clip: Clip) -> Detections:
        """Every stored detection of a clip, in the taxonomy's classes; boxes are not clipped.

        Raises:
            ConfigError: the clip has no results file.
            TruthError: the file is broken, or does not fit the clip or the pipeline's classes.
        """
        self.results_file(clip)
        results = read_results(
            self._entry, self._folder, self._classes.names, clip.id, clip.facts.n_frames
        )
        class_id = self._classes.class_id[results.class_index]
        rows = np.flatnonzero(class_id != DROPPED)
        return Detections.sorted_from(
            frame_index=results.frame_index[rows],
            boxes_xyxy=results.boxes_xyxy[rows],
            scores=results.scores[rows],
            class_id=class_id[rows],
            track_id=results.track_id[rows],
        )

    def stored_alerts(self, clip: Clip) -> Alerts | None:
        """What the system's rules raised on a clip; None for results without alerts.

        Raises:
            TruthError: the file is missing or broken, or does not fit the clip or the classes.
        """
        path = alerts_file(self._entry, self._folder, clip.id)
        if path is None:
            return None
        classes = self._classes
        return read_alerts(path, classes.names, classes.class_id, clip.facts.duration_s)

    def files(self, clips: Sequence[Clip]) -> tuple[Path, ...]:
        """Files with the results and alerts of these clips."""
        alerts = (alerts_file(self._entry, self._folder, clip.id) for clip in clips)
        return (
            *(self.results_file(clip) for clip in clips),
            *(path for path in alerts if path is not None),
        )

    def results_file(self, clip: Clip) -> Path:
        """The file with a clip's results. Raises ConfigError where there is none."""
        path = results_file(self._entry, self._folder, clip.id)
        if not path.is_file():
            there = sorted(item.name for item in path.parent.glob(f"*{path.suffix}"))
            raise ConfigError(
                f'no results for clip "{clip.id}": {path} does not exist',
                where=self._place("path"),
                hint=f"the folder holds {', '.join(there[:8])}" if there else "check the path",
            )
        return path


def frame_rows(found: Detections, frame_index: int) -> FrameDetections:
    """The detections of one frame of a clip."""
    first, end = np.searchsorted(found.frame_index, [frame_index, frame_index + 1])
    return FrameDetections(
        found.boxes_xyxy[first:end],
        found.scores[first:end],
        found.class_id[first:end],
        found.track_id[first:end],
    )
