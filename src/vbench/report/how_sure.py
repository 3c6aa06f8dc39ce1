"""How the numbers of a run are to be trusted, in words."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.gates.exempt import noise
from vbench.metrics.resampling import MIN_CLIPS
from vbench.report.language.stored_texts import say_stored
from vbench.report.language.strings import say, say_n
from vbench.report.numbers import percent_text
from vbench.types import Run, Units


@dataclass(frozen=True, slots=True)
class HowSure:
    """What intervals mean and how verdicts came from them."""

    sentences: tuple[str, ...]
    """Most important first; each stands alone."""
    machine: str
    """What else the machine did while pipelines were timed; empty where that is not known."""
    is_noisy: bool
    """Whether it did so much that times are doubtful."""


def how_sure(run: Run) -> HowSure:
    """The method of a run's intervals and verdicts."""
    load = run.manifest.load
    noisy = noise(load)
    if noisy:
        machine = say(
            "The times are doubtful: {noisy}. A gate on speed that fails here is not decided, and "
            "the times are best measured again on a quiet machine.",
            noisy=say_stored(noisy),
        )
    elif load is not None:
        machine = say(
            "The machine was quiet: other processes used {share} of it meanwhile.",
            share=percent_text(load.foreign_share),
        )
    else:
        machine = ""
    return HowSure((*_intervals(run), *_verdicts(run)), machine, is_noisy=bool(noisy))


def _intervals(run: Run) -> list[str]:
    if not run.manifest.statistics:
        return [say("This run has no intervals: every number is what this very footage gave.")]
    units = _units(run)
    statistics = say_stored(run.manifest.statistics)
    found = [
        say(
            "{resamples}: so often the footage was drawn anew, and every number computed on each "
            "draw; pipelines are compared on the same draws.",
            resamples=f"{statistics[:1].upper()}{statistics[1:]}",
        ),
        say(
            "A 95 % interval says where the number would lie on other footage of the same kind: in "
            "95 of 100 such tests it holds the true one. It knows nothing of what no clip shows."
        ),
        say(
            "Frames of one video are alike, so that thousands of boxes may be worth a few dozen "
            "independent ones; how many they are worth is said beside n."
        ),
    ]
    if "clips" in units:
        found.append(
            say(
                "Where a number rests on {n} clips or more, whole clips were drawn: the interval "
                "is about other scenes of the same kind too.",
                n=MIN_CLIPS,
            )
        )
    if "blocks" in units:
        found.append(
            say(
                "Where it rests on fewer than {n} clips, blocks of consecutive frames were drawn "
                "within them: such an interval says nothing about other scenes.",
                n=MIN_CLIPS,
            )
        )
    return found


def _units(run: Run) -> set[Units]:
    return {metric.interval.units for metric in run.metrics if metric.interval is not None}


def _verdicts(run: Run) -> list[str]:
    asked = [item for item in run.gates if item.gate.confidence is not None]
    if not asked:
        if not run.gates:
            return []
        return [say("No gate asks for a confidence: the values alone decide.")]
    judged = [item for item in asked if item.p_value is not None]
    found = [
        say_n(
            len(asked),
            "{n} verdict had to be sure: such a gate passes where the rule is met for sure, fails "
            "where it is missed for sure, and is undecided otherwise.",
            "{n} verdicts had to be sure: such a gate passes where the rule is met for sure, fails "
            "where it is missed for sure, and is undecided otherwise.",
        )
    ]
    families = {(item.pipeline, item.golden_set) for item in judged}
    sizes = [
        sum((item.pipeline, item.golden_set) == family for item in judged) for family in families
    ]
    most = max(sizes, default=0)
    if most > 1:
        at_once = (
            say("{n} of them were judged at once for a pipeline", n=most)
            if len(set(sizes)) == 1
            else say("Up to {n} of them were judged at once for a pipeline", n=most)
        )
        found.append(
            say(
                "{at_once}: p-values of failure are corrected for that (Holm), so that no pipeline "
                "fails by the chance that comes with many rules. Passing needs every gate to pass "
                "and needs no correction.",
                at_once=at_once,
            )
        )
    return found
