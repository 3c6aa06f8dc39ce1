"""Clips frame by frame: counts, late frames, events and alerts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.metrics.events import match_events
from vbench.metrics.latency import DECODE_STAGE, NS_PER_S
from vbench.record.alerts import read_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import read_timings
from vbench.report.evidence import ClipEvidence
from vbench.report.page_data.boxes import ClipBoxes
from vbench.report.page_data.contract import AlertData, ClipData, EventData, FrameRange, Packed
from vbench.report.page_data.packing import packed
from vbench.types import Alerts, Bool, Clip, GoldenSet, Run

_MOST = 255


def clip_data(
    folder: RunFolder,
    run: Run,
    golden_set: GoldenSet,
    clip: Clip,
    items: Sequence[ClipEvidence],
    *,
    set_number: int,
    key: str,
    slices: Sequence[int],
    boxes: ClipBoxes | None,
) -> ClipData:
    """One clip with what each pipeline did on it.

    Raises:
        RunFolderError: timings or alerts are broken.
    """
    names = [pipeline.name for pipeline in run.pipelines]
    alerts = [read_alerts(folder.alerts(name, clip.id)) for name in names]
    judged = [_judged_alerts(clip, found, golden_set.taxonomy.names) for found in alerts]
    return {
        "key": key,
        "set": set_number,
        "name": clip.id,
        "n_frames": clip.facts.n_frames,
        "fps": clip.facts.fps,
        "width_px": clip.facts.width_px,
        "height_px": clip.facts.height_px,
        "tags": list(clip.tags),
        "slices": list(slices),
        "annotated": _runs(clip.annotated),
        "counts": [_counts(item) for item in items],
        "late": [_late_frames(folder, name, clip) for name in names],
        "events": [_event(clip, number) for number in range(len(clip.events))],
        "alerts": [shown for shown, _ in judged],
        "missed_events": [missed for _, missed in judged],
        "stretches": [_stretches(run, item) for item in items],
        "truth": None if boxes is None else boxes.truth,
        "answers": [None] * len(items) if boxes is None else list(boxes.answers),
    }


def _counts(item: ClipEvidence) -> Packed:
    counts = np.stack([item.tp, item.fp, item.fn])
    return packed(np.minimum(counts, _MOST))


def _late_frames(folder: RunFolder, pipeline: str, clip: Clip) -> list[int]:
    """Frames whose answer took longer than a camera gives until the next one."""
    timings = read_timings(folder.timings(pipeline, clip.id))
    if timings is None or timings.mode != "latency" or clip.facts.fps <= 0:
        return []
    counting = [k for k, name in enumerate(timings.stages) if name != DECODE_STAGE]
    taken_ns = timings.steady()[:, counting].sum(axis=1)
    late: list[int] = timings.steady_frames()[taken_ns > NS_PER_S / clip.facts.fps].tolist()
    return late


def _judged_alerts(
    clip: Clip, alerts: Alerts | None, class_names: Sequence[str]
) -> tuple[list[AlertData], list[int]]:
    """Alerts with what they did, and the events that none of them raised.

    Of a pipeline without rules both are empty.
    """
    if alerts is None:
        return [], []
    matched = match_events(clip.events, alerts, class_names)
    shown: list[AlertData] = []
    for number, alert in enumerate(alerts.rows()):
        class_name = class_names[alert.class_id] if alert.class_id >= 0 else None
        false, duplicate = matched.event[number] < 0, matched.duplicate[number]
        shown.append(
            {
                "frame": _frame_at(clip, alert.time_s),
                "outcome": "false" if false else "duplicate" if duplicate else "raised",
                "text": _event_text(alert.kind, class_name, alert.zone),
            }
        )
    return shown, np.flatnonzero(matched.first_alert < 0).tolist()


def _event(clip: Clip, number: int) -> EventData:
    event = clip.events[number]
    return {
        "first": _frame_at(clip, event.start_s),
        "last": _frame_at(clip, event.end_s),
        "text": _event_text(event.kind, event.class_name, event.zone),
    }


def _event_text(kind: str, class_name: str | None, zone: str | None) -> str:
    of_class = "" if class_name is None else f" of {class_name}"
    place = "" if zone is None else f" in {zone}"
    return f"{kind}{of_class}{place}"


def _frame_at(clip: Clip, time_s: float) -> int:
    """The frame that is shown at a time, by the clip's average rate."""
    # Times of frames are multiples of the interval, which a float may lie just below.
    frame = int(time_s * clip.facts.fps + 1e-6)
    return max(0, min(frame, clip.facts.n_frames - 1))


def _stretches(run: Run, item: ClipEvidence) -> list[FrameRange]:
    """Frames of a clip that carry the loss of gates which the pipeline did not pass."""
    place = (item.pipeline, item.golden_set)
    found = [
        cause.frames
        for result in run.gates
        if (result.pipeline, result.golden_set) == place
        for cause in result.causes
        if cause.frames is not None and cause.name == item.clip
    ]
    return list(dict.fromkeys(found))


def _runs(mask: Bool) -> list[FrameRange]:
    """First frame of each run of marked frames, and the one after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(first, end) for first, end in edges.reshape(-1, 2).tolist()]
