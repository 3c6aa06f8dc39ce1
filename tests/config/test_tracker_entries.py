from __future__ import annotations

import pydantic
import pytest

from vbench.config.tracker_entries import ByteTrackStage, SortStage


def byte_track(**keys: object) -> ByteTrackStage:
    return ByteTrackStage.model_validate(
        {"id": "t", "kind": "tracker", "type": "bytetrack", **keys}
    )


def test_a_track_starts_from_a_tenth_above_the_high_score() -> None:
    assert byte_track().starts_from == pytest.approx(0.7)
    assert byte_track(high_score=0.95).starts_from == 1.0
    assert byte_track(high_score=0.3, new_track_score=0.5).starts_from == 0.5


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"low_score": 0.7}, "low_score 0.7 is above high_score"),
        ({"new_track_score": 0.5}, "new_track_score 0.5 is below high_score"),
        ({"buffer_frames": -1}, "buffer_frames"),
        ({"match_iou": 1.5}, "match_iou"),
        ({"low_match_iou": 0}, "low_match_iou"),
        ({"track_buffer": 30}, "track_buffer"),
    ],
)
def test_what_is_refused(keys: dict[str, object], problem: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=problem):
        byte_track(**keys)


def test_sort_has_no_keys_of_byte_track() -> None:
    with pytest.raises(pydantic.ValidationError, match="high_score"):
        SortStage.model_validate({"id": "t", "kind": "tracker", "type": "sort", "high_score": 0.6})
