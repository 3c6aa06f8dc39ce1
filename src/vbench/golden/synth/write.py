"""Synthetic scenes written out as a golden set: golden.yaml, videos, truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from vbench.config.golden_file import GOLDEN_SCHEMA
from vbench.config.yaml_text import dump_yaml
from vbench.errors import InputError
from vbench.golden.atomic_file import write_atomically
from vbench.golden.formats import write_vbench_truth
from vbench.golden.synth.actors import CLASS_NAMES
from vbench.golden.synth.render import SynthFrame, render
from vbench.golden.synth.scene import SceneSpec
from vbench.types import BoxTag, ClassDef, Taxonomy, Truth
from vbench.types.arrays import U8, Bool

Encode = Callable[[Path, Iterable[U8], Fraction], object]
"""Writes (H, W, 3) uint8 BGR images of a given rate into a video file."""

_MEANS = {
    "person": "any human on foot, also partly hidden; a forklift's driver belongs to the forklift",
    "forklift": "a counterbalance truck with its mast, forks and driver, without its load",
    "pallet": "a wooden pallet together with its load, on the ground or on a forklift's forks",
}
TAXONOMY = Taxonomy(version=1, classes=tuple(ClassDef(name, _MEANS[name]) for name in CLASS_NAMES))
"""The classes of every synthetic set."""


def write_golden_set(
    directory: Path,
    specs: Sequence[SceneSpec],
    encode: Encode,
    *,
    name: str = "loading-dock",
    version: str = "1.0.0",
    on_frame: Callable[[], None] | None = None,
) -> Path:
    """Render `specs` into a golden set and return the path of its ``golden.yaml``.

    ``golden.yaml`` is written last: a folder without it is not a whole set. `on_frame` is called
    after every rendered frame.

    Raises:
        InputError: `directory` is a file or already holds something, or two clips share an id.
    """
    _check_specs(directory, specs)
    (directory / "videos").mkdir(parents=True)
    (directory / "truth").mkdir()
    for spec in specs:
        collected: list[SynthFrame] = []
        images = _render_images(spec, collected, on_frame)
        encode(directory / _media(spec), images, Fraction(spec.fps))
        write_vbench_truth(directory / _truth(spec), clip_truth(collected), TAXONOMY)
    golden_yaml = directory / "golden.yaml"
    write_atomically(golden_yaml, _golden_text(specs, name, version))
    return golden_yaml


def _check_specs(directory: Path, specs: Sequence[SceneSpec]) -> None:
    if directory.is_file() or (directory.is_dir() and any(directory.iterdir())):
        raise InputError(
            "the folder is not empty", where=str(directory), hint="name a new or empty folder"
        )
    ids = [spec.clip_id for spec in specs]
    doubled = sorted({clip_id for clip_id in ids if ids.count(clip_id) > 1})
    if doubled:
        raise InputError(
            f'two clips are called "{doubled[0]}"',
            where=str(directory),
            hint="give each clip its own id",
        )


def _media(spec: SceneSpec) -> str:
    return f"videos/{spec.clip_id}.mp4"


def _truth(spec: SceneSpec) -> str:
    return f"truth/{spec.clip_id}.csv"


def _render_images(
    spec: SceneSpec, collected: list[SynthFrame], on_frame: Callable[[], None] | None
) -> Iterator[U8]:
    """Yield a scene's images and collect its frames, without their pixels, in `collected`."""
    for frame in render(spec):
        yield frame.image
        collected.append(frame.without_pixels())
        if on_frame is not None:
            on_frame()


def clip_truth(frames: Sequence[SynthFrame]) -> Truth:
    """Return the truth of consecutive frames, corners rounded to 1/100 px."""
    counts = [len(frame.class_id) for frame in frames]
    indices = np.array([frame.index for frame in frames], np.int64)
    return Truth(
        frame_index=np.repeat(indices, counts),
        boxes_xyxy=np.round(np.concatenate([frame.boxes_xyxy for frame in frames]), 2),
        class_id=np.concatenate([frame.class_id for frame in frames]),
        track_id=np.concatenate([frame.track_id for frame in frames]),
        ignore=np.concatenate([frame.ignore for frame in frames]),
        crowd=np.zeros(sum(counts), bool),
        tags=(
            _tag("occluded", [frame.occluded for frame in frames]),
            _tag("truncated", [frame.truncated for frame in frames]),
        ),
    )


def _tag(key: str, columns: list[Bool]) -> BoxTag:
    return BoxTag(key, np.where(np.concatenate(columns), "true", "false").astype(np.str_))


def _golden_text(specs: Sequence[SceneSpec], name: str, version: str) -> str:
    clips = [
        {
            "id": spec.clip_id,
            "media": _media(spec),
            "truth": _truth(spec),
            "tags": {
                "store": spec.store,
                "daypart": spec.daypart,
                "weather": spec.weather,
                "camera": spec.camera.name,
            },
        }
        for spec in specs
    ]
    content = {
        "schema": GOLDEN_SCHEMA,
        "name": name,
        "version": version,
        "taxonomy": {
            "version": TAXONOMY.version,
            "classes": [{"name": c.name, "means": c.means} for c in TAXONOMY.classes],
        },
        "truth_format": "vbench",
        "truth_frame_base": 0,
        "clips": clips,
    }
    return "# Rendered scenes with exact truth, written by `vbench golden synth`.\n" + dump_yaml(
        content
    )
