"""What a run's times are of, and how input tensors were made, in words for the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vbench.bench.decoded import read_decoded
from vbench.record.folder import RunFolder
from vbench.record.shards import read_timings
from vbench.types import Clip


def how_timed(
    folder: RunFolder, pipelines: Sequence[str], clips: Sequence[Clip]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """How times were taken, and per pipeline and stage how its input tensor was made.

    Args:
        folder: with the answers of every clip.
        pipelines: those that finished.
        clips: of all golden sets.

    Returns:
        A sentence, empty where nothing was timed, and (pipeline and stage, how) pairs.
    """
    modes: set[str] = set()
    n_timed: Counter[str] = Counter()
    n_frames: Counter[str] = Counter()
    made: dict[str, Counter[str]] = {}
    for name in pipelines:
        for clip in clips:
            timings = read_timings(folder.timings(name, clip.id))
            if timings is None:
                continue
            modes.add(timings.mode)
            n_timed[name] += len(timings.steady_frames())
            n_frames[name] += clip.facts.n_frames
            for stage, how in timings.input_paths:
                made.setdefault(f"{name} {stage}", Counter())[how] += 1
    paths = tuple((stage, _by_clips(counts)) for stage, counts in made.items())
    if not modes:
        return "", paths
    return f"{_mode(modes, n_timed, n_frames)}{_earlier(folder, clips)}", paths


def _mode(modes: set[str], n_timed: Counter[str], n_frames: Counter[str]) -> str:
    if "throughput" in modes:
        return "throughput: each pipeline on its own, every step at work at once"
    most, of_all = max(n_timed.values()), max(n_frames.values())
    text = f"latency of {most:,} of {of_all:,} frames, one at a time"
    # Warm-up apart, all were.
    return text if 2 * most > of_all else f"{text}; the others overlapped, and were not timed"


def _by_clips(counts: Counter[str]) -> str:
    """``fused``, or each way with its number of clips."""
    if len(counts) == 1:
        return next(iter(counts))
    return "; ".join(f"{how} ({n} clips)" for how, n in sorted(counts.items()))


def _earlier(folder: RunFolder, clips: Sequence[Clip]) -> str:
    """Which clips' times are those of an earlier run."""
    decoded = [read_decoded(folder, clip.id) for clip in clips]
    moments = sorted(one.measured_at for one in decoded if one is not None and one.measured_at)
    if not moments:
        return ""
    when = moments[0] if moments[0] == moments[-1] else f"{moments[0]} to {moments[-1]}"
    n_clips = f"{len(moments)} of {len(clips)} clips"
    return f"; on {n_clips} by an earlier run ({when}), whose answers were taken over"
