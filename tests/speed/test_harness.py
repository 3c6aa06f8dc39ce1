from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from harness import Load, Table, arguments_of, measure
from machine import ForeignLoad

QUIET = Load(foreign_s=0.1, elapsed_s=10.0, worst_share=0.02)
NOISY = Load(foreign_s=5.0, elapsed_s=10.0, worst_share=0.9)
UNKNOWN = Load(foreign_s=None, elapsed_s=10.0, worst_share=None)


def arguments(*given: str) -> argparse.Namespace:
    return arguments_of("What it measures.\n\nMore.", rounds=3).parse_args(given)


def test_ways_take_turns_and_every_other_round_goes_backwards() -> None:
    order: list[str] = []

    def way(name: str, figure: float) -> float:
        order.append(name)
        return figure

    rounds = measure({"a": lambda: way("a", 6.0), "b": lambda: way("b", 2.0)}, 3, n_warm=1)
    assert "".join(order) == "ab" + "ab" + "ba" + "ab"
    assert rounds.values == {"a": [6.0] * 3, "b": [2.0] * 3}
    assert rounds.ratios("a", "b") == [3.0] * 3
    assert rounds.median("a") == 6.0


def test_ratios_are_of_the_same_round() -> None:
    figures = iter([1.0, 2.0, 8.0, 4.0])  # a, b; then b, a
    rounds = measure({"a": lambda: next(figures), "b": lambda: next(figures)}, 2, n_warm=0)
    assert rounds.values == {"a": [1.0, 4.0], "b": [2.0, 8.0]}
    assert rounds.ratios("a", "b") == [0.5, 0.5]


def test_other_work_is_told_from_ones_own() -> None:
    during = ForeignLoad()
    if during.seconds()[0] is None:
        pytest.skip("this system does not tell how busy it is")
    burn = "import time\nend = time.monotonic() + 0.4\nwhile time.monotonic() < end: pass"
    with subprocess.Popen([sys.executable, "-c", burn]) as other:
        while other.poll() is None and _foreign_s(during) < 0.15:
            time.sleep(0.01)
        # It still runs: nobody has waited for it, so it is other work.
        assert _foreign_s(during) >= 0.15


def _foreign_s(during: ForeignLoad) -> float:
    return during.seconds()[0] or 0.0


def test_a_figure_is_held_or_missed_by_its_median(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = Table("Speed", arguments("--json", str(tmp_path / "figures.json")))
    table.add("ours", [0.5, 0.4, 0.6], "s", load=QUIET)
    table.add("fast enough", [0.9, 1.1, 1.0], "times", at_least=1.0)
    table.add("too large", [3.0], "MB", at_most=2.5)
    table.finish()
    shown = capsys.readouterr().out
    assert "quiet (other work used 1% of the machine, 2% in the worst round)" in shown
    assert "0.500 (0.400 .. 0.600) s" in shown
    assert "1: held" in shown
    assert "at most 2.5: MISSED" in shown
    record = json.loads((tmp_path / "figures.json").read_text())
    assert record["quiet"] is True
    assert [figure["held"] for figure in record["figures"]] == [None, True, False]


@pytest.mark.parametrize("load", [NOISY, UNKNOWN, QUIET + NOISY])
def test_figures_of_a_noisy_machine_are_labelled(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table("Speed", arguments())
    table.add("ours", [0.5], "s", load=load)
    table.finish()
    assert "NOISY" in capsys.readouterr().out


@pytest.mark.parametrize("load", [NOISY, UNKNOWN])
def test_they_are_refused_where_quiet_is_required(
    load: Load, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = ("--require-quiet", "--json", str(tmp_path / "figures.json"))
    table = Table("Speed", arguments(*given))
    table.add("ours", [0.5], "s", load=load)
    with pytest.raises(SystemExit, match="Speed: refused"):
        table.finish()
    assert "0.5" not in capsys.readouterr().out
    assert not (tmp_path / "figures.json").exists()


def test_a_table_without_any_load_is_not_quiet() -> None:
    table = Table("Speed", arguments("--require-quiet"))
    table.add("ours", [0.5], "s")
    with pytest.raises(SystemExit):
        table.finish()
