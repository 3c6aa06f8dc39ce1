"""`vbench doctor`: what is there, what is missing, and what to do."""

from __future__ import annotations

import json

import pytest

from tests.cli.invoke import Command
from vbench.bench import doctor as doctor_module
from vbench.bench.doctor import Finding


def test_it_looks_at_everything(vbench: Command) -> None:
    answer = vbench("doctor", "--json")
    rows = json.loads(answer.stdout)
    status = {row["name"]: row["status"] for row in rows}
    for name in ("python", "av", "numba", "onnxruntime", "H.264 decoder", "PDF reports", "demo"):
        assert name in status
    assert set(status.values()) <= {"ok", "note", "missing"}
    assert answer.code == (2 if "missing" in status.values() else 0)
    assert all(row["hint"] for row in rows if row["status"] == "missing")


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (Finding("PDF reports", "missing", "libpango is absent", "apt install libpango"), 2),
        (Finding("tensorrt", "note", "not installed", "optional"), 0),
        (Finding("python", "ok", "3.11"), 0),
    ],
)
def test_exit_code_and_text(
    finding: Finding, code: int, vbench: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_module, "examine", lambda: (finding,))
    answer = vbench("doctor")
    assert answer.code == code
    words = answer.stdout.split()
    assert finding.status in words or finding.status.upper() in words
    assert finding.found in answer.stdout
    assert finding.hint in answer.stdout


def test_a_missing_pdf_library_is_named(vbench: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "vbench.report.printed.pdf.pdf_library_problem", lambda: "cannot load libpango-1.0.so.0"
    )
    answer = vbench("doctor")
    assert answer.code == 2
    (line,) = (line for line in answer.stdout.splitlines() if "PDF reports" in line)
    assert line.startswith("MISSING")
    assert "libpango-1.0.so.0" in line
