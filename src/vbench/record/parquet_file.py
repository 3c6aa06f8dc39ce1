"""Tables in Parquet files: columns as numpy arrays, row groups, and facts beside the columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vbench.errors import RunFolderError
from vbench.record.folder import named_write_errors, whole_file

Facts: TypeAlias = Mapping[bytes, bytes] | None
"""What a file says of itself beside its columns."""


def column_of(table: pa.Table, name: str, dtype: type[np.generic]) -> np.ndarray:
    """A column (n_rows,) as a contiguous array of a type."""
    # `to_numpy` and `read_table` import pandas, which takes as long as all the reading.
    column = table[name].combine_chunks()
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    return np.ascontiguousarray(np.from_dlpack(column), dtype=dtype)


def array_of(column: np.ndarray) -> pa.Array:
    """A column of numbers, flags or texts for a table."""
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


def write_table(path: Path, columns: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """Write a table of one row group. Raises RunFolderError where that fails."""
    with table_writer(path, metadata) as append:
        append(columns)


@contextmanager
def table_writer(
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
            arrays = {name: array_of(np.ascontiguousarray(one)) for name, one in columns.items()}
            table = pa.table(arrays).replace_schema_metadata(metadata)
            with named_write_errors(path):
                if not writers:
                    writers.append(pq.ParquetWriter(part, table.schema, compression="zstd"))
                writers[0].write_table(table)

        yield append


def read_table(path: Path) -> pa.Table:
    """Read a whole table. Raises RunFolderError where it is missing or broken."""
    with named_read_errors(path), pq.ParquetFile(path) as file:
        return file.read()


def opened(stack: ExitStack, path: Path) -> pq.ParquetFile:
    """A file that is closed with `stack`. Raises RunFolderError as `read_table`."""
    with named_read_errors(path):
        return stack.enter_context(pq.ParquetFile(path))


def filled_groups(file: pq.ParquetFile) -> list[int]:
    """Row groups with rows."""
    return [
        group for group in range(file.num_row_groups) if file.metadata.row_group(group).num_rows
    ]


def rows_of_groups(file: pq.ParquetFile) -> list[int]:
    """Numbers of rows of the row groups that have any."""
    return [file.metadata.row_group(group).num_rows for group in filled_groups(file)]


def read_group(
    path: Path, file: pq.ParquetFile, group: int | None, columns: Sequence[str] | None = None
) -> pa.Table:
    """Some columns of a row group; of none, a table without rows."""
    with named_read_errors(path):
        if group is not None:
            return file.read_row_group(group, columns=columns)
    empty = file.schema_arrow.empty_table()
    return empty if columns is None else empty.select(columns)


def read_table_blocks(path: Path) -> Iterator[pa.Table]:
    """Row groups with rows, each as a table; one empty table where there are none."""
    with named_read_errors(path), pq.ParquetFile(path) as file:
        filled = filled_groups(file)
        if not filled:
            yield file.read()
        for group in filled:
            yield file.read_row_group(group)
    if len(filled) > 1:
        # Of a long clip it is tens of MB that would lie under what is made of the rows.
        release_buffers()


@contextmanager
def named_read_errors(path: Path) -> Iterator[None]:
    """Raise RunFolderError with its path where a file is missing or broken."""
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


def stated(path: Path, facts: Facts, key: str):  # type: ignore[no-untyped-def]
    """One of the facts beside the columns, from JSON. Raises RunFolderError where it is missing."""
    found = (facts or {}).get(key.encode())
    if found is None:
        raise RunFolderError(
            f"lacks {key}: not a file that vbench wrote", where=str(path), hint="run again"
        )
    return json.loads(found)


def release_buffers() -> None:
    """Return the memory that pyarrow keeps for the next file to the system."""
    pa.default_memory_pool().release_unused()
