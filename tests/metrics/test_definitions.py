"""The table of metric definitions."""

from __future__ import annotations

import pytest

from vbench.metrics.definitions import METRICS

PUBLISHED = [
    "tp",
    "fp",
    "fn",
    "precision",
    "recall",
    "f1",
    "fp_per_frame",
    "fp_per_camera_hour",
    "frame_accuracy",
    "frame_precision",
    "frame_recall",
    "frame_fpr",
    "ap",
    "ap50",
    "ap75",
    "mota",
    "motp",
    "idf1",
    "hota",
    "latency_ms_p50",
    "latency_ms_p95",
    "latency_ms_p99",
    "throughput_fps",
]


def test_every_published_name_is_defined() -> None:
    assert set(PUBLISHED) <= set(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_definition_is_complete(name: str) -> None:
    definition = METRICS[name]
    assert definition.name == name
    assert definition.unit
    assert definition.formula
    assert definition.meaning.endswith(".")
