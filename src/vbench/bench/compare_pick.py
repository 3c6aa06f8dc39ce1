"""Which pipelines of which runs are compared, and what speaks against comparing them."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from vbench.config.model_file import closest
from vbench.errors import InputError
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.types import GoldenSetResult, OperatingPoint, PipelineResult, Run

Difference = Literal["golden-set", "taxonomy", "operating-point"]
"""What two runs must have in common to be compared, unless it is allowed to differ."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A finished run under the letter that it has in the answer."""

    letter: str
    folder: RunFolder
    run: Run

    def pipeline_names(self) -> tuple[str, ...]:
        """Its pipelines, in the run's order."""
        return tuple(item.name for item in self.run.pipelines)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A pipeline of one of the runs."""

    of: ComparedRun
    pipeline: PipelineResult

    @property
    def label(self) -> str:
        """``A``, ``B``, ..."""
        return self.of.letter

    def golden_set(self, name: str) -> GoldenSetResult | None:
        """A golden set as its run saw it; None where it did not."""
        return next((item for item in self.of.run.golden_sets if item.name == name), None)

    def footage(self, name: str) -> tuple[object, ...]:
        """What tells whether two runs saw the same frames of a golden set."""
        found = self.golden_set(name)
        clips = [clip for clip in self.of.run.clips if clip.golden_set == name]
        digest = None if found is None else found.digest
        return digest, *((clip.id, clip.n_frames_annotated, clip.n_truth) for clip in clips)


def read_runs(folders: Sequence[Path]) -> tuple[ComparedRun, ...]:
    """Read the runs and give them their letters.

    Raises:
        VbenchError: fewer than two, more than there are letters, or not a finished run.
    """
    letters = string.ascii_uppercase
    if not 2 <= len(folders) <= len(letters):
        raise InputError(
            f"{len(folders)} run{' is' if len(folders) == 1 else 's are'} not to be compared",
            where="vbench compare",
            hint=f"give from two to {len(letters)} run folders; the first is the reference",
        )
    return tuple(
        ComparedRun(letter, RunFolder(path), read_run(RunFolder(path)))
        for letter, path in zip(letters, folders, strict=False)
    )


def pick(
    runs: Sequence[ComparedRun], pipelines: Sequence[str]
) -> tuple[tuple[Contestant, ...], ...]:
    """Groups of pipelines that are compared, each with one pipeline of every run, in their order.

    Args:
        runs: the runs.
        pipelines: a name per group, or ``A=NAME`` for single runs; none: all that have the same
            name in every run, else the only one of each.

    Raises:
        InputError: a run without such a pipeline; a choice that is open; a run against itself.
    """
    letters = [one.letter for one in runs]
    named = {text[0]: text[2:] for text in pipelines if text[1:2] == "=" and text[0] in letters}
    plain = [text for text in pipelines if not (text[1:2] == "=" and text[0] in letters)]
    if named and (plain or len(named) < len(pipelines)):
        raise InputError(
            "more than one pipeline is named for a run",
            where="--pipeline",
            hint="give one NAME for all runs, or A=NAME, B=NAME, each letter once",
        )
    if named:
        names = [[named.get(one.letter) or _only(one) for one in runs]]
    elif plain:
        names = [[name] * len(runs) for name in dict.fromkeys(plain)]
    else:
        shared = [
            name
            for name in runs[0].pipeline_names()
            if all(name in one.pipeline_names() for one in runs)
        ]
        names = [[name] * len(runs) for name in shared] or [[_only(one) for one in runs]]
    groups = tuple(
        tuple(_contestant(one, name) for one, name in zip(runs, group, strict=True))
        for group in names
    )
    for group in groups:
        _refuse_twice(group)
    return groups


def allowed_differences(texts: Sequence[str]) -> frozenset[Difference]:
    """Kinds of differences from ``--allow``; several may stand in one text, with commas."""
    kinds: dict[str, Difference] = {kind: kind for kind in get_args(Difference)}
    words = [word.strip() for text in texts for word in text.split(",") if word.strip()]
    for word in words:
        if word not in kinds:
            raise InputError(
                f'"{word}" is nothing that can be allowed',
                where="--allow",
                hint=closest(word, kinds),
            )
    return frozenset(kinds[word] for word in words)


def common_golden_sets(group: Sequence[Contestant]) -> tuple[str, ...]:
    """Golden sets that all runs saw, by name. Raises InputError where there is none."""
    names = [item.name for item in group[0].of.run.golden_sets]
    common = tuple(name for name in names if all(one.golden_set(name) is not None for one in group))
    if not common:
        seen = "; ".join(
            f"{one.label}: {', '.join(item.name for item in one.of.run.golden_sets)}"
            for one in group
        )
        raise InputError(
            f"the runs have no golden set in common ({seen})",
            where=", ".join(str(one.of.folder.path) for one in group),
            hint="compare runs over the same golden sets",
        )
    return common


def check_differences(
    groups: Sequence[Sequence[Contestant]], allowed: Collection[Difference]
) -> tuple[str, ...]:
    """What differs in spite of which the runs are compared, one sentence each.

    Raises:
        InputError: something differs that is not allowed to; all of it in one message.
    """
    found: dict[str, Difference] = {}
    for group in groups:
        for other in group[1:]:
            found.update(_differences(group[0], other))
    refused = {text: kind for text, kind in found.items() if kind not in allowed}
    if refused:
        kinds = ",".join(kind for kind in get_args(Difference) if kind in refused.values())
        raise InputError(
            f"the runs cannot be compared: {'; '.join(refused)}",
            where=", ".join(dict.fromkeys(str(one.of.folder.path) for one in groups[0])),
            hint=f"run both on the same footage with the same settings, or add --allow {kinds}",
        )
    return tuple(found)


def point_on(contestant: Contestant, class_names: Sequence[str]) -> OperatingPoint:
    """Its operating point with these classes only."""
    point = contestant.pipeline.operating_point
    return OperatingPoint(point.iou, tuple((name, point.score_for(name)) for name in class_names))


def _differences(reference: Contestant, other: Contestant) -> Iterator[tuple[str, Difference]]:
    for name in common_golden_sets((reference, other)):
        first, second = reference.golden_set(name), other.golden_set(name)
        if first is None or second is None:
            continue
        labels = f"{reference.label} and {other.label}"
        if reference.footage(name) != other.footage(name):
            versions = f"{_version(first)} and {_version(second)}"
            what = f"golden set {name} is not the same footage in {labels} ({versions})"
            yield what, "golden-set"
        if first.taxonomy != second.taxonomy:
            yield f"the taxonomy of golden set {name} differs between {labels}", "taxonomy"
        shared = [item for item in first.taxonomy.names if item in second.taxonomy.names]
        points = point_on(reference, shared), point_on(other, shared)
        if points[0] != points[1]:
            what = f"the operating point is {points[0].text()} in {reference.label}"
            yield f"{what}, {points[1].text()} in {other.label}", "operating-point"


def _version(golden_set: GoldenSetResult) -> str:
    return f"{golden_set.version}, digest {golden_set.digest[:12]}"


def _only(one: ComparedRun) -> str:
    names = one.pipeline_names()
    if len(names) > 1:
        raise InputError(
            f"it is open which pipeline of run {one.letter} to compare: {', '.join(names)}",
            where=str(one.folder.path),
            hint=f"name it with --pipeline {one.letter}=NAME",
        )
    return names[0]


def _contestant(one: ComparedRun, name: str) -> Contestant:
    pipelines: Mapping[str, PipelineResult] = {item.name: item for item in one.run.pipelines}
    if name not in pipelines:
        raise InputError(
            f'run {one.letter} ({one.folder.path}) has no pipeline "{name}"',
            where="--pipeline",
            hint=closest(name, pipelines),
        )
    return Contestant(one, pipelines[name])


def _refuse_twice(group: Sequence[Contestant]) -> None:
    seen: dict[tuple[Path, str], str] = {}
    for one in group:
        key = one.of.folder.path.resolve(), one.pipeline.name
        if key in seen:
            raise InputError(
                f"{seen[key]} and {one.label} are the same: {one.pipeline.name} of one run",
                where=str(one.of.folder.path),
                hint="give two runs, or two pipelines of one with"
                f" --pipeline {seen[key]}=NAME --pipeline {one.label}=NAME",
            )
        seen[key] = one.label
