from dataclasses import replace

from vbench.report.lookup import MetricIndex
from vbench.report.web.heat_map import HeatMaps, HeatRow, class_heat_maps, slice_heat_maps
from vbench.report.web.slice_numbers import numbered_slices
from vbench.types import Run


def maps_of(run: Run) -> HeatMaps:
    index = MetricIndex.of(run)
    return slice_heat_maps(index, "loading-dock", numbered_slices(index))


def row_of(maps: HeatMaps, metric: str, title: str) -> HeatRow:
    rows = next(one.rows for one in maps.maps if one.metric == metric)
    return next(row for row in rows if row.title == title)


def test_a_map_per_metric_with_all_footage_first(demo_run: Run) -> None:
    maps = maps_of(demo_run)
    assert maps.columns == ("person-v1", "person-v2", "vendor-replay")
    assert [(one.metric, one.better) for one in maps.maps] == [
        ("recall", "higher"),
        ("precision", "higher"),
        ("fp_per_camera_hour", "lower"),
    ]
    for one in maps.maps:
        assert [row.is_total for row in one.rows] == [True] + [False] * (len(one.rows) - 1)
        assert [row.slice_id for row in one.rows] == [None, *range(len(one.rows) - 1)]
        assert all(len(row.cells) == 3 for row in one.rows)


def test_cells_hold_the_metric_of_their_pipeline_and_slice(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    night = row_of(maps_of(demo_run), "recall", "daypart=night")
    for pipeline, one in zip(maps_of(demo_run).columns, night.cells, strict=True):
        value = index.value(pipeline, "loading-dock", "recall", slice_=(("daypart", "night"),))
        assert one.cell.exact == repr(value)


def test_the_poorest_of_a_row_is_marked_by_the_metrics_direction(demo_run: Run) -> None:
    for one in maps_of(demo_run).maps:
        for row in one.rows:
            values = [float(item.cell.exact) for item in row.cells if item.cell.exact]
            worst = min(values) if one.better == "higher" else max(values)
            marked = [float(item.cell.exact) for item in row.cells if item.is_worst]
            assert marked == ([] if len(set(values)) == 1 else [worst] * len(marked))
            assert bool(marked) == (len(set(values)) > 1)


def test_nobody_is_poorest_where_all_are_alike(demo_run: Run) -> None:
    alike = replace(
        demo_run,
        metrics=tuple(
            replace(one, value=0.5, reason=None) if one.name == "recall" else one
            for one in demo_run.metrics
        ),
    )
    rows = maps_of(alike).maps[0].rows
    assert not any(one.is_worst for row in rows for one in row.cells)


def test_differences_are_from_the_baseline(demo_run: Run) -> None:
    maps = maps_of(demo_run)
    assert maps.baseline == "person-v1"
    night = row_of(maps, "recall", "daypart=night")
    assert night.cells[0].change is None
    change = night.cells[1].change
    assert change is not None
    difference = float(night.cells[1].cell.exact) - float(night.cells[0].cell.exact)
    assert change.word == ("better" if difference > 0 else "worse")
    without = maps_of(replace(demo_run, baseline=None))
    assert all(one.change is None for row in without.maps[0].rows for one in row.cells)


def test_an_undefined_value_keeps_its_reason_and_is_never_poorest(demo_run: Run) -> None:
    broken = replace(
        demo_run,
        metrics=tuple(
            replace(one, value=None, reason="no truth", interval=None)
            if (one.name, one.pipeline) == ("recall", "person-v2")
            else one
            for one in demo_run.metrics
        ),
    )
    cells = maps_of(broken).maps[0].rows[0].cells
    assert cells[1].cell.reason == "no truth"
    assert cells[1].change is None
    assert not cells[1].is_worst


def test_classes_are_no_slices_even_one_called_all(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    maps = class_heat_maps(index, "loading-dock", ("person", "all"))
    assert [row.title for row in maps.maps[0].rows] == ["person", "all"]
    assert all(row.slice_id is None and not row.is_total for row in maps.maps[0].rows)
