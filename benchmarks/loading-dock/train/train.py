"""Train a demo detector, print held-out numbers per daypart, and export it to ONNX.

python dataset.py DATA
python train.py DATA dock-v1 --minutes 20
python train.py DATA dock-v2 --minutes 20
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from dataset import INPUT_WH, PICTURE_WH
from evaluate import print_held_out
from losses import detector_loss
from model import Detector, YoloV8Export, YoloxExport, grid_points

MODELS = Path(__file__).resolve().parent.parent / "models"
PAD = 114
PEAK_RATE = 3e-3


@dataclass(frozen=True)
class Recipe:
    widths: tuple[int, ...]
    depths: tuple[int, ...]
    neck: int
    objectness: bool
    centred: bool
    """Where the letterbox puts the picture: in the middle, or top left."""
    share: dict[str, float]
    """Share of training frames per daypart."""
    seed: int


RECIPES = {
    "dock-v1": Recipe(
        (12, 24, 40, 64, 80), (1, 1, 1, 1), 40, True, False,
        {"day": 0.86, "dusk": 0.12, "night": 0.02}, 1,
    ),
    "dock-v2": Recipe(
        (16, 28, 48, 80, 96), (1, 2, 2, 1), 48, False, True,
        {"day": 0.60, "dusk": 0.25, "night": 0.15}, 2,
    ),
}  # fmt: skip


def build(recipe: Recipe) -> Detector:
    return Detector(recipe.widths, recipe.depths, recipe.neck)


def letterbox(pictures: np.ndarray, centred: bool) -> np.ndarray:
    """Pad (B, 216, 384, 3) to the model's input size with grey."""
    top = (INPUT_WH[1] - PICTURE_WH[1]) // 2 if centred else 0
    out = np.full((len(pictures), INPUT_WH[1], INPUT_WH[0], 3), PAD, pictures.dtype)
    out[:, top : top + PICTURE_WH[1]] = pictures
    return out


class Sampler:
    """Draws augmented batches with a fixed share of frames per daypart."""

    def __init__(self, folder: Path, recipe: Recipe, seed: int) -> None:
        self.images = np.load(folder / "images.npy", mmap_mode="r")
        self.boxes = np.load(folder / "boxes.npy")
        rows = json.loads((folder / "scenes.json").read_text())
        self.recipe = recipe
        self.rng = np.random.default_rng(seed)
        self.rows = {
            name: np.array([i for i, r in enumerate(rows) if r == ["train", name]])
            for name in recipe.share
        }

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        names = list(self.recipe.share)
        drawn = self.rng.choice(len(names), size, p=[self.recipe.share[n] for n in names])
        index = np.array([self.rng.choice(self.rows[names[k]]) for k in drawn])
        images = self.images[np.sort(index)].astype(np.float32)
        truth = self.boxes[np.sort(index)].copy()
        for i in range(size):
            images[i], truth[i] = self.augment(images[i], truth[i])
        padded = letterbox(np.clip(images, 0, 255), self.recipe.centred)
        if self.recipe.centred:
            truth[..., [1, 3]] += (INPUT_WH[1] - PICTURE_WH[1]) // 2
        tensor = torch.from_numpy(np.ascontiguousarray(padded.transpose(0, 3, 1, 2))) / 255.0
        return tensor, torch.from_numpy(truth)

    def augment(self, image: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rng = self.rng
        real = truth[:, 4] >= 0
        if rng.random() < 0.5:
            image = image[:, ::-1]
            truth[real, 0], truth[real, 2] = (
                PICTURE_WH[0] - truth[real, 2], PICTURE_WH[0] - truth[real, 0],
            )  # fmt: skip
        shift_x, shift_y = int(rng.integers(-40, 41)), int(rng.integers(-16, 17))
        image = np.roll(image, (shift_y, shift_x), axis=(0, 1))
        if shift_x > 0:
            image[:, :shift_x] = PAD
        elif shift_x < 0:
            image[:, shift_x:] = PAD
        if shift_y > 0:
            image[:shift_y] = PAD
        elif shift_y < 0:
            image[shift_y:] = PAD
        moved = truth[:, :4] + np.array([shift_x, shift_y, shift_x, shift_y], np.float32)
        low, high = np.zeros(4, np.float32), np.array([*PICTURE_WH, *PICTURE_WH], np.float32)
        clipped = np.clip(moved, low, high)
        area = (moved[:, 2] - moved[:, 0]) * (moved[:, 3] - moved[:, 1])
        left = (clipped[:, 2] - clipped[:, 0]) * (clipped[:, 3] - clipped[:, 1])
        truth[:, :4] = np.where(real[:, None], clipped, truth[:, :4])
        truth[real & (left < 0.15 * area), 5] = 1
        truth[real & (left <= 1), 4] = -1
        gain = rng.uniform(0.8, 1.2) * rng.uniform(0.95, 1.05, 3)
        image = (image - 110) * rng.uniform(0.85, 1.15) + 110
        return (image * gain).astype(np.float32), truth


def train(
    folder: Path, name: str, minutes: float, batch: int, threads: int, resume: bool
) -> Detector:
    recipe = RECIPES[name]
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(threads)
    model = build(recipe).to(memory_format=torch.channels_last)
    peak = PEAK_RATE
    if resume:
        model.load_state_dict(torch.load(folder / f"{name}.pt"))
        peak = PEAK_RATE / 3
    print(name, sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    sampler = Sampler(folder, recipe, recipe.seed + (1000 if resume else 0))
    points, strides = grid_points(*INPUT_WH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=0.01)
    began, step, running = time.monotonic(), 0, 0.0
    while (share := (time.monotonic() - began) / (60 * minutes)) < 1:
        rate = peak * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * share)) + 2e-5
        for group in optimiser.param_groups:
            group["lr"] = rate
        images, truth = sampler.batch(batch)
        with torch.autocast("cpu", torch.bfloat16):
            out = model(images.contiguous(memory_format=torch.channels_last))
        loss = detector_loss(out.float(), truth, points, strides, recipe.objectness)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimiser.step()
        average.update_parameters(model)
        step += 1
        running = loss.item() if step == 1 else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"{name} step {step} {share:.0%} loss {running:.3f}", flush=True)
        if step % 500 == 0:
            torch.save(average.module.state_dict(), folder / f"{name}.pt")
    print(f"{name}: {step} steps of {batch}", flush=True)
    torch.save(average.module.state_dict(), folder / f"{name}.pt")
    return average.module


def export(model: Detector, name: str, target: Path) -> None:
    model = model.eval().to(memory_format=torch.contiguous_format)
    recipe = RECIPES[name]
    wrapped = YoloxExport(model) if recipe.objectness else YoloV8Export(model, *INPUT_WH)
    example = torch.zeros(1, 3, INPUT_WH[1], INPUT_WH[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        wrapped.eval(), (example,), str(target), opset_version=17, dynamo=False,
        input_names=["images"], output_names=["output"],
    )  # fmt: skip
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what dataset.py wrote")
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--only-export", action="store_true", help="from the last checkpoint")
    arguments = parser.parse_args()
    if arguments.only_export:
        model = build(RECIPES[arguments.name])
        model.load_state_dict(torch.load(arguments.folder / f"{arguments.name}.pt"))
    else:
        model = train(
            arguments.folder, arguments.name, arguments.minutes, arguments.batch,
            arguments.threads, arguments.resume,
        )  # fmt: skip
    target = arguments.models / f"{arguments.name}.onnx"
    export(model, arguments.name, target)
    recipe = RECIPES[arguments.name]
    print_held_out(arguments.folder, target, recipe.objectness, recipe.centred)


if __name__ == "__main__":
    main()
