"""Which class a finished run took for which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbench.bench.stored import stored_answers
from vbench.metrics.confusion import ConfusionMatrix, confusion_matrix
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.types import OperatingPoint


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """One pipeline on one golden set, at the run's operating point."""

    pipeline: str
    golden_set: str
    point: OperatingPoint
    matrix: ConfusionMatrix
    not_exhaustive: tuple[str, ...]
    """Classes with clips where they are not exhaustive: unmatched detections do not count there."""


@dataclass(frozen=True, slots=True)
class RunConfusion:
    """The answer of `vbench score RUN --confusion`."""

    run: Path
    tables: tuple[ConfusionTable, ...]


def confusion_of_run(run_folder: Path) -> RunConfusion:
    """Confusion matrix of every pipeline of a finished run on every golden set.

    Args:
        run_folder: the finished run; it is not changed.

    Raises:
        VbenchError: not a finished run, or a part of it is broken.
    """
    folder = RunFolder(run_folder)
    tables = []
    for answers in stored_answers(folder, read_run(folder)):
        golden_set = answers.golden_set
        tables.append(
            ConfusionTable(
                answers.pipeline.name,
                golden_set.name,
                answers.point,
                confusion_matrix(golden_set, answers.detections, answers.matches, answers.point),
                tuple(
                    name
                    for c, name in enumerate(golden_set.taxonomy.names)
                    if not all(clip.exhaustive[c] for clip in golden_set.clips)
                ),
            )
        )
    return RunConfusion(run_folder, tuple(tables))
