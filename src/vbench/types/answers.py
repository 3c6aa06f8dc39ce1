"""What a pipeline answered on a clip: detections with their match table, in blocks of frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from vbench.types.detections import Detections
from vbench.types.matches import Matches

Block: TypeAlias = tuple[Detections, Matches]
"""Consecutive detections of whole frames, and their rows of the match table."""


class ClipAnswers(Protocol):
    """All stored detections of one clip; may be read more than once, in order, block by block.

    A clip may have far more detections than should be in memory at once.
    """

    def blocks(self) -> Iterator[Block]:
        """At least one block; each has the clip's whole `truth_counts`."""

    def detection_blocks(self) -> Iterator[Detections]:
        """The same without the match table."""


@dataclass(frozen=True, slots=True)
class WholeAnswers:
    """Answers that are in memory as one block."""

    detections: Detections
    matches: Matches

    def blocks(self) -> Iterator[Block]:
        """The one block."""
        yield self.detections, self.matches

    def detection_blocks(self) -> Iterator[Detections]:
        """The one block's detections."""
        yield self.detections


def whole_answers(
    detections: Sequence[Detections], matches: Sequence[Matches]
) -> tuple[WholeAnswers, ...]:
    """Answers of several clips; ValueError where the numbers of clips differ."""
    return tuple(WholeAnswers(*pair) for pair in zip(detections, matches, strict=True))
