import re

import numpy as np

from vbench.report.charts import (
    MAX_COLUMNS,
    column_edges,
    stacked_bar,
    strip,
    tallest_column,
    time_ticks,
)
from vbench.report.evidence import ClipEvidence


def evidence(tp: list[int], fp: list[int], fn: list[int]) -> ClipEvidence:
    return ClipEvidence(
        pipeline="p",
        golden_set="g",
        clip="c",
        tp=np.array(tp, np.int64),
        fp=np.array(fp, np.int64),
        fn=np.array(fn, np.int64),
        focus=np.zeros(len(tp), np.int64),
    )


def test_columns_are_of_equal_length_and_cover_every_frame() -> None:
    for n_frames in (1, 599, 600, 601, 700, 100_000):
        edges = column_edges(n_frames)
        lengths = np.diff(edges)
        assert edges[0] == 0
        assert edges[-1] == n_frames
        assert len(lengths) <= MAX_COLUMNS
        assert set(lengths[:-1]) <= {lengths[0]}
        assert 0 < lengths[-1] <= lengths[0]


def test_bars_stand_where_things_happened() -> None:
    item = evidence([2, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1])
    made = strip(item, 25.0, tallest=tallest_column(item), max_spans=60)
    assert made.found.path == "M0 16v-16h2v16z"
    assert made.false.path == "M2 16v-8h1v8z"
    assert made.missed.path == "M3 16v-8h1v8z"
    assert (made.found.total, made.missed.total, made.false.total) == (4, 1, 1)


def test_one_error_among_hundreds_of_hits_is_visible() -> None:
    item = evidence([900] * 10, [0] * 9 + [1], [0] * 10)
    made = strip(item, 25.0, tallest=900, max_spans=60)
    height = re.fullmatch(r"M9 16v-([\d.]+)h1v.*z", made.false.path)
    assert height is not None
    assert float(height[1]) >= 3


def test_spans_and_summary_tell_the_counts() -> None:
    item = evidence([1] * 100, [0] * 100, [0] * 50 + [3] + [0] * 49)
    made = strip(item, 25.0, tallest=3, max_spans=10)
    assert len(made.spans) == 10
    assert made.spans[5].title == "frames 50 to 59, 0:02.0: 10 found, 3 missed, 0 false"
    assert "most errors in the second from 0:02.0 (3)" in made.summary


def test_stretches_are_marked_on_their_columns() -> None:
    item = evidence([1] * 1200, [0] * 1200, [0] * 1200)
    # Two frames a column.
    made = strip(item, 25.0, tallest=2, max_spans=10, stretches=[(100, 199), (7, 7)])
    assert [(mark.x, mark.width) for mark in made.marks] == [(50, 50), (3, 1)]
    assert made.marks[0].title == "frames 100 to 199 carry the loss of a gate"
    (to_the_end,) = strip(item, 25.0, tallest=2, max_spans=10, stretches=[(1190, 1199)]).marks
    assert to_the_end.x + to_the_end.width == made.n_columns


def test_a_clip_without_frames_or_events_is_drawn_empty() -> None:
    for n_frames in (0, 1, 30):
        item = evidence([0] * n_frames, [0] * n_frames, [0] * n_frames)
        made = strip(item, 25.0, tallest=tallest_column(item), max_spans=60)
        assert made.found.path == made.missed.path == made.false.path == ""


def test_ticks_are_round_and_few() -> None:
    assert [tick.text for tick in time_ticks(28.0)] == [
        "0:00",
        "0:05",
        "0:10",
        "0:15",
        "0:20",
        "0:25",
    ]
    assert len(time_ticks(86_400 * 3)) <= 10
    assert time_ticks(0.0) == ()


def test_stacked_bar_fills_its_share() -> None:
    parts = stacked_bar((("a", 1.0, "1 ms"), ("b", 3.0, "3 ms")), 8.0)
    assert [(part.x_percent, part.width_percent) for part in parts] == [(0.0, 12.5), (12.5, 37.5)]
    assert stacked_bar((("a", 0.0, "0 ms"),), 0.0) == ()
