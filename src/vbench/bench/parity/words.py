"""A guess in sentences: what happened, how sure that is, and what to change where."""

from __future__ import annotations

from collections.abc import Iterator

from vbench.bench.parity.compare import Parity
from vbench.bench.parity.guess import Cause
from vbench.bench.parity.keys import ABSENT
from vbench.bench.parity.measure import STAGE_TITLES
from vbench.bench.parity.stages import StageReport
from vbench.config.yaml_text import KeyPath, key_text

_VALUE_KEYS = ("scale", "mean", "std")
"""What pixel values become is up to all of these; a cause names one."""


def headline(parity: Parity) -> str:
    """The answer in one sentence."""
    first = parity.first
    frames = "1 frame" if parity.n_frames == 1 else f"{parity.n_frames} frames"
    if first is None:
        hidden = [one for one in parity.stages if one.state == "hidden"]
        rest = ", as far as it shows" if hidden else " in every stage"
        return f"A and B are the same within the tolerances on {frames}{rest}"
    place = f"{first.first_clip}, frame {first.first_frame}"
    text = f"A and B part at: {stage_title(first)}, first in {place}"
    return f"{text} ({first.text})" if first.text else text


def stage_title(report: StageReport) -> str:
    """``input tensor``, with the detector's id where there are several."""
    title = STAGE_TITLES[report.stage]
    return f"{report.detector_id}: {title}" if report.detector_id else title


def cause_sentence(parity: Parity) -> str:
    """The guess and how much of the difference it explains; empty where nothing parts."""
    guess = parity.guess
    if guess is None:
        return ""
    if not guess.causes and guess.explained == 0.0:
        return f"unknown: {guess.basis}"
    if not guess.causes:
        best = _percent(guess.explained)
        return f"unknown: of what was tried, the best explains {best} of the difference"
    *others, last = (cause.title for cause in guess.causes)
    titles = f"{', '.join(others)}, and {last}" if others else last
    if guess.causes[0].kind == "model":
        return f"{titles} ({guess.causes[0].value_a})"
    return f"{titles}; explains {'all' if guess.exact else _percent(guess.explained)} of it"


def cause_values(parity: Parity) -> Iterator[str]:
    """For each cause, what A does and what B does."""
    for cause in () if parity.guess is None else parity.guess.causes:
        if cause.kind != "model":
            key = f"{cause.key}: " if cause.key else ""
            yield f"{key}A {cause.value_a}, B {cause.value_b}"


def advice(parity: Parity) -> Iterator[str]:
    """For each cause, what to change where so that B does what A does."""
    for cause in () if parity.guess is None else parity.guess.causes:
        if cause.kind == "model":
            yield "compare the model files, their precision, and the engines' versions"
        else:
            yield from _changes(parity, cause)


def _changes(parity: Parity, cause: Cause) -> Iterator[str]:
    """What to write at which keys; a place to look at where the files do not tell."""
    path = _key_path(parity, cause)
    concealed = _concealed(parity, cause, path)
    if concealed:
        yield concealed
        return
    paths = [path]
    if cause.key.rpartition(".")[2] in _VALUE_KEYS:
        paths = [(*path[:-1], key) for key in _VALUE_KEYS]
    keys = tuple(key_text(one) for one in paths)
    found = [one for one in parity.keys if cause.key and one.key.startswith(keys)]
    written = [one for one in found if one.value_a != ABSENT]
    for one in written:
        yield f"write {one.value_a} at {one.where_b}"
    for one in found:
        if one.value_a == ABSENT and not any(_is_part(one.key, two.key) for two in written):
            yield f"remove {one.key}, near {one.where_b}"
    if not found:
        yield _place(parity, cause, path)


def _is_part(one: str, two: str) -> bool:
    """Whether one of two keys lies in the other: writing the one settles both."""
    return one.startswith(f"{two}.") or two.startswith(f"{one}.")


def _concealed(parity: Parity, cause: Cause, path: KeyPath) -> str:
    """Where to look, where it is nothing that the files say."""
    own = _own_code(parity, cause)
    if own:
        return f"look into {own}"
    hidden = _hidden_engine(parity)
    if hidden and path[:1] == ("stages",):
        return f"change it behind the {hidden} engine at {parity.b.where(*path[:2], 'engine')}"
    return ""


def _place(parity: Parity, cause: Cause, path: KeyPath) -> str:
    """Where to look, where the files do not differ."""
    if cause.kind == "class_offset":
        return f"check the class list at {parity.b.where(*path)}"
    if cause.key.startswith("input"):
        return f"write {cause.value_a} at {parity.b.where(*path)}"
    return f"see {parity.b.where(*path)}"


def _key_path(parity: Parity, cause: Cause) -> KeyPath:
    keys = tuple(cause.key.split(".")) if cause.key else ()
    if keys and keys[0] in ("decode", "classes"):
        return keys
    return ("stages", _position(parity), *keys)


def _position(parity: Parity) -> int:
    """Of the parting detector among B's stages."""
    detector = max(0, parity.first.detector if parity.first is not None else 0)
    found = [k for k, one in enumerate(parity.b.model.stages) if one.kind == "detector"]
    return found[min(detector, len(found) - 1)]


def _own_code(parity: Parity, cause: Cause) -> str:
    """The user's own preprocessing, where the cause lies in it."""
    if not cause.key.startswith(("input", "decode")) and cause.key:
        return ""
    if parity.first is None or parity.first.stage != "tensor":
        return ""
    for letter, file in (("B", parity.b), ("A", parity.a)):
        entry = file.model.detectors[parity.first.detector].input
        if entry is not None and entry.python is not None:
            position = file.model.stages.index(file.model.detectors[parity.first.detector])
            return (
                f"{entry.python} of {letter} ({file.where('stages', position, 'input', 'python')})"
            )
    return ""


def _hidden_engine(parity: Parity) -> str:
    """Type of B's parting engine where it hides its inside, else empty."""
    if parity.first is None or parity.first.detector < 0:
        return ""
    engine = parity.b.model.detectors[parity.first.detector].engine
    return "" if engine.takes == "tensors" else engine.type


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share < 0.995 else f"{100 * share:.1f} %"
