"""The way every speed table is taken: ways in turns, round by round, with other work measured.

    rounds = measure({"ours": cpu_s(ours), "theirs": cpu_s(theirs)}, arguments.rounds)
    table = Table("Decoding", arguments)
    table.add("ours", rounds.values["ours"], "s", load=rounds.load)
    table.add("theirs / ours", rounds.ratios("theirs", "ours"), "times", at_least=3.0)
    table.finish()

A table says which machine it is of and whether other work used more than a tenth of it meanwhile;
with ``--require-quiet`` such a table is refused: exit code 1, and no figure is shown.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from machine import BUSY_SHARE, ForeignLoad, describe_machine

Way = Callable[[], float]
"""Does the work once and returns its figure: seconds, or frames per second."""


def wall_s(work: Callable[[], object]) -> Way:
    """The way whose figure is the wall time of `work`, in seconds."""
    return _timed(work, time.perf_counter)


def cpu_s(work: Callable[[], object]) -> Way:
    """The way whose figure is the processor time of this process, all its threads, in seconds."""
    return _timed(work, time.process_time)


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> Way:
    def way() -> float:
        began = clock()
        work()
        return clock() - began

    return way


@dataclass(frozen=True, slots=True)
class Load:
    """What other work did while something was measured."""

    foreign_s: float | None
    """Processor seconds that were not ours; None where the system does not tell."""
    elapsed_s: float
    """Seconds of all cores together."""
    worst_share: float | None
    """Share of the machine in the worst round."""

    @property
    def share(self) -> float | None:
        """Share of the machine that other work used, 0..1."""
        if self.foreign_s is None:
            return None
        return max(0.0, self.foreign_s) / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def quiet(self) -> bool:
        """Whether the figures can be believed; what was not measured is not quiet."""
        return self.share is not None and self.share <= BUSY_SHARE

    def __add__(self, other: Load) -> Load:
        both = self.foreign_s is not None and other.foreign_s is not None
        worst = [load.worst_share for load in (self, other) if load.worst_share is not None]
        return Load(
            (self.foreign_s or 0.0) + (other.foreign_s or 0.0) if both else None,
            self.elapsed_s + other.elapsed_s,
            max(worst, default=None),
        )

    def text(self) -> str:
        """``quiet (other work used 1 %, 3 % in the worst round)``."""
        if self.share is None:
            return "NOISY, perhaps (other work cannot be measured on this system)"
        word = "quiet" if self.quiet else "NOISY"
        worst = "" if self.worst_share is None else f", {self.worst_share:.0%} in the worst round"
        return f"{word} (other work used {self.share:.0%} of the machine{worst})"


@dataclass(frozen=True, slots=True)
class Rounds:
    """Figures of ways that took turns."""

    values: dict[str, list[float]]
    """Way -> one figure per round; the n-th of each were taken one right after the other."""
    load: Load
    """Other work during these rounds."""

    def ratios(self, numerator: str, denominator: str) -> list[float]:
        """Figure of one way over that of another, pair by pair."""
        pairs = zip(self.values[numerator], self.values[denominator], strict=True)
        return [above / below for above, below in pairs]

    def median(self, way: str) -> float:
        """Median figure of a way."""
        return statistics.median(self.values[way])


def measure(ways: Mapping[str, Way], n_rounds: int, n_warm: int = 1) -> Rounds:
    """Every way once per round, in turns; every other round in the opposite order.

    `n_warm` rounds beforehand are not counted: kernels, libraries and the page cache get warm.
    """
    for _ in range(n_warm):
        for way in ways.values():
            way()
    values: dict[str, list[float]] = {name: [] for name in ways}
    load = Load(0.0, 0.0, None)
    for number in range(n_rounds):
        names = list(ways)[:: 1 if number % 2 == 0 else -1]
        during = ForeignLoad()
        for name in names:
            values[name].append(ways[name]())
        foreign_s, elapsed_s = during.seconds()
        # A tick of the system's counters is 10 ms: of a short round they tell nothing.
        worst = max(0.0, foreign_s) / elapsed_s if foreign_s is not None and elapsed_s > 1 else None
        load += Load(foreign_s, elapsed_s, worst)
    return Rounds(values, load)


def arguments_of(purpose: str | None, rounds: int) -> argparse.ArgumentParser:
    """A parser with the options that every script has: rounds, json, require-quiet."""
    parser = argparse.ArgumentParser(description=(purpose or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=rounds, help=f"by default {rounds}")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument(
        "--require-quiet", action="store_true", help="refuse to show figures of a noisy machine"
    )
    return parser


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a table."""

    what: str
    values: list[float]
    unit: str
    at_least: float | None
    at_most: float | None

    @property
    def held(self) -> bool | None:
        """Whether the median is where it should be; None where nothing is wanted."""
        if self.at_least is None and self.at_most is None:
            return None
        median = statistics.median(self.values)
        return (self.at_least is None or median >= self.at_least) and (
            self.at_most is None or median <= self.at_most
        )

    def cells(self) -> tuple[str, str, str]:
        """What it is, its median (min .. max), and what was wanted."""
        middle = [statistics.median(self.values), min(self.values), max(self.values)]
        median, low, high = (_digits(value) for value in middle)
        spread = f"{median} ({low} .. {high})" if len(self.values) > 1 else median
        wanted = ""
        if self.held is not None:
            limit = f"{self.at_least:g}" if self.at_most is None else f"at most {self.at_most:g}"
            wanted = f"{limit}: {'held' if self.held else 'MISSED'}"
        return self.what, f"{spread} {self.unit}".rstrip(), wanted


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")


class Table:
    """Figures of one script, printed and written together when all are there."""

    def __init__(self, title: str, arguments: argparse.Namespace) -> None:
        self._title = title
        self._json: Path | None = arguments.json
        self._require_quiet: bool = arguments.require_quiet
        self._figures: list[Figure] = []
        self._load: Load | None = None

    def add(
        self,
        what: str,
        values: Sequence[float],
        unit: str = "",
        *,
        at_least: float | None = None,
        at_most: float | None = None,
        load: Load | None = None,
    ) -> None:
        """A row; `load` once for the rounds that its values are of."""
        self._figures.append(Figure(what, list(values), unit, at_least, at_most))
        if load is not None:
            self._load = load if self._load is None else self._load + load

    def finish(self) -> None:
        """Print the table and write the JSON; SystemExit(1) where quiet was required and is not."""
        load = self._load or Load(None, 0.0, None)
        if self._require_quiet and not load.quiet:
            sys.exit(f"{self._title}: refused, the machine is {load.text()}")
        print(f"{self._title}; median (min .. max)")
        print(f"  {describe_machine()}; {load.text()}")
        rows = [figure.cells() for figure in self._figures]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            print(("  " + "  ".join(cells)).rstrip())
        if self._json is not None:
            self._json.write_text(json.dumps(self._record(load), indent=1) + "\n")

    def _record(self, load: Load) -> dict[str, object]:
        return {
            "title": self._title,
            "machine": describe_machine(),
            "load": load.text(),
            "foreign_share": load.share,
            "quiet": load.quiet,
            "figures": [
                {
                    "what": figure.what,
                    "median": statistics.median(figure.values),
                    "values": figure.values,
                    "unit": figure.unit,
                    "at_least": figure.at_least,
                    "at_most": figure.at_most,
                    "held": figure.held,
                }
                for figure in self._figures
            ],
        }
