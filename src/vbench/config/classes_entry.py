"""``classes:`` of a pipeline file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vbench.config.model_file import FileModel


class ClassesEntry(FileModel):
    """The model's class list and how it maps to the golden set's taxonomy."""

    file: str | None = None
    names: list[str] | None = None
    map: dict[str, str] = Field(default_factory=dict)
    """Model class -> taxonomy class."""
    drop: list[str] | Literal["others"] = Field(default_factory=list)
    """Model classes to leave out; ``others`` leaves out all that the taxonomy does not know."""

    @model_validator(mode="after")
    def _one_source(self) -> ClassesEntry:
        if (self.file is None) == (self.names is None):
            raise ValueError("give either `file` or `names`")
        return self
