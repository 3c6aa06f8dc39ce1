"""`vbench engine list`: the TensorRT engines that were built on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vbench.engines.tensor_rt.cache import PlanRecord, cache_folder, list_records

_SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class CachedEngine:
    """An engine in the cache."""

    model: str
    tensorrt: str
    gpu: str
    n_bytes: int
    built: str
    """Time, UTC, ISO 8601."""
    age_days: float
    sha256: str
    plan: Path


def list_engines(now: datetime | None = None) -> tuple[Path, tuple[CachedEngine, ...]]:
    """The cache's folder and what is in it, by model and time."""
    folder = cache_folder()
    now = now or datetime.now(UTC)
    return folder, tuple(_engine(folder, record, now) for record in list_records(folder))


def _engine(folder: Path, record: PlanRecord, now: datetime) -> CachedEngine:
    age = now - datetime.fromisoformat(record.built)
    return CachedEngine(
        model=record.key.model,
        tensorrt=record.key.value("tensorrt"),
        gpu=record.key.value("gpu"),
        n_bytes=record.n_bytes,
        built=record.built,
        age_days=max(age.total_seconds(), 0.0) / _SECONDS_PER_DAY,
        sha256=record.sha256,
        plan=folder / record.plan,
    )
