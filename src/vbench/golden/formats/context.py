"""What a truth reader must know besides the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vbench.config.model_file import closest
from vbench.errors import TruthError
from vbench.types import Taxonomy

DROPPED = -1
"""Class of boxes that ``truth_classes`` drops; `build_truth` leaves them out."""


@dataclass(frozen=True, slots=True)
class TruthContext:
    """The clip that a truth file describes and how ``golden.yaml`` says to read it."""

    clip_id: str
    media_name: str
    """File or folder name of the media; names the clip in files about several clips."""
    taxonomy: Taxonomy
    n_frames: int
    width_px: int
    height_px: int
    """Size of the media as displayed."""
    frame_base: int
    """Number of the first frame in the truth file."""
    truth_size: tuple[int, int] | None = None
    """(width, height) the truth was drawn in; None: that of the media."""
    truth_class: str | None = None
    """The class of boxes for which the file names none."""
    truth_classes: Mapping[str, str | None] | None = None
    """Class name or number in the file -> class of the taxonomy, None for boxes to drop."""
    shared: bool = False
    """Whether several clips of the set name this truth file."""

    @property
    def drawn_size(self) -> tuple[int, int]:
        """(width, height) in pixels that coordinates in the file refer to."""
        return self.truth_size or (self.width_px, self.height_px)

    @property
    def clip_names(self) -> frozenset[str]:
        """What a file about several clips may call this one."""
        return frozenset({self.clip_id, self.media_name, self.media_name.rpartition(".")[0]} - {""})

    def is_mapped(self, written: str) -> bool:
        """Whether ``truth_classes`` says what a name or number in the file means."""
        return self.truth_classes is not None and written in self.truth_classes

    def class_id(self, written: str, where: str) -> int:
        """Index of a class by the name or number in the file, or `DROPPED`.

        Raises:
            TruthError: it is not in the taxonomy, and ``truth_classes`` does not say otherwise.
        """
        name = (self.truth_classes or {}).get(written, written)
        if name is None:
            return DROPPED
        if name in self.taxonomy.names:
            return self.taxonomy.names.index(name)
        raise TruthError(
            f'class "{written}" is not in the taxonomy',
            where=where,
            hint=f"{closest(name, self.taxonomy.names)}; or map it with the key"
            f' truth_classes in golden.yaml, for example {{"{written}": {self.taxonomy.names[0]}}},'
            f' or leave its boxes out: {{"{written}": null}}',
        )

    def unnamed_class_id(self, where: str) -> int:
        """Index of the class of boxes for which the file names none; TruthError if unclear."""
        if self.truth_class is not None:
            return self.class_id(self.truth_class, where)
        if len(self.taxonomy.names) == 1:
            return 0
        raise TruthError(
            "the box has no class and the taxonomy has several",
            where=where,
            hint=f"add the key truth_class to golden.yaml, for example `truth_class:"
            f" {self.taxonomy.names[0]}`",
        )

    def check_declared_size(self, width_px: float, height_px: float, where: str) -> None:
        """Raise TruthError where the file says it was drawn in another size than stated."""
        drawn_width, drawn_height = self.drawn_size
        if width_px == drawn_width and height_px == drawn_height:
            return
        declared = f"{width_px:g}x{height_px:g}"
        if self.truth_size is not None:
            stated = f"truth_size in golden.yaml is {self.truth_size[0]}x{self.truth_size[1]}"
        else:
            stated = f"the media is {self.width_px}x{self.height_px}"
        raise TruthError(
            f"the truth was drawn in {declared}, {stated}",
            where=where,
            hint=f"set `truth_size: [{width_px:g}, {height_px:g}]` in golden.yaml",
        )
