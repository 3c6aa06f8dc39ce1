"""``kind: classifier`` stages."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vbench.config.classes_entry import ClassesEntry
from vbench.config.engines.entry import LiveEntry
from vbench.config.golden_file import Name
from vbench.config.input_entry import InputEntry
from vbench.config.model_file import FileModel
from vbench.config.output_entries import ClassifierOutput
from vbench.config.post_entry import Score


class ClassifierStage(FileModel):
    """A classifier on the crops of detections."""

    id: Name
    kind: Literal["classifier"]
    of: list[str] = Field(min_length=1)
    """Classes of the taxonomy whose detections are looked at."""
    score: Score | None = None
    """Detections from here on are looked at; by default the operating point of their class."""
    min_size_px: int = Field(default=1, ge=1)
    """Boxes with a shorter side are not looked at."""
    margin: float = Field(default=0.0, ge=0.0, le=1.0, strict=False)
    """What is cut out around the box on each side, as a share of the box's width and height."""
    engine: LiveEntry = Field(discriminator="type")
    classes: ClassesEntry
    """The classifier's own classes and what each becomes; those dropped remove the detection."""
    input: InputEntry
    output: ClassifierOutput
    min_score: Score = 0.5
    """The classifier's answer counts from here on."""
    below: Literal["keep", "drop"] = "keep"
    """What happens to a detection whose answer does not count: kept as it was, or left out."""
    combine: Literal["detector", "product"] = "detector"
    """Score of a detection whose answer counts: the detector's, or that times the classifier's."""

    @model_validator(mode="after")
    def _takes_tensors(self) -> ClassifierStage:
        if self.engine.takes != "tensors":
            raise ValueError(
                f"a {self.engine.type} engine takes {self.engine.takes}; a classifier needs one "
                "that takes tensors, such as onnxruntime"
            )
        return self
