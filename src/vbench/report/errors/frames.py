"""Frames that are worth a picture because the errors section shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np

from vbench.report.errors.clip_errors import SetErrors, find_errors
from vbench.report.errors.confusion_pairs import confusion_counts
from vbench.report.errors.disagreements import find_disagreements
from vbench.report.errors.label_errors import find_label_errors
from vbench.report.evidence import Evidence
from vbench.types import Run

_Place = tuple[str, int]


def error_frames(run: Run, evidence: Evidence, *, n_frames: int = 24) -> tuple[_Place, ...]:
    """(clip, frame) of what the errors section shows first, at most `n_frames`.

    In turns: the clearest frame of the next probable label error, the next frame that pipelines
    disagree about, and the first example of the next most frequent confusion of two classes.
    """
    errors = find_errors(run, evidence)
    turns = zip_longest(
        _in_turns([_label_error_frames(item) for item in errors]),
        _in_turns([_disagreement_frames(item, n_frames) for item in errors]),
        _in_turns([_confusion_frames(item) for item in errors]),
    )
    places = dict.fromkeys(place for turn in turns for place in turn if place is not None)
    return tuple(places)[:n_frames]


def _in_turns(lists: Sequence[Sequence[_Place]]) -> Iterator[_Place]:
    """The first of each, the second of each, ..."""
    return (place for turn in zip_longest(*lists) for place in turn if place is not None)


def _label_error_frames(errors: SetErrors) -> list[_Place]:
    found = find_label_errors(errors)
    places = [(one.clip, int(one.frame_index[one.clearest])) for one in found.errors]
    return places + [(one.clip, int(one.frame_index[0])) for one in found.unseen]


def _disagreement_frames(errors: SetErrors, n_frames: int) -> list[_Place]:
    if len(errors.pipelines) < 2:
        return []
    clips = errors.golden_set.clips
    found = find_disagreements(errors, n_frames)
    return [(clips[one.clip].id, one.frame_index) for one in found.shown]


def _confusion_frames(errors: SetErrors) -> list[_Place]:
    """The best example of each cell where one class was taken for another, most frequent first."""
    found: list[tuple[int, _Place]] = []
    for clips in errors.by_pipeline:
        counts, examples = confusion_counts(errors.golden_set, clips)
        side = len(counts)
        between = counts[:-1, :-1].copy()
        np.fill_diagonal(between, 0)
        for i, j in np.argwhere(between).tolist():
            row = examples.of_cell(i * side + j)[0]
            clip = errors.golden_set.clips[int(examples.clip[row])].id
            found.append((int(between[i, j]), (clip, int(examples.frame_index[row]))))
    found.sort(key=lambda one: -one[0])
    return [place for _, place in found]
