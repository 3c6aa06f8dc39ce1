"""Drawing clips, or blocks of clips, again and again: which units of a scope, and how often.

Where a scope has at least `MIN_CLIPS` clips, whole clips are drawn, so that intervals are about
other scenes too (Davison & Hinkley 1997, 3.8; Cameron & Miller 2015). Where it has fewer, blocks
are drawn within each clip (Künsch 1989, Carlstein 1986), and intervals are about other footage of
these scenes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vbench.metrics.resampled import Blocks
from vbench.stats import block_weights, clip_weights
from vbench.types import F64, I32, I64, Bool, GoldenSet, Units

MIN_CLIPS = 4
"""Clips of a scope from which whole clips are drawn."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How a golden set is resampled; the same for all pipelines that are compared."""

    blocks: Blocks
    n_resamples: int
    seed: int
    """Not negative."""
    confidence: float
    """Of the intervals that metric rows get."""


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each of U units of a scope is drawn in each of B resamples."""

    units: Units
    unit_of_block: I32
    """(K,) unit of each block of the golden set, ascending; -1 for blocks outside the scope."""
    weights: F64
    """(B, U) whole numbers; unit by unit in memory, as kernels read them."""

    def summed(self, table: F64 | I64) -> F64:
        """(U, ...) sums over each unit of a table of blocks (K, ...)."""
        rows = np.flatnonzero(self.unit_of_block >= 0)
        taken = table[rows]
        if self.units == "clips":
            starts = np.flatnonzero(np.diff(self.unit_of_block[rows], prepend=-1))
            taken = np.add.reduceat(taken, starts, axis=0)
        return taken.astype(np.float64, copy=False)

    def unit_of(self, block: I64) -> I64:
        """(n,) the unit of each block number; -1 for those outside the scope."""
        return self.unit_of_block[block].astype(np.int64)

    def first_of_each(self, column: I64) -> I64:
        """(U,) what a column of blocks (K,) says of the first block of each unit."""
        rows = np.flatnonzero(self.unit_of_block >= 0)
        return column[rows[np.diff(self.unit_of_block[rows], prepend=-1) > 0]]

    def drawn(self, sums: F64) -> F64:
        """(B, ...) totals of unit sums (U, ...) in each resample."""
        return np.tensordot(self.weights, sums, axes=1)


def check_blocks(golden_set: GoldenSet, blocks: Blocks) -> None:
    """Raise ValueError for blocks of another golden set."""
    n_frames = [clip.facts.n_frames for clip in golden_set.clips]
    if [len(block) for block in blocks.of_frame] != n_frames:
        raise ValueError(f"the blocks do not cut the clips of golden set {golden_set.name}")


class ScopeDraws:
    """The draws of each scope of one golden set: of its clips and the seed, and nothing else.

    Scopes of the same clips, and all pipelines, have the same draws.
    """

    def __init__(self, golden_set: GoldenSet, resampling: Resampling) -> None:
        self._resampling = resampling
        self._name = golden_set.name
        self._clip_ids = [clip.id for clip in golden_set.clips]
        self._counting = np.array([clip.annotated.any() for clip in golden_set.clips], np.bool_)
        self._not_empty = np.array([clip.facts.n_frames > 0 for clip in golden_set.clips], np.bool_)

    def of(self, members: Bool) -> Draws:
        """Draw the clips `members` (n_clips,) of a scope, or blocks within them."""
        if int((members & self._counting).sum()) >= MIN_CLIPS:
            return self._of_clips(members & self._not_empty)
        rows = members[self._resampling.blocks.clip]
        weights = self._block_weights if rows.all() else self._block_weights[:, rows]
        return Draws("blocks", _numbered(rows), weights)

    def without_each(self, members: Bool) -> Draws:
        """Draws that leave out each clip of the set, then each block; units are the blocks."""
        blocks = self._resampling.blocks
        rows = members[blocks.clip]
        clip = blocks.clip[rows]
        n_clips = len(members)
        weights = np.empty((n_clips + len(blocks), len(clip)), order="F")
        np.not_equal(np.arange(n_clips)[:, None], clip, out=weights[:n_clips])
        np.not_equal(np.arange(len(blocks))[:, None], np.flatnonzero(rows), out=weights[n_clips:])
        return Draws("blocks", _numbered(rows), weights)

    def _of_clips(self, clips: Bool) -> Draws:
        weights = clip_weights(
            int(clips.sum()),
            self._resampling.n_resamples,
            self._seed_words("clips", *(self._clip_ids[g] for g in np.flatnonzero(clips).tolist())),
        )
        unit_of_block = _numbered(clips)[self._resampling.blocks.clip]
        return Draws("clips", unit_of_block, weights)

    @cached_property
    def _block_weights(self) -> F64:
        """(B, K) drawn within each clip; scopes take their part of the same draws."""
        return block_weights(
            self._resampling.blocks.clip,
            self._resampling.n_resamples,
            self._seed_words("blocks"),
        )

    def _seed_words(self, *what: str) -> tuple[int, ...]:
        """Numbers that pin a sequence of draws: of the seed, the golden set and what is drawn."""
        text = "\0".join((self._name, *what))
        digest = hashlib.sha256(text.encode()).digest()
        words = np.frombuffer(digest, "<u4").tolist()
        return (self._resampling.seed, *words)


def _numbered(rows: Bool) -> I32:
    """0, 1, ... at the marked rows, -1 elsewhere."""
    return np.where(rows, np.cumsum(rows) - 1, -1).astype(np.int32)
