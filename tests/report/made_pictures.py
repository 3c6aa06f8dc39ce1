"""Drawn frames in place of decoded ones."""

from __future__ import annotations

import cv2
import numpy as np

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import read_evidence
from vbench.report.worst_frames import rank_worst_frames
from vbench.types import Clip, GoldenSet


def draw_pictures(folder: RunFolder, golden_set: GoldenSet, n_pictures: int) -> None:
    clips = {clip.id: clip for clip in golden_set.clips}
    for frame in rank_worst_frames(read_run(folder), read_evidence(folder, read_run(folder)))[
        :n_pictures
    ]:
        path = folder.picture(frame.clip, frame.frame_index)
        path.parent.mkdir(parents=True, exist_ok=True)
        image = draw_scene(clips[frame.clip], frame.frame_index)
        content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        path.write_bytes(content.tobytes())


def draw_scene(clip: Clip, frame_index: int) -> np.ndarray:
    """(H, W, 3) uint8 BGR: a dock with figures where the truth is."""
    rng = np.random.default_rng(frame_index)
    width_px, height_px = clip.facts.width_px, clip.facts.height_px
    light = {"night": 0.3, "dusk": 0.6}.get(clip.tag("daypart") or "", 1.0)
    image = np.zeros((height_px, width_px, 3), np.float32)
    image[:220] = np.linspace(150, 120, 220)[:, None, None]
    image[220:] = np.linspace(95, 140, height_px - 220)[:, None, None]
    for left in range(60, width_px, 240):
        cv2.rectangle(image, (left, 60), (left + 150, 220), (90, 100, 110), -1)
    truth = clip.truth
    for row in np.flatnonzero(truth.frame_index == frame_index):
        x1, y1, x2, y2 = (int(value) for value in truth.boxes_xyxy[row])
        if truth.class_id[row] == 0:
            cv2.circle(image, ((x1 + x2) // 2, y1 + 14), 13, (120, 150, 190), -1)
            cv2.rectangle(image, (x1 + 6, y1 + 26), (x2 - 6, y2), (70, 60, 150), -1)
        else:
            cv2.rectangle(image, (x1 + 4, y1 + 8), (x2 - 4, y2 - 8), (40, 160, 210), -1)
    noisy = image * light + rng.normal(0, 9, image.shape)
    return noisy.clip(0, 255).astype(np.uint8)
