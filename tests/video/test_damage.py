"""Cut and corrupt media: refused with the place, or scored as far as they decode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import pytest
from av.packet import Packet
from av.video.stream import VideoStream

from tests.video.clips import number_of, write_clip
from tests.video.conftest import B_FRAMES
from vbench.errors import DamagedMediaError, ExitCode, LockError, MediaError
from vbench.video import frames_at, measure_media, open_media
from vbench.video.damage import DamageFoundError
from vbench.video.pictures import Picture, PictureStream, _Walk


def cut(path: Path, folder: Path, share: float) -> Path:
    whole = path.read_bytes()
    short = folder / f"cut_{path.name}"
    short.write_bytes(whole[: int(len(whole) * share) | 1])
    return short


def corrupt(path: Path, folder: Path, at: int, n_bytes: int) -> Path:
    data = bytearray(path.read_bytes())
    data[at : at + n_bytes] = bytes(255 - byte for byte in data[at : at + n_bytes])
    bad = folder / f"corrupt_{at}_{path.name}"
    bad.write_bytes(bytes(data))
    return bad


def overwrite_packet(path: Path, folder: Path, number: int) -> Path:
    """The clip with one packet, counted in decode order, overwritten: the decoder refuses it."""
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][number]
        assert packet.pos is not None
        place = path.read_bytes().find(bytes(packet), packet.pos)
        size = packet.size
    data = bytearray(path.read_bytes())
    data[place : place + size] = b"\xff" * size
    bad = folder / f"packet_{number}_{path.name}"
    bad.write_bytes(bytes(data))
    return bad


def damage_of(path: Path, threads: int) -> DamagedMediaError | None:
    try:
        with open_media(path, threads=threads) as media:
            for _ in media:
                pass
    except DamagedMediaError as error:
        return error
    return None


@pytest.mark.parametrize("name", ["clip.mp4", "fragmented.mp4", "clip.mkv", "clip.ts", "clip.avi"])
@pytest.mark.parametrize("share", [0.45, 0.8, 0.97])
def test_cut_file(tmp_path: Path, name: str, share: float) -> None:
    options = {"movflags": "+faststart"} if name == "clip.mp4" else {}
    if name == "fragmented.mp4":
        options = {"movflags": "frag_keyframe+empty_moov"}
    whole = write_clip(tmp_path / name, 60, options=B_FRAMES, container_options=options)
    short = cut(whole, tmp_path, share)
    size = short.stat().st_size

    error = damage_of(short, threads=4)
    assert error is not None
    assert error.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert 0 <= error.frame_index <= 60
    assert error.byte_position is not None
    assert 0 < error.byte_position <= size
    assert error.where == str(short)
    assert f"frame {error.frame_index}, byte {error.byte_position} of {size}" in error.what

    same = damage_of(short, threads=1)
    assert same is not None
    assert same.args == error.args
    assert (same.frame_index, same.byte_position) == (error.frame_index, error.byte_position)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.avi"])
def test_cut_file_allowed(tmp_path: Path, name: str) -> None:
    options = {"movflags": "+faststart"} if name == "clip.mp4" else {}
    whole = write_clip(tmp_path / name, 60, options=B_FRAMES, container_options=options)
    with open_media(cut(whole, tmp_path, 0.6), allow_damaged=True) as media:
        frames = list(media)
        damage = media.damage
    assert 5 < len(frames) < 60
    assert damage is not None
    assert "bytes missing at the end: at least" in damage
    # the frame at the cut itself may be flawed
    assert [number_of(frame.image) for frame in frames][:-3] == list(range(len(frames) - 3))


def test_index_at_the_end_is_cut_off(index_last_clip: Path, tmp_path: Path) -> None:
    short = cut(index_last_clip, tmp_path, 0.7)
    for allow_damaged in (False, True):
        with pytest.raises(DamagedMediaError, match="cut short by at least") as caught:
            open_media(short, allow_damaged=allow_damaged)
        assert caught.value.frame_index == 0
        assert caught.value.byte_position == short.stat().st_size


def test_whole_files_are_not_called_damaged(tmp_path: Path) -> None:
    for name in ("clip.mp4", "clip.mov", "clip.mkv", "clip.webm", "clip.ts", "clip.avi"):
        codec = "libvpx" if name.endswith("webm") else "libx264"
        with open_media(write_clip(tmp_path / name, 20, codec=codec)) as media:
            assert len(list(media)) == 20
            assert media.damage is None


def test_corrupt_bytes_are_found_whatever_the_threads(plain_clip: Path, tmp_path: Path) -> None:
    """Not every flipped byte can be seen in a stream; what is found must not depend on threads."""
    size = plain_clip.stat().st_size
    flipped = [corrupt(plain_clip, tmp_path, at, 60) for at in range(size // 4, size, size // 20)]
    for bad in flipped:
        one, four = damage_of(bad, threads=1), damage_of(bad, threads=4)
        assert str(one) == str(four)
    for number in (1, 13, 26, 49):
        bad = overwrite_packet(plain_clip, tmp_path, number)
        one, four = damage_of(bad, threads=1), damage_of(bad, threads=4)
        assert str(one) == str(four)
        assert one is not None
        assert one.byte_position is not None
        assert 0 < one.byte_position < size
        with pytest.raises(DamagedMediaError, match=f"frame {one.frame_index}, "):
            measure_media(bad)


def test_survivors_keep_their_index_and_time(plain_clip: Path, tmp_path: Path) -> None:
    """Truth row k stays with frame k, though the decoder loses frames and gives others late."""
    bad = overwrite_packet(plain_clip, tmp_path, 26)
    with open_media(bad, allow_damaged=True, expected_n_frames=50) as media:
        frames = list(media)
        damage = media.damage
    assert damage is not None
    n_lost = 50 - len(frames)
    assert n_lost > 0
    assert f"frames lost: {n_lost}" in damage
    assert f"{len(frames)} of 50 frames decoded" in damage
    indices = [frame.index for frame in frames]
    assert indices == sorted(set(indices))
    assert indices[-1] == 49
    assert [frame.pts_s for frame in frames] == pytest.approx([k / 25 for k in indices])
    # every 12th frame is a fresh start, so damage does not reach far
    intact = [frame for frame in frames if frame.index < 20 or frame.index >= 48]
    assert [number_of(frame.image) for frame in intact] == [frame.index for frame in intact]


def test_frame_numbers_are_estimates_where_no_times_are_stored(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", 40, options=B_FRAMES)
    bad = overwrite_packet(clip, tmp_path, 20)
    with open_media(bad, allow_damaged=True) as media:
        indices = [frame.index for frame in media]
        assert media.damage is not None
        assert "frame numbers after the damage are estimates" in media.damage
    assert indices == sorted(set(indices))
    with open_media(bad, allow_damaged=True, expected_n_frames=30) as media:
        assert max(frame.index for frame in media) < 30


def test_fewer_frames_than_the_lock_says(tmp_path: Path) -> None:
    """An elementary stream states no length, so only the lock can tell that it was cut."""
    path = write_clip(tmp_path / "clip.h264", 20)
    with pytest.raises(LockError), open_media(path, expected_n_frames=21) as media:
        list(media)
    with open_media(path, expected_n_frames=21, allow_damaged=True) as media:
        list(media)
        assert media.damage == "20 of 21 frames decoded"


def test_single_frames_of_damaged_clips(plain_clip: Path, tmp_path: Path) -> None:
    bad = overwrite_packet(plain_clip, tmp_path, 26)
    with open_media(bad, allow_damaged=True) as media:
        lost = min(set(range(50)) - {frame.index for frame in media})
    assert [frame.index for frame in frames_at(bad, [0, 49], allow_damaged=True)] == [0, 49]
    assert [frame.index for frame in frames_at(bad, [0, 5])] == [0, 5]  # before the damage
    with pytest.raises(MediaError, match=f"frame {lost} was lost to damage"):
        list(frames_at(bad, [lost], allow_damaged=True))


def test_files_that_are_damaged_for_threads_only_decode(
    plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A complaint of the threaded decoder is not believed before one thread agrees."""
    decode = PictureStream._decode

    def complaining(self: PictureStream, threads: int) -> Iterator[Picture]:
        for picture in decode(self, threads):
            if threads != 1 and picture.index == 20:
                raise DamageFoundError("only threads see this", 20, None)
            yield picture

    monkeypatch.setattr(PictureStream, "_decode", complaining)
    with open_media(plain_clip, threads=4) as media:
        frames = list(media)
    assert [frame.index for frame in frames] == list(range(50))
    assert [number_of(frame.image) for frame in frames] == list(range(50))


def test_frames_that_threads_lost_are_noticed(
    plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = PictureStream._decode

    def losing(self: PictureStream, threads: int) -> Iterator[Picture]:
        for picture in decode(self, threads):
            if threads == 1 or picture.index < 10:
                yield picture
            elif picture.index < 20:
                yield replace(picture, ticks=picture.ticks + 512)
        if threads != 1:
            raise DamageFoundError("frames are missing", 20, None)

    monkeypatch.setattr(PictureStream, "_decode", losing)
    message = "gave other frames"
    with (
        pytest.raises(DamagedMediaError, match=message),
        open_media(plain_clip, threads=4) as media,
    ):
        list(media)


def test_frames_that_the_decoder_drops_without_a_word(
    plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames_of = PictureStream._frames

    def dropping(
        self: PictureStream, packet: Packet[VideoStream], walk: _Walk
    ) -> list[av.VideoFrame]:
        return [frame for frame in frames_of(self, packet, walk) if frame.pts != 30 * 512]

    monkeypatch.setattr(PictureStream, "_frames", dropping)
    for threads in (1, 4):
        error = damage_of(plain_clip, threads)
        assert error is not None
        assert "the decoder gave no frame for 1 of 1 packets" in error.what
    with open_media(plain_clip, allow_damaged=True) as media:
        frames = list(media)
        assert media.damage is not None
        assert "frames lost: 1 (first at frame 30" in media.damage
    assert [frame.index for frame in frames] == [k for k in range(50) if k != 30]
    assert [number_of(frame.image) for frame in frames] == [frame.index for frame in frames]


def test_recordings_that_start_between_key_frames_are_intact(tmp_path: Path) -> None:
    """What cannot be decoded before the first key frame was never there; a note says so."""
    whole = write_clip(tmp_path / "whole.mkv", 30, options=B_FRAMES)
    path = tmp_path / "late.mkv"
    with av.open(str(whole)) as source, av.open(str(path), "w") as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in list(source.demux(video=0))[5:]:
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    with open_media(path) as media:
        frames = list(media)
        assert media.notes[-1].startswith("packets that gave no frame: ")
    numbers = [number_of(frame.image) for frame in frames]
    assert numbers == list(range(numbers[0], 30))
    assert [frame.index for frame in frames] == list(range(len(frames)))
