"""Which detections a stage looks at: those of some classes, each from its own score on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.model_file import closest
from vbench.errors import ConfigError
from vbench.types.arrays import F64, I64
from vbench.types.frame_detections import NO_TRACK, FrameDetections
from vbench.types.golden import Taxonomy


class Counted:
    """Detections of some classes of a taxonomy, each from its own score on."""

    def __init__(
        self,
        names: Sequence[str],
        taxonomy: Taxonomy,
        thresholds: F64,
        *,
        score: float | None,
        where: str,
    ) -> None:
        """Look up the classes.

        Args:
            names: of classes.
            taxonomy: must know them.
            thresholds: (C,) operating point of each of its classes.
            score: replaces `thresholds`, where given.
            where: ``file:line: key`` of the names, for messages.

        Raises ConfigError for a name that is not in the taxonomy.
        """
        self.class_ids = tuple(_class_id(name, taxonomy, where) for name in names)
        self._lowest = np.full(len(thresholds), np.inf)
        for class_id in self.class_ids:
            self._lowest[class_id] = thresholds[class_id] if score is None else score

    def rows(self, found: FrameDetections) -> I64:
        """Rows that count, best first."""
        return np.flatnonzero(found.scores >= self._lowest[found.class_id])

    def followed_rows(self, found: FrameDetections) -> I64:
        """Rows that count and have an identity, best first."""
        counts = found.scores >= self._lowest[found.class_id]
        return np.flatnonzero(counts & (found.track_id != NO_TRACK))


def _class_id(name: str, taxonomy: Taxonomy, where: str) -> int:
    if name not in taxonomy.names:
        raise ConfigError(
            f'class "{name}" is not in the taxonomy',
            where=where,
            hint=closest(name, taxonomy.names),
        )
    return taxonomy.names.index(name)
