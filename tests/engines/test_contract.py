"""What `vbench.engines.protocol` promises, of every engine of vbench."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import numpy as np
import pytest

from tests.engines.contract import FRAME_ENGINES, TENSOR_ENGINES
from vbench.engines.protocol import (
    ClipFacts,
    EngineInfo,
    FrameAnswer,
    FrameEngine,
    Tensor,
    TensorEngine,
)
from vbench.engines.registry import GROUP
from vbench.errors import EngineError
from vbench.types import Frame

OpenTensorEngine = Callable[[], TensorEngine]
OpenFrameEngine = Callable[[], FrameEngine]

Result = TypeVar("Result")

CLIP = ClipFacts("dock", 48, 32, 25.0)


@pytest.fixture(params=sorted(TENSOR_ENGINES))
def open_tensor_engine(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[OpenTensorEngine]:
    opened: list[TensorEngine] = []
    with TENSOR_ENGINES[request.param](tmp_path) as open_one:

        def open_another() -> TensorEngine:
            opened.append(open_one())
            return opened[-1]

        yield open_another
        for engine in opened:
            engine.close()


@pytest.fixture
def tensor_engine(open_tensor_engine: OpenTensorEngine) -> TensorEngine:
    return open_tensor_engine()


@pytest.fixture(params=sorted(FRAME_ENGINES))
def open_frame_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenFrameEngine]:
    opened: list[FrameEngine] = []
    with FRAME_ENGINES[request.param](tmp_path) as open_one:

        def open_another() -> FrameEngine:
            opened.append(open_one())
            return opened[-1]

        yield open_another
        for engine in opened:
            engine.close()


@pytest.fixture
def frame_engine(open_frame_engine: OpenFrameEngine) -> FrameEngine:
    engine = open_frame_engine()
    engine.begin_clip(CLIP)
    return engine


def tensors_for(engine: TensorEngine, seed: int) -> list[Tensor]:
    """Noise for each input; free axes are 16 long, a free batch axis 1."""
    rng = np.random.default_rng(seed)
    shapes = [
        [axis or (1 if position == 0 else 16) for position, axis in enumerate(item.shape)]
        for item in engine.inputs
    ]
    return [
        rng.uniform(0, 100, shape).astype(item.dtype)
        for shape, item in zip(shapes, engine.inputs, strict=True)
    ]


def same(one: Sequence[Tensor], other: Sequence[Tensor]) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )


def copies(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [tensor.copy() for tensor in tensors]


def in_another_thread(call: Callable[[], Result]) -> Result:
    """What a call returns in a thread that is then gone."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result(timeout=60)


def at_the_same_time(call: Callable[[int], Result], n: int) -> list[Result]:
    """What a call returns for 0, 1, ..., each in a thread of its own, which start together."""
    start = Barrier(n)

    def together(k: int) -> Result:
        start.wait(60)
        return call(k)

    with ThreadPoolExecutor(n) as threads:
        return list(threads.map(together, range(n), timeout=60))


def check_info(info: EngineInfo) -> None:
    assert info.type in {name.partition(",")[0] for name in (*TENSOR_ENGINES, *FRAME_ENGINES)}
    assert info.version
    assert info.provider
    assert info.threads is None or info.threads >= 1
    assert "\n" not in info.text()


def test_every_engine_of_vbench_is_here(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    here = {name.partition(",")[0] for name in (*TENSOR_ENGINES, *FRAME_ENGINES)}
    assert here == {*project["entry-points"][GROUP], "acme"}


class TestTensorEngines:
    def test_says_what_runs(self, tensor_engine: TensorEngine) -> None:
        check_info(tensor_engine.info)

    def test_same_input_same_output(self, tensor_engine: TensorEngine) -> None:
        first = copies(tensor_engine.run(tensors_for(tensor_engine, 1)))
        other = copies(tensor_engine.run(tensors_for(tensor_engine, 2)))
        again = tensor_engine.run(tensors_for(tensor_engine, 1))
        assert same(first, again)
        assert not any(same([a], [b]) for a, b in zip(first, other, strict=True))

    def test_outputs_are_as_announced_and_in_order(self, tensor_engine: TensorEngine) -> None:
        outputs = tensor_engine.run(tensors_for(tensor_engine, 1))
        assert len({output.shape for output in outputs}) == len(outputs) >= 2
        for info, output in zip(tensor_engine.outputs, outputs, strict=True):
            assert info.accepts(output.shape)
            assert output.dtype.name == info.dtype

    def test_inputs_are_only_read(self, tensor_engine: TensorEngine) -> None:
        tensors = tensors_for(tensor_engine, 1)
        kept = copies(tensors)
        wanted = copies(tensor_engine.run(tensors))
        assert same(tensors, kept)
        for tensor in tensors:
            tensor.setflags(write=False)
        assert same(tensor_engine.run(tensors), wanted)

    def test_inputs_are_free_after_the_run(self, tensor_engine: TensorEngine) -> None:
        tensors = tensors_for(tensor_engine, 1)
        outputs = tensor_engine.run(tensors)
        kept = copies(outputs)
        for tensor in tensors:
            tensor[...] = 0
        assert same(outputs, kept)

    def test_inputs_may_be_views(self, tensor_engine: TensorEngine) -> None:
        tensors = tensors_for(tensor_engine, 1)
        wanted = copies(tensor_engine.run(tensors))
        views = [np.repeat(tensor, 2, axis=-1)[..., ::2] for tensor in tensors]
        assert same(tensor_engine.run(views), wanted)

    def test_outputs_belong_to_the_caller(self, tensor_engine: TensorEngine) -> None:
        outputs = tensor_engine.run(tensors_for(tensor_engine, 1))
        kept = copies(outputs)
        tensor_engine.run(tensors_for(tensor_engine, 2))
        assert same(outputs, kept)
        for output in outputs:
            output[...] = 0
        assert same(tensor_engine.run(tensors_for(tensor_engine, 1)), kept)

    def test_outputs_stay_while_another_thread_runs_on(self, tensor_engine: TensorEngine) -> None:
        """What comes behind inference works on one frame while the next is inferred."""
        outputs = in_another_thread(lambda: tensor_engine.run(tensors_for(tensor_engine, 1)))
        kept = copies(outputs)
        for seed in range(2, 5):
            in_another_thread(partial(tensor_engine.run, tensors_for(tensor_engine, seed)))
            assert same(outputs, kept)

    def test_runs_in_other_threads_than_it_was_opened_in(
        self, open_tensor_engine: OpenTensorEngine
    ) -> None:
        """One at a time, but each time in a new thread, and it may end in another one still."""
        engine = open_tensor_engine()
        wanted = copies(engine.run(tensors_for(engine, 1)))
        for _ in range(2):
            found = in_another_thread(lambda: engine.run(tensors_for(engine, 1)))
            assert same(found, wanted)
        elsewhere = in_another_thread(open_tensor_engine)
        assert same(elsewhere.run(tensors_for(elsewhere, 1)), wanted)
        in_another_thread(elsewhere.close)
        in_another_thread(engine.close)
        with pytest.raises(EngineError, match="closed"):
            engine.run(tensors_for(elsewhere, 1))

    def test_two_run_at_the_same_time(self, open_tensor_engine: OpenTensorEngine) -> None:
        """Pipelines side by side have a thread each."""
        engines = [open_tensor_engine(), open_tensor_engine()]
        wanted = [copies(engine.run(tensors_for(engine, k))) for k, engine in enumerate(engines)]

        def often(k: int) -> list[Sequence[Tensor]]:
            return [engines[k].run(tensors_for(engines[k], k)) for _ in range(5)]

        for found, expected in zip(at_the_same_time(often, 2), wanted, strict=True):
            assert all(same(one, expected) for one in found)

    def test_what_does_not_fit_is_an_error_and_the_engine_goes_on(
        self, tensor_engine: TensorEngine
    ) -> None:
        tensors = tensors_for(tensor_engine, 1)
        wanted = copies(tensor_engine.run(tensors))
        first, *rest = tensors
        misfits = {
            "shape": [np.concatenate([first, first], axis=1), *rest],
            "axes": [first[0], *rest],
            "dtype": [first.astype(np.complex64), *rest],
            "too many": [*tensors, first],
            "too few": tensors[1:],
        }
        for misfit in misfits.values():
            with pytest.raises(EngineError) as caught:
                tensor_engine.run(misfit)
            assert caught.value.hint
        assert same(tensor_engine.run(tensors), wanted)

    def test_closed_twice_then_run(self, tensor_engine: TensorEngine) -> None:
        tensors = tensors_for(tensor_engine, 1)
        tensor_engine.run(tensors)
        tensor_engine.close()
        tensor_engine.close()
        with pytest.raises(EngineError, match="closed") as caught:
            tensor_engine.run(tensors)
        assert caught.value.hint

    def test_closed_before_it_ran(self, tensor_engine: TensorEngine) -> None:
        tensor_engine.close()

    def test_two_side_by_side(self, open_tensor_engine: OpenTensorEngine) -> None:
        one, other = open_tensor_engine(), open_tensor_engine()
        of_one = one.run(tensors_for(one, 1))
        of_other = copies(other.run(tensors_for(other, 2)))
        assert same(one.run(tensors_for(one, 1)), of_one)
        one.close()
        assert same(other.run(tensors_for(other, 2)), of_other)

    def test_nothing_is_printed(
        self, open_tensor_engine: OpenTensorEngine, capfd: pytest.CaptureFixture[str]
    ) -> None:
        engine = open_tensor_engine()
        engine.run(tensors_for(engine, 1))
        engine.close()
        assert capfd.readouterr().out == ""


def picture(index: int, *, size: tuple[int, int] = (48, 32), order: str = "bgr") -> Frame:
    """A picture of one colour, so that no way of sending it changes it by more than a little."""
    width, height = size
    image = np.empty((height, width, 3), np.uint8)
    image[...] = (40 + 30 * index, 90, 200 - 20 * index)
    if order == "rgb":
        return Frame(index, index / 25, np.ascontiguousarray(image[..., ::-1]), "rgb")
    return Frame(index, index / 25, image, "bgr")


def columns(answer: FrameAnswer) -> list[Tensor]:
    return [answer.boxes_xyxy, answer.scores, answer.class_index, answer.track_id]


class TestFrameEngines:
    def test_says_what_runs(self, frame_engine: FrameEngine) -> None:
        check_info(frame_engine.info)

    def test_detections_are_those_of_the_frame(self, frame_engine: FrameEngine) -> None:
        answer = frame_engine.detect(picture(0))
        assert answer.boxes_xyxy.tolist() == [[0, 0, 24, 16], [12, 8, 48, 32]]
        np.testing.assert_allclose(answer.scores, [40 / 255, 200 / 255], atol=0.02)
        assert answer.class_index.tolist() == [0, 1]
        assert answer.track_id.tolist() == [-1, -1]

    def test_same_frames_same_answers(self, frame_engine: FrameEngine) -> None:
        def answers() -> list[list[Tensor]]:
            return [columns(frame_engine.detect(picture(index))) for index in range(3)]

        first = answers()
        frame_engine.begin_clip(CLIP)
        again = answers()
        assert all(same(a, b) for a, b in zip(first, again, strict=True))
        assert not same(first[0], first[1])

    def test_color_order_of_the_frame_does_not_matter(self, frame_engine: FrameEngine) -> None:
        one = frame_engine.detect(picture(0, order="bgr"))
        frame_engine.begin_clip(CLIP)
        other = frame_engine.detect(picture(0, order="rgb"))
        assert same(columns(one), columns(other))

    def test_frames_are_only_read(self, frame_engine: FrameEngine) -> None:
        for order in ("bgr", "rgb"):
            frame = picture(0, order=order)
            kept = frame.image.copy()
            frame.image.setflags(write=False)
            frame_engine.begin_clip(CLIP)
            frame_engine.detect(frame)
            assert np.array_equal(frame.image, kept)

    def test_answers_belong_to_the_caller(self, frame_engine: FrameEngine) -> None:
        answer = frame_engine.detect(picture(0))
        kept = copies(columns(answer))
        frame_engine.detect(picture(1))
        assert same(columns(answer), kept)

    def test_runs_in_other_threads_than_it_was_opened_in(
        self, open_frame_engine: OpenFrameEngine
    ) -> None:
        """One at a time, but each time in a new thread, and it may end in another one still."""
        engine = in_another_thread(open_frame_engine)
        in_another_thread(lambda: engine.begin_clip(CLIP))
        here = [columns(engine.detect(picture(index))) for index in range(2)]
        engine.begin_clip(CLIP)
        for index in range(2):
            found = in_another_thread(partial(engine.detect, picture(index)))
            assert same(columns(found), here[index])
        in_another_thread(engine.close)
        with pytest.raises(EngineError):
            engine.detect(picture(2))

    def test_two_run_at_the_same_time(self, open_frame_engine: OpenFrameEngine) -> None:
        """Pipelines side by side have a thread each."""
        engines = [open_frame_engine(), open_frame_engine()]
        for engine in engines:
            engine.begin_clip(CLIP)

        def often(k: int) -> list[list[Tensor]]:
            return [columns(engines[k].detect(picture(index))) for index in range(5)]

        one, other = at_the_same_time(often, 2)
        assert all(same(a, b) for a, b in zip(one, other, strict=True))

    def test_clips_of_another_size(self, frame_engine: FrameEngine) -> None:
        frame_engine.detect(picture(0))
        frame_engine.begin_clip(ClipFacts("yard", 64, 16, 10.0))
        answer = frame_engine.detect(picture(0, size=(64, 16)))
        assert answer.boxes_xyxy[1].tolist() == [16, 4, 64, 16]

    def test_closed_twice_then_used(self, frame_engine: FrameEngine) -> None:
        frame_engine.detect(picture(0))
        frame_engine.close()
        frame_engine.close()
        with pytest.raises(EngineError) as caught:
            frame_engine.detect(picture(1))
        assert caught.value.hint

    def test_closed_before_the_first_clip(self, open_frame_engine: OpenFrameEngine) -> None:
        open_frame_engine().close()

    def test_two_side_by_side(self, open_frame_engine: OpenFrameEngine) -> None:
        one, other = open_frame_engine(), open_frame_engine()
        one.begin_clip(CLIP)
        other.begin_clip(CLIP)
        of_one = [columns(one.detect(picture(0)))]
        of_other = [columns(other.detect(picture(2)))]
        of_one.append(columns(one.detect(picture(1))))
        one.close()
        of_other.append(columns(other.detect(picture(3))))
        alone = open_frame_engine()
        for indexes, found in (((0, 1), of_one), ((2, 3), of_other)):
            alone.begin_clip(CLIP)
            for index, answer in zip(indexes, found, strict=True):
                assert same(columns(alone.detect(picture(index))), answer)

    def test_nothing_is_printed(
        self, open_frame_engine: OpenFrameEngine, capfd: pytest.CaptureFixture[str]
    ) -> None:
        engine = open_frame_engine()
        engine.begin_clip(CLIP)
        engine.detect(picture(0))
        engine.close()
        assert capfd.readouterr().out == ""
