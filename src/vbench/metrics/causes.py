"""Why a gate did not pass: what carries the loss, by what the metric would be without it.

Clips, slices and stretches are left out; errors of a kind or size are corrected. Numbers over boxes
and frames are counted anew; of others (AP, tracks, times) it is known what they are without a clip
or a block of frames. Only what is worse than the rest is a cause: whole clips and stretches without
which the metric would be better; and where that is not known, and for slices that divide boxes,
also such that have more errors than at the rate of the whole, by more than the root of that number.

Where a gate compares with a baseline, the errors are those that the baseline does not have, and
every part is what the metric would be with them corrected: what both get wrong is not why one is
worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vbench.metrics.cause_boxes import OUTCOMES, ScoredBoxes, SliceColumn
from vbench.metrics.cause_left_out import (
    MAX_CLIPS,
    MAX_STRETCHES,
    Merit,
    blocks_left_out,
    clips_left_out,
)
from vbench.metrics.cause_scope import (
    ERROR_SIDES,
    GateScope,
    Tally,
    counted_value,
    gate_scope,
)
from vbench.metrics.cause_stretches import ClipErrors, densest_stretches
from vbench.metrics.definitions import METRICS
from vbench.metrics.resampled import Blocks, RowSample
from vbench.metrics.scopes import SliceKeys, combined_keys
from vbench.types import F64, I64, Bool, Cause, CauseKind, Gate

MAX_SLICES = 6
_SIZE = "size"


def gate_causes(
    boxes: ScoredBoxes,
    gate: Gate,
    value: float | None,
    keys: Sequence[str | SliceKeys] = (),
    *,
    sample: RowSample | None = None,
    blocks: Blocks | None = None,
    baseline: ScoredBoxes | None = None,
) -> tuple[Cause, ...]:
    """What carries the loss of a gate that did not pass: clips, slices, sizes, errors, stretches.

    Of each kind the most telling first: clips by what the metric recovers, slices by the errors
    that they have more than at the rate of the whole, the others by their errors. Nothing where
    there are no errors, or the metric is undefined.

    Args:
        boxes: what became of every box of the pipeline on the golden set.
        gate: the gate; its class is one of the taxonomy's.
        value: the observed value of its metric, None where it is undefined.
        keys: slice keys of the benchmark; of them, pairs are looked at besides every single key.
        sample: of the same metric row, with its blocks: for metrics that cannot be counted anew.
        blocks: of the golden set.
        baseline: what a comparing gate compares with, on the same truth; then errors are only those
            that it does not have, and ValueError is raised for other truth.
    """
    if value is None or gate.form == "require" or gate.metric not in METRICS:
        return ()
    merit = Merit(value, _wants_more(gate))
    if gate.metric not in ERROR_SIDES:
        if sample is None or blocks is None:
            return ()
        golden_set = boxes.golden_set
        return (
            *clips_left_out(golden_set, merit, sample),
            *blocks_left_out(golden_set, merit, sample, blocks),
        )
    scope = gate_scope(boxes, gate, baseline)
    if scope is None or not scope.error.any():
        return ()
    without_clip = None if sample is None or scope.new_only else sample.without_clip
    loss = _Loss(boxes, scope, merit, without_clip, scope.whole(), int(scope.error.sum()))
    return (
        *loss.clips(),
        *loss.slices(keys),
        *loss.sizes(),
        *loss.error_kinds(),
        *loss.stretches(),
    )


def _wants_more(gate: Gate) -> bool:
    """Whether a higher value is better for the gate."""
    better = METRICS[gate.metric].better
    return better == "higher" if better != "neither" else gate.form in ("min", "max_drop")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of what is at stake that is worse than the rest."""

    group: int
    n_rows: int
    n_errors: int
    surplus: float
    """Errors more than at the rate of the whole."""
    recovered: float | None
    """The metric without it."""


@dataclass(frozen=True, slots=True)
class _Loss:
    """The errors of one gate, of which there is at least one."""

    boxes: ScoredBoxes
    scope: GateScope
    merit: Merit
    without_clip: F64 | None
    """(n_clips,) as in `RowSample`."""
    whole: Tally
    """Of all that is at stake."""
    n_errors: int

    def clips(self) -> list[Cause]:
        """Clips that are worse than the others."""
        clips = self.boxes.golden_set.clips
        if self.scope.in_scope.sum() < 2:
            return []
        number = np.arange(len(clips), dtype=np.int64)
        found = []
        for part in self._worse_groups(self.scope.clip, number, len(clips), by_clip=True):
            found.append(self._cause("clip", clips[part.group].id, part.n_errors, part.recovered))
        return self.merit.ranked(found, MAX_CLIPS)

    def slices(self, keys: Sequence[str | SliceKeys]) -> list[Cause]:
        """Values of slice keys, and pairs of values, that are worse than the rest.

        A pair is left out where one of its values alone has as many errors too many.
        """
        singles: list[SliceKeys] = [(column.key,) for column in self.boxes.columns]
        pairs = [one for one in combined_keys(keys) if len(one) > 1]
        seen: set[tuple[float, ...]] = set()
        surplus: dict[str, float] = {}
        found: list[tuple[float, Cause]] = []
        for key in (*singles, *pairs):
            columns = [self.boxes.column(one) for one in key]
            usable = [column for column in columns if column is not None and self._tells(column)]
            if len(usable) < len(key):
                continue
            for names, part in self._slices_by(usable, seen):
                alone = max(surplus.get(name, 0.0) for name in names)
                if len(names) == 1:
                    surplus[names[0]] = part.surplus
                elif part.surplus <= alone:
                    continue
                if key != (_SIZE,):  # Sizes are causes of their own kind.
                    cause = self._cause("slice", ", ".join(names), part.n_errors, part.recovered)
                    found.append((part.surplus, cause))
        return [cause for _, cause in sorted(found, key=lambda one: -one[0])[:MAX_SLICES]]

    def sizes(self) -> list[Cause]:
        """Sizes of boxes, where the gate has more than one."""
        column = self.boxes.column(_SIZE)
        if column is None or not len(self.scope.box):
            return []
        group = column.group[self.scope.box]
        if len(np.unique(group)) < 2:
            return []
        return [
            self._corrected("size", f"{_SIZE}={value}", self.scope.error & (group == k))
            for k, value in _by_errors(group[self.scope.error], column.values)
        ]

    def error_kinds(self) -> list[Cause]:
        """Every kind of error that there is."""
        if not len(self.scope.box):
            return []
        outcome = self.boxes.outcome[self.scope.box]
        return [
            self._corrected("error", name, self.scope.error & (outcome == k))
            for k, name in _by_errors(outcome[self.scope.error], OUTCOMES)
        ]

    def stretches(self) -> list[Cause]:
        """Where errors are densest, if the metric is better without it."""
        scope, found = self.scope, []
        for one in densest_stretches(self._clip_errors(), MAX_STRETCHES):
            rows = scope.clip == one.clip
            rows &= (scope.frame >= one.first_frame) & (scope.frame <= one.last_frame)
            clip = self.boxes.golden_set.clips[one.clip]
            n_frames = one.n_annotated * int(scope.frames_per_frame[one.clip])
            share = one.n_annotated / max(1, int(clip.annotated.sum()))
            recovered = self._recovered(
                scope.tally(rows, n_frames, share * float(scope.duration_s[one.clip])),
                scope.tally(rows & scope.error),
            )
            if recovered is None or self.merit.gain(recovered) > 0:
                frames = (one.first_frame, one.last_frame)
                found.append(self._cause("stretch", clip.id, one.n_errors, recovered, frames))
        return found

    def _slices_by(
        self, columns: Sequence[SliceColumn], seen: set[tuple[float, ...]]
    ) -> Iterator[tuple[tuple[str, ...], _Part]]:
        """Names and part of each value of one key or combination.

        A value with the very same rows as one before is the same by another name: it has none.
        """
        clips = self.boxes.golden_set.clips
        group = np.zeros(len(self.scope.clip), np.int64)
        of_clip = np.zeros(len(clips), np.int64)
        n_groups = 1
        for column in columns:
            own = self._groups_of_clips(column)
            of_row = own[self.scope.clip] if column.by_clip else column.group[self.scope.box]
            group = _paired(group, of_row, len(column.values))
            of_clip = _paired(of_clip, own, len(column.values))
            n_groups *= len(column.values)
        contents = self._contents(group, n_groups)
        by_clip = all(column.by_clip for column in columns)
        for part in self._worse_groups(group, of_clip, n_groups, by_clip=by_clip):
            content = (part.n_rows, *contents[part.group])
            if content in seen or part.n_rows == len(group):
                continue
            seen.add(content)
            yield _slice_names(columns, part.group), part

    def _worse_groups(
        self, group: I64, of_clip: I64, n_groups: int, *, by_clip: bool
    ) -> Iterator[_Part]:
        """Groups of rows (R,) that are worse than the rest.

        Where `by_clip`, groups are of whole clips (n_clips,), and their footage goes with them.
        """
        scope, whole = self.scope, self.whole
        parts = scope.tallies(np.ones(len(group), np.bool_), group, n_groups)
        errors = scope.tallies(scope.error, group, n_groups)
        n_errors = np.array([one.false + one.missed for one in errors], np.int64)
        if by_clip:
            parts = [
                replace(
                    part,
                    n_frames=int(scope.n_frames[of_clip == g].sum()),
                    duration_s=float(scope.duration_s[of_clip == g].sum()),
                )
                for g, part in enumerate(parts)
            ]
        for g in np.flatnonzero(n_errors).tolist():
            if by_clip and scope.per_footage:
                share = parts[g].n_frames / whole.n_frames
            else:
                share = parts[g].n_rows / len(group)
            expected = share * self.n_errors
            surplus = float(n_errors[g] - expected)
            clips = np.flatnonzero(of_clip == g).tolist() if by_clip else []
            recovered = self._recovered(parts[g], errors[g], clips)
            left_out = by_clip and recovered is not None and not scope.new_only
            better = recovered is None or self.merit.gain(recovered) > 0
            if better and (left_out or surplus > expected**0.5):
                yield _Part(g, parts[g].n_rows, int(n_errors[g]), surplus, recovered)

    def _recovered(self, part: Tally, errors: Tally, clips: Sequence[int] = ()) -> float | None:
        """The metric without a part, which may be whole clips; or, of new errors, without these."""
        scope, whole = self.scope, self.whole
        if scope.new_only:
            return counted_value(scope.metric, whole.corrected(errors))
        if METRICS[scope.metric].unit == "count" and self.merit.more:
            return None  # Leaving out footage can only lower such a count.
        value = counted_value(scope.metric, whole.minus(part))
        if value is None and len(clips) == 1 and self.without_clip is not None:
            without = float(self.without_clip[clips[0]])
            return without if np.isfinite(without) else None
        return value

    def _contents(self, group: I64, n_groups: int) -> list[tuple[float, float]]:
        """What tells groups of rows apart: the sums of the numbers of their rows and errors."""
        number = np.arange(len(group), dtype=np.float64)
        of_rows = np.bincount(group + 1, number, minlength=n_groups + 1)[1:]
        rows = np.flatnonzero(self.scope.error)
        of_errors = np.bincount(group[rows] + 1, number[rows], minlength=n_groups + 1)[1:]
        return list(zip(of_rows.tolist(), of_errors.tolist(), strict=True))

    def _tells(self, column: SliceColumn) -> bool:
        """Whether the gate's rows have values in a column."""
        if column.by_clip:
            return True
        return len(self.scope.box) > 0 and (column.tells_false or bool(self.scope.truth.all()))

    def _groups_of_clips(self, column: SliceColumn) -> I64:
        """(n_clips,) value of a clip tag, -1 for none."""
        tags = [clip.tag(column.key) for clip in self.boxes.golden_set.clips]
        place = {value: k for k, value in enumerate(column.values)}
        return np.array([-1 if tag is None else place.get(tag, -1) for tag in tags], np.int64)

    def _clip_errors(self) -> list[ClipErrors]:
        found = []
        for g, clip in enumerate(self.boxes.golden_set.clips):
            frames = np.flatnonzero(clip.annotated).astype(np.int32)
            if not self.scope.in_scope[g] or not len(frames):
                continue
            n = clip.facts.n_frames
            of_clip = slice(*np.searchsorted(self.scope.clip, [g, g + 1]))
            frame = self.scope.frame[of_clip]
            in_error = frame[self.scope.error[of_clip]]
            if self.scope.per_footage:
                # The same of every frame, which takes no memory.
                n_chances = np.broadcast_to(np.int32(self.scope.frames_per_frame[g]), len(frames))
            else:
                n_chances = np.bincount(frame, minlength=n).astype(np.int32)[frames]
            found.append(
                ClipErrors(
                    clip=g,
                    frames=frames,
                    n_errors=np.bincount(in_error, minlength=n).astype(np.int32)[frames],
                    n_chances=n_chances,
                    frames_per_s=clip.facts.fps * len(frames) / n,
                )
            )
        return found

    def _corrected(self, kind: CauseKind, name: str, errors: Bool) -> Cause:
        """Errors of a kind or size: misses found, false alarms gone."""
        corrected = self.whole.corrected(self.scope.tally(errors))
        recovered = counted_value(self.scope.metric, corrected)
        return self._cause(kind, name, int(errors.sum()), recovered)

    def _cause(
        self,
        kind: CauseKind,
        name: str,
        n_errors: int,
        recovered: float | None,
        frames: tuple[int, int] | None = None,
    ) -> Cause:
        return Cause(kind, name, frames, n_errors, n_errors / self.n_errors, recovered)


def _paired(first: I64, second: I64, n_second: int) -> I64:
    """Number of the pair of values, -1 where either is missing."""
    return np.where((first >= 0) & (second >= 0), first * n_second + second, -1)


def _by_errors(group: I64, names: Sequence[str]) -> list[tuple[int, str]]:
    """Number and name of the groups that occur, most frequent first."""
    counts = np.bincount(group[group >= 0], minlength=len(names))
    return [(k, names[k]) for k in np.argsort(-counts, kind="stable").tolist() if counts[k]]


def _slice_names(columns: Sequence[SliceColumn], group: int) -> tuple[str, ...]:
    """``("daypart=night", "border=true")``."""
    names = []
    for column in reversed(columns):
        group, value = divmod(group, len(column.values))
        names.append(f"{column.key}={column.values[value]}")
    return tuple(reversed(names))
