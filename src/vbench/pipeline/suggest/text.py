"""A proposal as a pipeline file, its reasons as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import PurePosixPath

from vbench.config.pipeline_file import PIPELINE_SCHEMA
from vbench.config.yaml_text import Plain
from vbench.pipeline.suggest.model import Choice, Match
from vbench.pipeline.suggest.proposal import Proposal

_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NOT_TEXT = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_WIDTH = 100


def proposal_text(proposal: Proposal, model_path: PurePosixPath, sha256: str) -> str:
    """The whole file.

    Args:
        proposal: what is proposed.
        model_path: of the model file, from the folder of the pipeline file.
        sha256: digest of the model file.
    """
    classes, *choices = proposal.choices
    tensors = [item.text() for item in proposal.model.inputs]
    outputs = [item.text() for item in proposal.model.outputs]
    lines = [
        *_comment(
            "Proposed by `vbench pipeline suggest`. certain: read from the model file; likely: "
            "what this family usually does; guess: check it."
        ),
        *_comment(f"model: {'; '.join(tensors)} -> {'; '.join(outputs)}"),
        f"schema: {PIPELINE_SCHEMA}",
        f"name: {_flow(proposal.name)}",
        'version: "0.1.0"',
        *_reason([classes]),
        *_names(classes.value),
        "stages:",
        "  - id: detect",
        "    kind: detector",
        "    engine:",
        "      type: onnxruntime",
        f"      model: {_flow(model_path.as_posix())}",
        f"      sha256: {_flow(sha256)}",
    ]
    for section, members in groupby(choices, key=lambda choice: choice.key.partition(".")[0]):
        lines.append(f"    {section}:")
        for _, alike in groupby(members, key=lambda choice: (choice.sure, choice.why)):
            lines += _block(list(alike))
    return "\n".join([*lines, *_alternatives(proposal.alternatives)]) + "\n"


def _block(choices: Sequence[Choice]) -> list[str]:
    """Keys that have the same reason, under it."""
    keys = [f"      {c.key.partition('.')[2]}: {_flow(c.value)}" for c in choices]
    return [*_reason(choices, "      "), *keys]


def _reason(choices: Sequence[Choice], indent: str = "") -> list[str]:
    first = choices[0]
    return _comment(f"{first.sure}: {first.why}", indent)


def _alternatives(matches: Sequence[Match]) -> list[str]:
    lines = []
    for match in matches:
        keys = "".join(f", {key}: {_flow(value)}" for key, value in match.keys)
        lines += _comment(f"also possible ({match.sure}): {match.why}")
        lines += [f"#     output: {{adapter: {match.adapter}{keys}}}"]
        classes = "" if match.n_classes is None else f" (classes: {match.n_classes})"
        lines += [f"#     input: {match.convention.why}{classes}"]
    return lines


def _names(names: Plain) -> list[str]:
    listed = names if isinstance(names, list) else []
    return ["classes:", "  names:", *(f"    - {_flow(name)}" for name in listed)]


def _comment(text: str, indent: str = "") -> list[str]:
    """A comment, broken into lines."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= _WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{indent}# {word}" if not lines else f"{indent}#   {word}")
    return lines


def _flow(value: Plain) -> str:
    """A value on one line; JSON is YAML, and simple words need no quotes."""
    if isinstance(value, str):
        simple = _PLAIN_WORD.fullmatch(value) and value.lower() not in _NOT_TEXT
        return value if simple else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(_flow(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flow(key)}: {_flow(item)}' for key, item in value.items())}}}"
    return json.dumps(value)
