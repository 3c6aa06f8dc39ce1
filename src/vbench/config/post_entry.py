"""``post:`` of a detector: what happens to decoded detections."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from vbench.config.model_file import FileModel

Score = Annotated[float, Field(ge=0.0, le=1.0, strict=False)]
SCORE_FLOOR = 0.01
"""Detections below it are not stored, unless the pipeline file says otherwise."""


class NmsEntry(FileModel):
    """Non-maximum suppression."""

    iou: float = Field(gt=0.0, le=1.0, strict=False)
    class_aware: bool = True


class PostEntry(FileModel):
    """What happens to decoded detections."""

    score: Score = 0.3
    """The operating point."""
    score_per_class: dict[str, Score] = Field(default_factory=dict)
    """Operating points of single classes, by their name in the taxonomy."""
    floor: Score = SCORE_FLOOR
    """Detections are stored down to this score, so that thresholds can be judged again."""
    nms: NmsEntry | None = None
    top_k: int = Field(default=300, ge=1)
    """Best detections kept per frame, over all classes of the model."""

    @property
    def stored_from(self) -> float:
        """Lowest score that is stored: the floor, never above an operating point."""
        return min([self.floor, self.score, *self.score_per_class.values()])

    @model_validator(mode="after")
    def _floor_below(self) -> PostEntry:
        lowest = min([self.score, *self.score_per_class.values()])
        if "floor" in self.model_fields_set and self.floor > lowest:
            raise ValueError(f"floor {self.floor:g} is above the operating point {lowest:g}")
        return self
