"""Which families a model's outputs fit, best first: one function per number of outputs."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.engines.protocol import TensorInfo
from vbench.pipeline.adapters.adapter import differs, fits
from vbench.pipeline.adapters.grid import grid_cells
from vbench.pipeline.suggest import conventions
from vbench.pipeline.suggest.model import Keys, Match, ModelSummary, Sure

_YOLO_STRIDES = (8, 16, 32)
_YOLO_P6_STRIDES = (8, 16, 32, 64)
_RETINANET_STRIDES = (8, 16, 32, 64, 128)
_N_BINS = 4 * 8
"""Columns of NanoDet's distributions: four sides, reg_max 7."""
_MAX_FINISHED = 1000
"""More rows than this are not finished boxes."""
_SURE: tuple[Sure, ...] = ("certain", "likely", "guess")


def matches(model: ModelSummary) -> list[Match]:
    """Families that fit, best first; equally sure ones in the order of the search."""
    by_number = {
        1: _one_output,
        2: _two_outputs,
        3: _three_outputs,
    }.get(len(model.outputs))
    found = [*_by_name(model), *_nanodet_pairs(model)]
    if by_number is not None:
        found += by_number(model)
    return sorted(found, key=lambda match: _SURE.index(match.sure))


def _one_output(model: ModelSummary) -> list[Match]:
    shape = model.outputs[0].shape
    if fits(shape, 1, 1, None, 7) and len(shape) == 4 and shape[3] == 7:
        why = "one output [1, 1, N, 7], as of OpenVINO's DetectionOutput"
        corners = ("corners", "xyxy")
        return [Match("ssd", "likely", why, conventions.CAFFE_SSD, keys=(corners,))]
    if not fits(shape, 1, None, None):
        return []
    return [*_yolo_rows(model), *_yolo_columns(model), *_nanodet(model)]


def _yolo_rows(model: ModelSummary) -> list[Match]:
    """[1, N, K]: a row per box."""
    _, n_rows, n_columns = model.outputs[0].shape
    if n_columns is None or n_columns < 6:
        return []
    n_cells = len(grid_cells(_YOLO_STRIDES, model.size))
    n_cells_p6 = len(grid_cells(_YOLO_P6_STRIDES, model.size))
    n_classes = n_columns - 5
    found = []
    if n_rows in (3 * n_cells, 3 * n_cells_p6):
        why = f"{n_rows} rows are three anchors for each cell; 5 + {n_classes} columns"
        sure: Sure = "certain" if model.from_ultralytics else "likely"
        ultralytics = conventions.ULTRALYTICS
        found.append(Match("yolo_v5", sure, why, ultralytics, n_classes, nms=True))
    if n_rows == n_cells:
        why = f"{n_rows} rows are the cells of strides 8, 16, 32; 5 + {n_classes} columns"
        found.append(Match("yolox", "likely", why, conventions.YOLOX, n_classes, nms=True))
        why = "the same shape, if it was exported with decoded boxes (decode_in_inference)"
        found.append(Match("yolo_v5", "guess", why, conventions.YOLOX, n_classes, nms=True))
    few = n_rows is None or (n_rows <= _MAX_FINISHED and n_rows != n_cells)
    if n_columns == 6 and few:
        why = "rows of six columns: corners, score and class, as of models that need no NMS"
        sure = "certain" if model.from_ultralytics else "likely"
        found.append(Match("yolo_end2end", sure, why, conventions.ULTRALYTICS))
    if n_rows is None and n_columns > 6:
        why = f"5 + {n_classes} columns; the number of rows is left open"
        ultralytics = conventions.ULTRALYTICS
        found.append(Match("yolo_v5", "guess", why, ultralytics, n_classes, nms=True))
        found.append(Match("yolox", "guess", why, conventions.YOLOX, n_classes, nms=True))
    return found


def _yolo_columns(model: ModelSummary) -> list[Match]:
    """[1, 4 + C, N]: a column per anchor."""
    _, n_rows, n_anchors = model.outputs[0].shape
    if n_rows is None or n_rows < 5 or (n_anchors is not None and n_anchors <= n_rows):
        return []
    n_classes = n_rows - 4
    why = f"4 + {n_classes} rows and a column per anchor"
    if model.from_ultralytics and model.stated_names and len(model.stated_names) == n_classes:
        sure: Sure = "certain"
    elif n_anchors in (len(grid_cells(_YOLO_STRIDES, model.size)), None):
        sure = "likely" if n_anchors is not None else "guess"
    else:
        sure = "guess"
    return [Match("yolo_v8", sure, why, conventions.ULTRALYTICS, n_classes, nms=True)]


def _nanodet(model: ModelSummary) -> list[Match]:
    _, n_rows, n_columns = model.outputs[0].shape
    cells = grid_cells(_YOLO_P6_STRIDES, model.size, partial=True)
    if n_columns is None or n_columns <= _N_BINS or n_rows != len(cells):
        return []
    n_classes = n_columns - _N_BINS
    why = f"{n_rows} rows are the cells of strides 8 to 64; {n_classes} + 4 x 8 columns"
    return [Match("nanodet", "likely", why, conventions.NANODET, n_classes, nms=True)]


def _nanodet_pairs(model: ModelSummary) -> list[Match]:
    """Two outputs per stride: class scores and distributions of the same cells."""
    tables = [item.shape for item in model.outputs if len(item.shape) == 3]
    n_levels = len(tables) // 2
    if len(tables) != len(model.outputs) or n_levels not in (3, 4):
        return []
    strides = _YOLO_P6_STRIDES[:n_levels]
    n_cells = [len(grid_cells((stride,), model.size, partial=True)) for stride in strides]
    sides = [shape for shape in tables if shape[2] == _N_BINS]
    scores = [shape for shape in tables if shape[2] != _N_BINS]
    same = [sorted(shape[1] or 0 for shape in part) == sorted(n_cells) for part in (sides, scores)]
    columns = {shape[2] for shape in scores}
    if not all(same) or len(columns) != 1:
        return []
    why = "two outputs per stride, one of 4 x 8 columns, as of the first NanoDet"
    keys: Keys = (("strides", [*strides]), ("centers", "middle"))
    n_classes = columns.pop()
    return [Match("nanodet", "likely", why, conventions.NANODET, n_classes, keys, nms=True)]


def _two_outputs(model: ModelSummary) -> list[Match]:
    names = {item.name.lower() for item in model.outputs}
    rows = [item for item in model.outputs if fits(item.shape, 1, None, 5)]
    flat = [item for item in model.outputs if fits(item.shape, 1, None)]
    if rows and flat:
        sure: Sure = "certain" if names == {"dets", "labels"} else "likely"
        why = "rows of corners and score, and a label for each, as MMDeploy exports"
        keys = () if sure == "certain" else (("dets", rows[0].name), ("labels", flat[0].name))
        return [Match("rtmdet", sure, why, conventions.RTMDET, keys=keys)]
    boxes = [item for item in model.outputs if fits(item.shape, 1, None, 4)]
    if len(boxes) == 2:
        # As many class values as a box has numbers: only the names tell.
        boxes = [item for item in boxes if "box" in item.name.lower()]
    tables = [item for item in model.outputs if len(item.shape) == 3 and item not in boxes]
    if len(boxes) != 1 or len(tables) != 1 or tables[0].shape[2] is None:
        return []
    return _boxes_and_values(model, boxes[0], tables[0])


def _boxes_and_values(model: ModelSummary, boxes: TensorInfo, values: TensorInfo) -> list[Match]:
    """[1, N, 4] and [1, N, K]: DETR, RT-DETR, RetinaNet or SSD."""
    n_columns = values.shape[2] or 0
    n_rows = boxes.shape[1]
    n_anchors = 9 * len(grid_cells(_RETINANET_STRIDES, model.size, partial=True))
    if n_rows == n_anchors:
        why = f"{n_rows} rows are nine anchors for each cell of strides 8 to 128"
        keys: Keys = (("scores", values.name), ("boxes", boxes.name))
        return [Match("retinanet", "likely", why, conventions.RETINANET, n_columns, keys, nms=True)]
    if n_rows is not None and n_rows > _MAX_FINISHED:
        why = f"a box and {n_columns} scores for each of {n_rows} priors, the first background"
        keys = (("boxes", boxes.name), ("scores", values.name), ("corners", "xyxy"))
        ssd = conventions.PYTORCH_SSD
        return [Match("ssd", "likely", why, ssd, n_columns - 1, keys, nms=True)]
    return _queries(model, boxes, values)


def _queries(model: ModelSummary, boxes: TensorInfo, values: TensorInfo) -> list[Match]:
    """DETR ends in a softmax with "no object", RT-DETR in a sigmoid without."""
    n_columns = values.shape[2] or 0
    keys = (("logits", values.name), ("boxes", boxes.name))
    known = None if model.names is None else len(model.names)
    form = f"{boxes.shape[1] or 'N'} queries with a box and {n_columns} logits"
    softmax = f"{form}, the last of them no object"
    sigmoid = f"{form}, all of them classes"
    detr: Sure = "guess"
    rtdetr: Sure = "guess"
    if known == n_columns - 1 or (known is None and n_columns == 92):
        detr = "likely"
    elif known == n_columns or (known is None and n_columns == 80):
        rtdetr = "likely"
    pair = [
        Match("detr", detr, softmax, conventions.DETR, n_columns - 1, keys),
        Match("rtdetr", rtdetr, sigmoid, conventions.RTDETR, n_columns, keys),
    ]
    if not differs(boxes.shape[1], 300) and boxes.shape[1] is not None:
        pair.reverse()
    return pair


def _three_outputs(model: ModelSummary) -> list[Match]:
    maps = [item for item in model.outputs if len(item.shape) == 4]
    if len(maps) == 3:
        return _centernet(maps)
    boxes = [item for item in model.outputs if item.shape and item.shape[-1] == 4]
    flat = [item for item in model.outputs if len(item.shape) <= 2 and item not in boxes]
    if len(boxes) != 1 or len(flat) != 2:
        return []
    scores = [item for item in flat if item.dtype.startswith("float")]
    labels = [item for item in flat if not item.dtype.startswith("float")]
    names = {item.name.lower() for item in model.inputs}
    if "orig_target_sizes" in names:
        why = "labels, boxes and scores, and an input orig_target_sizes, as RT-DETR and D-FINE"
        return [Match("rtdetr", "certain", why, conventions.RTDETR)]
    keys: Keys = ()
    if len(scores) == 1 and len(labels) == 1:
        keys = (("boxes", boxes[0].name), ("scores", scores[0].name))
    if len(boxes[0].shape) == 2 and keys:
        why = "finished boxes without a batch axis, as torchvision exports RetinaNet and SSD"
        torchvision = conventions.TORCHVISION
        keys = (*keys, ("labels", labels[0].name))
        return [Match("retinanet", "likely", why, torchvision, keys=keys)]
    why = "finished boxes, scores and classes"
    if labels and keys:
        keys = (*keys, ("classes", labels[0].name))
        return [Match("nms_plugin", "guess", why, conventions.ULTRALYTICS, keys=keys)]
    return []


def _centernet(maps: Sequence[TensorInfo]) -> list[Match]:
    pairs = [item for item in maps if item.shape[1] == 2]
    names = {item.name.lower() for item in maps}
    why = "a heatmap with a channel per class, and two maps of two channels"
    if {"hm", "wh", "reg"} == names:
        heatmap = next(item for item in maps if item.name.lower() == "hm")
        n_classes = heatmap.shape[1]
        return [Match("centernet", "likely", why, conventions.CENTERNET, n_classes)]
    others = [item for item in maps if item not in pairs]
    if len(pairs) != 2 or len(others) != 1:
        return []
    keys = (("heatmap", others[0].name), ("size", pairs[0].name), ("offset", pairs[1].name))
    why += "; which of the two is the size is guessed by their order"
    n_classes = others[0].shape[1]
    return [Match("centernet", "guess", why, conventions.CENTERNET, n_classes, keys)]


def _by_name(model: ModelSummary) -> list[Match]:
    """Families whose exports always name their outputs alike, among any number of others."""
    outputs = {item.name.lower().partition(":")[0]: item for item in model.outputs}
    if {"detection_boxes", "detection_scores", "detection_classes"} <= set(outputs):
        why = "the names of TensorFlow's Object Detection API"
        return [Match("ssd", "certain", why, conventions.TENSORFLOW)]
    if len(outputs) > 2 and {"logits", "pred_boxes"} <= set(outputs):
        return _queries(model, outputs["pred_boxes"], outputs["logits"])
    boxes = [item for item in model.outputs if item.shape and item.shape[-1] == 4]
    if len(outputs) == 4 and len(boxes) == 1 and set(outputs) & {"num_dets", "num_detections"}:
        why = "a count, boxes, scores and classes, as of TensorRT's NMS plug-ins"
        return [Match("nms_plugin", "likely", why, conventions.ULTRALYTICS)]
    return []
