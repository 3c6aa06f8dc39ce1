"""A made-up detector: the truth with the faults of a real one, so that nothing must be inferred.

It overlooks small objects and those at night more often, for a stretch of frames at a time; its
boxes tremble; its tracks break now and then; it raises alarms for nothing; and its rules tell of
people who appear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vbench.bench.regressions import is_night
from vbench.types import F64, I64, Alerts, Clip, Detections, TruthEvent

EVENT_KIND = "appears"

_SPELL_FRAMES = 8
"""So many frames in a row share a fate."""
_SHORTEST_EVENT_S = 1.0


def with_appearances(clip: Clip, class_names: Sequence[str]) -> Clip:
    """The clip with an event per truth track of the first class, unless it has events.

    Args:
        clip: with track ids in its truth.
        class_names: the taxonomy's.
    """
    truth, fps = clip.truth, clip.facts.fps
    if clip.events or fps <= 0:
        return clip
    of_class = (truth.class_id == 0) & (truth.track_id >= 0) & ~truth.ignore & ~truth.crowd
    events = []
    for track in np.unique(truth.track_id[of_class]).tolist():
        frames = truth.frame_index[of_class & (truth.track_id == track)]
        start_s, end_s = float(frames.min()) / fps, float(frames.max() + 1) / fps
        if end_s - start_s >= _SHORTEST_EVENT_S:
            events.append(TruthEvent(EVENT_KIND, start_s, end_s, class_names[0], None))
    return replace(clip, events=tuple(events))


def made_up_detections(clip: Clip, rng: np.random.Generator) -> Detections:
    """What the made-up detector finds in a clip."""
    truth = clip.truth.take(~clip.truth.ignore & ~clip.truth.crowd)
    spells, spell = np.unique(
        np.column_stack([truth.track_id, truth.frame_index // _SPELL_FRAMES]),
        axis=0,
        return_inverse=True,
    )
    spell = spell.reshape(-1)
    size = truth.boxes_xyxy[:, 2:] - truth.boxes_xyxy[:, :2]
    small = np.exp(-np.sqrt(size[:, 0] * size[:, 1]) / 25.0)
    at_night = 1.0 if is_night(clip) else 0.0
    miss = 0.03 + 0.15 * small + 0.05 * at_night
    found = rng.random(len(spells))[spell] >= miss
    offset = 0.02 * rng.standard_normal((len(spells), 4))[spell]
    offset += 0.015 * rng.standard_normal((len(truth), 4))
    score = 0.85 - 0.4 * small - 0.08 * at_night + 0.14 * rng.standard_normal(len(truth))
    false = _false_alarms(clip, rng)
    track_id = _broken_tracks(spells, rng)[spell]
    false_id = track_id.max(initial=0) + 1 + np.arange(len(false), dtype=np.int64)
    return Detections.sorted_from(
        frame_index=np.concatenate([truth.frame_index[found], false.frame_index]),
        boxes_xyxy=np.concatenate(
            [(truth.boxes_xyxy + offset * np.tile(size, 2))[found], false.boxes_xyxy]
        ),
        scores=np.concatenate([np.clip(score, 0.05, 0.99)[found], false.scores]),
        class_id=np.concatenate([truth.class_id[found], false.class_id]),
        track_id=np.concatenate([track_id[found], false_id]),
    )


def made_up_alerts(clip: Clip, class_names: Sequence[str], rng: np.random.Generator) -> Alerts:
    """What the made-up detector's rules raise: nearly every event, and now and then nothing."""
    kinds = tuple(dict.fromkeys(event.kind for event in clip.events)) or (EVENT_KIND,)
    zones = tuple(dict.fromkeys(event.zone for event in clip.events if event.zone is not None))
    raised = [event for event in clip.events if rng.random() < 0.95]
    after_s = 0.2 + rng.exponential(0.2, len(raised))
    n_false = int(rng.poisson(clip.facts.duration_s / 60.0))
    columns = [
        (
            min(event.start_s + float(delay_s), event.end_s),
            kinds.index(event.kind),
            -1 if event.class_name is None else class_names.index(event.class_name),
            -1 if event.zone is None else zones.index(event.zone),
        )
        for event, delay_s in zip(raised, after_s, strict=True)
    ]
    columns += [
        (float(time_s), 0, -1, -1) for time_s in rng.uniform(0.0, clip.facts.duration_s, n_false)
    ]
    columns.sort()
    return Alerts(
        time_s=np.array([row[0] for row in columns], np.float64),
        kind=np.array([row[1] for row in columns], np.int64),
        class_id=np.array([row[2] for row in columns], np.int64),
        zone=np.array([row[3] for row in columns], np.int64),
        kinds=kinds,
        zones=zones,
    )


def _false_alarms(clip: Clip, rng: np.random.Generator) -> Detections:
    """Boxes where nothing is, about one in eight frames."""
    facts = clip.facts
    frame_index = np.flatnonzero(rng.random(facts.n_frames) < 0.12)
    n = len(frame_index)
    picture: F64 = np.array([facts.width_px, facts.height_px], np.float64)
    corner = rng.random((n, 2)) * 0.8 * picture
    size = (0.05 + 0.1 * rng.random((n, 2))) * picture
    return Detections(
        frame_index=frame_index.astype(np.int64),
        boxes_xyxy=np.hstack([corner, corner + size]),
        scores=rng.uniform(0.1, 0.6, n),
        class_id=rng.integers(0, len(clip.exhaustive), n),
        track_id=np.full(n, -1, np.int64),
    )


def _broken_tracks(spells: I64, rng: np.random.Generator) -> I64:
    """A track id per spell; one in fifty begins a new track.

    Args:
        spells: (S, 2) truth track and number of the spell, sorted.
        rng: draws where tracks break.
    """
    begins = rng.random(len(spells)) < 0.02
    begins[1:] |= spells[1:, 0] != spells[:-1, 0]
    return np.cumsum(begins)
