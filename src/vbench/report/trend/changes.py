"""What is different between two runs besides their numbers."""

from __future__ import annotations

from collections.abc import Mapping

from vbench.report.numbers import plural
from vbench.types import Run

_HARDWARE = ("cpu", "n_cpus", "memory", "gpu")
_MOST_NAMED = 4


def changes_between(before: Run, after: Run) -> tuple[str, ...]:
    """Whatever keeps the numbers of two runs from being compared without a second thought.

    Footage first, then pipelines, then the machine and the software.
    """
    return (
        *_golden_sets(before, after),
        *_pipelines(before, after),
        *_machine(before, after),
        *_software(before, after),
    )


def _golden_sets(before: Run, after: Run) -> list[str]:
    old = {item.name: item for item in before.golden_sets}
    new = {item.name: item for item in after.golden_sets}
    found = [
        f"Other footage or truth: {name} {old[name].version} became {new[name].version}."
        if old[name].version != new[name].version
        else f"Other footage or truth: {name} {new[name].version} is not what it was."
        for name in new
        if name in old and old[name].digest != new[name].digest
    ]
    found += [f"Golden set {name} is new." for name in new if name not in old]
    return found + [f"Golden set {name} is gone." for name in old if name not in new]


def _pipelines(before: Run, after: Run) -> list[str]:
    old = {item.name: item for item in before.pipelines}
    new = {item.name: item for item in after.pipelines}
    found = []
    for name, item in new.items():
        if name not in old:
            continue
        was = old[name]
        if was.version != item.version:
            found.append(f"{name} {was.version} became {item.version}.")
        elif was.settings != item.settings:
            found.append(f"{name} {item.version} was changed, and kept its version.")
        elif _models(before, name) != _models(after, name):
            found.append(f"A file of {name} {item.version} was changed.")
        if was.operating_point != item.operating_point:
            found.append(
                f"{name} is judged at {item.operating_point.text()}, was at "
                f"{was.operating_point.text()}."
            )
    found += [f"{name} is new." for name in new if name not in old]
    return found + [f"{name} is gone." for name in old if name not in new]


def _models(run: Run, pipeline: str) -> Mapping[str, str]:
    start = f"pipeline {pipeline}:"
    return {item.name: item.sha256 for item in run.manifest.digests if item.name.startswith(start)}


def _machine(before: Run, after: Run) -> list[str]:
    old, new = dict(before.manifest.hardware), dict(after.manifest.hardware)
    moved = [key for key in _HARDWARE if old.get(key) != new.get(key)]
    if not moved:
        return []
    names = ", ".join(f"{key} {new.get(key, 'unknown')}" for key in moved)
    return [f"Another machine ({names}): times are not comparable."]


def _software(before: Run, after: Run) -> list[str]:
    found = []
    if before.manifest.vbench_version != after.manifest.vbench_version:
        found.append(
            f"vbench {before.manifest.vbench_version} became {after.manifest.vbench_version}."
        )
    old, new = dict(before.manifest.libraries), dict(after.manifest.libraries)
    moved = [name for name in new if name in old and old[name] != new[name]]
    if moved:
        named = ", ".join(f"{name} {new[name]}" for name in moved[:_MOST_NAMED])
        rest = len(moved) - _MOST_NAMED
        more = f" and {plural(rest, 'other library', 'other libraries')}" if rest > 0 else ""
        found.append(f"Other software: {named}{more}.")
    return found
