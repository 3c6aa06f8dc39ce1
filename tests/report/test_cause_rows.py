from dataclasses import replace

import pytest

from tests.report.test_wording import metric, result
from vbench.report.cause_rows import FrameLinks, Link, cause_rows, frames_of
from vbench.types import Cause, GateResult, Run

_LINKS = FrameLinks(
    pictures={
        ("person-v2", "loading-dock", "dock3-night"): [(7, "frame-2"), (190, "frame-1")],
        ("person-v1", "loading-dock", "dock3-night"): [(200, "frame-9")],
    },
    timelines={
        ("loading-dock", "dock3-night"): "clip-1-3",
        ("loading-dock", "gate1-day"): "clip-1-4",
    },
)


@pytest.fixture
def lost() -> GateResult:
    return replace(
        result(metric(0.61)),
        pipeline="person-v2",
        golden_set="loading-dock",
        causes=(
            Cause("clip", "dock3-night", None, 1234, 0.5, 0.91),
            Cause("clip", "gate1-day", None, None, None, None),
            Cause("size", "size=small", None, 71, 0.711, 0.93),
            Cause("error", "low_score", None, 40, 0.4, 0.88),
            Cause("stretch", "dock3-night", (183, 212), 31, 0.31, 0.87),
        ),
    )


def test_a_row_for_each_cause(lost: GateResult, demo_run: Run) -> None:
    rows = cause_rows(demo_run, lost, _LINKS)
    assert [row.kind for row in rows] == ["Clip", "", "Size", "Kind of error", "Stretch"]
    clip, unknown, small, low, stretch = rows
    assert (clip.n_errors, clip.share, clip.recovered) == ("1,234", "50 %", "0.910")
    assert (unknown.n_errors, unknown.share, unknown.recovered, unknown.percent) == ("", "", "", 0)
    assert (small.name, small.percent) == ("small (under 32 px a side)", 71.1)
    assert low.name == "scored below the threshold"
    assert stretch.where == "frames 183 to 212 (0:07.3 to 0:08.5)"


def test_links_lead_to_pictures_of_the_same_pipeline(lost: GateResult, demo_run: Run) -> None:
    clip, unseen, _, _, stretch = cause_rows(demo_run, lost, _LINKS)
    assert [link.key for link in clip.links] == ["frame-2", "frame-1"]
    assert stretch.links == (Link("frame-1", "frame 190", is_picture=True),)
    # Nothing was kept of this clip: its timeline shows where the errors are.
    assert unseen.links == (Link("clip-1-4", "timeline", is_picture=False),)
    assert all(not row.links for row in cause_rows(demo_run, lost, FrameLinks()))


def test_every_picture_is_named_once(lost: GateResult, demo_run: Run) -> None:
    ((clip, links),) = frames_of(cause_rows(demo_run, lost, _LINKS))
    assert clip == "dock3-night"
    assert [link.key for link in links] == ["frame-2", "frame-1"]
