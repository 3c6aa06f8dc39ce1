"""What flows between the steps: frozen, slotted, columnar."""

from vbench.types.alerts import Alert, Alerts
from vbench.types.answers import Block, ClipAnswers, WholeAnswers, whole_answers
from vbench.types.arrays import F32, F64, I8, I64, U8, Bool
from vbench.types.cause import Cause, CauseKind
from vbench.types.color_override import AS_TAGGED, ColorOverride
from vbench.types.detections import Detections
from vbench.types.frame import ColorOrder, Frame
from vbench.types.frame_detections import FrameDetections
from vbench.types.gate import (
    COMPARING,
    Gate,
    GateForm,
    GateLevel,
    GateResult,
    Quarantine,
    Verdict,
)
from vbench.types.golden import ClassDef, Clip, GoldenSet, MediaFacts, Tags, Taxonomy, TruthEvent
from vbench.types.matches import COCO_IOU_THRESHOLDS, I32, Matches
from vbench.types.metric import Better, Metric, OperatingPoint, Slice
from vbench.types.planes import Planes, YuvCoefficients
from vbench.types.run import (
    ClipResult,
    Digest,
    GoldenSetResult,
    MachineLoad,
    PipelineFailure,
    PipelineResult,
    Run,
    RunManifest,
)
from vbench.types.sampling import Change, Interval, Scale, Spread, Units
from vbench.types.timings import TimingMode, Timings
from vbench.types.tracks import MotBoxes, Tracks
from vbench.types.truth import BoxTag, Truth

__all__ = [
    "AS_TAGGED",
    "COCO_IOU_THRESHOLDS",
    "COMPARING",
    "F32",
    "F64",
    "I8",
    "I32",
    "I64",
    "U8",
    "Alert",
    "Alerts",
    "Better",
    "Block",
    "Bool",
    "BoxTag",
    "Cause",
    "CauseKind",
    "Change",
    "ClassDef",
    "Clip",
    "ClipAnswers",
    "ClipResult",
    "ColorOrder",
    "ColorOverride",
    "Detections",
    "Digest",
    "Frame",
    "FrameDetections",
    "Gate",
    "GateForm",
    "GateLevel",
    "GateResult",
    "GoldenSet",
    "GoldenSetResult",
    "Interval",
    "MachineLoad",
    "Matches",
    "MediaFacts",
    "Metric",
    "MotBoxes",
    "OperatingPoint",
    "PipelineFailure",
    "PipelineResult",
    "Planes",
    "Quarantine",
    "Run",
    "RunManifest",
    "Scale",
    "Slice",
    "Spread",
    "Tags",
    "Taxonomy",
    "TimingMode",
    "Timings",
    "Tracks",
    "Truth",
    "TruthEvent",
    "Units",
    "Verdict",
    "WholeAnswers",
    "YuvCoefficients",
    "whole_answers",
]
