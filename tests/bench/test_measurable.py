"""What gates are told that they may name is what the metrics really measure."""

from __future__ import annotations

from pathlib import Path

from tests.bench.runs import run_quietly
from tests.bench.small import edit
from tests.bench.test_run_golden_sets import tag_boxes
from vbench.bench.measurable import measurable
from vbench.bench.media import measure_unlocked
from vbench.bench.progress import NoProgress
from vbench.golden.load import load_golden_set
from vbench.metrics.box_properties import BOX_PROPERTIES


def test_reach_and_rows_agree(small: Path, tmp_path: Path) -> None:
    tag_boxes(small)
    benchmark = small / "benchmark.yaml"
    edit(benchmark, "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    edit(benchmark, "[daypart, size]", f"[daypart, occluded, {', '.join(BOX_PROPERTIES)}]")
    run = run_quietly(small, tmp_path / "run").run
    golden = small / "golden"
    golden_set = load_golden_set(golden, measure_unlocked(golden, NoProgress()))
    stages = {v for row in run.metrics for key, v in row.slice if key == "stage"}
    known = measurable([golden_set], ["v1", "v2", "constant"], sorted(stages))
    assert set(known.slices) == {"daypart", "occluded", "stage", *BOX_PROPERTIES}
    for name, reach in known.metrics.items():
        rows = [row for row in run.metrics if row.name == name]
        for key, value in (pair for row in rows for pair in row.slice):
            assert value in known.slices[key]
        if all(row.value is None for row in rows):
            continue  # nothing here has such a value, whole or in parts
        defined = {key for row in rows for key, _ in row.slice if row.value is not None}
        assert defined == set(reach.slice_keys), name
        assert any(row.class_name is not None for row in rows) == reach.per_class, name
