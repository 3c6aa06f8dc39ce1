"""A whole pipeline proposed for a model: every choice with how sure it is and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from vbench.config.output_entries import make_output_entry
from vbench.config.yaml_text import Plain
from vbench.errors import ConfigError, ModelError
from vbench.pipeline.adapters.adapter import ModelFacts, differs
from vbench.pipeline.adapters.registry import make_adapter
from vbench.pipeline.suggest.closest import unknown_outputs
from vbench.pipeline.suggest.families import matches
from vbench.pipeline.suggest.model import Choice, Convention, Match, ModelSummary, Sure

_USUAL_N_CLASSES = 91
"""Stands in where nothing tells the number of classes: COCO's numbers go up to 90.

Names too many do no harm; a class without a name is an error when it is found.
"""
_INPUT_DTYPES = ("float32", "float16", "uint8")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pipeline for a model, and what else its outputs may be."""

    name: str
    model: ModelSummary
    choices: tuple[Choice, ...]
    """In the order of the file."""
    alternatives: tuple[Match, ...]
    """Other families that fit, best first."""


def propose(model: ModelSummary, name: str) -> Proposal:
    """Propose a pipeline.

    Args:
        model: what the model file says, and the user's class names.
        name: name of the pipeline.

    Raises:
        ModelError: the outputs are of no known form, or no picture can go in; or the number of
            class names is not the model's.
    """
    _check_model(model)
    fitting = [match for match in matches(model) if _really_fits(match, model)]
    if not fitting:
        raise unknown_outputs(model)
    # Stable: where the user's class names fit only some of them, those come first.
    best, *others = sorted(fitting, key=lambda match: not _has_names(match, model))
    _check_names(best, model)
    choices = (
        _classes(best, model),
        *_input(best.convention, model),
        *_output(best),
        *_post(best),
    )
    return Proposal(name, model, choices, tuple(others))


def pipeline_name(file: PurePath) -> str:
    """A pipeline's name after its model file: ``yolox-nano`` for ``yolox_nano.onnx``."""
    letters = [letter if letter.isalnum() or letter in ".-" else "-" for letter in file.stem]
    return "".join(letters).strip(".-").lower() or "model"


def _n_classes(match: Match, model: ModelSummary) -> int:
    if match.n_classes is not None:
        return match.n_classes
    return len(model.names) if model.names else _USUAL_N_CLASSES


def _really_fits(match: Match, model: ModelSummary) -> bool:
    """Whether the adapter itself accepts the model."""
    n_classes = _n_classes(match, model)
    if n_classes < 1:
        return False
    entry = make_output_entry({"adapter": match.adapter, **dict(match.keys)})
    try:
        make_adapter(entry, ModelFacts(n_classes, model.size, "")).check(model.outputs)
    except (ModelError, ConfigError):
        return False
    return True


def _check_model(model: ModelSummary) -> None:
    """Raise ModelError for what is no detector on one picture of three channels."""
    image = model.image
    takes_picture = (
        image is not None
        and image.dtype in _INPUT_DTYPES
        and not differs(image.shape[0], 1)
        and not differs(image.shape[1 if model.layout == "nchw" else 3], 3)
    )
    pictures = [item for item in model.inputs if len(item.shape) == 4]
    if len(pictures) > 1:
        raise ModelError(
            f"{len(pictures)} inputs of the model take pictures: "
            + "; ".join(item.text() for item in pictures),
            hint="vbench gives a model one picture per frame; run your own code with a `python` or "
            "`command` engine",
        )
    if not takes_picture:
        raise ModelError(
            "no input of the model takes one picture: "
            + "; ".join(item.text() for item in model.inputs),
            hint="vbench needs one input [1, 3, H, W] or [1, H, W, 3] of float32, float16 or uint8",
        )
    task = model.metadata.get("task", "detect")
    if model.from_ultralytics and task not in ("detect", "classify"):
        raise ModelError(
            f'the model was exported for the task "{task}", for which vbench has no adapter: '
            + "; ".join(item.text() for item in model.outputs),
            hint="export a detection model, or run your own code with a `python` or `command` "
            "engine",
        )


def _has_names(match: Match, model: ModelSummary) -> bool:
    """Whether the number of the user's class names, if any, is that of the match."""
    return model.class_names is None or match.n_classes in (None, len(model.class_names))


def _check_names(match: Match, model: ModelSummary) -> None:
    if model.class_names is not None and not _has_names(match, model):
        raise ModelError(
            f"{len(model.class_names)} classes are named, but as {match.adapter} the model has "
            f"{match.n_classes}: {'; '.join(item.text() for item in model.outputs)}",
            hint="name the model's own classes, all of them, one per line",
        )


def _classes(match: Match, model: ModelSummary) -> Choice:
    n_classes = _n_classes(match, model)
    if model.class_names is not None:
        return Choice("classes", list(model.class_names), "certain", "the classes you named")
    stated = model.stated_names
    if stated is not None and len(stated) == n_classes:
        return Choice("classes", list(stated), "certain", "named in the model file")
    names: list[Plain] = [f"class{k}" for k in range(n_classes)]
    count = "1 class" if n_classes == 1 else f"{n_classes} classes"
    why = f"the model has {count} without a name: replace what stands here, or give --classes"
    if match.n_classes is None:
        why = f"nothing tells the model's classes: replace these {n_classes}, or give --classes"
    return Choice("classes", names, "guess", why)


def _input(convention: Convention, model: ModelSummary) -> list[Choice]:
    width, height = model.size
    sure: Sure = "certain"
    why = "the model's input is of this size"
    if model.fixed_size is None:
        sure = "guess" if model.stated_size is None else "likely"
        says = "this is a usual one" if model.stated_size is None else "the exporter states this"
        why = f"the model leaves its size open; {says}"
    dtype = "" if model.image is None else model.image.dtype
    choices = [
        Choice("input.size", [width, height], sure, why),
        Choice("input.color", convention.color, "likely", convention.why),
        Choice("input.resize", convention.resize, "likely", convention.why),
    ]
    if convention.resize == "letterbox":
        choices.append(Choice("input.anchor", convention.anchor, "likely", convention.why))
        choices.append(Choice("input.pad", convention.pad, "likely", convention.why))
    if dtype != "uint8":
        scaling: tuple[tuple[str, Plain], ...] = (
            ("scale", convention.scale),
            ("mean", list(convention.mean)),
            ("std", list(convention.std)),
        )
        for key, value in scaling:
            choices.append(Choice(f"input.{key}", value, "likely", convention.why))
    choices.append(_layout(model))
    choices.append(Choice("input.dtype", dtype, "certain", "the type of the input"))
    return choices + _extra(model)


def _layout(model: ModelSummary) -> Choice:
    if model.image is not None and 3 in (model.image.shape[1], model.image.shape[3]):
        return Choice("input.layout", model.layout, "certain", "where the input has its 3 channels")
    return Choice("input.layout", model.layout, "guess", "the model leaves its channels open")


def _extra(model: ModelSummary) -> list[Choice]:
    """Constants for the further inputs of a model."""
    width, height = model.size
    known: dict[str, Plain] = {
        # (width, height) in RT-DETR and D-FINE, so that boxes come in input pixels.
        "orig_target_sizes": [[width, height]],
        # (height, width) in PaddleDetection.
        "im_shape": [[height, width]],
        "scale_factor": [[1, 1]],
    }
    further = [item for item in model.inputs if item is not model.image]
    if not further:
        return []
    unknown = [item.text() for item in further if item.name not in known]
    if unknown:
        raise ModelError(
            f"besides the picture the model takes {'; '.join(unknown)}, which vbench does not know",
            hint="write the pipeline file by hand, with constants for these in `input.extra`, or "
            "export the model without them",
        )
    value: dict[str, Plain] = {item.name: known[item.name] for item in further}
    why = "the model's further inputs: boxes in pixels of its own input"
    return [Choice("input.extra", value, "likely", why)]


def _output(match: Match) -> list[Choice]:
    choices = [Choice("output.adapter", match.adapter, match.sure, match.why)]
    for key, value in match.keys:
        choices.append(Choice(f"output.{key}", value, match.sure, "told by names and shapes"))
    return choices


def _post(match: Match) -> list[Choice]:
    choices = [Choice("post.score", 0.3, "guess", "the operating point is yours to choose")]
    if match.nms:
        why = "the model does not thin out its boxes; 0.45 is the family's usual value"
        choices.append(Choice("post.nms", {"iou": 0.45}, "likely", why))
    return choices
