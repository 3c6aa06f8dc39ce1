"""ONNX models of every family: the right names and shapes, and zeros for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Axes = Sequence[int | str]

_OPSET, _IR_VERSION = 17, 8
FLOAT, INT64, INT32, UINT8 = (
    TensorProto.FLOAT,
    TensorProto.INT64,
    TensorProto.INT32,
    TensorProto.UINT8,
)


@dataclass(frozen=True, slots=True)
class Output:
    """A declared shape; axes with a name are open and have 3 rows in the answer."""

    axes: Axes
    dtype: int = FLOAT


@dataclass(frozen=True, slots=True)
class Family:
    outputs: Mapping[str, Output]
    image: Axes = (1, 3, 640, 640)
    image_dtype: int = FLOAT
    extra: Mapping[str, Output] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


def write_family(path: Path, family: Family) -> Path:
    """A model with these inputs and outputs."""
    inputs = [helper.make_tensor_value_info("images", family.image_dtype, list(family.image))]
    for name, item in family.extra.items():
        inputs.append(helper.make_tensor_value_info(name, item.dtype, list(item.axes)))
    nodes, weights, outputs = [], [], []
    for name, item in family.outputs.items():
        shape = [axis if isinstance(axis, int) else 3 for axis in item.axes]
        weights.append(numpy_helper.from_array(np.array(shape, np.int64), f"{name}_shape"))
        zero = helper.make_tensor("zero", item.dtype, [1], [0])
        nodes.append(helper.make_node("ConstantOfShape", [f"{name}_shape"], [name], value=zero))
        outputs.append(helper.make_tensor_value_info(name, item.dtype, list(item.axes)))
    graph = helper.make_graph(nodes, "family", inputs, outputs, weights)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
    )
    helper.set_model_props(model, dict(family.metadata))
    onnx.save_model(model, path)
    return path


ULTRALYTICS = {
    "author": "Ultralytics",
    "task": "detect",
    "stride": "32",
    "imgsz": "[384, 640]",
    "names": "{0: 'person', 1: 'forklift', 2: 'no: \"vest\"'}",
}

_N_640 = 80 * 80 + 40 * 40 + 20 * 20
_N_NANODET_416 = 52 * 52 + 26 * 26 + 13 * 13 + 7 * 7
_N_RETINANET_512 = 9 * (64**2 + 32**2 + 16**2 + 8**2 + 4**2)

FAMILIES = {
    "yolo_v5": Family({"output0": Output((1, 3 * _N_640, 85))}),
    "yolo_v8": Family({"output0": Output((1, 84, _N_640))}),
    "yolo_end2end": Family({"output0": Output((1, 300, 6))}),
    "yolox": Family({"output": Output((1, _N_640, 85))}),
    "nms_plugin": Family(
        {
            "num_dets": Output((1, 1), INT32),
            "det_boxes": Output((1, 100, 4)),
            "det_scores": Output((1, 100)),
            "det_classes": Output((1, 100), INT32),
        }
    ),
    "ssd": Family(
        {
            "detection_anchor_indices:0": Output((1, 100)),
            "detection_boxes:0": Output((1, 100, 4)),
            "detection_classes:0": Output((1, 100)),
            "detection_scores:0": Output((1, 100)),
            "num_detections:0": Output((1,)),
        },
        (1, "height", "width", 3),
        UINT8,
    ),
    "detr": Family(
        {"logits": Output((1, 100, 92)), "pred_boxes": Output((1, 100, 4))}, (1, 3, 800, 800)
    ),
    "rtdetr": Family(
        {
            "labels": Output((1, 300), INT64),
            "boxes": Output((1, 300, 4)),
            "scores": Output((1, 300)),
        },
        ("N", 3, 640, 640),
        extra={"orig_target_sizes": Output(("N", 2), INT64)},
    ),
    "retinanet": Family(
        {
            "cls_logits": Output((1, _N_RETINANET_512, 80)),
            "bbox_regression": Output((1, _N_RETINANET_512, 4)),
        },
        (1, 3, 512, 512),
    ),
    "nanodet": Family({"output": Output((1, _N_NANODET_416, 80 + 32))}, (1, 3, 416, 416)),
    "rtmdet": Family({"dets": Output((1, "n", 5)), "labels": Output((1, "n"), INT64)}),
    "centernet": Family(
        {
            "hm": Output((1, 80, 128, 128)),
            "wh": Output((1, 2, 128, 128)),
            "reg": Output((1, 2, 128, 128)),
        },
        (1, 3, 512, 512),
    ),
}
"""Adapter -> a model that it decodes."""

OTHER_FORMS = {
    "yolo_v8 of Ultralytics": (
        "yolo_v8",
        Family({"output0": Output((1, 7, 5040))}, (1, 3, "h", "w"), metadata=ULTRALYTICS),
    ),
    "one class of YOLOX": ("yolox", Family({"output": Output((1, 756, 6))}, (1, 3, 192, 192))),
    "RT-DETR without its end": (
        "rtdetr",
        Family({"pred_boxes": Output((1, 300, 4)), "pred_logits": Output((1, 300, 80))}),
    ),
    "DETR with hidden states": (
        "detr",
        Family(
            {
                "logits": Output((1, 100, 92)),
                "pred_boxes": Output((1, 100, 4)),
                "last_hidden_state": Output((1, 100, 256)),
            }
        ),
    ),
    "SSD of OpenVINO": (
        "ssd",
        Family({"detection_out": Output((1, 1, 200, 7))}, (1, 3, 300, 300)),
    ),
    "TensorFlow 2 with raw outputs": (
        "ssd",
        Family(
            {
                "detection_boxes": Output((1, 100, 4)),
                "detection_classes": Output((1, 100)),
                "detection_multiclass_scores": Output((1, 100, 91)),
                "detection_scores": Output((1, 100)),
                "num_detections": Output((1,)),
                "raw_detection_boxes": Output((1, 1917, 4)),
                "raw_detection_scores": Output((1, 1917, 91)),
            },
            (1, 320, 320, 3),
            UINT8,
        ),
    ),
    "dense SSD": (
        "ssd",
        Family({"scores": Output((1, 3000, 21)), "boxes": Output((1, 3000, 4))}, (1, 3, 300, 300)),
    ),
    "torchvision": (
        "retinanet",
        Family(
            {
                "boxes": Output(("n", 4)),
                "scores": Output(("n",)),
                "labels": Output(("n",), INT64),
            }
        ),
    ),
    "first NanoDet": (
        "nanodet",
        Family(
            {
                "cls_8": Output((1, 1600, 80)),
                "cls_16": Output((1, 400, 80)),
                "cls_32": Output((1, 100, 80)),
                "dis_8": Output((1, 1600, 32)),
                "dis_16": Output((1, 400, 32)),
                "dis_32": Output((1, 100, 32)),
            },
            (1, 3, 320, 320),
        ),
    ),
    "unnamed CenterNet": (
        "centernet",
        Family(
            {
                "a": Output((1, 80, 128, 128)),
                "b": Output((1, 2, 128, 128)),
                "c": Output((1, 2, 128, 128)),
            },
            (1, 3, 512, 512),
        ),
    ),
}
"""What it is -> adapter and model."""

UNKNOWN = {
    "one axis": Family({"out": Output((5,))}),
    "swapped YOLOv8": Family({"output0": Output((1, _N_640, 3))}),
    "five outputs": Family({name: Output((1, 7)) for name in "abcde"}),
}
