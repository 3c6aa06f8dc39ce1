"""Texts that ``run.json`` stores in English, in the language of the reader."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from vbench.report.language.strings import noted, spoken

_NUMBER = re.compile(r"[-+\u2212]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?( %)?")
_NESTED = frozenset({"what", "sentence", "noise", "threshold", "parts", "others"})
"""Placeholders that stand for another of these texts."""
_DEEPEST = 3
"""Such texts within texts within texts."""
_LONGEST = 1_000


def say_stored(text: str) -> str:
    """A text of the record in the current language, where it is one that vbench itself writes.

    Its values are in it already, so that it is recognised by a text with placeholders. Any other
    text, such as the message of a model, is returned as it is.
    """
    if not spoken().texts or len(text) > _LONGEST:
        return text
    found = _recognised(text, _DEEPEST)
    return text if found is None else found


def _recognised(text: str, depth: int) -> str | None:
    strings = spoken()
    for key, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is None or key not in strings.texts:
            continue
        values: dict[str, str] = {}
        for name, value in found.groupdict().items():
            nested = _recognised(value, depth - 1) if name in _NESTED and depth else None
            if name in _NESTED and nested is None:
                break
            if name == "place":
                values[name] = value.replace(" and ", strings.text(" and "))
            else:
                is_number = _NUMBER.fullmatch(value) is not None
                values[name] = strings.number(value) if is_number else nested or value
        else:
            return strings.texts[key].format(**values)
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every stored text and what recognises it."""
    return tuple((key, re.compile(_pattern(key), re.DOTALL)) for key in STORED)


def _pattern(key: str) -> str:
    return "".join(
        re.escape(literal) + (f"(?P<{name}>.+)" if name else "")
        for literal, name, _, _ in Formatter().parse(key)
    )


_UNDEFINED = (
    noted("{what} at {threshold} matches the truth"),
    noted("{what} at {threshold} touches the truth"),
    noted("{what} at {threshold}: precision is undefined"),
    noted("{what}, and no detections at {threshold}"),
    noted("{what}: no false alarm was possible"),
    noted("{what} is ever found at {threshold}"),
    noted("{what} is found in two neighbouring annotated frames"),
    noted("{what} was raised"),
    noted("{what} at {threshold}"),
    noted("score >= {score}"),
    noted("{what} of class {class_name} in clip {clip}"),
    noted("{what} of class {class_name} in {place}"),
    noted("{what} of class {class_name}"),
    noted("{what} in clip {clip}"),
    noted("{what} in {place}"),
    noted("no truth boxes"),
    noted("no truth boxes with a track id"),
    noted("no detections"),
    noted("no detection"),
    noted("no annotated frames"),
    noted("no frame with a detection"),
    noted("no frame with a truth box"),
    noted("no frame without a truth box"),
    noted("no tracked detection"),
    noted("no tracked detections"),
    noted("no exhaustively annotated truth tracks"),
    noted("no object"),
    noted("no truth event"),
    noted("no truth events"),
    noted("no alerts"),
    noted(
        "class {class_name} is not annotated exhaustively in {place}: "
        "false positives cannot be known"
    ),
    noted("class {class_name} is not annotated exhaustively: false positives cannot be known"),
    noted("no class is annotated exhaustively in {place}: false positives cannot be known"),
    noted("no class is annotated exhaustively: false positives cannot be known"),
    noted("a slice by {keys} divides boxes, not frames"),
    noted("the footage has no duration"),
    noted("no timings were taken: replayed results have none"),
    noted("timed in throughput mode, where stages overlap"),
    noted("no timed frames are left after the warm-up"),
    noted("pipeline gives no track ids"),
    noted("the pipeline gives no track ids"),
    noted("no truth"),
)
"""Why a metric has no value."""

_NO_INTERVAL = (
    noted("too little footage: {n} independent clip"),
    noted("too little footage: {n} independent clips"),
    noted("too little footage: {n} independent block"),
    noted("too little footage: {n} independent blocks"),
    noted(
        "too little footage: it rests on {n} clips, "
        "and it is undefined in {percent} of the resamples"
    ),
    noted(
        "too little footage: it rests on {n} blocks, "
        "and it is undefined in {percent} of the resamples"
    ),
    noted(
        "too little footage: it rests on {n} clips, "
        "and could as well be more than {times} times as much"
    ),
    noted(
        "too little footage: it rests on {n} blocks, "
        "and could as well be more than {times} times as much"
    ),
    noted("it is the same in every resample, and nothing says how often it could differ"),
    noted("a maximum has no interval"),
    noted("it was not resampled"),
)
"""Why a value has no interval."""

_MANIFEST = (
    noted("{n} resamples, seed {seed}, {percent} intervals"),
    noted("latency of {n} of {n_all} frames, one at a time"),
    noted(
        "latency of {n} of {n_all} frames, one at a time; the others overlapped, and were not timed"
    ),
    noted("throughput: each pipeline on its own, every step at work at once"),
    noted("only {parts} and {others} of the benchmark were run and {n} of {n_all} gates judged"),
    noted("only {parts} of the benchmark were run and {n} of {n_all} gates judged"),
    noted("{n} of {n_all} clips ({names})"),
    noted("{n} of {n_all} pipelines ({names})"),
    noted("golden set {name} is not locked: nothing vouches that its media stay as is"),
    noted("clip {clip} is damaged and was scored in part: {damage}"),
    noted("clip {clip}: {note}"),
    noted("the benchmark has no gates: nothing was required, so everything passes"),
    noted("results were replayed: no latency was measured"),
    noted("never finds {names}: not among its classes"),
)
"""The manifest, and notes on the run and its pipelines."""

_VERDICTS = (
    noted("{sentence}; that decides nothing, since {noise}: measure again when it is quiet"),
    noted("{sentence}; how sure that is cannot be told: {what}"),
    noted("{subject} was not measured on this golden set"),
    noted("{subject} is undefined: {what}"),
    noted("{subject} has no baseline to compare with"),
    noted("{subject} cannot be compared with {baseline}: {why}"),
    noted(
        "{subject} cannot be decided: it rests on n = {n} and needs at least {least}, {more} more"
    ),
    noted("other processes used {percent} of the machine meanwhile"),
    noted("other processes ({busiest}) used {percent} of the machine meanwhile"),
    noted("{subject} is {value} (n = {n}) but must be at least {limit}"),
    noted("{subject} is {value} (n = {n}) but must be at most {limit}"),
    noted("{subject} is {value} (n = {n}) and must be at least {limit}"),
    noted("{subject} is {value} (n = {n}) and must be at most {limit}"),
)
"""Explanations of gates that something besides the numbers keeps from a verdict."""

STORED = (*_VERDICTS, *_UNDEFINED, *_NO_INTERVAL, *_MANIFEST)
"""In the order in which they are tried: what can be a part of another stands behind it."""
