"""A run of any number of pipelines, gates, slices and classes, without the work of making it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.report.made_plan import ClipPlan, PipelinePlan, demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run, write_run
from vbench.types import ClassDef, Taxonomy

_NAME = "pipeline number {} with a name that does not fit into a line"


def make_large_run(
    path: Path, *, n_pipelines: int, n_gates: int, n_slices: int, n_classes: int
) -> RunFolder:
    """Two short clips; gates, slices and classes beyond those of the plan are copies."""
    plan = replace(
        demo_plan(),
        clips=[
            ClipPlan("day", 40, (("daypart", "day"), ("weather", "rain"))),
            ClipPlan("night", 40, (("daypart", "night"), ("weather", "dry"))),
        ],
        pipelines=[
            PipelinePlan(_NAME.format(k), {"": 0.2 + 0.7 * k / n_pipelines}, 0.1, 5.0 + k)
            for k in range(n_pipelines)
        ],
        baseline=_NAME.format(7),
        n_pictures=8,
        notes=tuple(f"note {k} " + "x" * 500 for k in range(20)),
    )
    folder = make_run(path, plan)
    run = read_run(folder)
    night = [m for m in run.metrics if m.slice == (("daypart", "night"),) and not m.class_name]
    person = [m for m in run.metrics if m.class_name == "person" and not m.slice and not m.clip]
    taxonomy = run.golden_sets[0].taxonomy
    extra = [f"class {k}" for k in range(n_classes - len(taxonomy.classes))]
    copies = n_gates // len(plan.gates)
    metrics = [
        *run.metrics,
        *(
            replace(m, slice=((f"key {k // 10}", f"v {k}"),))
            for k in range(n_slices)
            for m in night
        ),
        *(replace(m, class_name=name, operating_point=None) for name in extra for m in person),
    ]
    classes = (*taxonomy.classes, *(ClassDef(name, "something " * 20) for name in extra))
    golden_set = replace(run.golden_sets[0], taxonomy=Taxonomy(3, classes))
    large = replace(
        run, gates=run.gates * copies, metrics=tuple(metrics), golden_sets=(golden_set,)
    )
    write_run(folder, large)
    return folder
