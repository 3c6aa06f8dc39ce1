"""The files of a golden set, opened: what every later check works on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbench.config.golden_file import ClipEntry, GoldenFile, LockEntry, LockFile
from vbench.config.model_file import ModelFile
from vbench.golden.formats import DEFAULT_FRAME_BASE
from vbench.types import ClassDef, Taxonomy

LOCK_NAME = "golden.lock"


@dataclass(frozen=True, slots=True)
class GoldenSource:
    """``golden.yaml`` with its ``golden.lock``, where there is one."""

    golden: ModelFile[GoldenFile]
    lock: ModelFile[LockFile] | None

    @property
    def taxonomy(self) -> Taxonomy:
        """The classes that the set's truth may hold."""
        return taxonomy_of(self.golden.model)

    @property
    def frame_base(self) -> int:
        """Number of the first frame in the truth files."""
        stated = self.golden.model.truth_frame_base
        return DEFAULT_FRAME_BASE[self.golden.model.truth_format] if stated is None else stated

    def clip(self, index: int) -> ClipEntry:
        """One clip as ``golden.yaml`` has it."""
        return self.golden.model.clips[index]

    def where(self, index: int, *key_path: str | int) -> str:
        """``file:line: key`` of a clip's key."""
        return self.golden.where("clips", index, *key_path)

    def media_path(self, index: int) -> Path:
        """Where a clip's media are."""
        return self.golden.folder / self.clip(index).media

    def truth_path(self, index: int) -> Path | None:
        """Where a clip's truth is, None where it has none: a clip of empty frames."""
        truth = self.clip(index).truth
        return None if truth is None else self.golden.folder / truth

    def locked(self, index: int) -> LockEntry | None:
        """What ``golden.lock`` says about a clip."""
        if self.lock is None:
            return None
        wanted = self.clip(index).id
        return next((entry for entry in self.lock.model.clips if entry.id == wanted), None)

    def lock_command(self) -> str:
        """What to run to write ``golden.lock`` anew."""
        return f"vbench golden lock {self.golden.folder}"


def taxonomy_of(golden: GoldenFile) -> Taxonomy:
    """The taxonomy of a ``golden.yaml``."""
    entry = golden.taxonomy
    return Taxonomy(entry.version, tuple(ClassDef(item.name, item.means) for item in entry.classes))


def lock_path(golden: ModelFile[GoldenFile]) -> Path:
    """Where the set's ``golden.lock`` is or would be."""
    return golden.folder / LOCK_NAME
