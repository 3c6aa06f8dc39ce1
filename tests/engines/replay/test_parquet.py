from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engines.replay.contexts import context_of
from vbench.engines.replay.parquet import read_parquet
from vbench.engines.replay.results import ReplayedResults
from vbench.errors import TruthError
from vbench.record.shards import write_detections
from vbench.types import Detections

TWO = ("person", "forklift")
COLUMNS: dict[str, list[float] | list[int] | list[str] | list[float | None]] = {
    "frame_index": [0, 9],
    "x1": [1.0, 2.0],
    "y1": [1.0, 2.0],
    "x2": [3.0, 4.0],
    "y2": [3.0, 4.0],
    "score": [0.5, 0.75],
    "class_id": [0, 1],
    "track_id": [-1, 5],
}


def read(
    tmp_path: Path,
    names: object = TWO,
    without: str | None = None,
    **changed: list[float] | list[int] | list[str] | list[float | None],
) -> ReplayedResults:
    columns = {key: value for key, value in (COLUMNS | changed).items() if key != without}
    metadata = {} if names is None else {"vbench.classes": json.dumps(names)}
    path = tmp_path / "dock.parquet"
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)
    return read_parquet(context_of(path, class_names=TWO))


def test_reads_what_a_run_stored(tmp_path: Path) -> None:
    detections = Detections(
        frame_index=np.array([2, 2, 4]),
        boxes_xyxy=np.array([[0.5, 0, 10, 10], [1, 1, 2, 2], [3, 3, 9, 9]]),
        scores=np.array([0.9, 0.1, 0.5]),
        class_id=np.array([0, 1, 1]),
        track_id=np.array([-1, -1, 4]),
    )
    path = tmp_path / "dock.parquet"
    write_detections(path, detections, ["forklift", "person"])
    results = read_parquet(context_of(path, class_names=TWO))
    np.testing.assert_array_equal(results.frame_index, detections.frame_index)
    np.testing.assert_array_equal(results.boxes_xyxy, detections.boxes_xyxy)
    np.testing.assert_array_equal(results.scores, detections.scores)
    np.testing.assert_array_equal(results.track_id, detections.track_id)
    # Classes go by name: the run had them the other way round.
    assert results.class_index.tolist() == [1, 0, 0]


def test_classes_without_detections_need_no_place(tmp_path: Path) -> None:
    assert read(tmp_path, ["person", "dog"], class_id=[0, 0]).class_index.tolist() == [0, 0]


def test_bad_rows_are_named(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"row 1: results are for frame 10"):
        read(tmp_path, frame_index=[0, 10])
    with pytest.raises(TruthError, match=r"row 0: score is nan"):
        read(tmp_path, score=[float("nan"), 0.5])
    with pytest.raises(TruthError, match=r"row 1: box has size -1"):
        read(tmp_path, x2=[3.0, 1.0])
    with pytest.raises(TruthError, match=r"row 1: class_id is 2, but the file names 2"):
        read(tmp_path, class_id=[0, 2])
    with pytest.raises(TruthError, match="column score holds empty places"):
        read(tmp_path, score=[0.5, None])
    with pytest.raises(TruthError, match="column score holds string"):
        read(tmp_path, score=["a", "b"])


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="lacks the columns x2"):
        read(tmp_path, without="x2")
    with pytest.raises(TruthError, match="does not name its classes"):
        read(tmp_path, names=None)
    with pytest.raises(TruthError, match="does not name its classes"):
        read(tmp_path, names={"a": 1})
    with pytest.raises(TruthError, match=r'class "persons" is not in.*did you mean "person"'):
        read(tmp_path, names=["persons", "forklift"])
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 no")
    with pytest.raises(TruthError, match="is not a readable Parquet file"):
        read_parquet(context_of(broken))
    with pytest.raises(TruthError, match="file not found"):
        read_parquet(context_of(tmp_path / "absent.parquet"))
