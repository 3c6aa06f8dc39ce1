"""The simulation of benchmarks/trust, in its quick form: intervals and gates keep their promise."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import pytest

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, float]]]:
    """Per table and row, in percent."""
    answer = tmp_path_factory.mktemp("trust") / "shares.json"
    script = REPOSITORY / "benchmarks" / "trust" / "simulate.py"
    subprocess.run(
        [sys.executable, str(script), "--quick", "--workers", "2", "--json", str(answer)],
        check=True,
        capture_output=True,
        timeout=200,
    )
    found: dict[str, list[dict[str, float]]] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def mean(rows: list[dict[str, float]], column: str) -> float:
    return fmean(row[column] for row in rows)


@pytest.mark.parametrize("metric", ["recall", "precision", "F1"])
def test_intervals_hold_the_truth(shares: dict[str, list[dict[str, float]]], metric: str) -> None:
    assert 91.5 <= mean(shares["coverage"], metric) <= 98.5


def test_intervals_of_average_precision_hold_the_truth(
    shares: dict[str, list[dict[str, float]]],
) -> None:
    assert mean(shares["ap"], "AP50") >= 90.0


def test_blocks_hold_the_truth_of_their_own_scenes_only(
    shares: dict[str, list[dict[str, float]]],
) -> None:
    assert 88.0 <= mean(shares["few clips"], "blocks here") <= 99.0
    assert mean(shares["few clips"], "blocks") <= 80.0


def test_independent_frames_would_claim_far_too_much(
    shares: dict[str, list[dict[str, float]]],
) -> None:
    assert mean(shares["coverage"], "frames") <= 35.0
    assert mean(shares["equal pipelines"], "frames fail 0") >= 20.0


def test_equal_pipelines_rarely_fail_and_worse_ones_rarely_pass(
    shares: dict[str, list[dict[str, float]]],
) -> None:
    assert mean(shares["equal pipelines"][1:], "fail 0") <= 9.0
    assert mean(shares["equal pipelines"][1:], "fail 0.01") <= 4.0
    assert mean(shares["worse pipelines"][1:], "pass 0.01") <= 4.0


def test_many_gates_fail_no_more_often_than_one(
    shares: dict[str, list[dict[str, float]]],
) -> None:
    assert mean(shares["ten gates"], "any") >= 20.0
    assert mean(shares["ten gates"], "any, Holm") <= 15.0


def test_more_footage_catches_more(shares: dict[str, list[dict[str, float]]]) -> None:
    power = [row["fail 0"] for row in shares["power"]]
    assert power[-1] >= 90.0
    assert power[-1] > power[0]
