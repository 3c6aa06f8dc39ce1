"""The operating point of a pipeline: from which score on a detection of each class counts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vbench.config.detector_stage import DetectorStage
from vbench.config.model_file import ModelFile, closest
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import ConfigError
from vbench.pipeline.classes import class_list_of, load_classes
from vbench.types.arrays import F64
from vbench.types.golden import Taxonomy


def operating_scores(file: ModelFile[PipelineFile], taxonomy: Taxonomy) -> F64:
    """(C,) operating point of each class of a taxonomy.

    It is that of the detector which finds the class; of the first one for a class that none finds.

    Raises:
        ConfigError: `score_per_class` names an unknown class, or two detectors find a class and
            do not agree about its operating point.
    """
    names = taxonomy.names
    detectors = {
        position: stage
        for position, stage in enumerate(file.model.stages)
        if isinstance(stage, DetectorStage)
    }
    for position, stage in detectors.items():
        _check_names(file, position, stage, names)
    found = {
        position: load_classes(class_list_of(file, position), taxonomy).found()
        for position in detectors
    }
    scores = [_score(file, class_id, name, detectors, found) for class_id, name in enumerate(names)]
    return np.array(scores, np.float64)


def stored_from(file: ModelFile[PipelineFile]) -> float:
    """Score down to which every detection was stored; no lower operating point can be judged."""
    floors = [
        0.0 if stage.engine.takes == "nothing" else stage.post.stored_from
        for stage in file.model.detectors
    ]
    return max(floors)


def _score(
    file: ModelFile[PipelineFile],
    class_id: int,
    name: str,
    detectors: Mapping[int, DetectorStage],
    found: Mapping[int, frozenset[int]],
) -> float:
    finders = [position for position in detectors if class_id in found[position]]
    first, *others = finders or [min(detectors)]
    score = _of_stage(detectors[first], name)
    for other in others:
        if _of_stage(detectors[other], name) != score:
            raise ConfigError(
                f'"{detectors[other].id}" and "{detectors[first].id}" both find "{name}", at '
                f"scores from {_of_stage(detectors[other], name):g} and from {score:g}",
                where=file.where("stages", other, "post"),
                hint="give the class one operating point in `score_per_class` of both",
            )
    return score


def _of_stage(stage: DetectorStage, name: str) -> float:
    return stage.post.score_per_class.get(name, stage.post.score)


def _check_names(
    file: ModelFile[PipelineFile], position: int, stage: DetectorStage, names: tuple[str, ...]
) -> None:
    for name in stage.post.score_per_class:
        if name not in names:
            raise ConfigError(
                f'class "{name}" is not in the taxonomy',
                where=file.where("stages", position, "post", "score_per_class", name),
                hint=closest(name, names),
            )
