"""How each family prepares its input, from its own code."""

from __future__ import annotations

from vbench.pipeline.suggest.model import Convention

_PER_255 = 1 / 255
_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)
_MMDET_MEAN_BGR = (103.53, 116.28, 123.675)
_MMDET_STD_BGR = (57.375, 57.12, 58.395)

ULTRALYTICS = Convention(
    "rgb", "letterbox", "Ultralytics and YOLOv5/v7: RGB in 0..1, centred letterbox", scale=_PER_255
)
YOLOX = Convention(
    "bgr", "letterbox", "YOLOX: BGR in 0..255, letterbox from the top left", anchor="top_left"
)
DETR = Convention(
    "rgb",
    "stretch",
    "DETR: RGB with ImageNet's mean and std",
    scale=_PER_255,
    mean=_IMAGENET_MEAN,
    std=_IMAGENET_STD,
)
RTDETR = Convention("rgb", "stretch", "RT-DETR and D-FINE: RGB in 0..1, stretched", scale=_PER_255)
NANODET = Convention(
    "bgr",
    "stretch",
    "NanoDet: BGR with its configuration's mean and std",
    mean=_MMDET_MEAN_BGR,
    std=_MMDET_STD_BGR,
)
RTMDET = Convention(
    "bgr",
    "letterbox",
    "RTMDet: BGR with MMDetection's mean and std, letterbox from the top left",
    anchor="top_left",
    mean=_MMDET_MEAN_BGR,
    std=_MMDET_STD_BGR,
)
CENTERNET = Convention(
    "bgr",
    "letterbox",
    "CenterNet: BGR with its own mean and std, black padding",
    pad=0,
    scale=_PER_255,
    mean=(0.408, 0.447, 0.470),
    std=(0.289, 0.274, 0.278),
)
RETINANET = Convention(
    "rgb",
    "letterbox",
    "RetinaNet in PyTorch: RGB with ImageNet's mean and std, black padding",
    anchor="top_left",
    pad=0,
    scale=_PER_255,
    mean=_IMAGENET_MEAN,
    std=_IMAGENET_STD,
)
TORCHVISION = Convention(
    "rgb",
    "stretch",
    "torchvision: RGB in 0..1; the model normalises and resizes itself",
    scale=_PER_255,
)
TENSORFLOW = Convention(
    "rgb", "stretch", "TensorFlow's detectors: RGB in 0..255; the model normalises itself"
)
CAFFE_SSD = Convention("bgr", "stretch", "SSD in OpenVINO: BGR in 0..255, stretched")
PYTORCH_SSD = Convention(
    "rgb",
    "stretch",
    "SSD in PyTorch: RGB, (value - 127) / 128, stretched",
    mean=(127.0, 127.0, 127.0),
    std=(128.0, 128.0, 128.0),
)
