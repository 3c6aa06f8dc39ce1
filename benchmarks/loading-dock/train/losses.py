"""Which grid cells learn which box, and the losses (task alignment after Feng et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from model import N_CLASSES, decode_cxcywh
from torch import Tensor
from torch.nn import functional

TOP_K = 9


def to_xyxy(cxcywh: Tensor) -> Tensor:
    half = cxcywh[..., 2:] / 2
    return torch.cat([cxcywh[..., :2] - half, cxcywh[..., :2] + half], dim=-1)


def pair_iou(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU and generalised IoU of xyxy boxes that broadcast against each other."""
    low = torch.maximum(a[..., :2], b[..., :2])
    high = torch.minimum(a[..., 2:], b[..., 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    area_a = (a[..., 2:] - a[..., :2]).prod(-1)
    area_b = (b[..., 2:] - b[..., :2]).prod(-1)
    union = area_a + area_b - inter + 1e-6
    iou = inter / union
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    return iou, iou - (hull - union) / (hull + 1e-6)


@dataclass
class Targets:
    owner: Tensor  # (B, N) index of the truth box, -1 for background
    quality: Tensor  # (B, N) 0..1, how well this cell should score
    ignored: Tensor  # (B, N) cells inside ignored boxes: no loss


@torch.no_grad()
def assign(scores: Tensor, boxes: Tensor, centres: Tensor, truth: Tensor) -> Targets:
    """Give each truth box (B, M, 6: xyxy, class or -1, ignore) its best-aligned cells."""
    counts = (truth[..., 4] >= 0) & (truth[..., 5] == 0)
    x, y = centres[:, 0], centres[:, 1]
    t = truth[..., None, :]
    # tiny boxes may contain no cell centre: widen them to one cell
    grow = (10.0 - (t[..., 2:4] - t[..., 0:2])).clamp(min=0) / 2
    inside = (x > t[..., 0] - grow[..., 0]) & (x < t[..., 2] + grow[..., 0])
    inside &= (y > t[..., 1] - grow[..., 1]) & (y < t[..., 3] + grow[..., 1])
    iou, _ = pair_iou(truth[:, :, None, :4], boxes[:, None])
    label = truth[..., 4].clamp(min=0).long()
    score = scores.gather(2, label[:, None].expand(-1, scores.shape[1], -1)).transpose(1, 2)
    metric = score.clamp(min=1e-4).sqrt() * iou.pow(4) + 1e-9
    # early on, prefer cells near the middle
    middle = (t[..., :2] + t[..., 2:4]) / 2
    size = (t[..., 2:4] - t[..., :2]).clamp(min=4)
    away = ((centres - middle) / size).pow(2).sum(-1)
    metric = metric + 1e-6 * torch.exp(-6 * away)
    metric = metric * (inside & counts[..., None])
    best, index = metric.topk(TOP_K, dim=-1)
    chosen = torch.zeros_like(metric).scatter_(2, index, (best > 0).float()) * metric
    top, owner = chosen.max(dim=1)
    owner = torch.where(top > 0, owner, -1)
    mine = (owner[:, None] == torch.arange(truth.shape[1])[:, None]) & (chosen > 0)
    align = chosen * mine
    peak = align.amax(dim=-1, keepdim=True).clamp(min=1e-9)
    best_iou = (iou * mine).amax(dim=-1, keepdim=True)
    quality = (align / peak * best_iou.clamp(min=0.15)).amax(dim=1)
    void = (truth[..., 5] == 1) & (truth[..., 4] >= 0)
    ignored = (inside & void[..., None]).any(dim=1) & (owner < 0)
    return Targets(owner, quality, ignored)


def detector_loss(
    out: Tensor, truth: Tensor, points: Tensor, strides: Tensor, with_objectness: bool
) -> Tensor:
    boxes = to_xyxy(decode_cxcywh(out[..., :4], points, strides))
    centres = (points + 0.5) * strides
    probability = out[..., 5:].sigmoid()
    if with_objectness:
        probability = probability * out[..., 4:5].sigmoid()
    targets = assign(probability.detach(), boxes.detach(), centres, truth)
    positive = targets.owner >= 0
    owner = targets.owner.clamp(min=0)
    matched = truth.gather(1, owner[..., None].expand(-1, -1, 6))
    label = functional.one_hot(matched[..., 4].clamp(min=0).long(), N_CLASSES).float()
    quality = torch.where(positive, targets.quality, 0.0)
    total = quality.sum().clamp(min=1.0)
    keep = (~targets.ignored).float()
    _, giou = pair_iou(boxes[positive], matched[..., :4][positive])
    box_loss = ((1 - giou) * quality[positive]).sum() / total
    if with_objectness:
        obj = functional.binary_cross_entropy_with_logits(out[..., 4], quality, reduction="none")
        obj_loss = (focal_weight(out[..., 4], quality) * obj * keep).sum() / total
        named = functional.binary_cross_entropy_with_logits(
            out[..., 5:][positive], label[positive], reduction="sum"
        )
        return 3 * box_loss + obj_loss + 0.5 * named / positive.sum().clamp(min=1)
    wanted = label * quality[..., None]
    cls = functional.binary_cross_entropy_with_logits(out[..., 5:], wanted, reduction="none")
    cls_loss = (focal_weight(out[..., 5:], wanted) * cls * keep[..., None]).sum() / total
    return 3 * box_loss + cls_loss


def focal_weight(logit: Tensor, target: Tensor) -> Tensor:
    """Quality focal weighting (Li et al. 2020): how far a prediction is from its target."""
    return (logit.detach().sigmoid() - target).abs().pow(1.5) * 2.0
