"""Alerts check themselves."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.types import Alerts


def alerts(time_s: list[float], kind: int = 0, class_id: int = -1, zone: int = -1) -> Alerts:
    n = len(time_s)
    return Alerts(
        time_s=np.array(time_s, np.float64),
        kind=np.full(n, kind),
        class_id=np.full(n, class_id),
        zone=np.full(n, zone),
        kinds=("enter",),
        zones=("gate",),
    )


def test_good_alerts() -> None:
    assert len(alerts([0.0, 1.0, 1.0], zone=0)) == 3
    assert len(Alerts.empty()) == 0


@pytest.mark.parametrize("time_s", [[1.0, 0.5], [np.nan], [np.inf]])
def test_times_are_finite_and_sorted(time_s: list[float]) -> None:
    with pytest.raises(ValueError, match="time_s"):
        alerts(time_s)


def test_indices_stay_inside() -> None:
    with pytest.raises(ValueError, match="kind"):
        alerts([0.0], kind=1)
    with pytest.raises(ValueError, match="kind"):
        alerts([0.0], kind=-1)
    with pytest.raises(ValueError, match="zone"):
        alerts([0.0], zone=1)
    with pytest.raises(ValueError, match="class_id"):
        alerts([0.0], class_id=-2)
