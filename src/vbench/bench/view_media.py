"""Frames of a finished run's media, opened only where they are what the run saw."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from vbench.config.golden_file import read_golden_file
from vbench.errors import InputError, MediaError
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.media_places import read_media_places
from vbench.types import Clip, Frame, GoldenSet, Run
from vbench.video import AnyOrder, file_sha256, jpeg_bytes

MAX_WIDTH_PX = 3840
QUALITY = 88
_N_OPEN = 3
"""Clips that stay open: each holds a decoder and the pictures that it gave last."""
_JPEG_BYTES = 64 * 2**20
_SAID_BYTES = 256 * 2**20
"""Media from this size on take long enough to check that one wants to know."""


class AbandonedError(Exception):
    """Nobody waits for the frame any more. Not shown to users."""


@dataclass(frozen=True, slots=True)
class ViewedClip:
    """A clip of the run and where its media are said to be."""

    golden_set: GoldenSet
    """As the run saw it, its clips with their truth."""
    clip: Clip
    damaged: bool
    """Whether the run scored a part of it only."""
    path: Path | None
    """None: nobody said."""

    @property
    def name(self) -> str:
        """The clip's."""
        return self.clip.id


def viewed_clips(folder: RunFolder, run: Run, golden_sets: Sequence[Path]) -> list[ViewedClip]:
    """The clips of a run in the order of its page.

    Media are looked for in `golden_sets`, then where the run found them.

    Raises:
        InputError: a golden set that is not of the run.
        VbenchError: a golden set that cannot be read, or a broken run folder.
    """
    noted = read_media_places(folder)
    given = [_given(path, run) for path in golden_sets]
    stored = [read_golden_copy(folder, item.name) for item in run.golden_sets]
    results = {(item.golden_set, item.id): item for item in run.clips}
    return [
        ViewedClip(
            golden_set=golden_set,
            clip=clip,
            damaged=results[golden_set.name, clip.id].damaged is not None,
            path=_place(golden_set.name, clip.id, given) or noted.get(clip.id),
        )
        for golden_set in stored
        for clip in golden_set.clips
    ]


def _given(golden_set: Path, run: Run) -> tuple[str, Mapping[str, Path]]:
    """Name of a golden set, and its media by clip."""
    file = read_golden_file(golden_set)
    names = [item.name for item in run.golden_sets]
    if file.model.name not in names:
        raise InputError(
            f"the run has no golden set {file.model.name}",
            where=f"--golden-set {golden_set}",
            hint=f"it has {', '.join(names)}",
        )
    return file.model.name, {item.id: file.folder / item.media for item in file.model.clips}


def _place(
    golden_set: str, clip: str, given: Sequence[tuple[str, Mapping[str, Path]]]
) -> Path | None:
    return next(
        (media[clip] for name, media in given if name == golden_set and clip in media), None
    )


class ViewedMedia:
    """Decodes frames of the run's clips; from any thread, one after the other.

    Args:
        clips: as `viewed_clips`.
        note: told what takes long, and what a reader of the pictures must know.
    """

    def __init__(self, clips: Sequence[ViewedClip], note: Callable[[str], None]) -> None:
        self._clips = clips
        self._note = note
        self._one_at_a_time = Lock()
        self._open: OrderedDict[int, AnyOrder] = OrderedDict()
        self._checked: dict[int, object] = {}
        self._jpegs: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._n_jpeg_bytes = 0
        self._said: set[int] = set()

    def jpeg(self, clip: int, frame: int, is_wanted: Callable[[], bool]) -> bytes:
        """A frame as JPEG, at most `MAX_WIDTH_PX` wide, colours as the stream says.

        `is_wanted` is asked once the turn has come.

        Raises:
            MediaError: there is no picture; why.
            AbandonedError: it is not wanted any more.
        """
        with self._one_at_a_time:
            if not is_wanted():
                raise AbandonedError
            path = self._checked_path(clip)
            found = self._jpegs.pop((clip, frame), None)
            if found is None:
                image = self._frame(clip, path, frame).image
                found = jpeg_bytes(image, max_width_px=MAX_WIDTH_PX, quality=QUALITY)
                self._n_jpeg_bytes += len(found)
            self._jpegs[clip, frame] = found
            while self._n_jpeg_bytes > _JPEG_BYTES and len(self._jpegs) > 1:
                self._n_jpeg_bytes -= len(self._jpegs.popitem(last=False)[1])
            return found

    def _frame(self, number: int, path: Path, index: int) -> Frame:
        opened = self._opened(number, path)
        frame = opened.frame(index)
        if opened.in_sequence_because and number not in self._said:
            self._said.add(number)
            self._note(
                f"clip {self._clips[number].name} is decoded from its start for each step back: "
                f"{opened.in_sequence_because}"
            )
        return frame

    def close(self, timeout_s: float) -> None:
        """Let go of all files, unless one is being decoded for longer than this."""
        if self._one_at_a_time.acquire(timeout=timeout_s):
            try:
                while self._open:
                    self._open.popitem()[1].close()
            finally:
                self._one_at_a_time.release()

    def _opened(self, number: int, path: Path) -> AnyOrder:
        if number not in self._open:
            clip = self._clips[number]
            self._open[number] = AnyOrder(
                path,
                clip.clip.facts,
                stream=clip.clip.stream,
                allow_damaged=clip.damaged,
                where=f"clip {clip.name}",
            )
            while len(self._open) > _N_OPEN:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(number)
        return self._open[number]

    def _checked_path(self, number: int) -> Path:
        """The clip's media, whose bytes are those of the run; read whole when they are new."""
        clip = self._clips[number]
        where = f"clip {clip.name}"
        if clip.path is None:
            raise MediaError(
                f"nobody said where the media of clip {clip.name} are",
                where=where,
                hint="say it: vbench view RUN --golden-set FOLDER",
            )
        stamp = _stamp(clip.path)
        if stamp is not None and stamp == self._checked.get(number):
            return clip.path
        self._forget(number)
        if stamp is None:
            raise MediaError(
                f"the media of clip {clip.name} are not there: {clip.path.name}",
                where=where,
                hint="restore them, or say where they are: vbench view RUN --golden-set FOLDER",
            )
        n_bytes = sum(size for _, size, _ in stamp)
        if n_bytes >= _SAID_BYTES:
            self._note(f"checking {clip.path.name} ({n_bytes / 2**30:.1f} GiB)")
        try:
            sha256 = file_sha256(clip.path)
        except OSError as error:
            raise MediaError(
                f"the media of clip {clip.name} cannot be read: {error.strerror or error}",
                where=where,
                hint="may they be read?",
            ) from error
        if sha256 != clip.clip.facts.sha256:
            raise MediaError(
                f"the media of clip {clip.name} have changed since the run: {clip.path.name}",
                where=where,
                hint="restore the file that was run, or run the benchmark again",
            )
        self._checked[number] = stamp
        return clip.path

    def _forget(self, number: int) -> None:
        """What was decoded of media that are not there, or are others now."""
        self._checked.pop(number, None)
        opened = self._open.pop(number, None)
        if opened is not None:
            opened.close()
        for key in [key for key in self._jpegs if key[0] == number]:
            self._n_jpeg_bytes -= len(self._jpegs.pop(key))


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...] | None:
    """Names, sizes and times of change of the files that a clip consists of; None: there are none.

    Equal stamps stand for equal bytes.
    """
    try:
        if path.is_dir():
            with os.scandir(path) as files:
                facts = [(file.name, file.stat()) for file in files]
        else:
            facts = [(path.name, path.stat())]
    except OSError:
        return None
    stamp = sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in facts)
    return tuple(stamp) or None
