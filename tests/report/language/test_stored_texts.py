"""Texts of the record in another language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import vbench
from vbench.bench.measured import statistics_text
from vbench.config.benchmark_file import IntervalsEntry
from vbench.gates.exempt import noise
from vbench.metrics.scopes import Scope
from vbench.metrics.values import Subject
from vbench.report.language.languages import strings_for
from vbench.report.language.stored_texts import STORED, say_stored
from vbench.report.language.strings import speaking
from vbench.types import MachineLoad

_FORKLIFT = Subject("forklift", Scope(clip="dock3-day").place(), "score >= 0.35")
_NIGHT = Subject(
    None, Scope(slice=(("daypart", "night"), ("weather", "rain"))).place(), "score >= 0.3"
)


def german(text: str) -> str:
    with speaking(strings_for("de")):
        return say_stored(text)


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        (
            f"{_FORKLIFT.lacks('detection')} at {_FORKLIFT.threshold} matches the truth",
            "keine Detektion der Klasse forklift in Clip dock3-day mit Score >= 0,35 passt zur "
            "Ground Truth",
        ),
        (
            f"{_NIGHT.lacks('truth boxes')}, and no detections at {_NIGHT.threshold}",
            "keine Ground-Truth-Boxen bei daypart=night und weather=rain und keine Detektionen "
            "mit Score >= 0,3",
        ),
        (
            f"{_FORKLIFT.lacks('frame without a truth box')}: no false alarm was possible",
            "kein Bild ohne Ground-Truth-Box der Klasse forklift in Clip dock3-day: Ein Fehlalarm "
            "war nicht möglich",
        ),
        ("no truth boxes", "keine Ground-Truth-Boxen"),
        (
            statistics_text(IntervalsEntry()),
            "1000 Ziehungen, Startwert 0, Intervalle zu 95 %",
        ),
        (
            noise(MachineLoad(0.34, ("chromium", "make"))),
            "andere Prozesse (chromium, make) nutzten derweil 34 % des Rechners",
        ),
        (
            "latency_ms_p95 is 3.7 (n = 1,330) but must be at most 2; that decides nothing, since "
            "other processes used 34 % of the machine meanwhile: measure again when it is quiet",
            "latency_ms_p95: 3,7 (n = 1.330), erlaubt, aber überschritten: höchstens 2; das "
            "entscheidet nichts, denn andere Prozesse nutzten derweil 34 % des Rechners: noch "
            "einmal messen, wenn er ruhig ist",
        ),
        (
            "only 2 of 6 clips (a, b) of the benchmark were run and 3 of 8 gates judged",
            "nur 2 von 6 Clips (a, b) des Benchmarks liefen, und 3 von 8 Regeln wurden beurteilt",
        ),
    ],
)
def test_what_vbench_writes_is_translated(text: str, translation: str) -> None:
    assert german(text) == translation


@pytest.mark.parametrize(
    "text",
    [
        "stopped at score >= 0.3",
        "the server of class x in clip y said no",
        "something nobody knows",
        "",
    ],
)
def test_what_others_write_stays_as_it_is(text: str) -> None:
    assert german(text) == text


def test_english_is_not_touched() -> None:
    assert say_stored("no truth boxes of class a in clip b") == (
        "no truth boxes of class a in clip b"
    )


def test_a_hostile_text_takes_no_time() -> None:
    text = "no detection" + " at score >= 1" * 60
    assert german(text) == text
    assert german(text * 50) == text * 50


_UNITS = frozenset({"clip", "clips", "block", "blocks"})
"""Made of the names of a type."""


def _words_of_sources() -> list[set[str]]:
    """Words of the texts in each module that may write into the record."""
    root = Path(vbench.__file__).parent
    paths = [path for name in ("metrics", "gates", "bench") for path in (root / name).rglob("*.py")]
    found = []
    for path in paths:
        tree = ast.parse(path.read_text("utf-8"))
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        found.append({word for text in texts for word in re.findall(r"[a-z]{4,}", text)})
    return found


def test_every_known_text_is_one_that_the_code_writes() -> None:
    """A reason that is worded anew elsewhere must be worded anew here."""
    sources = _words_of_sources()
    for key in STORED:
        words = set(re.findall(r"[a-z]{4,}", re.sub(r"\{\w+\}", " ", key))) - _UNITS
        assert any(words <= source for source in sources), key
