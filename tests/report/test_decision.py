from dataclasses import replace

import pytest

from vbench.report.decision import Decision, decision, instead_of, keep_text
from vbench.types import Run, Verdict

_P, _F, _I = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def judged(run: Run, *verdicts: Verdict, baseline: str | None = "person-v1") -> Run:
    """The first pipelines of a run with these verdicts; `person-v1` comes first."""
    pipelines = tuple(
        replace(item, verdict=verdict)
        for item, verdict in zip(run.pipelines, verdicts, strict=False)
    )
    return replace(run, pipelines=pipelines, baseline=baseline)


@pytest.mark.parametrize(
    ("verdicts", "baseline", "tone", "text"),
    [
        ((_F, _P), "person-v1", "pass", "Ship person-v2 in place of person-v1."),
        ((_P, _P), "person-v1", "pass", "Ship person-v2 in place of person-v1."),
        ((_P, _P, _P), None, "pass", "Ship person-v1, person-v2 or vendor-replay."),
        ((_P, _F), "person-v1", "fail", "Hold: keep person-v1."),
        ((_P, _I), "person-v1", "inconclusive", "Hold: keep person-v1."),
        ((_P,), "person-v1", "pass", "Keep person-v1."),
        ((_F,), None, "fail", "Hold: person-v1 is not fit to ship."),
        ((_F, _F), "person-v1", "fail", "Hold: none of the pipelines is fit to ship."),
        ((_F, _F), "old of 2026-01-01", "fail", "Hold: keep old of 2026-01-01."),
        ((_I, _F), "person-v1", "inconclusive", "Hold: this run does not decide."),
    ],
)
def test_what_the_run_speaks_for(
    demo_run: Run, verdicts: tuple[Verdict, ...], baseline: str | None, tone: str, text: str
) -> None:
    found = decision(judged(demo_run, *verdicts, baseline=baseline))
    assert (found.tone, found.text) == (tone, text)


def test_a_part_of_a_benchmark_decides_nothing(demo_run: Run) -> None:
    manifest = replace(demo_run.manifest, partial="only 1 of 6 clips were run")
    found = decision(replace(demo_run, manifest=manifest))
    assert found.tone == "inconclusive"
    assert found.text.startswith("Decide nothing yet")


def test_without_gates_or_pipelines(demo_run: Run) -> None:
    free = replace(judged(demo_run, _P, _P), gates=())
    assert decision(free).text.startswith("Decide by the numbers")
    assert decision(replace(demo_run, pipelines=())).text == "Hold: no pipeline finished."


@pytest.mark.parametrize(
    ("verdicts", "baseline", "which", "text"),
    [
        ((_P, _F), "person-v1", 1, "Hold: keep person-v1."),
        ((_I, _F), "person-v1", 1, "Hold: keep person-v1."),
        ((_F, _F), "person-v1", 1, "Hold: do not deploy."),
        ((_F, _F), "person-v1", 0, "Hold: nothing here is fit to replace it."),
        ((_F, _P, _P), "person-v1", 0, "Ship person-v2 or vendor-replay in its place."),
        ((_F,), "old of 2026-01-01", 0, "Hold: keep old of 2026-01-01."),
        ((_F,), None, 0, "Hold: do not deploy."),
    ],
)
def test_what_to_do_about_one_that_fails(
    demo_run: Run, verdicts: tuple[Verdict, ...], baseline: str | None, which: int, text: str
) -> None:
    run = judged(demo_run, *verdicts, baseline=baseline)
    assert instead_of(run, run.pipelines[which]) == text


def test_what_is_deployed_and_fails_is_rolled_back(demo_run: Run) -> None:
    run = judged(demo_run, _F, _F)
    manifest = replace(run.manifest, deployed=("person-v1 2.1.0", "person-v0 1.0"))
    run = replace(run, manifest=manifest)
    back = "Roll back to person-v0 1.0, which passed when it was promoted."
    assert instead_of(run, run.pipelines[0]) == back
    assert decision(run) == Decision("fail", back)
    assert instead_of(run, run.pipelines[1]) == "Hold: do not deploy."
    first = replace(run, manifest=replace(manifest, deployed=("person-v1 2.1.0",)))
    assert decision(first).text == "Hold: none of the pipelines is fit to ship."
    # Something that passes is better than what ran before.
    better = replace(run, pipelines=judged(run, _F, _P).pipelines)
    assert instead_of(better, better.pipelines[0]) == "Ship person-v2 in its place."


def test_a_baseline_that_passes_is_kept() -> None:
    assert keep_text(0) == "Keep."
    assert keep_text(2) == "Keep, knowing the 2 warnings."


def test_many_names_are_counted(demo_run: Run) -> None:
    passed = tuple(replace(demo_run.pipelines[0], name=f"p{k}", verdict=_P) for k in range(9))
    found = decision(replace(demo_run, pipelines=passed, baseline=None))
    assert found.text == "Ship p0, p1, p2 or one of 6 more."
