"""Required footage: truth boxes are counted, and what is not there is named."""

from __future__ import annotations

import pytest

from tests.gates.made import gate, metric
from vbench.gates.judge import judge
from vbench.types import Slice, Verdict

NIGHT: Slice = (("daypart", "night"),)
ROWS = [
    metric(0.9, n=1200),
    metric(0.5, n=200, slice=NIGHT),
    metric(0.5, n=180, slice=NIGHT, class_name="person"),
    metric(None, n=0, slice=(("daypart", "dusk"),)),
    metric(0.9, n=900, slice=(("weather", "rain"),)),
    metric(0.9, n=50, slice=(("daypart", "dawn"),), golden_set="yard"),
]


@pytest.mark.parametrize(
    ("where", "class_name", "least", "verdict", "sentence"),
    [
        (NIGHT, None, 200, Verdict.PASS, "daypart=night has 200 truth boxes and must have"),
        (NIGHT, None, 201, Verdict.FAIL, "daypart=night has 200 truth boxes but must have"),
        (NIGHT, "person", 200, Verdict.FAIL, "daypart=night has 180 truth boxes of person but"),
        ((), None, 1, Verdict.PASS, "golden set dock has 1,200 truth boxes and must have"),
        ((("daypart", "dusk"),), None, 1, Verdict.FAIL, "daypart=dusk has 0 truth boxes but"),
        (
            (("daypart", "nigt"),),
            None,
            1,
            Verdict.FAIL,
            'no daypart is nigt; did you mean "night"?',
        ),
        ((("daypart", "dawn"),), None, 1, Verdict.FAIL, "at least 1: no daypart is dawn"),
        (
            (("daypat", "night"),),
            None,
            1,
            Verdict.FAIL,
            'has the tag daypat; did you mean "daypart"?',
        ),
        (
            (("daypart", "night"), ("weather", "rain")),
            None,
            1,
            Verdict.FAIL,
            "nothing is all of that at once",
        ),
    ],
)
def test_require(
    where: Slice, class_name: str | None, least: int, verdict: Verdict, sentence: str
) -> None:
    rule = gate(form="require", limit=float(least), slice=where, class_name=class_name)
    (result,) = judge([rule], ROWS, ["v2"], ["dock"], None)
    assert result.verdict is verdict
    assert sentence in result.explanation


def test_what_no_run_has_measured_is_not_there() -> None:
    (result,) = judge([gate(form="require", limit=1.0)], [], ["v2"], ["dock"], None)
    assert result.verdict is Verdict.FAIL
    assert result.explanation == "golden set dock has 0 truth boxes but must have at least 1"
