"""The answers that a served report needs: its page, the record and the picture of any frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vbench.bench.view_media import ViewedMedia, viewed_clips
from vbench.errors import MediaError
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.page_data import frame_record
from vbench.report.web.html import content_policy, render_html

SERVER = "./"
"""Where the page finds frames: beside itself."""

_CLOSING_S = 2.0


@dataclass(frozen=True, slots=True)
class ServedPage:
    """The report's page, as a server gives it."""

    text: str
    policy: str
    """Content security policy that the page states."""


def served_page(run_folder: Path) -> ServedPage:
    """The report of a finished run, for a server that also has its frames.

    Raises:
        RunFolderError: not the folder of a finished run, or a part of it is missing or broken.
    """
    text = render_html(RunFolder(run_folder), served=SERVER)
    return ServedPage(text, content_policy(text))


class RunView:
    """The frames of a finished run that is looked at; answers from any thread.

    Clips and frames are numbers: no path is made of what is asked for.

    Args:
        run_folder: of a finished run.
        golden_sets: folders where media are looked for before the places that the run noted.
        note: told what takes long, and what a reader of the pictures must know.

    Raises:
        RunFolderError: not the folder of a finished run.
        InputError: a golden set that is not of the run.
    """

    def __init__(
        self, run_folder: Path, golden_sets: Sequence[Path], note: Callable[[str], None]
    ) -> None:
        self._folder = RunFolder(run_folder)
        self._run = read_run(self._folder)
        self._clips = viewed_clips(self._folder, self._run, golden_sets)
        self._media = ViewedMedia(self._clips, note)

    @property
    def without_media(self) -> tuple[str, ...]:
        """Clips of which nobody said where their media are."""
        return tuple(clip.name for clip in self._clips if clip.path is None)

    def has(self, clip: int, frame: int) -> bool:
        """Whether the run has this clip and frame."""
        return 0 <= clip < len(self._clips) and 0 <= frame < self._clips[clip].clip.facts.n_frames

    def picture(self, clip: int, frame: int, is_wanted: Callable[[], bool]) -> bytes:
        """A frame that the run has as JPEG; `is_wanted` is asked once its turn has come.

        Raises:
            MediaError: there is no picture; why.
            AbandonedError: it is not wanted any more.
        """
        return self._media.jpeg(clip, frame, is_wanted)

    def record(self, clip: int, frame: int, is_wanted: Callable[[], bool]) -> str:
        """What is known of a frame that the run has, as JSON: boxes, answers, picture.

        ``image`` is the picture's address from the page on; null where ``problem`` says why there
        is none. The picture is made on the way.

        Raises:
            AbandonedError: it is not wanted any more.
            RunFolderError: a shard of the run is missing or broken.
        """
        image, problem = None, ""
        try:
            self._media.jpeg(clip, frame, is_wanted)
            image = f"{SERVER}frames/{clip}/{frame}.jpg"
        except MediaError as error:
            problem = f"{error.what} ({error.hint})" if error.hint else error.what
        viewed = self._clips[clip]
        known = frame_record(self._folder, self._run, viewed.golden_set, viewed.clip, clip, frame)
        found = {**known, "image": image, "problem": problem}
        return json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def close(self) -> None:
        """Let go of the media; a frame that is being decoded is waited for, but not for long."""
        self._media.close(_CLOSING_S)
