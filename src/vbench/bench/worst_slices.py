"""Where the pipelines of a finished run do worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vbench.bench.stored import StoredAnswers, check_classes, stored_answers
from vbench.config.model_file import closest
from vbench.errors import InputError
from vbench.metrics.worst_slices import DEFAULT_MIN_SUPPORT, LOSS_WORDS, WorstSlices, worst_slices
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.types import OperatingPoint


@dataclass(frozen=True, slots=True)
class WorstSlicesTable:
    """The worst slices of one pipeline on one golden set, of one class or all together."""

    pipeline: str
    golden_set: str
    point: OperatingPoint
    worst: WorstSlices


@dataclass(frozen=True, slots=True)
class RunWorstSlices:
    """The answer of `vbench score RUN --worst-slices`."""

    run: Path
    metric: str
    min_support: int
    tables: tuple[WorstSlicesTable, ...]


def worst_slices_of_run(
    run_folder: Path,
    metric: str = "recall",
    min_support: int = DEFAULT_MIN_SUPPORT,
    class_names: Sequence[str] = (),
) -> RunWorstSlices:
    """Rank the slices of a finished run, whichever of them its benchmark asks for.

    Args:
        run_folder: the finished run; it is not changed.
        metric: what slices are ranked by.
        min_support: slices with a smaller n are left out.
        class_names: one table each; none: one table for all classes together.

    Raises:
        VbenchError: not a finished run; a metric that slices cannot be ranked by; a class that the
            run lacks; a slice key with more than one meaning.
    """
    if metric not in LOSS_WORDS:
        raise InputError(
            f'slices cannot be ranked by "{metric}"',
            where="--metric",
            hint=closest(metric, LOSS_WORDS),
        )
    folder = RunFolder(run_folder)
    run = read_run(folder)
    check_classes(run, class_names)
    tables = [
        table
        for answers in stored_answers(folder, run)
        for table in _tables(answers, metric, min_support, class_names)
    ]
    return RunWorstSlices(run_folder, metric, min_support, tuple(tables))


def _tables(
    answers: StoredAnswers, metric: str, min_support: int, class_names: Sequence[str]
) -> list[WorstSlicesTable]:
    names = answers.golden_set.taxonomy.names
    wanted: list[str | None] = [name for name in class_names if name in names]
    if not class_names:
        wanted = [None]
    return [
        WorstSlicesTable(
            pipeline=answers.pipeline.name,
            golden_set=answers.golden_set.name,
            point=answers.point,
            worst=worst_slices(
                answers.golden_set,
                answers.detections,
                answers.matches,
                answers.point,
                metric=metric,
                min_support=min_support,
                class_name=name,
            ),
        )
        for name in wanted
    ]
