"""Small anchor-free detectors and the two ways their output is exported."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (8, 16, 32)
N_CLASSES = 3


class ConvBlock(nn.Sequential):
    def __init__(self, n_in: int, n_out: int, size: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(n_in, n_out, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(n_out, eps=1e-3, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.body = nn.Sequential(ConvBlock(n, n // 2, 1), ConvBlock(n // 2, n))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Detector(nn.Module):
    """A feature pyramid over strides 8, 16 and 32 with one shared-width head per level.

    `forward` returns logits (B, N, 4 + 1 + C): box code, objectness, classes. The box code is
    (dx, dy, log w, log h) in grid cells, as in YOLOX (Ge et al. 2021, section 2.1).
    """

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...], neck: int) -> None:
        super().__init__()
        stem, *stages = widths
        self.stem = ConvBlock(3, stem, 3, 2)
        self.stages = nn.ModuleList()
        n_in = stem
        for n_out, depth in zip(stages, depths, strict=True):
            blocks = [ConvBlock(n_in, n_out, 3, 2), *(Residual(n_out) for _ in range(depth))]
            self.stages.append(nn.Sequential(*blocks))
            n_in = n_out
        self.lateral = nn.ModuleList(ConvBlock(n, neck, 1) for n in stages[1:])
        self.merge = nn.ModuleList(ConvBlock(neck, neck) for _ in stages[1:])
        self.box = nn.ModuleList(
            nn.Sequential(ConvBlock(neck, neck), nn.Conv2d(neck, 5, 1)) for _ in STRIDES
        )
        self.label = nn.ModuleList(
            nn.Sequential(ConvBlock(neck, neck), nn.Conv2d(neck, N_CLASSES, 1)) for _ in STRIDES
        )
        for heads in zip(self.box, self.label, strict=True):
            nn.init.constant_(heads[0][-1].bias[4:], -4.0)
            nn.init.constant_(heads[1][-1].bias, -4.0)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stages[0](self.stem(x))
        features = []
        for stage in self.stages[1:]:
            x = stage(x)
            features.append(x)
        levels = [lateral(f) for lateral, f in zip(self.lateral, features, strict=True)]
        for i in (1, 0):
            up = functional.interpolate(levels[i + 1], scale_factor=2.0, mode="nearest")
            levels[i] = levels[i] + up
        out = []
        for level, merge, box, label in zip(levels, self.merge, self.box, self.label, strict=True):
            f = merge(level)
            out.append(torch.cat([box(f), label(f)], dim=1).flatten(2))
        return torch.cat(out, dim=2).transpose(1, 2)


def grid_points(width: int, height: int) -> tuple[Tensor, Tensor]:
    """Return cell corners (N, 2) in cells and strides (N, 1) in px of all levels."""
    points, strides = [], []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        level = torch.stack([columns, rows], dim=-1).reshape(-1, 2).float()
        points.append(level)
        strides.append(torch.full((len(level), 1), float(stride)))
    return torch.cat(points), torch.cat(strides)


def decode_cxcywh(code: Tensor, points: Tensor, strides: Tensor) -> Tensor:
    """Turn box codes (..., N, 4) into centre, width and height in input pixels."""
    centre = (code[..., :2] + points) * strides
    size = code[..., 2:4].clamp(max=6.0).exp() * strides
    return torch.cat([centre, size], dim=-1)


class YoloxExport(nn.Module):
    """Input BGR 0..255; output [1, N, 5 + C]: box codes as they are, probabilities."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, images: Tensor) -> Tensor:
        out = self.detector(images / 255.0)
        return torch.cat([out[..., :4], out[..., 4:].sigmoid()], dim=-1)


class YoloV8Export(nn.Module):
    """Input RGB 0..1; output [1, 4 + C, N]: cx, cy, w, h in input pixels, probabilities."""

    def __init__(self, detector: Detector, width: int, height: int) -> None:
        super().__init__()
        self.detector = detector
        points, strides = grid_points(width, height)
        self.register_buffer("points", points)
        self.register_buffer("strides", strides)

    def forward(self, images: Tensor) -> Tensor:
        out = self.detector(images.flip(1))  # trained on BGR
        boxes = decode_cxcywh(out[..., :4], self.points, self.strides)
        return torch.cat([boxes, out[..., 5:].sigmoid()], dim=-1).transpose(1, 2)
