"""The loops of the fused kernel; `vbench.kernels.fused_preprocess` is their face.

Row by row, so that all between the planes and the tensor stays in the processor's first cache.
Each loop does one thing, in the narrowest numbers that are exact: that is what lets the compiler
turn it into vector instructions. Numba's integer arithmetic widens to 64 bits unless every step is
cut back, which is what the short type names are for.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.kernels.resize_taps import I16, Places
from vbench.types.arrays import F32, U8

_i4, _u4, _f4 = np.int32, np.uint32, np.float32

U32: TypeAlias = npt.NDArray[np.uint32]
Samples: TypeAlias = npt.NDArray[np.floating[Any] | np.integer[Any]]
"""float32, uint8, or uint16 for the bits of float16, which Numba does not know."""

Constants: TypeAlias = tuple[np.int32, np.int32, np.int32, np.int32, np.int32, np.int32]
"""The fields of `YuvCoefficients` in order."""
Picture: TypeAlias = tuple[U8, U8, U8, int, int, Constants]
"""Y, U, V, chroma shift in x and in y, coefficients."""
Target: TypeAlias = tuple[int, Samples, F32, Samples, int, int, int, bool]
"""The fields of `PixelValues`, the tensor's memory, the fields of `Placement`."""

_HALF = np.int32(1 << 19)
"""One half in the fixed point of `YuvCoefficients`."""


def fill_rows(
    y: U8,
    u: U8,
    v: U8,
    shift_x: int,
    shift_y: int,
    constants: Constants,
    how: int,
    rows: Places,
    row_weights: I16,
    columns: Places,
    column_weights: I16,
    rule: int,
    table: Samples,
    factors: F32,
    out: Samples,
    start: int,
    channel_step: int,
    row_step: int,
    bgr: bool,
) -> None:
    """Write a picture into a tensor.

    `y` to `constants` are the fields of `Planes`; `how` (0 copied, 1 picked, 2 halved, 3 weighted)
    to `column_weights` those of `Resampling`; `rule` (0 as they are, 1 scaled, 2 looked up) to
    `factors` those of `PixelValues`; `out` is the tensor's memory, `start` to `bgr` are the fields
    of `Placement`. Nothing is checked here.
    """
    picture = (y, u, v, shift_x, shift_y, constants)
    target = (rule, table, factors, out, start, channel_step, row_step, bgr)
    if how <= 1:
        _fill_picked(picture, rows[0], columns[0], how == 0, target)
    elif how == 2:
        _fill_halved(picture, rows.shape[1], columns.shape[1], target)
    else:
        _fill_weighted(picture, rows, row_weights, columns, column_weights, target)


@njit(cache=True, nogil=True)
def _fill_picked(
    picture: Picture, rows: Places, columns: Places, all_columns: bool, target: Target
) -> None:
    y, u, v, shift_x, shift_y, constants = picture
    n_rows, n_columns = len(rows), len(columns)
    luma = np.empty((2, n_columns), np.uint8)
    chroma = np.empty((2, n_columns), np.uint8)
    lines = np.empty((2, 3, n_columns), np.uint8)
    whole = np.empty(y.shape[1], np.uint8)
    chroma_columns = columns >> np.uintp(shift_x)
    r = 0
    while r < n_rows:
        row = np.intp(rows[r])
        # Two rows with the same chroma share half of the arithmetic.
        two = r + 1 < n_rows and np.intp(rows[r + 1]) >> shift_y == row >> shift_y
        if all_columns:
            _stretch(u[row >> shift_y], shift_x, chroma[0])
            _stretch(v[row >> shift_y], shift_x, chroma[1])
        else:
            # Out of a copy, which has no stride to multiply each place by.
            _copy(u[row >> shift_y], whole[: u.shape[1]])
            _gather(whole, chroma_columns, chroma[0])
            _copy(v[row >> shift_y], whole[: v.shape[1]])
            _gather(whole, chroma_columns, chroma[1])
        for k in range(2 if two else 1):
            if all_columns:
                _copy(y[rows[r + k]], luma[k])
            else:
                _copy(y[rows[r + k]], whole)
                _gather(whole, columns, luma[k])
        if two:
            _convert_two(luma[0], luma[1], chroma[0], chroma[1], constants, lines[0], lines[1])
        else:
            _convert(luma[0], chroma[0], chroma[1], constants, lines[0])
        for k in range(2 if two else 1):
            _write(lines[k], r + k, target)
        r += 2 if two else 1


@njit(cache=True, nogil=True)
def _fill_halved(picture: Picture, n_rows: int, n_columns: int, target: Target) -> None:
    y, u, v, shift_x, shift_y, constants = picture
    luma = np.empty((2, 2 * n_columns), np.uint8)
    chroma = np.empty((2, 2 * n_columns), np.uint8)
    lines = np.empty((2, 3, 2 * n_columns), np.uint8)
    means = np.empty((3, n_columns), np.uint8)
    for r in range(n_rows):
        for k in range(2):
            _copy(y[2 * r + k], luma[k])
            if k == 0 or shift_y == 0:
                _stretch(u[(2 * r + k) >> shift_y], shift_x, chroma[0])
                _stretch(v[(2 * r + k) >> shift_y], shift_x, chroma[1])
            if shift_y == 0:
                _convert(luma[k], chroma[0], chroma[1], constants, lines[k])
        if shift_y != 0:
            _convert_two(luma[0], luma[1], chroma[0], chroma[1], constants, lines[0], lines[1])
        for c in range(3):
            _mean_of_four(lines[0, c], lines[1, c], means[c])
        _write(means, r, target)


@njit(cache=True, nogil=True)
def _fill_weighted(
    picture: Picture,
    rows: Places,
    row_weights: I16,
    columns: Places,
    column_weights: I16,
    target: Target,
) -> None:
    y, u, v, shift_x, shift_y, constants = picture
    width, n_columns = y.shape[1], columns.shape[1]
    samples = np.empty((3, width), np.uint8)
    packed = np.empty(width, np.uint32)
    pair = np.empty((2, n_columns), np.uint32)
    # Of two source rows, in the order of `held`: resized along the row, not yet across.
    resized = np.empty((2, 3, n_columns), np.int16)
    held = np.full(2, -1)
    line = np.empty((3, n_columns), np.uint8)
    chroma_row = np.intp(-1)
    for r in range(rows.shape[1]):
        place = np.zeros(2, np.intp)
        for k in range(2):
            row = np.intp(rows[k, r])
            if held[0] == row or held[1] == row:
                place[k] = 0 if held[0] == row else 1
                continue
            # Rows come in ascending order: where the first is new, none held is asked for again.
            place[k] = 0 if k == 0 else 1 - place[0]
            held[place[k]] = row
            _copy(y[row], samples[0])
            if row >> shift_y != chroma_row:
                chroma_row = row >> shift_y
                _stretch(u[chroma_row], shift_x, samples[1])
                _stretch(v[chroma_row], shift_x, samples[2])
            _convert_packed(samples[0], samples[1], samples[2], constants, packed)
            _gather(packed, columns[0], pair[0])
            _gather(packed, columns[1], pair[1])
            _weigh_columns(pair, column_weights, resized[place[k]])
        upper, lower = resized[place[0]], resized[place[1]]
        for c in range(3):
            _weigh_rows(upper[c], lower[c], row_weights[0, r], row_weights[1, r], line[c])
        _write(line, r, target)


@njit(cache=True, nogil=True)
def _copy(samples: U8, out: U8) -> None:
    for i in range(len(out)):
        out[i] = samples[i]


@njit(cache=True, nogil=True)
def _stretch(samples: U8, shift: int, out: U8) -> None:
    """Each sample 2^shift times."""
    if shift == 1:
        for i in range(len(out) // 2):
            out[2 * i] = samples[i]
            out[2 * i + 1] = samples[i]
        if len(out) % 2:
            out[-1] = samples[-1]
    else:
        for i in range(len(out)):
            out[i] = samples[i >> shift]


@njit(cache=True, nogil=True)
def _gather(samples: U8 | U32, places: Places, out: U8 | U32) -> None:
    for i in range(len(places)):
        out[i] = samples[places[i]]


@njit(inline="always")
def _cut(value: np.int32) -> np.int32:
    """From fixed point to 0..255."""
    return _i4(min(_i4(max(_i4(value >> _i4(20)), _i4(0))), _i4(255)))


@njit(inline="always")
def _remainders(constants: Constants) -> tuple[np.int32, np.int32, np.int32]:
    """What remains of red, green and blue where Y counts from 0 and U and V do as well."""
    y_offset, y_scale, u_to_b, u_to_g, v_to_g, v_to_r = constants
    rest, middle = _i4(_HALF - _i4(y_offset * y_scale)), _i4(128)
    green = _i4(rest - _i4(middle * _i4(u_to_g + v_to_g)))
    return _i4(rest - _i4(middle * v_to_r)), green, _i4(rest - _i4(middle * u_to_b))


@njit(cache=True, nogil=True)
def _convert(y: U8, u: U8, v: U8, constants: Constants, line: U8) -> None:
    """The formula of `YuvCoefficients`, its constants summed up beforehand."""
    y_offset, y_scale, u_to_b, u_to_g, v_to_g, v_to_r = constants
    r0, g0, b0 = _remainders(constants)
    red, green, blue = line[0], line[1], line[2]
    for i in range(len(y)):
        luma, p, q = _i4(_i4(max(_i4(y[i]), y_offset)) * y_scale), _i4(u[i]), _i4(v[i])
        red[i] = _cut(_i4(luma + _i4(_i4(v_to_r * q) + r0)))
        green[i] = _cut(_i4(luma + _i4(_i4(_i4(u_to_g * p) + _i4(v_to_g * q)) + g0)))
        blue[i] = _cut(_i4(luma + _i4(_i4(u_to_b * p) + b0)))


@njit(cache=True, nogil=True)
def _convert_two(
    upper: U8, lower: U8, u: U8, v: U8, constants: Constants, upper_line: U8, lower_line: U8
) -> None:
    """As `_convert`, two rows of luma over one of chroma."""
    y_offset, y_scale, u_to_b, u_to_g, v_to_g, v_to_r = constants
    r0, g0, b0 = _remainders(constants)
    upper_red, upper_green, upper_blue = upper_line[0], upper_line[1], upper_line[2]
    lower_red, lower_green, lower_blue = lower_line[0], lower_line[1], lower_line[2]
    for i in range(len(upper)):
        p, q = _i4(u[i]), _i4(v[i])
        red, blue = _i4(_i4(v_to_r * q) + r0), _i4(_i4(u_to_b * p) + b0)
        green = _i4(_i4(_i4(u_to_g * p) + _i4(v_to_g * q)) + g0)
        luma = _i4(_i4(max(_i4(upper[i]), y_offset)) * y_scale)
        upper_red[i] = _cut(_i4(luma + red))
        upper_green[i] = _cut(_i4(luma + green))
        upper_blue[i] = _cut(_i4(luma + blue))
        luma = _i4(_i4(max(_i4(lower[i]), y_offset)) * y_scale)
        lower_red[i] = _cut(_i4(luma + red))
        lower_green[i] = _cut(_i4(luma + green))
        lower_blue[i] = _cut(_i4(luma + blue))


@njit(cache=True, nogil=True)
def _convert_packed(y: U8, u: U8, v: U8, constants: Constants, out: U32) -> None:
    """As `_convert`, into red + green * 2^8 + blue * 2^16: one load takes a whole pixel."""
    y_offset, y_scale, u_to_b, u_to_g, v_to_g, v_to_r = constants
    r0, g0, b0 = _remainders(constants)
    for i in range(len(y)):
        luma, p, q = _i4(_i4(max(_i4(y[i]), y_offset)) * y_scale), _i4(u[i]), _i4(v[i])
        red = _cut(_i4(luma + _i4(_i4(v_to_r * q) + r0)))
        green = _cut(_i4(luma + _i4(_i4(_i4(u_to_g * p) + _i4(v_to_g * q)) + g0)))
        blue = _cut(_i4(luma + _i4(_i4(u_to_b * p) + b0)))
        out[i] = _u4(_i4(red | _i4(green << _i4(8))) | _i4(blue << _i4(16)))


@njit(cache=True, nogil=True)
def _mean_of_four(upper: U8, lower: U8, out: U8) -> None:
    """Of 2 x 2 pixels, rounded half up."""
    for i in range(len(out)):
        above = _i4(_i4(upper[2 * i]) + _i4(upper[2 * i + 1]))
        below = _i4(_i4(lower[2 * i]) + _i4(lower[2 * i + 1]))
        out[i] = _i4(_i4(_i4(above + below) + _i4(2)) >> _i4(2))


@njit(cache=True, nogil=True)
def _weigh_columns(pair: U32, weights: I16, out: I16) -> None:
    """Packed pixels by weights in 1/2048, in 1/128 rounded down as OpenCV does between axes."""
    first, second, near, far = pair[0], pair[1], weights[0], weights[1]
    red, green, blue = out[0], out[1], out[2]
    inner = _u4(0xFF)
    for i in range(len(first)):
        p, q, a, b = first[i], second[i], _i4(near[i]), _i4(far[i])
        red[i] = _i4(_i4(_i4(p & inner) * a) + _i4(_i4(q & inner) * b)) >> _i4(4)
        p, q = _u4(p >> _u4(8)), _u4(q >> _u4(8))
        green[i] = _i4(_i4(_i4(p & inner) * a) + _i4(_i4(q & inner) * b)) >> _i4(4)
        p, q = _u4(p >> _u4(8)), _u4(q >> _u4(8))
        blue[i] = _i4(_i4(_i4(p) * a) + _i4(_i4(q) * b)) >> _i4(4)


@njit(cache=True, nogil=True)
def _weigh_rows(upper: I16, lower: I16, near: np.int16, far: np.int16, out: U8) -> None:
    """Each product is rounded down to 1/4, the sum half up, as OpenCV does."""
    a, b = _i4(near), _i4(far)
    for i in range(len(out)):
        above = _i4(_i4(_i4(upper[i]) * a) >> _i4(16))
        below = _i4(_i4(_i4(lower[i]) * b) >> _i4(16))
        out[i] = _i4(_i4(_i4(above + below) + _i4(2)) >> _i4(2))


@njit(cache=True, nogil=True)
def _write(line: U8, row: int, target: Target) -> None:
    """A row of red, green and blue pixels into the tensor."""
    rule, table, factors, out, start, channel_step, row_step, bgr = target
    n = line.shape[1]
    at = start + row * row_step
    if channel_step == 1:
        first, last = (2, 0) if bgr else (0, 2)
        _write_together(line, first, last, rule, table, factors, out[at : at + 3 * n])
        return
    for k in range(3):
        channel = 2 - k if bgr else k
        begin = at + k * channel_step
        _write_alone(line[channel], rule, table[channel], factors[channel], out[begin : begin + n])


@njit(cache=True, nogil=True)
def _write_alone(line: U8, rule: int, table: Samples, factors: F32, out: Samples) -> None:
    if rule == 0:
        for i in range(len(line)):
            out[i] = line[i]
    elif rule == 1:
        a, b = factors[0], factors[1]
        for i in range(len(line)):
            value = _f4(line[i])
            out[i] = _f4(_f4(value * a) + _f4(value * b))
    else:
        for i in range(len(line)):
            out[i] = table[line[i]]


@njit(cache=True, nogil=True)
def _write_together(
    line: U8, first: int, last: int, rule: int, table: Samples, factors: F32, out: Samples
) -> None:
    one, two, three = line[first], line[1], line[last]
    if rule == 0:
        for i in range(len(one)):
            out[3 * i], out[3 * i + 1], out[3 * i + 2] = one[i], two[i], three[i]
    elif rule == 1:
        a1, a2, a3 = factors[first, 0], factors[1, 0], factors[last, 0]
        b1, b2, b3 = factors[first, 1], factors[1, 1], factors[last, 1]
        for i in range(len(one)):
            p, q, r = _f4(one[i]), _f4(two[i]), _f4(three[i])
            out[3 * i] = _f4(_f4(p * a1) + _f4(p * b1))
            out[3 * i + 1] = _f4(_f4(q * a2) + _f4(q * b2))
            out[3 * i + 2] = _f4(_f4(r * a3) + _f4(r * b3))
    else:
        for i in range(len(one)):
            out[3 * i] = table[first, one[i]]
            out[3 * i + 1] = table[1, two[i]]
            out[3 * i + 2] = table[last, three[i]]
