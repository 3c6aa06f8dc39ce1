from dataclasses import replace

from vbench.report.how_sure import how_sure
from vbench.types import MachineLoad, Run


def text_of(run: Run) -> str:
    return " ".join(how_sure(run).sentences)


def with_load(run: Run, load: MachineLoad) -> Run:
    return replace(run, manifest=replace(run.manifest, load=load))


def test_method_units_and_correction_are_stated(decided_run: Run) -> None:
    text = text_of(decided_run)
    assert "1000 resamples, seed 0, 95 % intervals: so often the footage was drawn anew" in text
    assert "says nothing about other scenes" in text
    assert "whole clips were drawn" not in text
    # Of person-v2 and vendor-replay: recall twice, not_worse, precision, F1.
    assert "13 verdicts had to be sure" in text
    assert "Up to 5 of them were judged at once for a pipeline" in text
    assert "(Holm)" in text


def test_a_run_without_intervals_says_so(demo_run: Run) -> None:
    text = text_of(demo_run)
    assert "This run has no intervals" in text
    assert "the values alone decide" in text
    assert "Holm" not in text
    assert len(how_sure(replace(demo_run, gates=())).sentences) == 1


def test_a_noisy_machine_is_named(demo_run: Run) -> None:
    assert how_sure(demo_run).machine == ""
    quiet = how_sure(with_load(demo_run, MachineLoad(0.02, ())))
    assert not quiet.is_noisy
    assert quiet.machine.endswith("used 2 % of it meanwhile.")
    noisy = how_sure(with_load(demo_run, MachineLoad(0.34, ("chromium", "make"))))
    assert noisy.is_noisy
    assert "(chromium, make) used 34 % of the machine meanwhile" in noisy.machine
