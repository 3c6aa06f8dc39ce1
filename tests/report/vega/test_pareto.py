import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.vega.charts import LATENCY, RECALL, layer_of, point, rows_of
from vbench.report.vega.pareto import (
    MAX_LABELS,
    ParetoPoint,
    pareto_front,
    pareto_spec,
    without_intervals,
)


def test_front_has_those_that_no_other_beats_in_both() -> None:
    points = [point(0, 5.0, 0.9), point(1, 3.0, 0.7), point(2, 6.0, 0.8), point(3, 4.0, 0.7)]
    assert pareto_front(points, lower_is_better=True) == (1, 0)


def test_front_of_throughput_goes_the_other_way() -> None:
    points = [point(0, 50.0, 0.9), point(1, 90.0, 0.7), point(2, 40.0, 0.8)]
    assert pareto_front(points, lower_is_better=False) == (0, 1)


def test_equals_stand_together_on_the_front() -> None:
    assert pareto_front([point(0, 1.0, 0.5), point(1, 1.0, 0.5)], lower_is_better=True) == (0, 1)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8),
    st.booleans(),
)
def test_front_as_by_its_definition(places: list[tuple[int, int]], lower: bool) -> None:
    points = [point(k, float(x), y / 4) for k, (x, y) in enumerate(places)]

    def beats(one: ParetoPoint, other: ParetoPoint) -> bool:
        cheaper = one.cost <= other.cost if lower else one.cost >= other.cost
        same = (one.cost, one.accuracy) == (other.cost, other.accuracy)
        return cheaper and one.accuracy >= other.accuracy and not same

    beaten = {b.series for a, b in itertools.permutations(points, 2) if beats(a, b)}
    front = pareto_front(points, lower_is_better=lower)
    assert set(front) == {one.series for one in points} - beaten
    costs = [points[series].cost for series in front]
    assert costs == sorted(costs)


def test_points_baseline_and_front_are_drawn() -> None:
    points = [point(0, 5.0, 0.9, is_baseline=True), point(1, 3.0, 0.7), point(2, 6.0, 0.8)]
    rows = rows_of(pareto_spec(points, LATENCY, RECALL, n_series=3), "front")
    by_series = {row["k"]: row for row in rows}
    assert by_series[0] == {**by_series[0], "x": 5.0, "y": 0.9, "base": True, "front": 1}
    assert by_series[0]["label"] == "p0 (baseline)"
    assert by_series[1]["front"] == 0
    assert by_series[2]["front"] == -1
    assert by_series[2]["base"] is False


@pytest.mark.parametrize(("lower", "steps"), [(True, "step-after"), (False, "step-before")])
def test_the_front_steps_through_what_can_be_had(lower: bool, steps: str) -> None:
    cost = LATENCY if lower else RECALL
    spec = pareto_spec([point(0, 1.0, 0.5), point(1, 2.0, 0.6)], cost, RECALL, n_series=2)
    mark = layer_of(spec, "front")["mark"]
    assert isinstance(mark, dict)
    assert mark["interpolate"] == steps


def test_intervals_end_at_the_edge_of_a_ratio() -> None:
    points = [point(0, 1.0, 0.99, accuracy_range=(0.9, 1.0)), point(1, 2.0, 0.5)]
    rows = rows_of(pareto_spec(points, LATENCY, RECALL, n_series=2), "front")
    ends = {row["k"]: (row["y0"], row["y1"]) for row in rows}
    assert ends == {0: (0.9, 1.0), 1: (None, None)}
    assert without_intervals(points)[0].accuracy_range is None


def test_of_many_pipelines_some_are_named_the_baseline_always() -> None:
    points = [point(k, 1.0 + k, 0.5, is_baseline=k == 49) for k in range(50)]
    rows = rows_of(pareto_spec(points, LATENCY, RECALL, n_series=50), "front")
    named = [row for row in rows if row["label"]]
    assert len(named) == MAX_LABELS
    assert any(row["k"] == 49 for row in named)


def test_names_of_neighbours_have_places_of_their_own() -> None:
    points = [point(k, 1.0, 0.5) for k in range(3)]
    rows = rows_of(pareto_spec(points, LATENCY, RECALL, n_series=3), "front")
    assert len({(row["side"], row["dy"]) for row in rows}) == 3


def test_one_value_for_all_has_an_axis() -> None:
    spec = pareto_spec([point(0, 0.0, 0.0), point(1, 0.0, 0.0)], LATENCY, RECALL, n_series=2)
    encoding = layer_of(spec, "points")["encoding"]
    assert isinstance(encoding, dict)
    for axis in ("x", "y"):
        low, high = encoding[axis]["scale"]["domain"]
        assert low < high
