from dataclasses import replace

from vbench.report.lookup import MetricIndex
from vbench.report.plain.answer import Answer
from vbench.report.plain.speed import camera_fps, cameras, frame_time, n_cameras
from vbench.types import Run

_PLACE = ("person-v2", "loading-dock")


def _with(run: Run, values: dict[str, float | None]) -> MetricIndex:
    """Other values of metrics over everything; None: undefined."""
    metrics = tuple(
        replace(
            item,
            value=values[item.name],
            reason=None if values[item.name] is not None else "frames overlapped",
        )
        if item.name in values and not item.slice
        else item
        for item in run.metrics
    )
    return MetricIndex.of(replace(run, metrics=metrics))


def test_cameras_are_rounded_down(demo_run: Run) -> None:
    index = _with(demo_run, {"throughput_fps": 99.9})
    assert cameras(index, *_PLACE) == Answer("3 cameras", "of 25 frames a second.")
    assert n_cameras(index, *_PLACE) == 3
    assert cameras(_with(demo_run, {"throughput_fps": 25.0}), *_PLACE).figure == "1 camera"


def test_too_slow_for_one_camera(demo_run: Run) -> None:
    index = _with(demo_run, {"throughput_fps": 12.5})
    assert cameras(index, *_PLACE).sentence == (
        "Not one keeps up: 12.5 of a camera's 25 frames a second."
    )
    assert n_cameras(index, *_PLACE) == 0


def test_the_fastest_clip_counts(demo_run: Run) -> None:
    clips = tuple(
        replace(clip, facts=replace(clip.facts, fps=50.0 if k else 0.0))
        for k, clip in enumerate(demo_run.clips)
    )
    run = replace(demo_run, clips=clips)
    assert camera_fps(run, "loading-dock") == 50.0
    assert camera_fps(run, "no such set") is None
    index = _with(run, {"throughput_fps": 100.0})
    assert n_cameras(index, *_PLACE) == 2


def test_without_latency_the_throughput_is_told(demo_run: Run) -> None:
    index = _with(demo_run, {"latency_ms_p50": None, "throughput_fps": 120.0})
    assert frame_time(index, *_PLACE) == Answer("120", "frames a second.")
    nothing = _with(demo_run, {"latency_ms_p50": None, "throughput_fps": None})
    assert frame_time(nothing, *_PLACE).text == "Not measured: frames overlapped."
    assert n_cameras(nothing, *_PLACE) is None
