"""``kind: tracker`` stages, one entry per tracker."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from vbench.config.golden_file import Name
from vbench.config.model_file import FileModel
from vbench.config.post_entry import Score

Iou: TypeAlias = Annotated[float, Field(gt=0.0, le=1.0, strict=False)]

_NEW_TRACK_LEAD = 0.1
"""How far above `high_score` a detection must be to start a track, where nothing is said."""


class ByteTrackStage(FileModel):
    """ByteTrack (Zhang et al., ECCV 2022, arXiv:2110.06864); defaults of its published code."""

    id: Name
    kind: Literal["tracker"]
    type: Literal["bytetrack"]
    high_score: Score = 0.6
    """Detections from here on are matched first, with tracks and lost tracks."""
    low_score: Score = 0.1
    """Detections from here on may continue a track that no high one continues."""
    new_track_score: Score | None = None
    """An unmatched detection from here on starts a track; by default `high_score` + 0.1."""
    match_iou: Iou = 0.1
    """Lowest IoU (times score, with `fuse_score`) of a high detection and a track."""
    low_match_iou: Iou = 0.5
    """Lowest IoU of a low detection and a track."""
    new_match_iou: Iou = 0.3
    """As `match_iou`, for tracks of one detection; without a second one they end."""
    fuse_score: bool = True
    """Whether IoU is multiplied by the detection's score where high detections are matched."""
    buffer_frames: int = Field(default=30, ge=0)
    """Frames that a track may go unmatched before it ends."""
    per_class: bool = True
    """Whether detections of different classes never share a track."""

    @property
    def starts_from(self) -> float:
        """Score from which on an unmatched detection starts a track."""
        if self.new_track_score is None:
            return min(self.high_score + _NEW_TRACK_LEAD, 1.0)
        return self.new_track_score

    @model_validator(mode="after")
    def _scores_in_order(self) -> ByteTrackStage:
        if self.low_score > self.high_score:
            raise ValueError(f"low_score {self.low_score:g} is above high_score")
        if self.starts_from < self.high_score:
            raise ValueError(f"new_track_score {self.starts_from:g} is below high_score")
        return self


class SortStage(FileModel):
    """SORT (Bewley et al., ICIP 2016, arXiv:1602.00763); defaults of its published code."""

    id: Name
    kind: Literal["tracker"]
    type: Literal["sort"]
    score: Score = 0.5
    """Detections below it are left without identity."""
    match_iou: Iou = 0.3
    """Lowest IoU of a detection and a track."""
    min_hits: int = Field(default=3, ge=0)
    """Matches in a row before a track's detections get its identity."""
    buffer_frames: int = Field(default=1, ge=0)
    """Frames that a track may go unmatched before it ends."""
    per_class: bool = True
    """Whether detections of different classes never share a track."""


TrackerStage: TypeAlias = Annotated[ByteTrackStage | SortStage, Field(discriminator="type")]
