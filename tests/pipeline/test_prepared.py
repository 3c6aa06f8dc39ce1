"""Input tensors made ahead: a bounded pool, one tensor for all who take the same."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from vbench.config.input_entry import InputEntry
from vbench.pipeline.prepared import PoolClosed, PreparedInputs, SharedInput
from vbench.pipeline.preprocess import Preprocessor
from vbench.types import Frame

SIZE = (96, 64)
GRACE_S = 10.0


def entry(**changed: object) -> InputEntry:
    return InputEntry.model_validate(
        {"size": [32, 32], "color": "bgr", "resize": "letterbox"} | changed
    )


def frame(index: int, size: tuple[int, int] = SIZE) -> Frame:
    width, height = size
    image = np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)
    return Frame(index=index, pts_s=index / 25, image=image, color_order="bgr")


def test_a_tensor_is_what_its_entry_says() -> None:
    one = SharedInput.of(entry())
    inputs = PreparedInputs([one], 2)
    for index in range(5):
        made = inputs.prepare(frame(index))
        expected = Preprocessor(one.entry, SIZE)
        np.testing.assert_array_equal(made[one.key].tensor, expected(frame(index)))
        assert made[one.key].geometry == expected.geometry
        assert made[one.key].prepare_ns > 0
        inputs.give_back(SIZE, made)


def test_equal_entries_have_one_tensor() -> None:
    one, other = SharedInput.of(entry()), SharedInput.of(entry(size=(32, 32)))
    assert one.key == other.key
    assert list(PreparedInputs([one, other], 2).prepare(frame(0))) == [one.key]


def test_constants_of_other_inputs_make_no_difference() -> None:
    one, other = SharedInput.of(entry()), SharedInput.of(entry(extra={"im_shape": [[32.0, 32.0]]}))
    assert one.key == other.key


@pytest.mark.parametrize(
    "changed",
    [
        {"size": [64, 32]},
        {"color": "rgb"},
        {"resize": "stretch"},
        {"pad": 0},
        {"scale": 0.5},
        {"mean": [1.0, 2.0, 3.0]},
        {"std": [1.0, 1.0, 2.0]},
        {"layout": "nhwc"},
        {"dtype": "float16"},
        {"anchor": "top_left"},
        {"interpolation": "nearest"},
        {"rectangular": 8},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_everything_else_does(changed: dict[str, object]) -> None:
    one, other = SharedInput.of(entry()), SharedInput.of(entry(**changed))
    assert one.key != other.key
    made = PreparedInputs([one, other], 1).prepare(frame(0))
    assert not np.shares_memory(made[one.key].tensor, made[other.key].tensor)


def test_the_pool_is_bounded_and_is_used_again() -> None:
    one = SharedInput.of(entry())
    inputs = PreparedInputs([one], 3)
    addresses = set()
    for index in range(20):
        made = inputs.prepare(frame(index))
        addresses.add(made[one.key].tensor.ctypes.data)
        inputs.give_back(SIZE, made)
    assert len(addresses) <= 3


def test_tensors_in_use_are_not_written_to() -> None:
    one = SharedInput.of(entry())
    inputs = PreparedInputs([one], 3)
    made = [inputs.prepare(frame(index))[one.key].tensor for index in range(3)]
    for index, tensor in enumerate(made):
        np.testing.assert_array_equal(tensor, Preprocessor(one.entry, SIZE)(frame(index)))


def test_it_waits_until_one_is_given_back() -> None:
    one = SharedInput.of(entry())
    inputs = PreparedInputs([one], 1)
    first = inputs.prepare(frame(0))
    got = threading.Event()

    def wait() -> None:
        inputs.prepare(frame(1))
        got.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not got.wait(0.03)
    inputs.give_back(SIZE, first)
    assert got.wait(GRACE_S)
    thread.join(GRACE_S)


def test_stop_wakes_who_waits() -> None:
    inputs = PreparedInputs([SharedInput.of(entry())], 1)
    inputs.prepare(frame(0))
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            inputs.prepare(frame(1))
        except PoolClosed as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.02)
    inputs.stop()
    thread.join(GRACE_S)
    assert len(errors) == 1


def test_after_a_stop_there_is_no_tensor_of_any_size() -> None:
    inputs = PreparedInputs([SharedInput.of(entry())], 1)
    inputs.stop()
    with pytest.raises(PoolClosed):
        inputs.prepare(frame(0))


def test_clips_of_several_sizes() -> None:
    one = SharedInput.of(entry())
    inputs = PreparedInputs([one], 1)
    for size in (SIZE, (64, 96), SIZE):
        made = inputs.prepare(frame(0, size))
        assert made[one.key].geometry.source_size == size
        inputs.give_back(size, made)


def test_no_input_needs_no_tensor() -> None:
    assert PreparedInputs([], 2).prepare(frame(0)) == {}
