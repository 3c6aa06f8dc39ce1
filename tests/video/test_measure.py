"""What decoding a clip once tells about it."""

from __future__ import annotations

import hashlib
import resource
import sys
from pathlib import Path

import av
import pytest

from tests.video.clips import write_clip
from tests.video.conftest import B_FRAMES
from vbench.errors import MediaError
from vbench.video import file_sha256, measure_media, open_media


def test_facts(plain_clip: Path) -> None:
    calls: list[int] = []
    facts = measure_media(plain_clip, on_frame=calls.append)
    assert calls == list(range(1, 51))
    assert facts.n_frames == 50
    assert facts.fps == pytest.approx(25)
    assert facts.duration_s == pytest.approx(2)
    assert (facts.width_px, facts.height_px) == (96, 64)
    assert facts.sha256 == hashlib.sha256(plain_clip.read_bytes()).hexdigest()
    assert facts.sha256 == file_sha256(plain_clip)


def test_variable_rate_gives_the_average(tmp_path: Path) -> None:
    facts = measure_media(write_clip(tmp_path / "a.mkv", 4, pts=[0, 1, 2, 24]))
    assert facts.duration_s == pytest.approx(1.0, abs=0.002)
    assert facts.fps == pytest.approx(4, abs=0.01)


def test_size_is_as_displayed(tmp_path: Path) -> None:
    facts = measure_media(write_clip(tmp_path / "turned.mp4", 3, degrees=90))
    assert (facts.width_px, facts.height_px) == (64, 96)


@pytest.mark.parametrize(
    ("codec", "pix_fmt"),
    [("libx264", "yuv420p"), ("libx264", "yuv420p10le"), ("ffv1", "gray"), ("rawvideo", "yuyv422")],
)
def test_fingerprint_is_of_planes_without_padding(tmp_path: Path, codec: str, pix_fmt: str) -> None:
    """The same digest from the planes as PyAV copies them out."""
    suffix = "avi" if codec == "rawvideo" else "mkv"
    path = write_clip(tmp_path / f"clip.{suffix}", 5, codec=codec, pix_fmt=pix_fmt)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        digest = hashlib.sha256(str(stream.time_base).encode())
        first_pts = None
        for frame in container.decode(stream):
            first_pts = frame.pts if first_pts is None else first_pts
            assert frame.pts is not None
            assert first_pts is not None
            ticks = frame.pts - first_pts
            digest.update(f"{ticks} {pix_fmt} {frame.width}x{frame.height}\n".encode())
            digest.update(frame.to_ndarray().tobytes())
    assert measure_media(path).fingerprint == digest.hexdigest()


def test_fingerprint_survives_another_container_but_not_another_picture(tmp_path: Path) -> None:
    options = {"bf": "0", "qp": "20"}
    one = measure_media(write_clip(tmp_path / "a.mkv", 10, options=options))
    again = measure_media(write_clip(tmp_path / "b.mkv", 10, options=options))
    other = measure_media(write_clip(tmp_path / "c.mkv", 10, options=options | {"qp": "21"}))
    late = measure_media(write_clip(tmp_path / "d.mkv", 10, options=options, pts=[*range(9), 20]))
    assert one.fingerprint == again.fingerprint
    assert len({one.fingerprint, other.fingerprint, late.fingerprint}) == 3


def test_errors_name_the_place(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        measure_media(tmp_path / "absent.mp4", where="golden.yaml:9: clips[0].media")
    assert caught.value.where == "golden.yaml:9: clips[0].media"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads resident memory from /proc")
def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "long.mp4", 2000, options=B_FRAMES | {"preset": "ultrafast"}, size_px=(320, 240)
    )
    resident_bytes: list[int] = []
    with open_media(path) as media:
        for frame in media:
            if frame.index in (200, 1999):
                pages = int(Path("/proc/self/statm").read_text().split()[1])
                resident_bytes.append(pages * resource.getpagesize())
    assert resident_bytes[1] - resident_bytes[0] < 8 << 20
