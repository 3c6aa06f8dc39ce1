import json
from dataclasses import replace

import pytest

from vbench.record.folder import RunFolder
from vbench.report.evidence import read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.page_data import json_text, page_data
from vbench.types import Run

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]>&lt;&amp;",
    "line\u2028separator\u2029",
    '"quoted" \\ back',
    "\u202egnp.exe",
    "🏭" * 100,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_ends_the_element(demo_folder: RunFolder, demo_run: Run, name: str) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    data = page_data(demo_folder, MetricIndex.of(demo_run), evidence, images={})
    data["pipelines"][0]["name"] = name
    text = json_text(data)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["pipelines"][0]["name"] == name


def test_text_is_the_same_each_time(demo_folder: RunFolder, demo_run: Run) -> None:
    texts = {
        json_text(
            page_data(
                demo_folder,
                MetricIndex.of(demo_run),
                read_evidence(demo_folder, demo_run),
                images={},
            )
        )
        for _ in range(2)
    }
    assert len(texts) == 1


def test_no_number_is_beyond_json(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    data = page_data(demo_folder, MetricIndex.of(demo_run), evidence, images={})
    data["clips"][0]["fps"] = float("nan")
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text(data)


def test_a_run_in_which_every_pipeline_failed_has_clips(
    demo_folder: RunFolder, demo_run: Run
) -> None:
    run = replace(demo_run, pipelines=(), metrics=(), gates=())
    evidence = read_evidence(demo_folder, run)
    data = page_data(demo_folder, MetricIndex.of(run), evidence, images={})
    assert [clip["counts"] for clip in data["clips"]] == [[]] * len(run.clips)
    assert data["curves"] == [[]]
    assert data["clips"][0]["truth"] is not None
