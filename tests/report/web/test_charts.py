import re

import numpy as np

from vbench.metrics.score_counts import ScoreBins, ScoreCounts
from vbench.report.evidence import ClipEvidence, StoredAnswers
from vbench.report.web.charts import (
    MAX_COLUMNS,
    Detail,
    column_edges,
    gaps,
    strip,
    tallest_column,
    time_ticks,
)
from vbench.types import Detections


def evidence(tp: list[int], fp: list[int], fn: list[int]) -> ClipEvidence:
    return ClipEvidence(
        pipeline="p",
        golden_set="g",
        clip="c",
        tp=np.array(tp, np.int64),
        fp=np.array(fp, np.int64),
        fn=np.array(fn, np.int64),
        focus=np.zeros(len(tp), np.int64),
        detections=Detections.empty(),
        truth_index=np.zeros(0, np.int64),
        missed=np.zeros(0, np.bool_),
        truth_counts=np.zeros(0, np.bool_),
        scores=ScoreCounts.empty(1),
        bins=ScoreBins.empty(1),
        pictured=StoredAnswers(Detections.empty(), np.zeros(0, np.int64)),
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


FINE = Detail(max_columns=MAX_COLUMNS, max_spans=60)


def columns_of(path: str) -> list[int]:
    """Heights of the columns that an outline encloses, one unit each."""
    start = re.match(r"M0 16", path)
    assert start is not None
    assert path.endswith("z")
    height, heights = 0, []
    for command, amount in re.findall(r"([vh])(-?\d+)", path[start.end() :]):
        if command == "v":
            height -= int(amount)
        else:
            heights += [height] * int(amount)
    assert height == 0
    return heights


def test_bars_stand_where_things_happened() -> None:
    item = evidence([2, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1])
    made = strip(item, 25.0, tallest=tallest_column(item, FINE), detail=FINE)
    assert columns_of(made.found.path) == [16, 16]
    assert columns_of(made.false.path) == [0, 0, 8]
    assert columns_of(made.missed.path) == [0, 0, 0, 8]
    assert (made.found.total, made.missed.total, made.false.total) == (4, 1, 1)


def test_one_error_among_hundreds_of_hits_is_visible() -> None:
    item = evidence([900] * 10, [0] * 9 + [1], [0] * 10)
    made = strip(item, 25.0, tallest=900, detail=FINE)
    assert columns_of(made.false.path) == [0] * 9 + [3]


def test_one_error_in_a_hundred_thousand_frames_is_visible() -> None:
    missed = [0] * 100_000
    missed[12_345] = 1
    item = evidence([4] * 100_000, [0] * 100_000, missed)
    for n_strips in (1, 120, 2_000):
        detail = Detail.of(n_strips)
        made = strip(item, 25.0, tallest=tallest_column(item, detail), detail=detail)
        assert max(columns_of(made.missed.path)) >= 3


def test_many_strips_are_drawn_more_coarsely() -> None:
    assert Detail.of(1).max_columns == MAX_COLUMNS
    rng = np.random.default_rng(3)
    busy = evidence(*(rng.integers(0, 9, 2_500).tolist() for _ in range(3)))
    for n_strips in (120, 2_000):
        detail = Detail.of(n_strips)
        made = strip(busy, 25.0, tallest=tallest_column(busy, detail), detail=detail)
        words = [span.title for span in made.spans]
        paths = [band.path for band in (made.found, made.missed, made.false)]
        # The markup around a span is about 50 characters.
        size = sum(map(len, paths)) + sum(len(text) + 50 for text in words)
        assert n_strips * size < 1_500_000


def test_spans_and_summary_tell_the_counts() -> None:
    item = evidence([1] * 100, [0] * 100, [0] * 50 + [3] + [0] * 49)
    made = strip(item, 25.0, tallest=3, detail=Detail(MAX_COLUMNS, 10))
    assert len(made.spans) == 10
    assert made.spans[5].title == "frames 50 to 59, 0:02.0: 10 found, 3 missed, 0 false"
    assert "most errors in the second from 0:02.0 (3)" in made.summary


def test_stretches_are_marked_on_their_columns() -> None:
    item = evidence([1] * 1200, [0] * 1200, [0] * 1200)
    # Two frames a column.
    made = strip(item, 25.0, tallest=2, detail=FINE, stretches=[(100, 199), (7, 7)])
    assert [(mark.x, mark.width) for mark in made.marks] == [(50, 50), (3, 1)]
    assert made.marks[0].title == "frames 100 to 199 carry the loss of a gate"
    (to_the_end,) = strip(item, 25.0, tallest=2, detail=FINE, stretches=[(1190, 1199)]).marks
    assert to_the_end.x + to_the_end.width == made.n_columns


def test_stretches_without_annotation_are_whole_columns() -> None:
    made = gaps([(0, 240), (270, 280)], 300, FINE)
    assert [(gap.x, gap.width) for gap in made] == [(240, 30), (280, 20)]
    assert made[0].title == "frames 240 to 269 not annotated"
    # Every fifth frame: no column is without one.
    assert gaps([(k, k + 1) for k in range(0, 6000, 5)], 6000, FINE) == ()
    assert gaps([(0, 1)], 1, FINE) == ()
    assert [(gap.x, gap.width) for gap in gaps([], 30, FINE)] == [(0, 30)]


def test_late_frames_are_a_tick_per_column() -> None:
    item = evidence([1] * 1200, [0] * 1200, [0] * 1200)
    made = strip(item, 25.0, tallest=2, detail=FINE, late=[0, 1, 1199])
    assert made.late == "M0.5 0v5M599.5 0v5"


def test_a_clip_without_frames_or_events_is_drawn_empty() -> None:
    for n_frames in (0, 1, 30):
        item = evidence([0] * n_frames, [0] * n_frames, [0] * n_frames)
        made = strip(item, 25.0, tallest=tallest_column(item, FINE), detail=FINE)
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
