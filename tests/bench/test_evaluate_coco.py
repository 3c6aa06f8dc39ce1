"""`vbench.evaluate_coco`: files or columns, the same numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vbench
from tests.metrics.coco.scenes import scene
from vbench.errors import InputError
from vbench.types.coco import CocoResults, CocoTruth


def write(folder: Path, truth: CocoTruth, results: CocoResults) -> tuple[Path, Path]:
    """The columns as COCO files."""
    golden, found = folder / "gt.json", folder / "dt.json"
    notes = [
        {
            "id": int(truth.annotation_id[k]),
            "image_id": int(truth.image_id[k]),
            "category_id": int(truth.category_id[k]),
            "bbox": truth.boxes_xywh[k].tolist(),
            "area": float(truth.area_px2[k]),
            "iscrowd": int(truth.crowd[k]),
        }
        for k in range(len(truth))
    ]
    golden.write_text(
        json.dumps(
            {
                "images": [{"id": k} for k in truth.image_ids.tolist()],
                "categories": [{"id": k} for k in truth.category_ids.tolist()],
                "annotations": notes,
            }
        )
    )
    rows = [
        {
            "image_id": int(results.image_id[k]),
            "category_id": int(results.category_id[k]),
            "bbox": results.boxes_xywh[k].tolist(),
            "score": float(results.scores[k]),
        }
        for k in range(len(results))
    ]
    found.write_text(json.dumps(rows))
    return golden, found


@pytest.mark.parametrize("strict", [True, False])
def test_files_and_columns_agree(tmp_path: Path, strict: bool) -> None:
    truth, results = scene(1)
    golden, found = write(tmp_path, truth, results)
    of_files = vbench.evaluate_coco(golden, str(found), strict=strict)
    of_columns = vbench.evaluate_coco(truth, results, strict=strict)
    assert np.array_equal(of_files.precision, of_columns.precision)
    assert np.array_equal(of_files.scores, of_columns.scores)
    assert of_files.stats == of_columns.stats
    assert of_files.stats["AP"] != 0.0


def test_settings_reach_the_evaluation() -> None:
    truth, results = scene(2)
    evaluation = vbench.evaluate_coco(truth, results, iou_thresholds=(0.5,), max_dets=(3,))
    assert evaluation.recall.shape == (1, len(truth.category_ids), 4, 1)
    with pytest.raises(InputError):
        vbench.evaluate_coco(truth, results, max_dets=(3, 1))


def test_a_wrong_record_is_named_by_file_and_field(tmp_path: Path) -> None:
    truth, results = scene(3)
    golden, found = write(tmp_path, truth, results)
    rows = json.loads(found.read_text())
    rows[17]["score"] = 1.5
    found.write_text(json.dumps(rows))
    with pytest.raises(InputError) as caught:
        vbench.evaluate_coco(golden, found)
    assert caught.value.where == f"{found}: [17].score"


def test_import_is_light() -> None:
    code = (
        "import sys, vbench; "
        "heavy = {'numpy', 'numba', 'msgspec', 'rich'} & set(sys.modules); "
        "assert not heavy, heavy; vbench.evaluate_coco; assert 'numpy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_names_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        vbench.no_such_name  # noqa: B018
