from __future__ import annotations

import math

import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.errors import EngineError, ModelError


def test_tensorflow_detections() -> None:
    found = decode(
        made("ssd", 2),
        {
            "detection_boxes": f32([[[0.25, 0.5, 0.75, 1.0], [0, 0, 0.5, 0.25], [0, 0, 1, 1]]]),
            "detection_classes": f32([[2, 1, 1]]),
            "detection_scores": f32([[0.9, 0.5, 0.9]]),
            "num_detections": f32([2]),
        },
    )
    # ymin xmin ymax xmax of 64 x 32 px: x1 = .5 * 64, y1 = .25 * 32; classes count from 1.
    expect(found, [[32, 8, 64, 24], [0, 0, 16, 16]], [0.9, 0.5], [1, 0])


def test_raw_outputs_beside_the_detections_do_not_confuse() -> None:
    found = decode(
        made("ssd", 2),
        {
            "detection_boxes": f32([[[0.25, 0.5, 0.75, 1.0]]]),
            "detection_classes": f32([[2]]),
            "detection_multiclass_scores": f32([[[0.1, 0.8, 0.1]]]),
            "detection_scores": f32([[0.9]]),
            "raw_detection_boxes": f32([[[0, 0, 1, 1]] * 5]),
            "raw_detection_scores": f32([[[0, 1, 0]] * 5]),
        },
    )
    expect(found, [[32, 8, 64, 24]], [0.9], [1])


def test_torchvision_detections_without_a_batch_axis() -> None:
    found = decode(
        made("ssd", 2, corners="xyxy", normalized=False),
        {"boxes": f32([[1, 2, 3, 4]]), "scores": f32([0.9]), "labels": f32([2]).astype("int64")},
    )
    expect(found, [[1, 2, 3, 4]], [0.9], [1])


def test_detection_output_rows() -> None:
    rows = [
        [0, 2, 0.9, 0.25, 0.5, 0.5, 1.0],
        [0, 1, 0.2, 0, 0, 1, 1],
        [-1, 0, 0, 0, 0, 0, 0],  # the end
        [0, 1, 0.9, 0, 0, 1, 1],  # of an earlier frame
    ]
    found = decode(made("ssd", 2), {"detection_out": f32([[rows]])})
    expect(found, [[16, 16, 32, 32]], [0.9], [1])


def test_dense_boxes_and_scores() -> None:
    found = decode(
        made("ssd", 2, corners="xyxy"),
        {
            "scores": f32([[[0.1, 0.5, 0.4], [0.9, 0.05, 0.05]]]),
            "boxes": f32([[[0.25, 0.5, 0.5, 1.0], [0, 0, 1, 1]]]),
        },
    )
    # Background comes first; the first prior is a candidate of both classes.
    expect(found, [[16, 16, 32, 32]] * 2, [0.5, 0.4], [0, 1])


def test_offsets_to_priors_and_softmax() -> None:
    found = decode(
        made("ssd", 1, priors="priors", activation="softmax"),
        {
            "loc": f32([[[1.0, 2.0, 5 * math.log(2), 0.0]]]),
            "conf": f32([[[0.0, math.log(3)]]]),
            "priors": f32([[0.5, 0.5, 0.25, 0.5]]),
        },
    )
    # cx = .5 + 1 * .1 * .25 = .525, cy = .5 + 2 * .1 * .5 = .6, w = .25 * e^(.2 * 5 ln 2) = .5,
    # h = .5: corners .275 .35 .775 .85 of 64 x 32. Softmax: 3 / (1 + 3).
    expect(found, [[17.6, 11.2, 49.6, 27.2]], [0.75], [0])


def test_what_does_not_fit() -> None:
    with pytest.raises(ModelError, match=r"no output of the form \[1, N, 3\] for the scores"):
        decode(made("ssd", 2), {"a": f32([[[1] * 92]]), "b": f32([[[0] * 4]])})
    with pytest.raises(ModelError, match=r"is \[1, 1, 1, 6\]; one output of ssd is \[1, 1, N, 7\]"):
        decode(made("ssd", 2), {"out": f32([[[[0] * 6]]])})
    with pytest.raises(EngineError, match=r"gave class 3; .* 2 classes, numbered from 1"):
        decode(made("ssd", 2), {"out": f32([[[[0, 3, 0.9, 0, 0, 1, 1]]]])})
