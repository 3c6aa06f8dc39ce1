"""What of a pipeline is timed, told from its file; no engine or kernel is loaded for it."""

from __future__ import annotations

from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile

TENSOR_STEPS = ("preprocess", "infer", "postprocess")
"""Of a detector with a model of its own, and of a classifier."""

FRAME_STEPS = ("infer", "postprocess")
"""Of a frame engine: its answer with everything around it, then what vbench does with it."""

_DETECTOR_STEPS = {"tensors": TENSOR_STEPS, "frames": FRAME_STEPS, "nothing": ()}


def stage_names(file: ModelFile[PipelineFile]) -> tuple[str, ...]:
    """``detect.preprocess``, ``detect.infer``, ..., ``track``: what is timed, in order.

    Empty for a pipeline of stored results.
    """
    if not needs_frames(file):
        return ()
    names: list[str] = []
    for stage in file.model.stages:
        if stage.kind == "detector":
            names += [f"{stage.id}.{step}" for step in _DETECTOR_STEPS[stage.engine.takes]]
        elif stage.kind == "classifier":
            names += [f"{stage.id}.{step}" for step in TENSOR_STEPS]
        else:
            names.append(stage.id)
    return tuple(names)


def needs_frames(file: ModelFile[PipelineFile]) -> bool:
    """Whether any stage looks at pictures."""
    return any(
        stage.kind == "classifier" or (stage.kind == "detector" and stage.engine.takes != "nothing")
        for stage in file.model.stages
    )
