"""Whether vbench's intervals and gates keep what they promise, on footage whose truth is known.

python benchmarks/trust/simulate.py [--quick] [--workers 2] [--write] [--json FILE]

Draws thousands of synthetic golden sets, has vbench's own functions judge each, and counts how
often they were right; for contrast the same with frames treated as independent. Prints Markdown
tables; `--write` puts them into docs/reference/statistics.md, `--json` into a file for programs.
About six minutes on two cores; `--quick` takes seconds and its figures are rough.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from judgement import N_RESAMPLES
from scenes import Scenes
from trials import (
    Share,
    Shares,
    Trials,
    ap_coverage,
    coverage,
    families,
    few_clips,
    of_length,
    verdicts,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "statistics.md"
BEGIN = "<!-- simulation: written by python benchmarks/trust/simulate.py --write -->"
END = "<!-- simulation ends -->"
SEED = 20_240
QUICK = 0.02
"""Share of the trials that `--quick` runs."""


@dataclass(frozen=True, slots=True)
class Table:
    """One question, asked of several kinds of footage."""

    name: str
    caption: str
    labels: tuple[str, ...]
    """Headers of what tells rows apart."""
    columns: tuple[tuple[str, str], ...]
    """Header and key of each share."""
    ask: Callable[[Trials], Shares]
    rows: tuple[tuple[tuple[str, ...], Trials], ...]


def tables(scale: float) -> tuple[Table, ...]:
    """All questions; `scale` multiplies the number of trials."""

    def trials(scenes: Scenes, n_trials: int, drop: float = 0.0) -> Trials:
        return Trials(scenes, max(20, round(scale * n_trials)), SEED, drop)

    coverage_columns = (
        ("recall", "recall"),
        ("95 % bound too high", "too good"),
        ("precision", "precision"),
        ("F1", "F1"),
        ("frames: recall", "frames"),
    )
    recalls = (0.6, 0.8, 0.9, 0.95)
    verdict_columns = (
        ("margin 0 fails", "fail 0"),
        ("0.01 fails", "fail 0.01"),
        ("0.01 passes", "pass 0.01"),
        ("frames: 0 fails", "frames fail 0"),
        ("frames: 0.01 fails", "frames fail 0.01"),
        ("frames: 0.01 passes", "frames pass 0.01"),
    )
    return (
        Table(
            "coverage",
            "95 % intervals that hold the truth, drawing clips (in %)",
            ("clips", "true recall"),
            coverage_columns,
            coverage,
            tuple(
                ((str(n), f"{recall:g}"), trials(Scenes(n, recall), 2000))
                for n in (8, 12, 20, 40)
                for recall in recalls
            ),
        ),
        Table(
            "ap",
            "The same for AP50 (in %)",
            ("clips", "true recall"),
            (("AP50", "AP50"), ("95 % bound too high", "too good")),
            ap_coverage,
            tuple(
                ((str(n), f"{recall:g}"), trials(Scenes(n, recall), 1000))
                for n in (8, 12, 20)
                for recall in (0.6, 0.9)
            ),
        ),
        Table(
            "uneven clips",
            "The same where clips differ far more, 40 % of the latent variance (in %)",
            ("clips", "true recall"),
            coverage_columns,
            coverage,
            tuple(
                ((str(n), f"{recall:g}"), trials(Scenes(n, recall, between_clips=0.4), 1000))
                for n in (8, 12, 20, 40)
                for recall in (0.9, 0.95)
            ),
        ),
        Table(
            "few clips",
            "95 % intervals of recall that hold the truth, few clips (in %)",
            ("clips", "true recall"),
            (
                ("blocks: of these scenes", "blocks here"),
                ("blocks: of other scenes", "blocks"),
                ("clips: of other scenes", "clips"),
                ("frames: of these scenes", "frames here"),
                ("frames: of other scenes", "frames"),
            ),
            few_clips,
            tuple(
                ((str(n), f"{recall:g}"), trials(Scenes(n, recall), 2000))
                for n in (2, 4, 6)
                for recall in (0.6, 0.9, 0.95)
            ),
        ),
        Table(
            "equal pipelines",
            "Verdicts of a `not_worse` gate on recall, candidate as good as the baseline (in %)",
            ("clips",),
            verdict_columns,
            verdicts,
            tuple(((str(n),), trials(Scenes(n, 0.9), 2000)) for n in (4, 8, 12, 20, 40)),
        ),
        Table(
            "worse pipelines",
            "The same, candidate 3 points worse (0.90 against 0.93; in %)",
            ("clips",),
            verdict_columns,
            verdicts,
            tuple(((str(n),), trials(Scenes(n, 0.9), 1000, 0.03)) for n in (4, 8, 12, 20, 40)),
        ),
        Table(
            "ten gates",
            "Any of ten gates with margin 0 fails, candidate as good as the baseline (in %)",
            ("clips",),
            (
                ("uncorrected", "any"),
                ("Holm", "any, Holm"),
                ("frames: uncorrected", "frames, any"),
                ("frames: Holm", "frames, any, Holm"),
            ),
            families,
            tuple(((str(n),), trials(Scenes(n, 0.9), 1000)) for n in (8, 12)),
        ),
        Table(
            "power",
            "A drop of 3 points (0.93 to 0.90) is caught: the gate fails (in %)",
            ("clips", "minutes each", "minutes in all"),
            (("margin 0", "fail 0"), ("margin 0.01", "fail 0.01")),
            verdicts,
            tuple(
                (
                    (str(n), f"{minutes:g}", f"{n * minutes:g}"),
                    trials(of_length(Scenes(n, 0.9), minutes), 500, 0.03),
                )
                for n in (8, 12, 20, 40)
                for minutes in (0.5, 2.0, 8.0)
            ),
        ),
    )


def answer(asked: Sequence[Table], n_workers: int) -> dict[str, list[Shares]]:
    """The shares of each row of each table; the heaviest rows first, for even cores."""
    jobs = [(table, index) for table in asked for index in range(len(table.rows))]
    jobs.sort(key=lambda job: -_weight(job[0].rows[job[1]][1], job[0].name))
    answers: dict[str, list[Shares]] = {table.name: [{}] * len(table.rows) for table in asked}
    with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(table.ask, table.rows[index][1]) for table, index in jobs]
        for (table, index), future in zip(jobs, futures, strict=True):
            answers[table.name][index] = future.result()
    return answers


def markdown(asked: Sequence[Table], answers: dict[str, list[Shares]]) -> str:
    """All tables, each under its caption with its counts and Monte-Carlo error."""
    parts = []
    for table in asked:
        rows = answers[table.name]
        headers = [*table.labels, *(header for header, _ in table.columns)]
        lines = [f"| {' | '.join(headers)} |", f"|{' ---: |' * len(headers)}"]
        for (labels, _), shares in zip(table.rows, rows, strict=True):
            cells = [*labels, *(f"{shares[key].percent():.1f}" for _, key in table.columns)]
            lines.append(f"| {' | '.join(cells)} |")
        shown = [shares[key] for shares in rows for _, key in table.columns]
        parts.append(f"{table.caption}; {_counts(shown)}:\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _counts(shares: Sequence[Share]) -> str:
    n_trials = max(share.n_trials for share in shares)
    largest = max(share.error() for share in shares)
    return f"{n_trials:,} golden sets a row, Monte-Carlo standard error at most {largest:.1f}"


def _weight(trials: Trials, name: str) -> float:
    scenes = trials.scenes
    return (
        trials.n_trials * scenes.n_clips * scenes.longest_min * (10 if name == "ten gates" else 1)
    )


def write_page(text: str) -> None:
    """Put the tables between their marks in the documentation."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Run the simulation and show what came out."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="few trials, rough figures")
    parser.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    parser.add_argument("--json", type=Path, help="also write the shares here")
    options = parser.parse_args()
    if options.write and options.quick:
        parser.error("--write needs the full number of trials: leave out --quick")
    # Many small matrix products: threads of their own would only get in each other's way.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    started = time.monotonic()
    asked = tables(QUICK if options.quick else 1.0)
    answers = answer(asked, options.workers)
    text = f"Seed {SEED}, {N_RESAMPLES:,} resamples each.\n\n{markdown(asked, answers)}"
    print(text)
    print(f"\n{math.ceil(time.monotonic() - started)} s")
    if options.json is not None:
        options.json.write_text(json.dumps(_plain(asked, answers), indent=1), encoding="utf-8")
    if options.write:
        write_page(text)


def _plain(
    asked: Sequence[Table], answers: dict[str, list[Shares]]
) -> dict[str, list[dict[str, float | list[str]]]]:
    """Per table and row the labels and the shares in percent."""
    return {
        table.name: [
            {"labels": list(labels), **{key: share.percent() for key, share in shares.items()}}
            for (labels, _), shares in zip(table.rows, answers[table.name], strict=True)
        ]
        for table in asked
    }


if __name__ == "__main__":
    main()
