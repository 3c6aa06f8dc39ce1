"""Built plans, kept for the next run on the same machine.

A plan is found by a key of everything that decides what the builder makes, and pinned by its own
digest: builds are not deterministic (github.com/NVIDIA/TensorRT, issues 3316, 4730, 4798), so two
plans of one key may answer differently in the last digits.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vbench.config.cache_settings import cache_base
from vbench.engines.onnx_file import external_data_files
from vbench.engines.tensor_rt.cuda import DeviceFacts
from vbench.engines.tensor_rt.cuda_runtime import cuda_runtime_version
from vbench.engines.tensor_rt.settings import BuildSettings
from vbench.errors import EngineError

_KEY_FORMAT = "1"
_PLAN_SCHEMA = "vbench.tensorrt-plan/v1"
_ENVIRONMENT = ("tensorrt", "gpu", "compute_capability", "cuda_runtime", "cuda", "driver", "system")


@dataclass(frozen=True, slots=True)
class EngineKey:
    """Everything that decides what the builder makes."""

    model: str
    """File name, for people."""
    facts: tuple[tuple[str, str], ...]
    """(name, value), in a fixed order."""

    def value(self, name: str) -> str:
        """A fact; ``unknown`` where it was not written down."""
        return next((value for key, value in self.facts if key == name), "unknown")

    def digest(self) -> str:
        """sha256 of the facts."""
        return _digest_of(self.facts)

    def environment_digest(self) -> str:
        """sha256 of the facts about the machine alone, which timing caches belong to."""
        return _digest_of([item for item in self.facts if item[0] in _ENVIRONMENT])


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """What is written down beside a plan."""

    key: EngineKey
    plan: str
    """File name."""
    sha256: str
    n_bytes: int
    built: str
    """Time, UTC, ISO 8601."""

    def text(self) -> str:
        """As JSON."""
        content = {
            "schema": _PLAN_SCHEMA,
            "model": self.key.model,
            "plan": self.plan,
            "sha256": self.sha256,
            "n_bytes": self.n_bytes,
            "built": self.built,
            "key": dict(self.key.facts),
        }
        return json.dumps(content, indent=1) + "\n"


def engine_key(
    model: Path, settings: BuildSettings, tensorrt_version: str, device: DeviceFacts
) -> EngineKey:
    """The key of a build here. Raises EngineError where a file is missing or unreadable."""
    weights = [f"{item.name}:{sha256_of(item)}" for item in external_data_files(model)]
    plugins = [f"{item.name}:{sha256_of(item)}" for item in settings.plugins]
    workspace = settings.workspace_mib
    facts = (
        ("format", _KEY_FORMAT),
        ("onnx_sha256", sha256_of(model)),
        ("external_data", " ".join(weights)),
        ("tensorrt", tensorrt_version),
        ("gpu", device.name),
        ("compute_capability", device.compute_capability),
        ("cuda_runtime", cuda_runtime_version()),
        ("cuda", device.cuda),
        ("driver", device.driver),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("profile", " ".join(item.text() for item in settings.profile)),
        ("tf32", str(settings.tf32).lower()),
        ("workspace_mib", "unlimited" if workspace is None else str(workspace)),
        ("optimization_level", str(settings.optimization_level)),
        ("plugins", " ".join(plugins)),
    )
    return EngineKey(model.name, facts)


def cache_folder() -> Path:
    """``engines`` in vbench's cache folder."""
    return cache_base() / "engines"


def make_cache_folder() -> Path:
    """`cache_folder`, made where it is missing. Raises EngineError."""
    folder = cache_folder()
    try:
        # A plan is loaded as code: nobody else writes into this folder.
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unwritable(folder, error) from None
    return folder


def cached_plan(folder: Path, key: EngineKey) -> tuple[PlanRecord, bytes] | None:
    """A plan of this key with its bytes; None where there is none that is whole."""
    record = read_record(folder / f"{_stem(key)}.json")
    if record is None or record.key.digest() != key.digest():
        return None
    try:
        data = (folder / record.plan).read_bytes()
    except OSError:
        return None
    return (record, data) if hashlib.sha256(data).hexdigest() == record.sha256 else None


def keep_plan(folder: Path, key: EngineKey, plan: bytes) -> PlanRecord:
    """Write a plan and its record; a reader sees both whole or neither. Raises EngineError."""
    sha256 = hashlib.sha256(plan).hexdigest()
    name = f"{_stem(key)}-{sha256[:12]}.plan"
    record = make_record(key, name, sha256, len(plan))
    write_whole(folder / name, plan)
    write_whole(folder / f"{_stem(key)}.json", record.text().encode())
    return record


def make_record(key: EngineKey, plan: str, sha256: str, n_bytes: int) -> PlanRecord:
    """A record of a plan built now."""
    return PlanRecord(key, plan, sha256, n_bytes, datetime.now(UTC).isoformat(timespec="seconds"))


def read_record(path: Path) -> PlanRecord | None:
    """A record; None where it is missing or none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != _PLAN_SCHEMA:
            return None
        facts = tuple((str(name), str(value)) for name, value in content["key"].items())
        key = EngineKey(str(content["model"]), facts)
        sha256, built = str(content["sha256"]), str(content["built"])
        if datetime.fromisoformat(built).tzinfo is None:
            return None
        # A name, not a path: a record leads to nothing outside its own folder.
        plan = Path(str(content["plan"])).name
        return PlanRecord(key, plan, sha256, int(content["n_bytes"]), built)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def list_records(folder: Path) -> tuple[PlanRecord, ...]:
    """Records of every plan in a cache whose file is there, by model and time."""
    found = (read_record(path) for path in sorted(folder.glob("*.json")))
    there = [item for item in found if item is not None and (folder / item.plan).is_file()]
    return tuple(sorted(there, key=lambda item: (item.key.model, item.built, item.sha256)))


def timing_cache_file(folder: Path, key: EngineKey) -> Path:
    """Where the timing cache of this machine is kept."""
    return folder / f"timing-{key.environment_digest()[:16]}.cache"


def write_whole(path: Path, data: bytes) -> None:
    """Write under a temporary name, then rename. Raises EngineError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> EngineError:
    return EngineError(
        f"cannot be written: {error.strerror}",
        where=str(path),
        hint="check its folder; the cache is where VBENCH_CACHE says",
    )


def sha256_of(path: Path) -> str:
    """Digest of a file. Raises EngineError where it is missing or unreadable."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise EngineError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its path"
        ) from None


def _stem(key: EngineKey) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(key.model).stem)[:60]
    return f"{name}-{key.digest()[:16]}"


def _digest_of(facts: Sequence[tuple[str, str]]) -> str:
    return hashlib.sha256(json.dumps(list(facts)).encode()).hexdigest()
