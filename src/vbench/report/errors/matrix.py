"""Confusion matrices as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from vbench.report.errors.clip_errors import SetErrors
from vbench.report.errors.confusion_pairs import ConfusionExamples, confusion_counts
from vbench.report.errors.places import FramePlace, Places
from vbench.report.numbers import percent_text, plural
from vbench.types import I64

_MAX_CLASSES, _MIN_CLASSES = 20, 6
_CELLS_IN_ALL = 6_000
_MAX_EXAMPLES, _MIN_EXAMPLES = 12, 2
_EXAMPLES_IN_ALL = 1_500
"""What all matrices of a page may have together: a run may have 50 pipelines."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How often one class was answered with another."""

    n: int
    kind: Literal["right", "wrong", "none"]
    """``none``: background answered with background, which is not counted."""
    level: int
    """Shade, 0 to 5: of wrong answers relative to the most of any cell, of right ones to the
    truth of their class."""
    key: str
    """Anchor of its examples; empty where it has none."""
    share: str
    """Of the truth of its class; empty where there is none."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One class of the truth."""

    name: str | None
    """None: nothing is there."""
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class ExampleFrame:
    """A frame that shows a cell."""

    place: FramePlace
    score: str
    """Empty for missed truth."""


@dataclass(frozen=True, slots=True)
class CellExamples:
    """Frames that show one cell."""

    key: str
    truth_class: str | None
    """None: nothing is there."""
    detection_class: str | None
    """None: nothing was reported."""
    n: int
    clips: tuple[tuple[ExampleFrame, ...], ...]
    """Frames of one clip each."""


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The confusion matrix of one pipeline on one golden set."""

    key: str
    pipeline: str
    pipeline_number: int
    columns: tuple[str | None, ...]
    """Detected classes; None, the last: missed."""
    rows: tuple[MatrixRow, ...]
    left_out: str
    """Which classes are not shown, in words; empty where all are."""
    examples: tuple[CellExamples, ...]
    lacks_examples: bool
    """Whether cells that hold something are without examples, to keep the page small."""


def matrix_views(
    errors: SetErrors, places: Places, set_number: int, n_matrices: int
) -> tuple[MatrixView, ...]:
    """The matrices of all pipelines on one golden set.

    Args:
        errors: of the golden set.
        places: where the page shows frames.
        set_number: of the golden set, for anchors.
        n_matrices: on the whole page; many are smaller and have fewer examples.
    """
    made = []
    for number, (name, clips) in enumerate(zip(errors.pipelines, errors.by_pipeline, strict=True)):
        counts, examples = confusion_counts(errors.golden_set, clips)
        shown = _shown_classes(counts, n_matrices)
        key = f"confusion-{set_number}-{number + 1}"
        cells = _cells_with_examples(counts, shown, n_matrices)
        names = (*errors.golden_set.taxonomy.names, None)
        side = len(counts)
        made.append(
            MatrixView(
                key=key,
                pipeline=name,
                pipeline_number=number,
                columns=tuple(names[j] for j in shown),
                rows=_rows(counts, shown, names, key, set(cells)),
                left_out=_left_out(counts, shown),
                examples=tuple(
                    CellExamples(
                        key=f"{key}-{cell}",
                        truth_class=names[cell // side],
                        detection_class=names[cell % side],
                        n=int(counts[cell // side, cell % side]),
                        clips=_example_clips(errors, places, examples, cell, n_of_cell),
                    )
                    for cell, n_of_cell in sorted(cells.items())
                ),
                lacks_examples=bool(len(cells) < np.count_nonzero(counts[np.ix_(shown, shown)])),
            )
        )
    return tuple(made)


def _shown_classes(counts: I64, n_matrices: int) -> I64:
    """The classes with most wrong answers, in the order of the taxonomy; and background."""
    n_classes = len(counts) - 1
    fits = int((_CELLS_IN_ALL / n_matrices) ** 0.5) - 1
    n_shown = max(_MIN_CLASSES, min(_MAX_CLASSES, fits))
    if n_classes <= n_shown:
        return np.arange(n_classes + 1)
    right = np.diag(counts)
    wrong = (counts.sum(axis=0) + counts.sum(axis=1) - 2 * right)[:-1]
    most = np.argsort(-wrong, kind="stable")[:n_shown]
    return np.append(np.sort(most), n_classes)


def _left_out(counts: I64, shown: I64) -> str:
    n_classes, n_shown = len(counts) - 1, len(shown) - 1
    if n_shown == n_classes:
        return ""
    wrong = counts - np.diag(np.diag(counts))
    n_hidden = int(wrong.sum() - wrong[np.ix_(shown, shown)].sum())
    return (
        f"The {n_shown} of {n_classes:,} classes with the most wrong answers are shown; "
        f"{plural(n_hidden, 'wrong answer')} between others {'is' if n_hidden == 1 else 'are'} not."
    )


def _cells_with_examples(counts: I64, shown: I64, n_matrices: int) -> dict[int, int]:
    """Cell -> how many examples; wrong answers first, most first."""
    side = len(counts)
    cells = [(i * side + j, int(counts[i, j]), i == j) for i in shown for j in shown]
    held = sorted((one for one in cells if one[1]), key=lambda one: (one[2], -one[1], one[0]))
    budget = max(2 * _MAX_EXAMPLES, _EXAMPLES_IN_ALL // n_matrices)
    each = max(_MIN_EXAMPLES, min(_MAX_EXAMPLES, budget // max(1, len(held))))
    return {int(cell): each for cell, _, _ in held[: budget // each]}


def _rows(
    counts: I64, shown: I64, names: Sequence[str | None], key: str, with_examples: set[int]
) -> tuple[MatrixRow, ...]:
    side = len(counts)
    wrong = counts - np.diag(np.diag(counts))
    most = max(1, int(wrong[np.ix_(shown, shown)].max()))
    of_truth = counts.sum(axis=1)

    def cell(i: int, j: int) -> MatrixCell:
        n = int(counts[i, j])
        place = i * side + j
        share = n / of_truth[i] if of_truth[i] and i < side - 1 else 0.0
        return MatrixCell(
            n=n,
            kind="none" if i == j == side - 1 else "right" if i == j else "wrong",
            level=_level(share if i == j else (n / most) ** 0.5),
            key=f"{key}-{place}" if place in with_examples else "",
            share=percent_text(share) if i < side - 1 and of_truth[i] else "",
        )

    return tuple(
        MatrixRow(names[i], tuple(cell(int(i), int(j)) for j in shown)) for i in shown.tolist()
    )


def _level(share: float) -> int:
    return min(5, int(np.ceil(5 * share)))


def _example_clips(
    errors: SetErrors, places: Places, examples: ConfusionExamples, cell: int, n: int
) -> tuple[tuple[ExampleFrame, ...], ...]:
    """The first examples of a cell, clip by clip in the order of the golden set."""
    rows = examples.of_cell(cell)[:n]
    rows = rows[np.argsort(examples.clip[rows], kind="stable")]
    golden_set = errors.golden_set
    made = []
    for clip, of_clip in groupby(rows.tolist(), key=lambda row: int(examples.clip[row])):
        frames = sorted(of_clip, key=lambda row: int(examples.frame_index[row]))
        made.append(
            tuple(
                ExampleFrame(
                    places.frame(
                        golden_set.name,
                        golden_set.clips[clip].id,
                        int(examples.frame_index[row]),
                    ),
                    "" if np.isnan(examples.score[row]) else f"{examples.score[row]:.2f}",
                )
                for row in frames
            )
        )
    return tuple(made)
