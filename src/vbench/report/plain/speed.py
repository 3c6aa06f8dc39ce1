"""How fast a pipeline is, for people who do not know percentiles."""

from __future__ import annotations

from vbench.report.language.strings import say, say_n, spoken
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import number_text
from vbench.report.plain.answer import Answer, not_known, why_unknown
from vbench.types import Run


def frame_time(index: MetricIndex, pipeline: str, golden_set: str) -> Answer:
    """How long one frame takes; where frames overlapped, how many get through in a second."""
    median = index.find(pipeline, golden_set, "latency_ms_p50")
    p95 = index.find(pipeline, golden_set, "latency_ms_p95")
    if median is None or median.value is None:
        rate = index.value(pipeline, golden_set, "throughput_fps")
        if rate is None:
            return Answer("", say("Not measured: {why}.", why=why_unknown(median)))
        return Answer(number_text(rate, "frames/s"), say("frames a second."))
    figure = f"{number_text(median.value, 'ms')} ms"
    if p95 is None or p95.value is None:
        return Answer(figure, say("a frame."))
    most = number_text(p95.value, "ms")
    return Answer(figure, say("a frame, 95 of 100 within {most} ms.", most=most))


def cameras(index: MetricIndex, pipeline: str, golden_set: str) -> Answer:
    """How many cameras it keeps up with: its throughput by the fastest clip's frame rate."""
    metric = index.find(pipeline, golden_set, "throughput_fps")
    if metric is None or metric.value is None:
        return Answer("", say("Not measured: {why}.", why=why_unknown(metric)))
    fps = camera_fps(index.run, golden_set)
    if fps is None:
        return not_known(None)
    n = int(metric.value / fps + 1e-9)
    rate = spoken().number(f"{fps:.4g}")
    if n == 0:
        kept = number_text(metric.value, "frames/s")
        text = say("keeps up: {kept} of a camera's {rate} frames a second.", kept=kept, rate=rate)
        return Answer(say("Not one"), text)
    return Answer(
        say_n(n, "{n} camera", "{n} cameras"), say("of {rate} frames a second.", rate=rate)
    )


def n_cameras(index: MetricIndex, pipeline: str, golden_set: str) -> int | None:
    """The number of `cameras`; None where it was not measured."""
    value = index.value(pipeline, golden_set, "throughput_fps")
    fps = camera_fps(index.run, golden_set)
    return None if value is None or fps is None else int(value / fps + 1e-9)


def camera_fps(run: Run, golden_set: str) -> float | None:
    """The highest frame rate of a golden set's clips; None where no clip has one."""
    rates = [clip.facts.fps for clip in run.clips if clip.golden_set == golden_set]
    return max((rate for rate in rates if rate > 0), default=None)
