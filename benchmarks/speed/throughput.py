"""`vbench run` against its slower stage alone, against a naive loop, and two pipelines at once.

The stages are vbench's own, each alone on the machine: decoding and preprocessing; inference and
what follows. The naive loop is what one writes first: PyAV to BGR, cv2 letterbox, numpy, the same
engine, numpy and cv2's NMS, one frame after the other. The run's frames/s are of the part from the
clip's opening to the last shard, its sample of latencies included; those of the whole call, which
also checks the media, tries the pipelines and judges, stand beside them.

Two pipelines are compared with all stages one after the other: decoding and preprocessing once for
both, then both inferences with what follows them.

The balanced case is the shipped dock-v2 on 1080p, where decoding and inference cost about the same
on the machine of the README; a line tells how far apart they are.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from footage import LIGHT_1080P, PLAIN_720P, Kind, clip, make_benchmark
from harness import Load, Rounds, Table, Way, arguments_of, measure
from models import Model, dock, fake, use_fake_gpu
from running import Back, Front, Naive, WholeRun, loaded

from vbench.golden.load import load_golden_set

RUN_S = 80.0
"""Length of the clip that is run; the stages and the loop take the first frames of it."""
N_STAGE_FRAMES = 600
N_NAIVE_FRAMES = 300
SLOWER_STAGE, NAIVE, TWO_PIPELINES = 0.92, 2.0, 0.90


@dataclass(frozen=True, slots=True)
class Case:
    """A model on footage, and what is wanted of it."""

    title: str
    kind: Kind
    models: tuple[Model, ...]
    of_slower: float | None = None
    of_naive: float | None = None
    of_sum: float | None = None


CASES = (
    Case("balanced", LIGHT_1080P, (dock(2),), of_slower=SLOWER_STAGE, of_naive=NAIVE),
    Case("inference-bound", PLAIN_720P, (dock(2),), of_slower=SLOWER_STAGE),
    Case("fake GPU, 2 ms", PLAIN_720P, (fake("fake-gpu", wait_ms=2.0),), of_naive=NAIVE),
    Case("two pipelines", PLAIN_720P, (dock(1), dock(2)), of_sum=TWO_PIPELINES),
)


def measure_case(case: Case, table: Table, n_rounds: int, run_s: float) -> None:
    """Add what one case shows."""
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as name:
        folder = Path(name)
        paths = [model.pipeline(folder) for model in case.models]
        benchmark = make_benchmark(folder, run_s, case.kind, paths)
        (of_set,) = load_golden_set(folder / "golden").clips
        run = WholeRun(benchmark, of_set.facts.n_frames)
        overlapped = WholeRun(benchmark, of_set.facts.n_frames, "throughput")
        media = clip(case.kind, run_s)
        with loaded(benchmark, paths) as pipelines:
            ways: dict[str, Way] = {
                "whole": run,
                "front": Front(media, pipelines, N_STAGE_FRAMES),
                "back": Back(media, pipelines, N_STAGE_FRAMES),
            }
            if case.of_naive is not None:
                ways["naive"] = Naive(media, case.models[0], N_NAIVE_FRAMES)
            if case.of_slower is not None:
                ways["overlapped"] = overlapped
            rounds = measure(ways, n_rounds)
    rounds.values["run"] = run.frames_per_s[-n_rounds:]
    if case.of_slower is not None:
        rounds.values["overlapped"] = overlapped.frames_per_s[-n_rounds:]
    add_figures(case, rounds, table)


def add_figures(case: Case, rounds: Rounds, table: Table) -> None:
    """Rows of one case; ratios round by round."""
    what = f"{case.title} ({case.kind.name}, {' + '.join(one.name for one in case.models)})"
    titles = {
        "run": "vbench run",
        "whole": "the whole call",
        "overlapped": "vbench run --measure throughput",
        "front": "decoding + preprocessing alone",
        "back": "inference + postprocessing alone",
        "naive": "naive serial loop",
    }
    load: Load | None = rounds.load
    for way, title in titles.items():
        if way in rounds.values:
            table.add(f"{what}: {title}", rounds.values[way], "frames/s", load=load)
            load = None
    pairs = list(zip(rounds.values["front"], rounds.values["back"], strict=True))
    runs, wholes = rounds.values["run"], rounds.values["whole"]
    if case.of_slower is not None:
        slower = [min(pair) for pair in pairs]
        title = f"{what}: run / slower stage alone"
        _ratios(table, title, runs, wholes, slower, case.of_slower)
        ratios = _quotients(rounds.values["overlapped"], slower)
        table.add(f"{title}, --measure throughput", ratios, at_least=case.of_slower)
    if case.of_naive is not None:
        naive = rounds.values["naive"]
        _ratios(table, f"{what}: run / naive serial loop", runs, wholes, naive, case.of_naive)
    if case.of_sum is not None:
        after_another = [1 / (1 / front + 1 / back) for front, back in pairs]
        title = f"{what}: run / (decode once + both inferences)"
        _ratios(table, title, runs, wholes, after_another, case.of_sum)


def _ratios(
    table: Table,
    title: str,
    runs: list[float],
    wholes: list[float],
    others: list[float],
    wanted: float,
) -> None:
    table.add(title, _quotients(runs, others), at_least=wanted)
    table.add(f"{title}, whole call", _quotients(wholes, others))


def _quotients(above: list[float], below: list[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]


def main() -> None:
    """Measure and print."""
    parser = arguments_of(__doc__, rounds=3)
    parser.add_argument("--seconds", type=float, default=RUN_S, help="length of the clip")
    parser.add_argument("--case", help="this one alone, by the start of its title")
    arguments = parser.parse_args()
    use_fake_gpu()
    table = Table("vbench run / its stages and naive loops", arguments)
    for case in CASES:
        if arguments.case is None or case.title.startswith(arguments.case):
            measure_case(case, table, arguments.rounds, arguments.seconds)
    table.finish()


if __name__ == "__main__":
    main()
