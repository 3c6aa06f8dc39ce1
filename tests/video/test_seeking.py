"""Seeking gives the frames that decoding from the start gives, or refuses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.video.clips import number_of, write_clip
from vbench.errors import MediaError
from vbench.types import U8
from vbench.video import open_media, seeking
from vbench.video.seeking import SeekingPictures, SeekRefusedError

N_FRAMES = 60
X264, X265 = "x264-params", "x265-params"
ONE_AT_A_TIME = ":threads=1:rc-lookahead=0:sync-lookahead=0"
SOME_B = {X264: "keyint=12:bframes=2:scenecut=0" + ONE_AT_A_TIME}
OPEN_GOP = {X264: "open-gop=1:keyint=12:bframes=3:b-adapt=0:scenecut=0" + ONE_AT_A_TIME}
REFRESH = {X264: "intra-refresh=1:keyint=15:bframes=0" + ONE_AT_A_TIME}
ALL_ORDER = (59, 0, 30, 31, 32, 31, 30, 11, 12, 13, 58, 59, 1, 47, 48, 5, 36, 24, 23, 22)


@dataclass(frozen=True, slots=True)
class Written:
    """A kind of clip."""

    name: str
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    options: tuple[tuple[str, str], ...] = ()
    container: tuple[tuple[str, str], ...] = ()
    rate: int = 25
    step: tuple[int, ...] = (1,)
    """Times between frames, over and over."""
    start: int = 0
    degrees: float | None = None

    def write(self, folder: Path) -> Path:
        steps = np.resize(self.step, N_FRAMES)
        steps[0] = self.start
        return write_clip(
            folder / self.name,
            N_FRAMES,
            codec=self.codec,
            pix_fmt=self.pix_fmt,
            rate=self.rate,
            pts=np.cumsum(steps).tolist(),
            options=dict(self.options),
            container_options=dict(self.container),
            degrees=self.degrees,
        )


def of(options: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(options.items())


SOUGHT = (
    Written("some-b.mp4", options=of(SOME_B)),
    Written("some-b.mkv", options=of(SOME_B)),
    Written("some-b.ts", options=of(SOME_B)),
    Written("fragments.mp4", options=of(SOME_B), container=(("movflags", "frag_keyframe"),)),
    Written("starts-late.mkv", options=of(SOME_B), start=500),
    Written("uneven.mp4", options=of(SOME_B), rate=90, step=(3, 5, 1, 9)),
    Written("upright.mp4", options=of(SOME_B), degrees=90),
    Written("open.mp4", options=of(OPEN_GOP)),
    Written("open.mkv", options=of(OPEN_GOP)),
    Written("open.ts", options=of(OPEN_GOP)),
    Written("refresh.mp4", options=of(REFRESH)),
    Written("refresh.ts", options=of(REFRESH)),
    Written(
        "open-265.mp4",
        "libx265",
        options=((X265, "keyint=12:open-gop=1:bframes=3:log-level=none"),),
    ),
    Written(
        "open-265.ts", "libx265", options=((X265, "keyint=12:open-gop=1:bframes=3:log-level=none"),)
    ),
    Written("mpeg2.ts", "mpeg2video", options=(("bf", "2"), ("g", "12"), ("b", "4M"))),
    Written("mpeg4.mp4", "mpeg4", options=(("bf", "2"), ("g", "12"), ("b", "4M"))),
    Written("all-key.mov", "mjpeg", "yuvj420p"),
    Written("vp9.webm", "libvpx-vp9", options=(("g", "25"), ("b", "2M"), ("cpu-used", "8"))),
)
REFUSED = {
    Written("times-of-decoding.avi", options=of(SOME_B)): "AVI stores no presentation times",
    Written("no-times.h264", options=of(SOME_B)): "a frame has no presentation time",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sought")


@pytest.mark.parametrize("n_kept_bytes", [0, 1 << 26], ids=["keeps-one", "keeps-many"])
@pytest.mark.parametrize("written", SOUGHT, ids=lambda one: one.name)
def test_any_order_gives_the_numbered_frames(
    written: Written, n_kept_bytes: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "_RECENT_BYTES", n_kept_bytes)
    path = folder / written.name
    if not path.is_file():
        written.write(folder)
    with open_media(path) as media:
        times = [frame.pts_s for frame in media]
    pictures = SeekingPictures(path, stream=None, n_frames=N_FRAMES, where="here")
    first: dict[int, U8] = {}
    for index in (*ALL_ORDER, *range(N_FRAMES), *reversed(range(N_FRAMES))):
        image = np.asarray(pictures.picture(index).to_ndarray(format="bgr24"), np.uint8)
        assert number_of(image) == index
        assert pictures.pts_s(index) == pytest.approx(times[index], abs=1e-9)
        # Whatever came before: the same to the bit.
        assert np.array_equal(first.setdefault(index, image), image)
    pictures.close()


def test_a_picture_is_that_of_decoding_from_the_start(folder: Path) -> None:
    path = Written("exact.mp4", options=of(OPEN_GOP)).write(folder)
    with open_media(path, threads=1) as media:
        wanted = {frame.index: frame.planes for frame in media}
    pictures = SeekingPictures(path, stream=None, n_frames=N_FRAMES, where="here")
    for index in ALL_ORDER:
        luma = pictures.picture(index).to_ndarray()[: wanted[index].y.shape[0]]  # type: ignore[union-attr]
        assert np.array_equal(luma, wanted[index].y)  # type: ignore[union-attr]
    pictures.close()


@pytest.mark.parametrize("written", REFUSED, ids=lambda one: one.name)
def test_frames_that_times_do_not_tell_apart_are_refused(written: Written, folder: Path) -> None:
    path = written.write(folder)
    with pytest.raises(SeekRefusedError, match=REFUSED[written]):
        SeekingPictures(path, stream=None, n_frames=N_FRAMES, where="here")


def test_another_number_of_frames_is_refused(plain_clip: Path) -> None:
    with pytest.raises(SeekRefusedError, match="it has 50 packets for 51 frames"):
        SeekingPictures(plain_clip, stream=None, n_frames=51, where="here")


def test_no_video_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing of the kind")
    with pytest.raises(MediaError) as caught:
        SeekingPictures(tmp_path / "a.mp4", stream=None, n_frames=1, where="clip a")
    assert caught.value.where == "clip a"


def test_a_frame_that_does_not_decode_is_refused(plain_clip: Path, tmp_path: Path) -> None:
    """Bytes in the middle are overwritten: packets are all there, one decodes to nothing good."""
    content = bytearray(plain_clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = bytes(600)
    path = tmp_path / "hurt.mp4"
    path.write_bytes(content)
    pictures = SeekingPictures(path, stream=None, n_frames=50, where="here")
    with pytest.raises(SeekRefusedError, match=r"does not come|decoding failed"):
        list(map(pictures.picture, range(50)))
    pictures.close()


def test_stepping_on_does_not_seek(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Written("steps.mp4", options=of(SOME_B)).write(folder)
    pictures = SeekingPictures(path, stream=None, n_frames=N_FRAMES, where="here")
    n_seeks = 0
    seek = SeekingPictures._seek

    def counted(self: SeekingPictures, key_frame: int) -> None:
        nonlocal n_seeks
        n_seeks += 1
        seek(self, key_frame)

    monkeypatch.setattr(SeekingPictures, "_seek", counted)
    for index in range(7, N_FRAMES):
        pictures.picture(index)
    assert n_seeks == 1
    for index in range(N_FRAMES - 1, 20, -1):
        pictures.picture(index)
    assert n_seeks == 1
    pictures.close()
