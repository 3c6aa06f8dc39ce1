"""Alerts of a run folder: one JSON file per pipeline and clip."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from vbench.errors import RunFolderError
from vbench.record.folder import write_whole
from vbench.types import Alerts


def write_alerts(path: Path, alerts: Alerts) -> None:
    """Write what a pipeline's rules raised on a clip; complete or not at all."""
    data = {
        "kinds": list(alerts.kinds),
        "zones": list(alerts.zones),
        "time_s": alerts.time_s.tolist(),
        "kind": alerts.kind.tolist(),
        "class_id": alerts.class_id.tolist(),
        "zone": alerts.zone.tolist(),
    }
    write_whole(path, json.dumps(data, ensure_ascii=False) + "\n")


def read_alerts(path: Path) -> Alerts | None:
    """Read the alerts of a clip; None where the pipeline raises none.

    Raises:
        RunFolderError: the file is broken.
    """
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_bytes())
        return Alerts(
            time_s=np.array(data["time_s"], np.float64),
            kind=np.array(data["kind"], np.int64),
            class_id=np.array(data["class_id"], np.int64),
            zone=np.array(data["zone"], np.int64),
            kinds=tuple(data["kinds"]),
            zones=tuple(data["zones"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"cannot be read: {error}",
            where=str(path),
            hint="delete the run folder and run the benchmark again",
        ) from None
