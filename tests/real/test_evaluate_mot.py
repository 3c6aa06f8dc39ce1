"""`vbench evaluate mot` on TUD-Campus: the published numbers of py-motmetrics' README."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vbench.cli.main import app

pytestmark = pytest.mark.real

COUNTS = {"TP": 209, "FP": 13, "FN": 150, "IDSW": 7, "FM": 7, "MT": 1, "PT": 6, "ML": 1}
PUBLISHED = {"MOTA": 0.526, "MOTP": 0.277, "IDF1": 0.558, "IDP": 0.730, "IDR": 0.451}
TRACKEVAL = {
    "HOTA": 0.39139743784511377,
    "DetA": 0.418047030142763,
    "AssA": 0.36912068120832836,
    "LocA": 0.7700522270221718,
}
"""TrackEval 1.3.0 on the same files."""


def test_all_tracker_numbers(real_data: Path) -> None:
    folder = real_data / "tud-campus"
    files = [str(folder / "gt.txt"), str(folder / "cem_tracker_results.txt")]
    answer = CliRunner().invoke(app, ["evaluate", "mot", *files, "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert {name: found[name] for name in COUNTS} == COUNTS
    assert {name: found[name] for name in PUBLISHED} == pytest.approx(PUBLISHED, abs=5e-4)
    assert {name: found[name] for name in TRACKEVAL} == pytest.approx(TRACKEVAL, abs=1e-9)
