"""A part of a benchmark: some clips, some pipelines. It shows, and decides nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from vbench.bench.plan import Plan
from vbench.config.model_file import closest
from vbench.errors import InputError
from vbench.types import COMPARING, Gate, GoldenSet


def restricted(plan: Plan, clips: Collection[str], pipelines: Collection[str]) -> Plan:
    """The plan with these clips and pipelines alone; empty takes all.

    Gates that need what was left out are left out too.

    Raises:
        InputError: no such clip or pipeline.
    """
    every_clip = tuple(clip.id for _, clip in plan.clips())
    every_pipeline = tuple(file.model.name for file in plan.pipelines)
    for option, kind, names, known in (
        ("--clip", "clip", clips, every_clip),
        ("--pipeline", "pipeline", pipelines, every_pipeline),
    ):
        for name in names:
            if name not in known:
                raise InputError(
                    f'the benchmark has no {kind} "{name}"',
                    where=option,
                    hint=closest(name, known),
                )
    kept_clips = [name for name in every_clip if not clips or name in clips]
    kept_pipelines = [name for name in every_pipeline if not pipelines or name in pipelines]
    if len(kept_clips) == len(every_clip) and len(kept_pipelines) == len(every_pipeline):
        return plan
    sets = [(path, _with_clips(one, kept_clips)) for path, one in plan.footage()]
    sets = [(path, one) for path, one in sets if one.clips]
    golden_sets = tuple(one for _, one in sets)
    baseline = plan.baseline
    if isinstance(baseline, str) and baseline not in kept_pipelines:
        baseline = None
    gates = tuple(
        replace(gate, pipelines=_kept(gate.pipelines, kept_pipelines))
        for gate in plan.gates
        if _applies(gate, golden_sets, kept_pipelines, has_baseline=baseline is not None)
    )
    parts = []
    if len(kept_clips) < len(every_clip):
        parts.append(f"{len(kept_clips)} of {len(every_clip)} clips ({', '.join(kept_clips)})")
    if len(kept_pipelines) < len(every_pipeline):
        parts.append(
            f"{len(kept_pipelines)} of {len(every_pipeline)} pipelines"
            f" ({', '.join(kept_pipelines)})"
        )
    return replace(
        plan,
        golden_paths=tuple(path for path, _ in sets),
        golden_sets=golden_sets,
        pipelines=tuple(file for file in plan.pipelines if file.model.name in kept_pipelines),
        gates=gates,
        baseline=baseline,
        partial=f"only {' and '.join(parts)} of the benchmark were run"
        f" and {len(gates)} of {len(plan.gates)} gates judged",
        partial_options=tuple(
            word
            for option, names, every in (
                ("--clip", kept_clips, every_clip),
                ("--pipeline", kept_pipelines, every_pipeline),
            )
            if len(names) < len(every)
            for name in names
            for word in (option, name)
        ),
    )


def _with_clips(golden_set: GoldenSet, clips: Sequence[str]) -> GoldenSet:
    """The set with these clips; another digest, since it is other footage."""
    kept = tuple(clip for clip in golden_set.clips if clip.id in clips)
    if len(kept) == len(golden_set.clips):
        return golden_set
    text = "\n".join([golden_set.digest, *(clip.id for clip in kept)])
    return replace(golden_set, clips=kept, digest=hashlib.sha256(text.encode()).hexdigest())


def _kept(names: tuple[str, ...] | None, kept: Sequence[str]) -> tuple[str, ...] | None:
    return None if names is None else tuple(name for name in names if name in kept)


def _applies(
    gate: Gate, golden_sets: Sequence[GoldenSet], pipelines: Sequence[str], *, has_baseline: bool
) -> bool:
    """Whether a gate still has footage, a pipeline and something to compare with."""
    clips = [clip for one in golden_sets for clip in one.clips]
    if gate.golden_set is not None and gate.golden_set not in [one.name for one in golden_sets]:
        return False
    if gate.clip is not None and gate.clip not in [clip.id for clip in clips]:
        return False
    if gate.pipelines is not None and not set(gate.pipelines) & set(pipelines):
        return False
    if gate.form in COMPARING:
        if gate.versus is None and not has_baseline:
            return False
        if gate.versus is not None and gate.versus not in pipelines:
            return False
    of_clips = {key for clip in clips for key, _ in clip.tags}
    wanted = {(key, value) for key, value in gate.slice if key in of_clips}
    return not wanted or any(wanted <= set(clip.tags) for clip in clips)
