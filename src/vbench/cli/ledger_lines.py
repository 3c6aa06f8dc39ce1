"""How promotions and rollbacks are told: a few lines, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbench.bench.promote import Promotion, Rollback
    from vbench.record.deployment import Deployment


def print_promotion(done: Promotion, *, as_json: bool) -> None:
    """Say what is current now, and what was before."""
    if as_json:
        _print_json({"written": done.written, "ledger": str(done.ledger)}, done.entry, done.before)
        return
    entry = done.entry
    if not done.written:
        print(f"{_named(entry)} of this run is already current for {entry.benchmark}")
        print(f"ledger  {done.ledger} (nothing added)")
        return
    before = "" if done.before is None else f", before it {_named(done.before)}"
    print(f"{_named(entry)} is now current for {entry.benchmark}{before}")
    n_passed = sum(gate.verdict == "pass" for gate in entry.gates)
    sets = ", ".join(f"{one.name} {one.version}" for one in entry.golden_sets)
    print(f"gates   {n_passed} of {len(entry.gates)} passed on {sets}")
    for gate in entry.gates:
        if gate.verdict != "pass":
            why = "in quarantine" if gate.in_quarantine else "a warning"
            print(f"        {gate.verdict.value}, {why}: {gate.title} on {gate.golden_set}")
    print(f"ledger  {done.ledger}")


def print_rollback(done: Rollback, *, as_json: bool) -> None:
    """Say what is current now, what was before, and which files to deploy."""
    if as_json:
        facts = {
            "written": done.written,
            "ledger": str(done.ledger),
            "promoted_at": done.promoted_at,
            "run_problem": done.run_problem or None,
        }
        _print_json(facts, done.entry, done.before)
        return
    entry = done.entry
    verb = "is" if done.written else "would be"
    print(f"{_named(entry)} {verb} current for {entry.benchmark} again, not {_named(done.before)}")
    print(f"promoted {done.promoted_at} from the run {entry.run}")
    print("deploy the files with these SHA-256:")
    for digest in entry.digests:
        print(f"  {digest.sha256}  {digest.name}")
    if done.run_problem:
        print(f"its run {done.run_problem}: `baseline: promoted` cannot compare with it")
    print(f"ledger  {done.ledger}" + ("" if done.written else " (dry run, nothing added)"))


def _named(entry: Deployment) -> str:
    return f"{entry.pipeline} {entry.version}"


def _print_json(facts: dict[str, object], entry: Deployment, before: Deployment | None) -> None:
    from vbench.record.deployment import fields_of

    answer = {
        **facts,
        "current": fields_of(entry),
        "before": None if before is None else fields_of(before),
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1))
