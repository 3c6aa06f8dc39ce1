"""``kind: detector`` and ``kind: classifier`` stages."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vbench.config.classes_entry import ClassesEntry
from vbench.config.engines.entry import EngineEntry
from vbench.config.engines.replay import ReplayEntry
from vbench.config.golden_file import Name
from vbench.config.input_entry import InputEntry
from vbench.config.model_file import FileModel
from vbench.config.output_entries import OutputEntry
from vbench.config.post_entry import PostEntry


class DetectorStage(FileModel):
    """A detector."""

    id: Name
    kind: Literal["detector"]
    engine: EngineEntry
    classes: ClassesEntry | None = None
    """The model's classes; by default the pipeline's."""
    input: InputEntry | None = None
    output: OutputEntry | None = None
    post: PostEntry = Field(default_factory=PostEntry)
    alerts: bool = False
    """Whether the system behind a frame engine raises alerts of its own."""

    @model_validator(mode="after")
    def _fits_engine(self) -> DetectorStage:
        if self.alerts and self.engine.takes != "frames":
            raise ValueError(f"a {self.engine.type} engine raises no `alerts` of its own")
        given = {key: getattr(self, key) is not None for key in ("input", "output")}
        if self.engine.takes == "tensors":
            for key in (key for key, there in given.items() if not there):
                raise ValueError(f"a {self.engine.type} engine needs `{key}`")
            return self
        for key in (key for key, there in given.items() if there):
            why = "it gives detections" if self.engine.takes == "frames" else "results are final"
            raise ValueError(f"a {self.engine.type} engine takes no `{key}`: {why}")
        if isinstance(self.engine, ReplayEntry):
            final = [key for key in ("nms", "top_k", "floor") if key in self.post.model_fields_set]
            if final:
                raise ValueError(f"a replay engine takes no `post.{final[0]}`: results are final")
        return self
