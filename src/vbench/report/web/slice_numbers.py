"""Numbers of slices on the page: what it is filtered by."""

from __future__ import annotations

from collections.abc import Mapping

from vbench.report.lookup import MetricIndex
from vbench.types import GateResult, Run, Slice


def numbered_slices(index: MetricIndex) -> Mapping[tuple[str, Slice], int]:
    """(golden set, slice) -> number: golden sets as in the run, slices as in the tables."""
    places = [
        (item.name, slice_)
        for item in index.run.golden_sets
        for slice_ in index.slices.get(item.name, ())
    ]
    return {place: number for number, place in enumerate(places)}


def gate_slices(
    run: Run, numbers: Mapping[tuple[str, Slice], int], result: GateResult
) -> tuple[int, ...]:
    """Numbers of the slices that a gate is about: all of its footage lies within them.

    A gate over all footage is about none.
    """
    gate = result.gate
    tags = set(gate.slice)
    for clip in run.clips:
        if (clip.golden_set, clip.id) == (result.golden_set, gate.clip):
            tags.update(clip.tags)
    return tuple(
        number
        for (golden_set, slice_), number in numbers.items()
        if golden_set == result.golden_set and tags.issuperset(slice_)
    )
