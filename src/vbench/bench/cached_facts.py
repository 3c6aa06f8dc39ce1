"""What the detections cache holds beside the files of a run folder, as JSON and back.

What is read here has passed its digest and was written by this very code, whose digest is in the
key; so nothing is checked again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np

from vbench.bench.decoded import DecodedClip
from vbench.pipeline.suspicions import TrialAnswers
from vbench.types import Detections, MachineLoad, Truth


@dataclass(frozen=True, slots=True)
class RestoredClip:
    """A clip whose answers come from an earlier run."""

    decoded: DecodedClip
    """What decoding it told then, for this pipeline alone, and how busy the machine was."""
    measured_at: str
    """When it was run and timed, UTC, ISO 8601."""


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """What loading and trying a pipeline told before the first frame."""

    engine_text: str
    """What really runs."""
    answers: TrialAnswers
    """What is suspicious about them depends on the operating point, so it is not kept."""


def clip_facts_text(facts: RestoredClip) -> bytes:
    """As JSON."""
    return json.dumps(asdict(facts)).encode()


def clip_facts_from(text: bytes) -> RestoredClip:
    """What `clip_facts_text` wrote."""
    data = json.loads(text)
    decoded, load = data["decoded"], data["decoded"]["load"]
    return RestoredClip(
        DecodedClip(
            color=decoded["color"],
            notes=tuple(decoded["notes"]),
            damaged=decoded["damaged"],
            missing_frames=tuple(decoded["missing_frames"]),
            load=load and MachineLoad(load["foreign_share"], tuple(load["busiest"])),
            elapsed_s=decoded["elapsed_s"],
        ),
        data["measured_at"],
    )


def trial_facts_text(facts: TrialFacts) -> bytes:
    """As JSON; numbers keep their last bit."""
    answers = facts.answers
    data = {
        "engine_text": facts.engine_text,
        "found": _columns(answers.found, "scores"),
        "truth": _columns(answers.truth, "ignore", "crowd"),
        "size_px": answers.size_px.tolist(),
        "n_pictures": answers.n_pictures,
    }
    return json.dumps(data).encode()


def trial_facts_from(text: bytes) -> TrialFacts:
    """What `trial_facts_text` wrote."""
    data = json.loads(text)
    found, truth = data["found"], data["truth"]
    return TrialFacts(
        data["engine_text"],
        TrialAnswers(
            found=Detections(
                frame_index=np.array(found["frame_index"], np.int64),
                boxes_xyxy=np.array(found["boxes_xyxy"], np.float64).reshape(-1, 4),
                scores=np.array(found["scores"], np.float64),
                class_id=np.array(found["class_id"], np.int64),
                track_id=np.array(found["track_id"], np.int64),
            ),
            truth=Truth(
                frame_index=np.array(truth["frame_index"], np.int64),
                boxes_xyxy=np.array(truth["boxes_xyxy"], np.float64).reshape(-1, 4),
                class_id=np.array(truth["class_id"], np.int64),
                track_id=np.array(truth["track_id"], np.int64),
                ignore=np.array(truth["ignore"], np.bool_),
                crowd=np.array(truth["crowd"], np.bool_),
            ),
            size_px=np.array(data["size_px"], np.float64).reshape(-1, 2),
            n_pictures=data["n_pictures"],
        ),
    )


def _columns(table: Detections | Truth, *others: str) -> dict[str, list[object]]:
    names = ("frame_index", "boxes_xyxy", "class_id", "track_id", *others)
    return {name: getattr(table, name).tolist() for name in names}
