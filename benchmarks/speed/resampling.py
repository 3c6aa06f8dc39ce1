"""Intervals' kernels: average precision and percentiles under 1,000 resamples.

python benchmarks/speed/resampling.py [--frames 50000] [--rounds 3] [--json FILE]

The naive loop is numpy on the whole columns, one resample after the other. It would take minutes,
so a few of its resamples are timed and the rest is extrapolated; its numbers must be ours.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from machine import ForeignLoad, describe_machine

from vbench.kernels.resampled_ap import resampled_average_precision
from vbench.kernels.resampled_percentiles import resampled_percentiles
from vbench.types import F64, I32, I64, Bool

N_RESAMPLES = 1_000
N_BLOCKS = 2_000
N_CLASSES = 10
AP_LIMIT_S = 10.0
PERCENTILES_LIMIT_S = 2.0
PERCENTS = (50.0, 95.0, 99.0)
IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
N_NAIVE = 2
"""Resamples of the naive loop that are timed."""
TOLERANCE = 1e-12
_RECALL_POINTS = np.linspace(0.0, 1.0, 101)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Cell:
    """Detections of one class in score order, and its truth."""

    block: I32
    true_positive: Bool
    """(T, N)"""
    n_truth: I64
    """(K,)"""


def make_cells(n_frames: int, n_classes: int) -> list[Cell]:
    """30 detections and about 6.5 truth boxes a frame; good scores are more often right."""
    random = np.random.default_rng(0)
    n_rows = 30 * n_frames
    score = random.random(n_rows) ** 3
    order = np.argsort(-score, kind="stable")
    frame = np.repeat(np.arange(n_frames), 30)[order]
    block = (frame * N_BLOCKS // n_frames).astype(np.int32)
    found = random.random(n_rows) < 0.62 * score[order] ** 0.7
    iou = np.where(found, random.uniform(0.5, 1.0, n_rows), 0.0)
    class_id = random.integers(0, n_classes, n_rows)
    cells = []
    for c in range(n_classes):
        rows = np.flatnonzero(class_id == c)
        n_found = np.bincount(block[rows][found[rows]], minlength=N_BLOCKS)
        n_missed = random.poisson(0.5 * n_frames / N_BLOCKS / n_classes, N_BLOCKS)
        hits = iou[rows] >= IOU_THRESHOLDS[:, None]
        cells.append(Cell(block[rows], hits, n_found + n_missed))
    return cells


def make_weights(n_resamples: int) -> F64:
    """(B, K) how often each block is drawn."""
    share = np.full(N_BLOCKS, 1 / N_BLOCKS)
    return np.random.default_rng(1).multinomial(N_BLOCKS, share, n_resamples).astype(np.float64)


def mean_ap(cells: list[Cell], weights: F64) -> F64:
    """(B,) mean over classes and thresholds, by the kernel."""
    by_column = np.asfortranarray(weights)
    values = []
    for cell in cells:
        counts = np.ones(len(cell.block), np.bool_)
        values += [
            resampled_average_precision(cell.block, hit, counts, cell.n_truth, by_column)
            for hit in cell.true_positive
        ]
    return np.asarray(np.mean(values, axis=0), np.float64)


def naive_mean_ap(cells: list[Cell], weights: F64) -> F64:
    """The same, one resample after the other in numpy."""
    return np.array(
        [
            np.mean([_naive_ap(cell, hit, row) for cell in cells for hit in cell.true_positive])
            for row in weights
        ]
    )


def _naive_ap(cell: Cell, hit: Bool, row: F64) -> float:
    times = row[cell.block]
    kept = times > 0
    times, hit = times[kept], hit[kept]
    n_tp = np.cumsum(times * hit)
    precision = n_tp / np.cumsum(times)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    recall = n_tp / (row @ cell.n_truth)
    at = np.searchsorted(recall, _RECALL_POINTS)
    return float(np.append(precision, 0.0)[at].mean())


def naive_percentiles(samples: F64, block: I32, weights: F64) -> F64:
    """Percentiles of samples that are really repeated, one resample after the other."""
    rows = weights.astype(np.int64)
    return np.array([np.percentile(np.repeat(samples, row[block]), PERCENTS) for row in rows]).T


def timed(work: Callable[[], Answer]) -> tuple[float, float, Answer]:
    """Seconds of the wall clock, of all processors, and the answer."""
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    answer = work()
    return time.perf_counter() - began_s, time.process_time() - began_cpu_s, answer


def measure(
    name: str,
    rounds: int,
    limit_s: float,
    ours: Callable[[F64], F64],
    naive: Callable[[F64], F64],
) -> dict[str, object]:
    """Print one line: ours, the naive loop, whether the numbers are equal."""
    weights = make_weights(N_RESAMPLES)
    ours(weights[:N_NAIVE])  # compiles, or loads what was compiled
    load = ForeignLoad()
    found = [timed(lambda: ours(weights)) for _ in range(rounds)]
    _, naive_s, expected = timed(lambda: naive(weights[:N_NAIVE]))
    wall_s = statistics.median(item[0] for item in found)
    cpu_s = statistics.median(item[1] for item in found)
    whole_naive_s = naive_s * N_RESAMPLES / N_NAIVE
    worst = float(np.abs(found[0][2][..., :N_NAIVE] - expected).max())
    verdict = "met" if wall_s <= limit_s else "MISSED"
    print(
        f"  {name}: {wall_s:.2f} s (at most {limit_s:g}: {verdict}), {cpu_s:.2f} s of processor;"
        f" numpy loop about {whole_naive_s:.0f} s of processor, extrapolated from {N_NAIVE}"
        f" resamples, {whole_naive_s / cpu_s:.0f} times ours; numbers "
        + ("equal" if worst <= TOLERANCE else f"differ by {worst:.2g}")
        + f"; {load.text()}"
    )
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "naive_cpu_s_extrapolated": whole_naive_s,
        "largest_difference": worst,
        "load": load.text(),
    }


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--frames", type=int, default=50_000)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    print(describe_machine())
    table: dict[str, object] = {}
    for n_classes in (1, N_CLASSES):
        cells = make_cells(arguments.frames, n_classes)
        n_rows = sum(len(cell.block) for cell in cells)
        n_truth = sum(int(cell.n_truth.sum()) for cell in cells)
        if n_classes == 1:
            print(
                f"  {N_RESAMPLES:,} resamples of {N_BLOCKS:,} blocks; {arguments.frames:,} frames, "
                f"{n_rows:,} detections, {n_truth:,} truth boxes, {len(IOU_THRESHOLDS)} thresholds"
            )
        name = f"mean AP, {n_classes} class" + ("es" if n_classes > 1 else "")
        table[name] = measure(
            name,
            arguments.rounds,
            AP_LIMIT_S,
            partial(mean_ap, cells),
            partial(naive_mean_ap, cells),
        )
    samples = np.random.default_rng(2).lognormal(size=arguments.samples)
    block = (np.arange(len(samples)) * N_BLOCKS // len(samples)).astype(np.int32)
    name = f"{len(PERCENTS)} percentiles, {len(samples):,} samples"
    table[name] = measure(
        name,
        arguments.rounds,
        PERCENTILES_LIMIT_S,
        lambda weights: resampled_percentiles(samples, block, weights, PERCENTS),
        lambda weights: naive_percentiles(samples, block, weights),
    )
    if arguments.json:
        figures = {"machine": describe_machine()} | table
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
