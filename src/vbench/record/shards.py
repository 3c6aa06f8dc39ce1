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
from vbench.record.folder import named_write_errors, whole_file
from vbench.types import BoxTag, Detections, Matches, Timings, Truth

_BOX = ("x1", "y1", "x2", "y2")
_FRAME, _INTERVAL = "#frame", "#interval"
"""Columns beside those of the stages, which cannot have these names."""
_NONE = np.zeros(0, np.int64)


BLOCK_ROWS = 16_384
"""Detections are written, matched and read about this many at a time, always whole frames."""


@contextmanager
def detections_writer(
    path: Path, class_names: Sequence[str]
) -> Iterator[Callable[[Detections], None]]:
    """Write a detections shard block by block; each call appends whole frames, in order.

    Class names travel in the file's metadata. The shard appears when the context ends well.
    """
    with _table_writer(path, {"vbench.classes": json.dumps(list(class_names))}) as append:
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
    return _detections(_read(path))


def read_detection_blocks(path: Path) -> Iterator[Detections]:
    """Read a detections shard block by block, each of whole frames; at least one block.

    Raises:
        RunFolderError: the shard is missing or broken.
    """
    return (_detections(table) for table in _read_blocks(path))


def n_detections(path: Path) -> int:
    """How many detections a shard has. Raises RunFolderError where it is missing or broken."""
    with _named_errors(path), pq.ParquetFile(path) as file:
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
        frame_index=_column(table, "frame_index", np.int64),
        boxes_xyxy=_boxes(table),
        scores=_column(table, "score", np.float64),
        class_id=_column(table, "class_id", np.int64),
        track_id=_column(table, "track_id", np.int64),
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
    _write(path, columns, {})


def read_truth(path: Path) -> Truth:
    """Read the truth of a clip. Raises RunFolderError where it is missing or broken."""
    table = _read(path)
    keys = [name for name in table.column_names if name.startswith("tag.")]
    return Truth(
        frame_index=_column(table, "frame_index", np.int64),
        boxes_xyxy=_boxes(table),
        class_id=_column(table, "class_id", np.int64),
        track_id=_column(table, "track_id", np.int64),
        ignore=_column(table, "ignore", np.bool_),
        crowd=_column(table, "crowd", np.bool_),
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
    with _table_writer(path, metadata) as append:
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
    table = _read(path)
    thresholds, truth_counts = _match_facts(path, table)
    return _matches(table, thresholds, truth_counts)


def read_match_blocks(path: Path) -> Iterator[Matches]:
    """Read a match table block by block, as `read_detection_blocks` reads its detections.

    Raises:
        RunFolderError: the shard is missing or broken.
    """
    for table in _read_blocks(path):
        thresholds, truth_counts = _match_facts(path, table)
        yield _matches(table, thresholds, truth_counts)


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


def _match_facts(path: Path, table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    thresholds = np.array(_metadata(path, table, "vbench.iou_thresholds"), dtype=np.float64)
    n_truth, counts = _metadata(path, table, "vbench.truth_counts")
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(counts), np.uint8), count=int(n_truth))
    return thresholds, bits.astype(np.bool_)


def _matches(table: pa.Table, thresholds: np.ndarray, truth_counts: np.ndarray) -> Matches:
    shape = (len(thresholds), table.num_rows)
    truth_index = np.empty(shape, np.int32)
    iou = np.empty(shape, np.float64)
    ignored = np.empty(shape, np.bool_)
    for row, threshold in enumerate(thresholds):
        truth_index[row] = _column(table, f"truth_index@{threshold:g}", np.int32)
        iou[row] = _column(table, f"iou@{threshold:g}", np.float64)
        ignored[row] = _column(table, f"ignored@{threshold:g}", np.bool_)
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
    _write(path, columns, {"vbench.timings": json.dumps(facts)})


def read_timings(path: Path) -> Timings | None:
    """Read stage times; None where the pipeline has none (replayed results)."""
    if not path.exists():
        return None
    table = _read(path)
    facts = _metadata(path, table, "vbench.timings")
    stages = tuple(str(stage) for stage in facts["stages"])
    duration_ns = np.empty((table.num_rows, len(stages)), np.int64)
    for k, stage in enumerate(stages):
        duration_ns[:, k] = _column(table, stage, np.int64)
    # Earlier versions timed every frame and said no more.
    timed = _FRAME in table.column_names
    return Timings(
        stages,
        duration_ns,
        int(facts["n_warmup"]),
        "throughput" if facts["mode"] == "throughput" else "latency",
        _column(table, _FRAME, np.int64) if timed else np.arange(table.num_rows),
        _column(table, _INTERVAL, np.int64) if _INTERVAL in table.column_names else _NONE,
        tuple((str(stage), str(path)) for stage, path in facts.get("input_paths", [])),
    )


def _box_columns(boxes_xyxy: np.ndarray) -> dict[str, np.ndarray]:
    return {name: boxes_xyxy[:, k] for k, name in enumerate(_BOX)}


def _boxes(table: pa.Table) -> np.ndarray:
    boxes = np.empty((table.num_rows, 4), np.float64)
    for k, name in enumerate(_BOX):
        boxes[:, k] = _column(table, name, np.float64)
    return boxes


def _column(table: pa.Table, name: str, dtype: type[np.generic]) -> np.ndarray:
    # `to_numpy` and `read_table` import pandas, which takes as long as all the reading.
    column = table[name].combine_chunks()
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    return np.ascontiguousarray(np.from_dlpack(column), dtype=dtype)


def _array(column: np.ndarray) -> pa.Array:
    # `pa.array` imports pandas, which takes as long as all the writing.
    n = len(column)
    if column.dtype.kind == "U":
        texts = [text.encode() for text in column.tolist()]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
        return pa.StringArray.from_buffers(n, pa.py_buffer(ends), pa.py_buffer(b"".join(texts)))
    if column.dtype == np.bool_:
        bits = np.packbits(column, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), n, [None, pa.py_buffer(bits)])
    return pa.Array.from_buffers(pa.from_numpy_dtype(column.dtype), n, [None, pa.py_buffer(column)])


def _write(path: Path, columns: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    with _table_writer(path, metadata) as append:
        append(columns)


@contextmanager
def _table_writer(
    path: Path, metadata: dict[str, str]
) -> Iterator[Callable[[dict[str, np.ndarray]], None]]:
    """Append blocks of columns, each a row group; the file appears when the context ends well."""
    with whole_file(path) as part, ExitStack() as stack:
        writers: list[pq.ParquetWriter] = []

        def close() -> None:
            for writer in writers:
                with named_write_errors(path):
                    writer.close()

        stack.callback(close)

        def append(columns: dict[str, np.ndarray]) -> None:
            arrays = {name: _array(np.ascontiguousarray(one)) for name, one in columns.items()}
            table = pa.table(arrays).replace_schema_metadata(metadata)
            with named_write_errors(path):
                if not writers:
                    writers.append(pq.ParquetWriter(part, table.schema, compression="zstd"))
                writers[0].write_table(table)

        yield append


def _read(path: Path) -> pa.Table:
    with _named_errors(path), pq.ParquetFile(path) as file:
        return file.read()


def _read_blocks(path: Path) -> Iterator[pa.Table]:
    """Row groups with rows, each as a table; one empty table where there are none."""
    with _named_errors(path), pq.ParquetFile(path) as file:
        filled = [
            group for group in range(file.num_row_groups) if file.metadata.row_group(group).num_rows
        ]
        if not filled:
            yield file.read()
        for group in filled:
            yield file.read_row_group(group)
    if len(filled) > 1:
        # Of a long clip it is tens of MB that would lie under what is made of the rows.
        release_buffers()


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise RunFolderError(
            "a part of the run is missing", where=str(path), hint="run the benchmark again"
        ) from None
    except (pa.ArrowInvalid, OSError) as error:
        first_line = str(error).splitlines()[0]
        raise RunFolderError(
            f"a part of the run cannot be read: {first_line}",
            where=str(path),
            hint="delete the file and run the benchmark again",
        ) from None


def _metadata(path: Path, table: pa.Table, key: str):  # type: ignore[no-untyped-def]
    found = (table.schema.metadata or {}).get(key.encode())
    if found is None:
        raise RunFolderError(
            f"lacks {key}: not a file that vbench wrote", where=str(path), hint="run again"
        )
    return json.loads(found)


def release_buffers() -> None:
    """Return the memory that pyarrow keeps for the next file to the system."""
    pa.default_memory_pool().release_unused()
