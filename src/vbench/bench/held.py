"""Stored answers that are read from their files once, where memory allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vbench.bench.rules import StoredClip
from vbench.record.shards import n_detections
from vbench.types import Block, ClipAnswers, Detections

MOST_HELD = 500_000
"""Detections that are held at most; with their match tables they take about 200 bytes each."""


def held(answers: Sequence[Sequence[StoredClip]]) -> list[list[ClipAnswers]]:
    """The same answers, of all of the given pipelines held in memory or of none.

    Raises:
        RunFolderError: a shard is missing or broken.
    """
    n_stored = sum(
        n_detections(clip.folder.detections(clip.pipeline, clip.clip))
        for of_pipeline in answers
        for clip in of_pipeline
    )
    if n_stored > MOST_HELD:
        return [list(of_pipeline) for of_pipeline in answers]
    return [[HeldClip(clip) for clip in of_pipeline] for of_pipeline in answers]


class HeldClip:
    """A pipeline's answers on a clip, in memory once they were read."""

    def __init__(self, stored: StoredClip) -> None:
        self._stored = stored
        self._blocks: tuple[Block, ...] = ()

    def blocks(self) -> Iterator[Block]:
        """Detections with their rows of the match table."""
        self._blocks = self._blocks or tuple(self._stored.blocks())
        return iter(self._blocks)

    def detection_blocks(self) -> Iterator[Detections]:
        """Detections alone."""
        if self._blocks:
            return (detections for detections, _ in self._blocks)
        return self._stored.detection_blocks()
