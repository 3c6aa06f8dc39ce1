"""What a run takes from the detections cache, and what it leaves there for the next one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from vbench.bench.cached_facts import (
    RestoredClip,
    TrialFacts,
    clip_facts_from,
    clip_facts_text,
    trial_facts_from,
    trial_facts_text,
)
from vbench.bench.decoded import DecodedClip
from vbench.bench.progress import Progress
from vbench.config.cache_settings import cache_limit_bytes
from vbench.pipeline.identity import Identity
from vbench.record.cache_folder import detections_folder
from vbench.record.detection_cache import DetectionCache
from vbench.record.folder import RunFolder
from vbench.types import Clip, GoldenSet

__all__ = ["CachedAnswers", "RestoredClip", "TrialFacts", "open_cache"]

_FACTS = "facts"
"""The part of an entry that is no file of a run folder."""


def open_cache(progress: Progress) -> DetectionCache:
    """The cache of this user. Raises ConfigError for a limit that is no size."""
    return DetectionCache(detections_folder(), cache_limit_bytes(), progress.note)


class CachedAnswers:
    """The cache as a run with certain options sees it."""

    def __init__(self, cache: DetectionCache, *, measurement: str, allow_damaged: bool) -> None:
        """Nothing is read yet.

        Args:
            cache: what earlier runs left.
            measurement: all that changes how times are taken, as text: mode, warm-up, what runs
                beside. Answers with other times are not taken.
            allow_damaged: as of the run.
        """
        self._cache = cache
        self._measurement = measurement
        self._allow_damaged = allow_damaged

    def holds(self, identity: Identity, clip: Clip) -> bool:
        """Whether the answers are there and undamaged; all of them are read for it.

        Another process may still evict them before they are restored.
        """
        return self._cache.holds(self._clip_key(identity, clip))

    def restore(
        self, folder: RunFolder, pipeline: str, identity: Identity, clip: Clip
    ) -> RestoredClip | None:
        """Put detections, alerts and timings of a clip into a run folder, as they were written.

        Detections come last, so that where they are, the rest is.

        Args:
            folder: the run's.
            pipeline: name of the pipeline in this run.
            identity: of the pipeline; must be of the clip's taxonomy.
            clip: its media must be those that its facts describe.

        Returns:
            What is known of the clip; None where it is not in the cache: nothing was written.
        """
        places = _places(folder, pipeline, clip)
        parts = self._cache.restore(self._clip_key(identity, clip), places)
        return None if parts is None else clip_facts_from(parts[_FACTS])

    def keep(
        self,
        folder: RunFolder,
        pipeline: str,
        identity: Identity,
        clip: Clip,
        decoded: DecodedClip,
    ) -> None:
        """Keep what a run folder holds of a clip that is complete, and was run just now.

        Args:
            folder: the run's.
            pipeline: name of the pipeline in this run.
            identity: of the pipeline.
            clip: its media must be those that its facts describe.
            decoded: what decoding told; its `color` as this pipeline saw it.
        """
        measured_at = datetime.now(UTC).isoformat(timespec="seconds")
        facts = clip_facts_text(RestoredClip(decoded, measured_at))
        places = _places(folder, pipeline, clip)
        shards = [(name, path) for name, path in places.items() if path.is_file()]
        self._cache.keep(self._clip_key(identity, clip), [*shards, (_FACTS, facts)])

    def trial(self, identity: Identity, golden_set: GoldenSet) -> TrialFacts | None:
        """What trying the pipeline on these clips told; None where it is not in the cache."""
        parts = self._cache.restore(_trial_key(identity, golden_set), {})
        return None if parts is None else trial_facts_from(parts[_FACTS])

    def keep_trial(self, identity: Identity, golden_set: GoldenSet, facts: TrialFacts) -> None:
        """Keep what trying a pipeline told."""
        parts = [(_FACTS, trial_facts_text(facts))]
        self._cache.keep(_trial_key(identity, golden_set), parts)

    def _clip_key(self, identity: Identity, clip: Clip) -> str:
        facts = clip.facts
        content = {
            "clip": facts.sha256,
            "stream": clip.stream,
            "n_frames": facts.n_frames,
            "fps": facts.fps,
            "size": (facts.width_px, facts.height_px),
            "pipeline": identity.key,
            "measurement": self._measurement,
            "allow_damaged": self._allow_damaged,
        }
        return hashlib.sha256(_json(content)).hexdigest()


def _trial_key(identity: Identity, golden_set: GoldenSet) -> str:
    # A part of a golden set has the digest of the whole.
    content = {
        "trial": golden_set.digest,
        "clips": [clip.id for clip in golden_set.clips],
        "pipeline": identity.key,
    }
    return hashlib.sha256(_json(content)).hexdigest()


def _places(folder: RunFolder, pipeline: str, clip: Clip) -> dict[str, Path]:
    """The files of a clip; of those of an entry, the first takes its name last."""
    return {
        "detections": folder.detections(pipeline, clip.id),
        "alerts": folder.alerts(pipeline, clip.id),
        "timings": folder.timings(pipeline, clip.id),
    }


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=True).encode()
