"""Metric rows of one pipeline on one golden set as columns that JSON can hold, and back.

``run.json`` is for others; this is for vbench alone, where thousands of rows are to be read in
milliseconds. Numbers come back to the last bit.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

from vbench.types import Better, Interval, Metric, OperatingPoint, Slice, Units

Columns: TypeAlias = Mapping[str, list[object]]
"""Column name -> a value per row; what is often the same is a number of a row of ``NAME.each``."""

_PLAIN = ("name", "reason", "unit", "better", "class_name", "clip", "no_interval", "signature")
"""Texts, as they are in `Metric`."""

_Value = TypeVar("_Value", bound=Hashable)


def metric_columns(rows: Sequence[Metric]) -> dict[str, list[object]]:
    """The columns of some rows; whose they are, and of which golden set, is not in them."""
    columns: dict[str, list[object]] = {}
    for field in _PLAIN:
        columns |= _coded(field, [getattr(row, field) for row in rows])
    columns |= _coded("slice", [row.slice for row in rows])
    columns |= _coded("operating_point", [row.operating_point for row in rows])
    columns["operating_point.each"] = [
        None if one is None else [one.iou, list(one.scores)]
        for one in dict.fromkeys(row.operating_point for row in rows)
    ]
    columns["value"] = [None if row.value is None else float(row.value) for row in rows]
    columns["n"] = [int(row.n) for row in rows]
    columns["interval"] = [
        None
        if (one := row.interval) is None
        else [one.low, one.high, one.confidence, one.units, one.n_units, one.n_effective]
        for row in rows
    ]
    return columns


def metrics_from_columns(columns: Columns, pipeline: str, golden_set: str) -> tuple[Metric, ...]:
    """The rows, of a pipeline and golden set of these names.

    Raises:
        KeyError, IndexError, TypeError, ValueError: not what `metric_columns` gives.
    """
    texts = {field: cast("list[str]", _decoded(columns, field)) for field in _PLAIN}
    slices = [
        tuple((str(key), str(value)) for key, value in cast("list[list[str]]", one))
        for one in columns["slice.each"]
    ]
    points = [_point(one) for one in columns["operating_point.each"]]
    rows = zip(
        *(texts[field] for field in _PLAIN),
        cast("list[int]", columns["slice"]),
        cast("list[int]", columns["operating_point"]),
        cast("list[float | None]", columns["value"]),
        cast("list[int]", columns["n"]),
        columns["interval"],
        strict=True,
    )
    return tuple(
        Metric(
            name=name,
            value=value,
            reason=reason,
            unit=unit,
            better=cast("Better", better),
            n=n,
            pipeline=pipeline,
            golden_set=golden_set,
            class_name=class_name,
            clip=clip,
            slice=cast("Slice", slices[of_slice]),
            interval=_interval(interval),
            no_interval=no_interval,
            operating_point=points[point],
            signature=signature,
        )
        for (
            name,
            reason,
            unit,
            better,
            class_name,
            clip,
            no_interval,
            signature,
            of_slice,
            point,
            value,
            n,
            interval,
        ) in rows
    )


def _coded(field: str, values: Sequence[_Value]) -> dict[str, list[object]]:
    """A column of numbers, and what each number stands for."""
    number = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return {field: [number[value] for value in values], f"{field}.each": list(number)}


def _decoded(columns: Columns, field: str) -> list[object]:
    each = columns[f"{field}.each"]
    return [each[place] for place in cast("list[int]", columns[field])]


def _point(entry: object) -> OperatingPoint | None:
    if entry is None:
        return None
    iou, scores = cast("tuple[float, list[tuple[str, float]]]", entry)
    return OperatingPoint(iou, tuple((name, score) for name, score in scores))


def _interval(entry: object) -> Interval | None:
    if entry is None:
        return None
    low, high, confidence, units, n_units, n_effective = cast(
        "tuple[float, float, float, Units, int, float | None]", entry
    )
    return Interval(low, high, confidence, units, n_units, n_effective)
