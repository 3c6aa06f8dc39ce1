"""The command that runs again only what matters to a gate."""

from __future__ import annotations

import shlex

from vbench.report.lookup import gate_clips
from vbench.types import GateResult, Run


def rerun_command(run: Run, result: GateResult) -> str:
    """The command line that runs the clips and pipelines of a gate again, ready for a shell.

    Clips are those that carry the loss where causes name any, else all that the gate is about.
    Pipelines are the judged one and the one of the same run that it is compared with.

    Args:
        run: the run that the gate was judged on.
        result: what the gate decided, with its causes.
    """
    words = ["vbench", "run", run.manifest.benchmark_file or "benchmark.yaml"]
    pipelines = _pipelines(run, result)
    is_part = run.manifest.partial != ""
    if is_part or len(pipelines) < len(run.pipelines):
        words += [word for name in pipelines for word in ("--pipeline", name)]
    clips = _clips(run, result)
    if is_part or len(clips) < len(run.clips):
        words += [word for name in clips for word in ("--clip", name)]
    return shlex.join(words)


def _pipelines(run: Run, result: GateResult) -> list[str]:
    compared = result.gate.versus or run.baseline
    return [item.name for item in run.pipelines if item.name in (result.pipeline, compared)]


def _clips(run: Run, result: GateResult) -> list[str]:
    """Ids of the clips to run, in the run's order."""
    about = gate_clips(run, result)
    named = {cause.name for cause in result.causes if cause.kind in ("clip", "stretch")}
    carrying = [clip.id for clip in about if clip.id in named]
    return carrying or [clip.id for clip in about]
