"""What a finished run stored of each pipeline on each golden set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vbench.bench.results import as_decoded
from vbench.config.model_file import closest
from vbench.errors import InputError
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.shards import read_detections, read_matches
from vbench.types import Detections, GoldenSet, Matches, OperatingPoint, PipelineResult, Run


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """Detections and match tables of one pipeline, per clip of one golden set."""

    golden_set: GoldenSet
    """Without the frames that did not decode."""
    pipeline: PipelineResult
    point: OperatingPoint
    """With the classes of this golden set's taxonomy only."""
    detections: tuple[Detections, ...]
    matches: tuple[Matches, ...]


def stored_answers(folder: RunFolder, run: Run) -> Iterator[StoredAnswers]:
    """Every pair of golden set and pipeline of a finished run, in the run's order.

    Raises:
        RunFolderError: a part of the run is missing or broken.
    """
    for item in run.golden_sets:
        golden_set = as_decoded(folder, read_golden_copy(folder, item.name))
        for pipeline in run.pipelines:
            of_clip = [(pipeline.name, clip.id) for clip in golden_set.clips]
            yield StoredAnswers(
                golden_set=golden_set,
                pipeline=pipeline,
                point=OperatingPoint(
                    pipeline.operating_point.iou,
                    tuple(
                        (name, pipeline.operating_point.score_for(name))
                        for name in golden_set.taxonomy.names
                    ),
                ),
                detections=tuple(read_detections(folder.detections(*at)) for at in of_clip),
                matches=tuple(read_matches(folder.matches(*at)) for at in of_clip),
            )


def check_classes(run: Run, class_names: Sequence[str]) -> None:
    """Raise InputError for a class that no golden set of the run has."""
    known = tuple(dict.fromkeys(name for one in run.golden_sets for name in one.taxonomy.names))
    for name in class_names:
        if name not in known:
            raise InputError(
                f'the run has no class "{name}"', where="--class", hint=closest(name, known)
            )
