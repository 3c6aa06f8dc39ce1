"""Gates as GitHub annotations: workflow commands that a step prints."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vbench.report import wording
from vbench.report.explained import gate_facts
from vbench.report.numbers import plural
from vbench.report.verdicts import GateStatus, gate_status
from vbench.types import GateResult, Run

MAX_PER_KIND = 10
"""GitHub shows so many errors, warnings and notices of one step, and drops the rest unsaid."""

_KINDS = {
    GateStatus.FAIL: "error",
    GateStatus.INCONCLUSIVE: "warning",
    GateStatus.WARN: "warning",
    GateStatus.QUARANTINED: "notice",
}
_IN_TITLE = ("expected", "operating point", "rule")
"""Facts that the title and the line that it points at already say."""
_MAX_TITLE = 200
_MAX_MESSAGE = 4000
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]+")


def github_annotations(run: Run, benchmark_file: str = "") -> str:
    """A line per gate that did not pass, aimed at its line in the benchmark file.

    Pipelines that did not finish come first, as errors on the file's first line.

    Failures are errors, undecided gates and warnings are warnings, quarantined gates are notices.
    Of each kind at most `MAX_PER_KIND`; where there are more, the last one says how many.

    Args:
        run: a finished run.
        benchmark_file: path within the repository; by default what the run's manifest says.
    """
    file = benchmark_file or run.manifest.benchmark_file or "benchmark.yaml"
    lines = [
        _command("error", file, 1, f"{item.name} did not finish", item.reason)
        for item in run.failures[:MAX_PER_KIND]
    ]
    for kind in dict.fromkeys(_KINDS.values()):
        gates = [item for item in run.gates if _KINDS.get(gate_status(item)) == kind]
        n_left = MAX_PER_KIND - (len(lines) if kind == "error" else 0)
        n_shown = len(gates) if len(gates) <= n_left else max(0, n_left - 1)
        lines += [_gate(run, item, kind, file) for item in gates[:n_shown]]
        if gates[n_shown:] and n_left > 0:
            lines.append(_rest(kind, gates[n_shown:], file))
    return "".join(f"{line}\n" for line in lines)


def source_line(result: GateResult) -> int:
    """Line of a gate in the benchmark file; 1 where it is not known."""
    _, _, line = result.gate.source.rpartition(":")
    return max(1, int(line)) if line.isascii() and line.isdigit() else 1


def _gate(run: Run, result: GateResult, kind: str, file: str) -> str:
    status = gate_status(result)
    lines = [result.explanation or wording.gate_sentence(result)]
    lines += [
        f"{fact.label}: {fact.text}"
        for fact in gate_facts(run, result)
        if fact.label not in _IN_TITLE
    ]
    if result.rerun:
        lines.append(f"run it again: {result.rerun}")
    title = f"{status.word}: {result.gate.title()} ({result.pipeline} on {result.golden_set})"
    return _command(kind, file, source_line(result), title, "\n".join(lines))


def _rest(kind: str, gates: Sequence[GateResult], file: str) -> str:
    count = plural(len(gates), "more gate")
    names = wording.join_names([f"{item.pipeline}: {item.gate.title()}" for item in gates])
    message = f"{names}. All of them are in the step summary and in report.html."
    return _command(kind, file, source_line(gates[0]), f"{count} did not pass", message)


def _command(kind: str, file: str, line: int, title: str, message: str) -> str:
    properties = f"file={_property(file)},line={line},title={_property(_cut(title, _MAX_TITLE))}"
    return f"::{kind} {properties}::{_message(_cut(message, _MAX_MESSAGE))}"


def _message(text: str) -> str:
    """Escaped as GitHub's runner reads it: a line break would end the command."""
    return _CONTROL.sub(" ", text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
