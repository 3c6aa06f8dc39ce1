"""What to do after a run, in one line: ship, hold, or go back to what ran before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vbench.report.language.strings import say, say_n
from vbench.types import PipelineResult, Run, Verdict

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer that a director looks for first."""

    tone: Literal["pass", "fail", "inconclusive"]
    text: str


def decision(run: Run) -> Decision:
    """What the whole run speaks for."""
    if run.manifest.partial:
        return Decision("inconclusive", say("Decide nothing yet: run the whole benchmark."))
    if not run.pipelines:
        return Decision("fail", say("Hold: no pipeline finished."))
    passed = [item for item in run.pipelines if item.verdict is Verdict.PASS]
    if passed:
        return _ship(run, passed)
    if any(item.verdict is Verdict.INCONCLUSIVE for item in run.pipelines):
        return Decision("inconclusive", say("Hold: this run does not decide."))
    back = next((text for item in run.pipelines if (text := _back_from(run, item))), "")
    if back:
        return Decision("fail", back)
    if _is_earlier(run):
        return Decision("fail", say("Hold: keep {baseline}.", baseline=run.baseline or ""))
    if len(run.pipelines) == 1:
        only = run.pipelines[0].name
        return Decision("fail", say("Hold: {name} is not fit to ship.", name=only))
    return Decision("fail", say("Hold: none of the pipelines is fit to ship."))


def instead_of(run: Run, failed: PipelineResult) -> str:
    """What to do about a pipeline that fails, as far as the run knows what else there is."""
    passed = [item.name for item in run.pipelines if item.verdict is Verdict.PASS]
    if not passed and (back := _back_from(run, failed)):
        return back
    if failed.name == run.baseline:
        if passed:
            return say("Ship {names} in its place.", names=_any_of(passed))
        return say("Hold: nothing here is fit to replace it.")
    baseline = next((item for item in run.pipelines if item.name == run.baseline), None)
    if _is_earlier(run) or (baseline is not None and baseline.verdict is not Verdict.FAIL):
        return say("Hold: keep {baseline}.", baseline=run.baseline or "")
    return say("Hold: do not deploy.")


def keep_text(n_warnings: int) -> str:
    """What to do with a baseline that passes."""
    if not n_warnings:
        return say("Keep.")
    return say_n(n_warnings, "Keep, knowing the {n} warning.", "Keep, knowing the {n} warnings.")


def _back_from(run: Run, failed: PipelineResult) -> str:
    """Of what is deployed today: what to go back to, as far as the run knows; else empty."""
    deployed = run.manifest.deployed
    if len(deployed) < 2 or deployed[0] != f"{failed.name} {failed.version}":
        return ""
    return say("Roll back to {pipeline}, which passed when it was promoted.", pipeline=deployed[1])


def _ship(run: Run, passed: list[PipelineResult]) -> Decision:
    if not run.gates:
        text = say("Decide by the numbers: the benchmark sets no gates.")
        return Decision("inconclusive", text)
    new = [item.name for item in passed if item.name != run.baseline]
    if not new:
        baseline = run.baseline or ""
        if len(run.pipelines) == 1:
            return Decision("pass", say("Keep {baseline}.", baseline=baseline))
        open_ = any(item.verdict is Verdict.INCONCLUSIVE for item in run.pipelines)
        keep = say("Hold: keep {baseline}.", baseline=baseline)
        return Decision("inconclusive" if open_ else "fail", keep)
    names = _any_of(new)
    if run.baseline is None:
        return Decision("pass", say("Ship {names}.", names=names))
    return Decision(
        "pass", say("Ship {names} in place of {baseline}.", names=names, baseline=run.baseline)
    )


def _is_earlier(run: Run) -> bool:
    """Whether the baseline is a pipeline of an earlier run."""
    here = [item.name for item in run.pipelines] + [item.name for item in run.failures]
    return run.baseline is not None and run.baseline not in here


def _any_of(names: list[str]) -> str:
    """``a``, ``a or b``; those beyond the limit are counted."""
    shown = names[:_MOST_NAMES]
    if len(names) > _MOST_NAMES:
        n = len(names) - _MOST_NAMES
        return say("{names} or one of {n} more", names=", ".join(shown), n=n)
    if len(shown) == 1:
        return shown[0]
    return say("{names} or {last}", names=", ".join(shown[:-1]), last=shown[-1])
