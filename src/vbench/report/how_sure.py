"""How the numbers of a run are to be trusted, in words."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.gates.exempt import noise
from vbench.metrics.resampling import MIN_CLIPS
from vbench.report.numbers import percent_text, plural
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
        machine = (
            f"The times are doubtful: {noisy}. A gate on speed that fails here is not decided, and "
            "the times are best measured again on a quiet machine."
        )
    elif load is not None:
        share = percent_text(load.foreign_share)
        machine = f"The machine was quiet: other processes used {share} of it meanwhile."
    else:
        machine = ""
    return HowSure((*_intervals(run), *_verdicts(run)), machine, is_noisy=bool(noisy))


def _intervals(run: Run) -> list[str]:
    if not run.manifest.statistics:
        return ["This run has no intervals: every number is what this very footage gave."]
    units = _units(run)
    found = [
        f"{run.manifest.statistics[:1].upper()}{run.manifest.statistics[1:]}: so often the footage "
        "was drawn anew, and every number computed on each draw; pipelines are compared on the "
        "same draws.",
        "A 95 % interval says where the number would lie on other footage of the same kind: in 95 "
        "of 100 such tests it holds the true one. It knows nothing of what no clip shows.",
        "Frames of one video are alike, so that thousands of boxes may be worth a few dozen "
        "independent ones; how many they are worth is said beside n.",
    ]
    if "clips" in units:
        found.append(
            f"Where a number rests on {MIN_CLIPS} clips or more, whole clips were drawn: the "
            "interval is about other scenes of the same kind too."
        )
    if "blocks" in units:
        found.append(
            f"Where it rests on fewer than {MIN_CLIPS} clips, blocks of consecutive frames were "
            "drawn within them: such an interval says nothing about other scenes."
        )
    return found


def _units(run: Run) -> set[Units]:
    return {metric.interval.units for metric in run.metrics if metric.interval is not None}


def _verdicts(run: Run) -> list[str]:
    asked = [item for item in run.gates if item.gate.confidence is not None]
    if not asked:
        return ["No gate asks for a confidence: the values alone decide."] if run.gates else []
    judged = [item for item in asked if item.p_value is not None]
    found = [
        f"{plural(len(asked), 'verdict')} had to be sure: such a gate passes where the rule is met "
        "for sure, fails where it is missed for sure, and is undecided otherwise."
    ]
    families = {(item.pipeline, item.golden_set) for item in judged}
    sizes = [
        sum((item.pipeline, item.golden_set) == family for item in judged) for family in families
    ]
    most = max(sizes, default=0)
    if most > 1:
        at_once = f"{most:,}" if len(set(sizes)) == 1 else f"Up to {most:,}"
        found.append(
            f"{at_once} of them were judged at once for a pipeline: p-values of failure are "
            "corrected for that (Holm), so that no pipeline fails by the chance that comes with "
            "many rules. Passing needs every gate to pass and needs no correction."
        )
    return found
