"""What decoding each clip of a run told; the file that says that a clip is complete."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder, write_whole
from vbench.types import MachineLoad

NOT_DECODED = "not decoded: results were replayed"


@dataclass(frozen=True, slots=True)
class DecodedClip:
    """What decoding a clip told."""

    color: str
    notes: tuple[str, ...]
    damaged: str | None
    missing_frames: tuple[int, ...]
    """Frames that did not decode; they never count."""
    load: MachineLoad | None = None
    """What other processes used meanwhile; None where nothing was timed, or it is not known."""
    elapsed_s: float = 0.0
    """How long decoding and inference took."""
    measured_at: str = ""
    """When, where it was in an earlier run whose answers were taken from the cache; ISO 8601."""


def read_decoded(folder: RunFolder, clip: str) -> DecodedClip | None:
    """What decoding a clip told; None where the clip is not complete."""
    path = folder.decoded(clip)
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_bytes())
        return DecodedClip(
            color=str(data["color"]),
            notes=tuple(str(note) for note in data["notes"]),
            damaged=data["damaged"],
            missing_frames=tuple(int(index) for index in data["missing_frames"]),
            load=_load(data.get("load")),
            elapsed_s=float(data.get("elapsed_s", 0.0)),
            measured_at=str(data.get("measured_at", "")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"cannot be read: {error}", where=str(path), hint="delete it and run again"
        ) from None


def machine_load(folder: RunFolder, clips: Sequence[str]) -> MachineLoad | None:
    """What other processes used while these clips were timed, the busiest of all clips named."""
    timed = [
        (one.load, one.elapsed_s)
        for one in (read_decoded(folder, clip) for clip in clips)
        if one is not None and one.load is not None
    ]
    total_s = sum(elapsed_s for _, elapsed_s in timed)
    if total_s <= 0:
        return None
    weight: Counter[str] = Counter()
    for load, elapsed_s in timed:
        for rank, name in enumerate(load.busiest):
            weight[name] += round(1e6 * load.foreign_share * elapsed_s) // (rank + 1)
    return MachineLoad(
        foreign_share=sum(load.foreign_share * elapsed_s for load, elapsed_s in timed) / total_s,
        busiest=tuple(name for name, _ in sorted(weight.items(), key=lambda it: (-it[1], it[0]))),
    )


def _load(data: dict[str, object] | None) -> MachineLoad | None:
    if data is None:
        return None
    share, busiest = data["foreign_share"], data["busiest"]
    if not isinstance(share, int | float) or not isinstance(busiest, list):
        raise TypeError("load is not as written")
    return MachineLoad(float(share), tuple(str(name) for name in busiest))


def write_decoded(folder: RunFolder, clip: str, decoded: DecodedClip) -> None:
    """Say that a clip is complete, and what decoding it told."""
    data = {
        "color": decoded.color,
        "notes": list(decoded.notes),
        "damaged": decoded.damaged,
        "missing_frames": list(decoded.missing_frames),
        "load": None
        if decoded.load is None
        else {
            "foreign_share": decoded.load.foreign_share,
            "busiest": list(decoded.load.busiest),
        },
        "elapsed_s": decoded.elapsed_s,
        "measured_at": decoded.measured_at,
    }
    write_whole(folder.decoded(clip), json.dumps(data, ensure_ascii=False) + "\n")
