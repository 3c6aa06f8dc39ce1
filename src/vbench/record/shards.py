"""Columnar shards of a run folder in Parquet; one file per pipeline and clip.

Each shard is written under a temporary name and renamed when complete, so half a clip never looks
whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vbench.errors import RunFolderError
from vbench.record.parquet_file import (
    Facts,
    column_of,
    filled_groups,
    named_read_errors,
    opened,
    read_group,
    read_table,
    read_table_blocks,
    rows_of_groups,
    stated,
    table_writer,
    write_table,
)
from vbench.types import Block, BoxTag, Detections, Matches, Timings, Truth

_BOX = ("x1", "y1", "x2", "y2")
_FRAME, _INTERVAL = "#frame", "#interval"
"""Columns beside those of the stages, which cannot have these names."""
_NONE = np.zeros(0, np.int64)
_MATCH_COLUMNS = ("truth_index", "iou", "ignored")
"""Of each IoU threshold."""
_SAME_IOU = 1e-9


BLOCK_ROWS = 16_384
"""Detections are written, matched and read about this many at a time, always whole frames."""


@contextmanager
def detections_writer(
    path: Path, class_names: Sequence[str]
) -> Iterator[Callable[[Detections], None]]:
    """Write a detections shard block by block; each call appends whole frames, in order.

    Class names travel in the file's metadata. The shard appears when the context ends well.
    """
    with table_writer(path, {"vbench.classes": json.dumps(list(class_names))}) as append:
        append(_detection_columns(Detections.empty()))

        def append_block(block: Detections) -> None:
            if len(block):
                append(_detection_columns(block))

        yield append_block


def write_detections(path: Path, detections: Detections, class_names: Sequence[str]) -> None:
    """Write a whole detections shard."""
    with detections_writer(path, class_names) as append:
        for block in _blocks_of(detections):
            append(block)


def read_detections(path: Path) -> Detections:
    """Read a detections shard. Raises RunFolderError where it is missing or broken."""
    return _detections(read_table(path))


def read_detection_blocks(path: Path) -> Iterator[Detections]:
    """Read a detections shard block by block, each of whole frames; at least one block.

    Raises:
        RunFolderError: the shard is missing or broken.
    """
    return (_detections(table) for table in read_table_blocks(path))


def n_detections(path: Path) -> int:
    """How many detections a shard has. Raises RunFolderError where it is missing or broken."""
    with named_read_errors(path), pq.ParquetFile(path) as file:
        return int(file.metadata.num_rows)


def _detection_columns(detections: Detections) -> dict[str, np.ndarray]:
    return {
        "frame_index": detections.frame_index,
        **_box_columns(detections.boxes_xyxy),
        "score": detections.scores,
        "class_id": detections.class_id,
        "track_id": detections.track_id,
    }


def _detections(table: pa.Table) -> Detections:
    return Detections(
        frame_index=column_of(table, "frame_index", np.int64),
        boxes_xyxy=_boxes(table),
        scores=column_of(table, "score", np.float64),
        class_id=column_of(table, "class_id", np.int64),
        track_id=column_of(table, "track_id", np.int64),
    )


def _blocks_of(detections: Detections) -> Iterator[Detections]:
    """Cut a table between frames, into blocks of at least `BLOCK_ROWS` rows but for the last."""
    first = 0
    while first < len(detections):
        last = min(first + BLOCK_ROWS, len(detections)) - 1
        end = int(np.searchsorted(detections.frame_index, detections.frame_index[last], "right"))
        yield detections.take(np.arange(first, end))
        first = end


def write_truth(path: Path, truth: Truth) -> None:
    """Write the truth of a clip."""
    columns = {
        "frame_index": truth.frame_index,
        **_box_columns(truth.boxes_xyxy),
        "class_id": truth.class_id,
        "track_id": truth.track_id,
        "ignore": truth.ignore,
        "crowd": truth.crowd,
        **{f"tag.{tag.key}": tag.values for tag in truth.tags},
    }
    write_table(path, columns, {})


def read_truth(path: Path) -> Truth:
    """Read the truth of a clip. Raises RunFolderError where it is missing or broken."""
    table = read_table(path)
    keys = [name for name in table.column_names if name.startswith("tag.")]
    return Truth(
        frame_index=column_of(table, "frame_index", np.int64),
        boxes_xyxy=_boxes(table),
        class_id=column_of(table, "class_id", np.int64),
        track_id=column_of(table, "track_id", np.int64),
        ignore=column_of(table, "ignore", np.bool_),
        crowd=column_of(table, "crowd", np.bool_),
        tags=tuple(
            BoxTag(key.removeprefix("tag."), np.array(table[key].to_pylist(), dtype=np.str_))
            for key in keys
        ),
    )


def write_matches(path: Path, blocks: Iterable[Matches]) -> None:
    """Write a match table: a row per detection, three columns per IoU threshold.

    Args:
        path: the shard.
        blocks: tables of consecutive detections of one clip, at least one; all with the same
            thresholds, and each with the clip's whole `truth_counts`.
    """
    rest = iter(blocks)
    first = next(rest)
    counts = np.packbits(first.truth_counts).tobytes().hex()
    metadata = {
        "vbench.iou_thresholds": json.dumps(first.iou_thresholds.tolist()),
        "vbench.truth_counts": json.dumps([len(first.truth_counts), counts]),
    }
    with table_writer(path, metadata) as append:
        append(_match_columns(first))
        for block in rest:
            append(_match_columns(block))


def _match_columns(matches: Matches) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    for row, threshold in enumerate(matches.iou_thresholds):
        columns[f"truth_index@{threshold:g}"] = matches.truth_index[row]
        columns[f"iou@{threshold:g}"] = matches.iou[row]
        columns[f"ignored@{threshold:g}"] = matches.ignored[row]
    return columns


def read_matches(path: Path) -> Matches:
    """Read a match table. Raises RunFolderError where it is missing or broken."""
    table = read_table(path)
    thresholds, truth_counts = _match_facts(path, table.schema.metadata)
    return _matches(table, thresholds, truth_counts)


def read_match_blocks(path: Path) -> Iterator[Matches]:
    """Read a match table block by block, as `read_detection_blocks` reads its detections.

    Raises:
        RunFolderError: the shard is missing or broken.
    """
    for table in read_table_blocks(path):
        thresholds, truth_counts = _match_facts(path, table.schema.metadata)
        yield _matches(table, thresholds, truth_counts)


def read_matched_blocks(
    detections: Path, matches: Path, iou_threshold: float, frames: range | None = None
) -> Iterator[Block]:
    """Read detections with their matches at one IoU threshold, in blocks; at least one block.

    Of the other thresholds nothing is read.

    Args:
        detections: the detections shard.
        matches: its match table.
        iou_threshold: which of the table's thresholds.
        frames: leave out blocks that hold none of these frames.

    Raises:
        RunFolderError: a shard is missing or broken, they are not of the same detections, or the
            table lacks the threshold.
    """
    with ExitStack() as stack:
        found = opened(stack, detections)
        table = opened(stack, matches)
        groups = list(zip(filled_groups(found), filled_groups(table), strict=False))
        if rows_of_groups(found) != rows_of_groups(table):
            raise RunFolderError(
                "is of other detections", where=str(matches), hint="run the benchmark again"
            )
        thresholds, truth_counts = _match_facts(matches, table.schema_arrow.metadata)
        threshold = thresholds[np.abs(thresholds - iou_threshold) < _SAME_IOU]
        if not len(threshold):
            raise RunFolderError(
                f"has no IoU threshold {iou_threshold:g}",
                where=str(matches),
                hint="run the benchmark again",
            )
        names = [f"{name}@{threshold[0]:g}" for name in _MATCH_COLUMNS]
        if frames is not None:
            groups = [pair for pair in groups if _may_hold(found, pair[0], frames)]
        chosen: list[tuple[int | None, int | None]] = [*groups] or [(None, None)]
        for group, of_matches in chosen:
            rows = read_group(matches, table, of_matches, names)
            yield (
                _detections(read_group(detections, found, group)),
                _matches(rows, threshold, truth_counts),
            )


def match_table_fits(path: Path, detections: Path, iou_thresholds: np.ndarray) -> bool:
    """Whether a match table has these thresholds, and a row for each detection of a shard.

    False where either is missing or broken. Only what the files say of themselves is read.
    """
    try:
        with pq.ParquetFile(path) as table, pq.ParquetFile(detections) as shard:
            facts = table.schema_arrow.metadata or {}
            thresholds = json.loads(facts.get(b"vbench.iou_thresholds", b"[]"))
            n_rows = table.metadata.num_rows, shard.metadata.num_rows
    except (pa.ArrowInvalid, OSError):
        return False
    return np.array_equal(thresholds, iou_thresholds) and n_rows[0] == n_rows[1]


def _match_facts(path: Path, facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    thresholds = np.array(stated(path, facts, "vbench.iou_thresholds"), dtype=np.float64)
    n_truth, counts = stated(path, facts, "vbench.truth_counts")
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(counts), np.uint8), count=int(n_truth))
    return thresholds, bits.astype(np.bool_)


def _matches(table: pa.Table, thresholds: np.ndarray, truth_counts: np.ndarray) -> Matches:
    shape = (len(thresholds), table.num_rows)
    truth_index = np.empty(shape, np.int32)
    iou = np.empty(shape, np.float64)
    ignored = np.empty(shape, np.bool_)
    for row, threshold in enumerate(thresholds):
        truth_index[row] = column_of(table, f"truth_index@{threshold:g}", np.int32)
        iou[row] = column_of(table, f"iou@{threshold:g}", np.float64)
        ignored[row] = column_of(table, f"ignored@{threshold:g}", np.bool_)
    return Matches(thresholds, truth_index, iou, ignored, truth_counts)


def write_timings(path: Path, timings: Timings) -> None:
    """Write stage times: a row per frame, a column per stage."""
    columns = {stage: timings.duration_ns[:, k] for k, stage in enumerate(timings.stages)}
    facts = {
        "n_warmup": timings.n_warmup,
        "mode": timings.mode,
        "stages": list(timings.stages),
        "input_paths": [list(pair) for pair in timings.input_paths],
    }
    columns[_FRAME] = timings.frame_index
    if timings.mode == "throughput":
        columns[_INTERVAL] = timings.interval_ns
    write_table(path, columns, {"vbench.timings": json.dumps(facts)})


def read_timings(path: Path) -> Timings | None:
    """Read stage times; None where the pipeline has none (replayed results)."""
    if not path.exists():
        return None
    table = read_table(path)
    facts = stated(path, table.schema.metadata, "vbench.timings")
    stages = tuple(str(stage) for stage in facts["stages"])
    duration_ns = np.empty((table.num_rows, len(stages)), np.int64)
    for k, stage in enumerate(stages):
        duration_ns[:, k] = column_of(table, stage, np.int64)
    # Earlier versions timed every frame and said no more.
    timed = _FRAME in table.column_names
    return Timings(
        stages,
        duration_ns,
        int(facts["n_warmup"]),
        "throughput" if facts["mode"] == "throughput" else "latency",
        column_of(table, _FRAME, np.int64) if timed else np.arange(table.num_rows),
        column_of(table, _INTERVAL, np.int64) if _INTERVAL in table.column_names else _NONE,
        tuple((str(stage), str(path)) for stage, path in facts.get("input_paths", [])),
    )


def _box_columns(boxes_xyxy: np.ndarray) -> dict[str, np.ndarray]:
    return {name: boxes_xyxy[:, k] for k, name in enumerate(_BOX)}


def _boxes(table: pa.Table) -> np.ndarray:
    boxes = np.empty((table.num_rows, 4), np.float64)
    for k, name in enumerate(_BOX):
        boxes[:, k] = column_of(table, name, np.float64)
    return boxes


def _may_hold(file: pq.ParquetFile, group: int, frames: range) -> bool:
    """Whether a row group of detections can hold one of some frames."""
    column = file.schema_arrow.get_field_index("frame_index")
    facts = file.metadata.row_group(group).column(column).statistics
    if facts is None or not facts.has_min_max:
        return True
    return bool(facts.min < frames.stop and frames.start <= facts.max)
