"""A finished run of 100,000 frames for `report.py`: footage and answers drawn, judged for real.

40 clips of 2,500 frames, 4 objects in each; 3 pipelines that store 12 answers per frame down to
0.01, of which 3 to 4 are at the operating point; tags, events, alerts, timings and pictures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vbench.bench.decoded import NOT_DECODED, DecodedClip, write_decoded
from vbench.bench.gate_rules import rules_of, today
from vbench.bench.results import build_run
from vbench.bench.rules import JudgedPipeline, Rules
from vbench.config.benchmark_file import read_benchmark_file
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder, write_whole
from vbench.record.golden_copy import write_golden_copy
from vbench.record.run_json import write_run
from vbench.record.shards import write_detections, write_timings
from vbench.report.evidence import read_evidence
from vbench.report.worst_frames import rank_worst_frames
from vbench.types import (
    F64,
    I64,
    Alerts,
    ClassDef,
    Clip,
    Detections,
    GoldenSet,
    MediaFacts,
    OperatingPoint,
    RunManifest,
    Taxonomy,
    Timings,
    Truth,
    TruthEvent,
)
from vbench.video import jpeg_bytes

N_CLIPS, N_FRAMES, N_PICTURES = 40, 2500, 90
FPS = 20.0
SIZE_PX = (1280, 720)
CLASSES = ("person", "forklift", "pallet")
PIPELINES = {"dock-v1": 0.80, "dock-v2": 0.90, "dock-v3": 0.86}
"""Share of the objects that each finds."""
STAGES = ("decode", "detect.preprocess", "detect.infer", "detect.postprocess")
_N_OBJECTS, _N_STORED = 4, 12
_WALK_FRAMES = 250
_BENCHMARK = """schema: vbench.benchmark/v1
name: long
golden_sets: [golden]
pipelines: [dock-v1.yaml, dock-v2.yaml, dock-v3.yaml]
baseline: dock-v1
slices: [daypart, weather, [daypart, weather], camera, size]
gates:
  - {metric: recall, class: person, min: 0.85}
  - {metric: recall, class: person, slice: {daypart: night}, min: 0.90}
  - {metric: recall, class: forklift, min: 0.80, confidence: 0.95}
  - {metric: precision, class: person, min: 0.85, confidence: 0.95, level: warn}
  - {metric: fp_per_camera_hour, max: 14400, level: warn}
  - {metric: recall, not_worse: {margin: 0.02, confidence: 0.95}}
  - {metric: precision, max_drop: 0.04, versus: baseline}
  - {metric: latency_ms_p95, max: 50, level: warn}
"""


def make_run(path: Path) -> RunFolder:
    """Write the run folder; takes a minute."""
    folder = RunFolder(path)
    golden_set = _golden_set()
    write_golden_copy(folder, golden_set)
    for number, clip in enumerate(golden_set.clips):
        write_decoded(folder, clip.id, DecodedClip(NOT_DECODED, (), None, ()))
        for k, (name, recall) in enumerate(PIPELINES.items()):
            rng = np.random.default_rng([k, number])
            write_detections(folder.detections(name, clip.id), _answers(clip, recall, rng), CLASSES)
            write_timings(folder.timings(name, clip.id), _timings(rng))
            write_alerts(folder.alerts(name, clip.id), _alerts(clip, rng))
    write_whole(folder.benchmark_yaml, _BENCHMARK)
    file = read_benchmark_file(folder.benchmark_yaml)
    gates, slice_keys = rules_of(file, (golden_set,), tuple(PIPELINES), STAGES, today())
    rules = Rules(0.5, slice_keys, gates, "dock-v1", file.model.intervals, today())
    run = build_run(
        folder, (golden_set,), [_judged(name) for name in PIPELINES], rules, _manifest()
    )
    write_run(folder, run)
    worst = [
        (frame.clip, frame.frame_index)
        for frame in rank_worst_frames(run, read_evidence(folder, run))
    ]
    others = [(clip.id, frame) for frame in (700, 1400, 2100) for clip in golden_set.clips]
    for number, place in enumerate(list(dict.fromkeys([*worst, *others]))[:N_PICTURES]):
        write_whole(folder.picture(*place), _picture(np.random.default_rng(number)))
    return folder


def _golden_set() -> GoldenSet:
    return GoldenSet(
        name="long",
        version="1.0.0",
        taxonomy=Taxonomy(1, tuple(ClassDef(name, f"any visible {name}") for name in CLASSES)),
        clips=tuple(_clip(number) for number in range(N_CLIPS)),
        digest="5e" * 32,
        locked=True,
    )


def _clip(number: int) -> Clip:
    duration_s = N_FRAMES / FPS
    return Clip(
        id=f"clip-{number:02}",
        media=Path(f"clip-{number:02}.mp4"),
        stream=None,
        facts=MediaFacts("ab" * 32, N_FRAMES, FPS, duration_s, *SIZE_PX, "cd" * 32),
        tags=(
            ("daypart", ("day", "dusk", "night")[number % 3]),
            ("weather", ("dry", "rain")[number % 2]),
            ("camera", f"dock{number % 8}"),
        ),
        truth=_truth(np.random.default_rng(1000 + number)),
        annotated=np.ones(N_FRAMES, np.bool_),
        exhaustive=np.ones(len(CLASSES), np.bool_),
        ignore_regions=(),
        events=tuple(
            TruthEvent("intrusion", start_s, start_s + 8.0, "person", None)
            for start_s in (20.0, 60.0, 100.0)
        ),
    )


def _truth(rng: np.random.Generator) -> Truth:
    """Objects that walk for a while and are then others."""
    n_walks = N_FRAMES // _WALK_FRAMES
    shape = (n_walks, _N_OBJECTS, 2)
    class_id = rng.integers(0, len(CLASSES), (n_walks, _N_OBJECTS))
    size_px = rng.uniform(24, 140, shape)
    start, speed = rng.uniform(0, (1000, 500), shape), rng.uniform(-0.5, 0.8, shape)
    frame = np.arange(N_FRAMES)
    walk, step = frame // _WALK_FRAMES, frame % _WALK_FRAMES
    corner = start[walk] + speed[walk] * step[:, None, None]
    boxes = np.concatenate([corner, corner + size_px[walk]], axis=2).reshape(-1, 4)
    m = N_FRAMES * _N_OBJECTS
    return Truth(
        frame_index=np.repeat(frame, _N_OBJECTS),
        boxes_xyxy=np.round(boxes, 1),
        class_id=class_id[walk].ravel().astype(np.int64),
        track_id=(walk[:, None] * _N_OBJECTS + np.arange(_N_OBJECTS)).ravel().astype(np.int64),
        ignore=np.zeros(m, np.bool_),
        crowd=np.zeros(m, np.bool_),
    )


def _answers(clip: Clip, recall: float, rng: np.random.Generator) -> Detections:
    """Of each object one answer, good or of a low score, the rest noise of low scores."""
    truth = clip.truth
    m = len(truth)
    # Misses come in bursts, as they do in reality.
    wave = 0.5 + 0.5 * np.sin(truth.frame_index / 29.0 + truth.track_id)
    found = rng.random(m) < recall * (0.7 + 0.4 * wave)
    scores = np.where(found, rng.uniform(0.35, 0.99, m), rng.uniform(0.02, 0.33, m))
    boxes = truth.boxes_xyxy + rng.normal(0, 3, (m, 4))
    n = N_FRAMES * (_N_STORED - _N_OBJECTS)
    corner = rng.uniform(0, (1100, 600), (n, 2))
    noise = np.concatenate([corner, corner + rng.uniform(20, 120, (n, 2))], axis=1)
    noise_scores = 0.01 + rng.exponential(0.055, n)
    return _sorted(
        np.concatenate([truth.frame_index, rng.integers(0, N_FRAMES, n)]),
        np.concatenate([boxes, noise]),
        np.minimum(np.concatenate([scores, noise_scores]), 1.0),
        np.concatenate([truth.class_id, rng.integers(0, len(CLASSES), n)]),
    )


def _sorted(frame_index: I64, boxes_xyxy: F64, scores: F64, class_id: I64) -> Detections:
    # Engines give 32-bit numbers.
    narrow = boxes_xyxy.astype(np.float32).astype(np.float64)
    scores = scores.astype(np.float32).astype(np.float64)
    none = np.full(len(scores), -1, np.int64)
    return Detections.sorted_from(frame_index, narrow, scores, class_id.astype(np.int64), none)


def _timings(rng: np.random.Generator) -> Timings:
    """Of one frame in five, as `vbench run` samples them."""
    frames = np.arange(0, N_FRAMES, 5)
    medians_ms = np.array([2.0, 1.5, 11.0, 0.5])
    taken_ms = medians_ms * rng.lognormal(0.0, 0.35, (len(frames), len(STAGES)))
    return Timings(STAGES, (taken_ms * 1e6).astype(np.int64), 5, "latency", frames)


def _alerts(clip: Clip, rng: np.random.Generator) -> Alerts:
    times = [event.start_s + 1.0 for event in clip.events if rng.random() < 0.8]
    time_s = np.sort(np.array([*times, *rng.uniform(0, 120, 2)]))
    none = np.full(len(time_s), -1, np.int64)
    zero = np.zeros(len(time_s), np.int64)
    return Alerts(time_s, zero, zero, none, ("intrusion",), ())


def _picture(rng: np.random.Generator) -> bytes:
    """About 25 kB, as a frame of 640x360 takes."""
    coarse = rng.integers(40, 215, (45, 80, 3)).astype(np.uint8)
    image = np.repeat(np.repeat(coarse, 8, axis=0), 8, axis=1)
    return jpeg_bytes(image, max_width_px=640, quality=60)


def _judged(name: str) -> JudgedPipeline:
    return JudgedPipeline(
        name=name,
        version="1.0.0",
        engine="onnxruntime 1.22 (CPUExecutionProvider, 1 thread)",
        settings=f"schema: vbench.pipeline/v1\nname: {name}\n",
        point=OperatingPoint(0.5, tuple((one, 0.35) for one in CLASSES)),
        score_floor=0.01,
        notes=(),
    )


def _manifest() -> RunManifest:
    return RunManifest(
        vbench_version="0.1.0",
        benchmark="long",
        started_at="2026-11-20T18:04:11+00:00",
        finished_at="2026-11-20T18:05:49+00:00",
        python_version="3.11.9",
        libraries=(),
        hardware=(("cpu", "some processor"), ("n_cpus", "2")),
        git_commit=None,
        git_dirty=None,
        seed=0,
        digests=(),
        command=("vbench", "run", "benchmark.yaml"),
        timing="latency of one frame in five",
    )
