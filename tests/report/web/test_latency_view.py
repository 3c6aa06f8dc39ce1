import numpy as np
import pytest

from vbench.report.web.latency_view import MAX_BINS, time_series
from vbench.types import ClipResult, MediaFacts, Timings

MS = 1_000_000


def clip(name: str, fps: float) -> ClipResult:
    facts = MediaFacts(
        sha256="ab" * 32,
        n_frames=1000,
        fps=fps,
        duration_s=40.0,
        width_px=640,
        height_px=480,
        fingerprint="cd" * 32,
    )
    return ClipResult("set", name, facts, (), 1000, 0, "bt709", None)


def latency(infer_ms: list[float], n_warmup: int = 0) -> Timings:
    """Decoding takes 100 ms of every frame, which is no latency."""
    duration = np.array([[100 * MS, round(ms * MS)] for ms in infer_ms], np.int64).reshape(-1, 2)
    return Timings.of_every_frame(("decode", "detect"), duration, n_warmup)


def test_frames_stay_apart_where_they_are_few() -> None:
    found = time_series("a", 2, [(clip("one", 25.0), latency([3.0, 5.0, 41.0]))])
    assert found is not None
    assert (found.pipeline, found.series, found.unit) == ("a", 2, "ms")
    assert found.middle.tolist() == found.low.tolist() == found.high.tolist() == [3.0, 5.0, 41.0]
    assert (found.n_frames, found.n_late, found.late_of) == (3, 1, 3)


def test_warm_up_is_left_out() -> None:
    found = time_series("a", 0, [(clip("one", 25.0), latency([900.0, 3.0], n_warmup=1))])
    assert found is not None
    assert found.high.tolist() == [3.0]
    assert found.n_late == 0


def test_a_frame_is_late_by_its_own_clip() -> None:
    slow, fast = clip("slow", 5.0), clip("fast", 50.0)
    found = time_series("a", 0, [(slow, latency([30.0] * 3)), (fast, latency([30.0] * 2))])
    assert found is not None
    assert (found.n_late, found.late_of) == (2, 5)
    assert found.clip == ("slow",) * 3 + ("fast",) * 2


def test_without_a_frame_rate_nothing_is_said_to_be_late() -> None:
    found = time_series("a", 0, [(clip("images", 0.0), latency([30.0]))])
    assert found is not None
    assert (found.n_late, found.late_of) == (0, 0)


@pytest.mark.parametrize("n", [1, MAX_BINS, MAX_BINS + 1, 5000])
def test_bins_cover_every_frame_once(n: int) -> None:
    values = np.random.default_rng(n).uniform(1, 9, n).round(3)
    half = [float(v) for v in values]
    found = time_series(
        "a",
        0,
        [
            (clip("one", 25.0), latency(half[: n // 2])),
            (clip("two", 25.0), latency(half[n // 2 :])),
        ],
    )
    assert found is not None
    assert len(found.first) <= MAX_BINS
    assert found.n.sum() == n
    for k in range(len(found.first)):
        inside = values[found.first[k] : found.first[k] + found.n[k]]
        assert found.middle[k] == pytest.approx(np.median(inside))
        assert found.low[k] == pytest.approx(inside.min())
        assert found.high[k] == pytest.approx(inside.max())


def test_overlapped_frames_have_a_rate() -> None:
    duration = np.full((4, 1), 50 * MS, np.int64)
    interval = np.array([10, 10, 40, 40], np.int64) * MS
    times = Timings(("detect",), duration, 0, "throughput", np.arange(4), interval)
    found = time_series("a", 0, [(clip("one", 25.0), times)])
    assert found is not None
    assert found.unit == "frames/s"
    assert found.middle.tolist() == pytest.approx([100.0, 100.0, 25.0, 25.0])
    assert np.isnan(found.high).all()


def test_nothing_timed_is_nothing_shown() -> None:
    assert time_series("a", 0, []) is None
    assert time_series("a", 0, [(clip("one", 25.0), latency([3.0], n_warmup=1))]) is None
