"""From a decoded picture to the input tensor: the fused kernel against swscale, cv2 and numpy.

Processor time, one thread each, of letterbox, RGB, NCHW, float32 / 255 from yuv420p pictures that
were decoded beforehand. The peer converts with PyAV (swscale), resizes and pads with cv2, and lays
out and scales with numpy. Below that, the conversion to an image alone against swscale's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from footage import clip_720p, clip_1080p_heavy
from harness import Table, arguments_of, cpu_s, measure

from vbench.config.input_entry import InputEntry
from vbench.kernels.yuv_image import convert_planes
from vbench.pipeline.preprocess import FUSED, Preprocessor
from vbench.types import F32, U8, Frame, Planes
from vbench.video.color import color_tags
from vbench.video.planes import planes_of

N_FRAMES = 8
N_TIMES = 6
"""How often the frames are gone through in a round."""
PAD = 114
CASES = ((1080, 640, 3.0), (720, 640, 2.5), (720, 512, 1.1))
"""Lines of the picture, side of the tensor, ratio wanted."""


def main() -> None:
    """Measure and print."""
    arguments = arguments_of(__doc__, rounds=25).parse_args()
    cv2.setNumThreads(1)
    table = Table("Fused preprocessing / (swscale + cv2 + numpy), processor time", arguments)
    pictures = {1080: decoded(clip_1080p_heavy()), 720: decoded(clip_720p())}
    for lines, side, wanted in CASES:
        frames = [frame_of(picture) for picture in pictures[lines]]
        add(
            table,
            f"{lines} -> {side}",
            fused_way(frames, side),
            peer_way(pictures[lines], side),
            arguments.rounds,
            wanted,
        )
    for lines, of_size in pictures.items():
        add(
            table,
            f"{lines} to an image",
            image_way([planes_in(picture) for picture in of_size]),
            swscale_way(of_size),
            arguments.rounds,
            None,
        )
    table.finish()


def add(
    table: Table,
    what: str,
    ours: Callable[[], None],
    theirs: Callable[[], None],
    n_rounds: int,
    wanted: float | None,
) -> None:
    """Both in turns: milliseconds per frame, and how many times faster ours is."""
    rounds = measure({"ours": cpu_s(ours), "theirs": cpu_s(theirs)}, n_rounds)
    for way, name in (("ours", "vbench"), ("theirs", "peer")):
        of_frame = [seconds * 1000 / (N_FRAMES * N_TIMES) for seconds in rounds.values[way]]
        load = rounds.load if way == "ours" else None
        table.add(f"{what}: {name}", of_frame, "ms", load=load)
    table.add(f"{what}: peer / vbench", rounds.ratios("theirs", "ours"), "times", at_least=wanted)


def decoded(path: Path) -> list[av.VideoFrame]:
    """The first pictures of a clip, kept as the decoder gave them."""
    with av.open(path) as container:
        return list(islice(container.decode(video=0), N_FRAMES))


def planes_in(picture: av.VideoFrame) -> Planes:
    planes = planes_of(picture, color_tags(picture, where="").coefficients)
    if planes is None:
        raise SystemExit(f"a picture of {picture.format.name} has no planes")
    return planes


def frame_of(picture: av.VideoFrame) -> Frame:
    def to_image() -> U8:
        raise SystemExit("the fused kernel was not used")

    size = (picture.width, picture.height)
    return Frame.deferred(0, 0.0, size, "bgr", to_image, planes_in(picture))


def fused_way(frames: Sequence[Frame], side: int) -> Callable[[], None]:
    entry = InputEntry(size=(side, side), color="rgb", scale=1 / 255, pad=PAD)
    preprocessor = Preprocessor(entry, frames[0].size)
    tensor = preprocessor.new_tensor()

    def work() -> None:
        for _ in range(N_TIMES):
            for frame in frames:
                preprocessor.fill(frame, tensor)
        if preprocessor.path != FUSED:
            raise SystemExit(preprocessor.path)

    return work


def peer_way(pictures: Sequence[av.VideoFrame], side: int) -> Callable[[], None]:
    def work() -> None:
        for _ in range(N_TIMES):
            for picture in pictures:
                peer_tensor(picture, side)

    return work


def peer_tensor(picture: av.VideoFrame, side: int) -> F32:
    """As detectors' own example scripts do it."""
    image = picture.to_ndarray(format="bgr24", threads=1)
    height, width = image.shape[:2]
    ratio = min(side / width, side / height)
    size = round(width * ratio), round(height * ratio)
    resized = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    right, bottom = side - size[0] - left, side - size[1] - top
    border = cv2.BORDER_CONSTANT
    padded = cv2.copyMakeBorder(resized, top, bottom, left, right, border, value=(PAD, PAD, PAD))
    tensor: F32 = np.ascontiguousarray(padded[:, :, ::-1].transpose(2, 0, 1), np.float32)
    tensor /= 255
    return tensor[None]


def image_way(pictures: Sequence[Planes]) -> Callable[[], None]:
    image: U8 = np.empty((*pictures[0].y.shape, 3), np.uint8)

    def work() -> None:
        for _ in range(N_TIMES):
            for planes in pictures:
                convert_planes(planes, image, True)

    return work


def swscale_way(pictures: Sequence[av.VideoFrame]) -> Callable[[], None]:
    def work() -> None:
        for _ in range(N_TIMES):
            for picture in pictures:
                picture.to_ndarray(format="bgr24", threads=1)

    return work


if __name__ == "__main__":
    main()
