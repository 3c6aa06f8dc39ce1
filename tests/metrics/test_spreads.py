"""Which scale and which looks each metric has."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.metrics.definitions import METRICS
from vbench.metrics.spreads import Support, change_spread, metric_spread, scale_of
from vbench.stats import upper_bound

FOUR_CLIPS = Support(np.full(4, 50.0), "clips", 0, length=10)
SAME = np.zeros(100)


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("recall", "logit"),
        ("ap50", "logit"),
        ("motp", "logit"),
        ("ece", "logit"),
        ("mota", "identity"),
        ("ap_cost_missed", "identity"),
        ("fp", "log"),
        ("idsw", "log"),
        ("fp_per_camera_hour", "log"),
        ("box_jitter", "log"),
        ("latency_ms_p95", "log"),
        ("throughput_fps", "log"),
    ],
)
def test_scales(name: str, scale: str) -> None:
    assert scale_of(name) == scale


def test_only_numbers_from_0_to_1_are_on_the_logit_scale() -> None:
    ratios = {name for name, definition in METRICS.items() if definition.unit == "ratio"}
    assert {name for name in METRICS if scale_of(name) == "logit"} == ratios - {
        "mota",
        "box_jitter",
        *(name for name in METRICS if name.startswith("ap_cost_")),
    }


def test_shares_say_how_many_of_their_support_they_are_worth() -> None:
    rng = np.random.default_rng(0)
    replicates = 0.8 + 0.05 * rng.standard_normal(1000)
    recall = metric_spread("recall", 0.8, replicates, FOUR_CLIPS)
    ap = metric_spread("ap", 0.8, replicates, FOUR_CLIPS)
    assert recall is not None
    assert ap is not None
    assert recall.n_effective is not None
    assert 4 <= recall.n_effective < 200
    assert ap.n_effective is None
    assert ap.standard_error == recall.standard_error


def test_nothing_seen_is_not_nothing_there() -> None:
    bounds = []
    for length in (10, 20):
        support = Support(np.full(4, 50.0), "clips", 0, length)
        spread = metric_spread("fp_per_frame", 0.0, SAME, support)
        assert spread is not None
        bounds.append(upper_bound(spread, 0.95))
    assert 3.0 / 200 < bounds[0] < bounds[1] < 1.0


def test_a_time_that_never_differs_has_no_spread() -> None:
    assert metric_spread("first_detection_s_mean", 0.0, SAME, FOUR_CLIPS) is None
    assert metric_spread("latency_ms_p95", 5.0, SAME + 5.0, FOUR_CLIPS) is None


def test_a_change_is_a_difference_of_the_numbers_themselves() -> None:
    replicates = np.linspace(-0.03, 0.01, 500)
    spread = change_spread("recall", -0.01, replicates, FOUR_CLIPS)
    assert spread is not None
    assert spread.scale == "identity"
    assert spread.value == -0.01


@pytest.mark.parametrize("name", ["mean_iou", "ap", "hota", "recall"])
def test_a_change_that_is_the_same_everywhere_is_sure(name: str) -> None:
    support = Support(np.full(9, 50.0), "clips", 0, 10)
    spread = change_spread(name, -0.32, SAME - 0.32, support)
    assert spread is not None
    assert upper_bound(spread, 0.95) < -0.01


def test_a_change_of_what_has_no_end_is_not() -> None:
    assert change_spread("latency_ms_p95", 5.0, SAME + 5.0, FOUR_CLIPS) is None
