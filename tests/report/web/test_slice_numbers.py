from dataclasses import replace

from vbench.report.lookup import MetricIndex
from vbench.report.web.slice_numbers import gate_slices, numbered_slices
from vbench.types import Run

NIGHT = (("daypart", "night"),)
BOTH = (("daypart", "night"), ("store", "12"))


def test_slices_of_every_golden_set_have_numbers_of_their_own(demo_run: Run) -> None:
    other = replace(demo_run.golden_sets[0], name="other")
    rows = [replace(one, golden_set="other") for one in demo_run.metrics]
    run = replace(
        demo_run, golden_sets=(*demo_run.golden_sets, other), metrics=(*demo_run.metrics, *rows)
    )
    numbers = numbered_slices(MetricIndex.of(run))
    alone = numbered_slices(MetricIndex.of(demo_run))
    assert list(numbers.values()) == list(range(len(numbers)))
    assert len(numbers) == 2 * len(alone)
    assert numbers["other", NIGHT] == len(alone) + alone["loading-dock", NIGHT]


def test_a_gate_is_about_the_slices_that_hold_all_its_footage(demo_run: Run) -> None:
    result = demo_run.gates[0]
    numbers = {("loading-dock", NIGHT): 0, ("loading-dock", BOTH): 1, ("other", NIGHT): 2}

    def slices_of(**changes: object) -> tuple[int, ...]:
        gate = replace(result.gate, **{"slice": (), "clip": None, **changes})  # type: ignore[arg-type]
        return gate_slices(demo_run, numbers, replace(result, gate=gate))

    assert slices_of() == ()
    assert slices_of(slice=NIGHT) == (0,)
    assert slices_of(slice=BOTH) == (0, 1)
    clip = next(one for one in demo_run.clips if NIGHT[0] in one.tags)
    assert 0 in slices_of(clip=clip.id)
