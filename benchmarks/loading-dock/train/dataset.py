"""Training and held-out frames: rendered on sites and seeds that no shipped clip uses.

Frames are rendered once into a memory-mapped array and reused by both models.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vbench.golden.synth.camera import Camera
from vbench.golden.synth.render import SceneRenderer
from vbench.golden.synth.scene import Crowd, SceneSpec, plan_activity

INPUT_WH = (384, 224)
PICTURE_WH = (384, 216)  # 640x360 scaled by 0.6; the rest of the input is padding
FRAMES_PER_SCENE = 30
MAX_BOXES = 16
TRAIN_STYLE_SEEDS = 10_000
HELD_OUT_STYLE_SEEDS = 90_000
# scenes per daypart; the shipped cameras' style seeds (101, 303) are in neither range
TRAIN_SCENES = {"day": 140, "dusk": 66, "night": 44}
HELD_OUT_SCENES = {"day": 14, "dusk": 10, "night": 14}


@dataclass(frozen=True)
class Scene:
    """One scene to render: which split it belongs to, its light and its seed."""

    split: str
    daypart: str
    seed: int


def random_camera(seed: int) -> Camera:
    """Draw a site and viewpoint; `seed` is also the site's style seed."""
    rng = np.random.default_rng([seed, 71])
    angle = float(rng.uniform(-15, 15)) if rng.random() < 0.5 else float(rng.uniform(25, 56))
    if abs(angle) > 20 and rng.random() < 0.5:
        angle = -angle
    return Camera(
        name=f"cam{seed % 97}",
        height_m=float(rng.uniform(3.2, 5.0)),
        focal_px=float(rng.uniform(390, 520)),
        horizon_px=float(rng.uniform(72, 112)),
        facade_distance_m=float(rng.uniform(17, 27)),
        facade_angle_deg=angle,
        back_distance_m=float(rng.uniform(36, 50)),
        style_seed=seed,
    )


def scene_list() -> list[Scene]:
    scenes = []
    for split, counts, base in (
        ("train", TRAIN_SCENES, TRAIN_STYLE_SEEDS),
        ("held_out", HELD_OUT_SCENES, HELD_OUT_STYLE_SEEDS),
    ):
        offset = 0
        for daypart, count in counts.items():
            for _ in range(count):
                scenes.append(Scene(split, daypart, base + offset))
                offset += 1
    return scenes


def scene_spec(scene: Scene) -> SceneSpec:
    rng = np.random.default_rng([scene.seed, 72])
    camera = random_camera(scene.seed)
    duration_s = 30
    crowds = tuple(
        Crowd(start, start + 15.0, int(rng.integers(4, 8)), int(rng.integers(1, 3)))
        for start in (0.0, 15.0)
    )
    n_pallet = int(rng.integers(0, 4))
    return SceneSpec(
        clip_id=f"{scene.split}-{scene.seed}",
        store="none",
        camera=camera,
        daypart=scene.daypart,
        weather="rain" if rng.random() < 0.3 else "dry",
        seed=scene.seed,
        n_frames=duration_s * 20,
        fps=20,
        width_px=640,
        height_px=360,
        activity=plan_activity(camera, scene.seed, duration_s, crowds, n_pallet),
    )


def render_scene(task: tuple[Scene, int, str]) -> None:
    """Render frames spread over a scene into the arrays under `folder`, from row `first` on."""
    cv2.setNumThreads(1)
    scene, first, folder = task
    images = np.lib.format.open_memmap(Path(folder) / "images.npy", mode="r+")
    boxes = np.lib.format.open_memmap(Path(folder) / "boxes.npy", mode="r+")
    spec = scene_spec(scene)
    renderer = SceneRenderer(spec)
    rng = np.random.default_rng([scene.seed, 73])
    step = spec.n_frames / FRAMES_PER_SCENE
    for k in range(FRAMES_PER_SCENE):
        frame = renderer.frame(int((k + rng.random()) * step))
        quality = int(rng.integers(45, 95))
        _, packed = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        images[first + k] = cv2.resize(image, PICTURE_WH, interpolation=cv2.INTER_LINEAR)
        rows = np.full((MAX_BOXES, 6), -1, np.float32)
        n = min(len(frame.class_id), MAX_BOXES)
        rows[:n, :4] = frame.boxes_xyxy[:n] * (PICTURE_WH[0] / 640)
        rows[:n, 4] = frame.class_id[:n]
        rows[:n, 5] = frame.ignore[:n]
        boxes[first + k] = rows


def build(folder: Path, n_workers: int) -> None:
    """Render all scenes; `scenes.json` is written last and says that the arrays are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    scenes = scene_list()
    n = len(scenes) * FRAMES_PER_SCENE
    shape = (n, PICTURE_WH[1], PICTURE_WH[0], 3)
    np.lib.format.open_memmap(folder / "images.npy", mode="w+", dtype=np.uint8, shape=shape)
    np.lib.format.open_memmap(
        folder / "boxes.npy", mode="w+", dtype=np.float32, shape=(n, MAX_BOXES, 6)
    )
    tasks = [(scene, i * FRAMES_PER_SCENE, str(folder)) for i, scene in enumerate(scenes)]
    with ProcessPoolExecutor(n_workers) as pool:
        for done, _ in enumerate(pool.map(render_scene, tasks), start=1):
            if done % 10 == 0:
                print(f"{done}/{len(tasks)} scenes", flush=True)
    rows = [[s.split, s.daypart] for s in scenes for _ in range(FRAMES_PER_SCENE)]
    (folder / "scenes.json").write_text(json.dumps(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    build(arguments.folder, arguments.workers)
