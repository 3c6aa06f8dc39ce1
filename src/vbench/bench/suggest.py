"""A pipeline file proposed for an ONNX model."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.engines.onnx_runtime import OnnxRuntimeEngine
from vbench.engines.protocol import EngineSite
from vbench.errors import InputError, ModelError
from vbench.pipeline.suggest.model import ModelSummary
from vbench.pipeline.suggest.proposal import Proposal, pipeline_name, propose
from vbench.pipeline.suggest.text import proposal_text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed pipeline file."""

    text: str
    """The file."""
    proposal: Proposal

    def json_text(self) -> str:
        """The choices with their reasons, the alternatives and the file, as JSON."""
        proposal = self.proposal
        content = {
            "name": proposal.name,
            "inputs": [item.text() for item in proposal.model.inputs],
            "outputs": [item.text() for item in proposal.model.outputs],
            "choices": [asdict(choice) for choice in proposal.choices],
            "alternatives": [
                {"adapter": one.adapter, "sure": one.sure, "why": one.why, "keys": dict(one.keys)}
                for one in proposal.alternatives
            ],
            "pipeline": self.text,
        }
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def suggest_pipeline(model: Path, classes: Path | None, out: Path | None) -> Suggestion:
    """Propose a pipeline file for a model.

    Args:
        model: the ONNX file.
        classes: text file with a class per line; None where it is not known.
        out: where the pipeline file will lie, for the path to the model in it; None: here.

    Raises:
        EngineError: the model cannot be loaded.
        ModelError: its outputs are of no known form, or do not have as many classes.
        InputError: the class list cannot be used.
    """
    summary = _summary(model, None if classes is None else _class_names(classes))
    try:
        proposal = propose(summary, pipeline_name(model))
    except ModelError as error:
        raise ModelError(error.what, where=str(model), hint=error.hint) from None
    folder = Path() if out is None else out.parent
    shown = PurePosixPath(Path(os.path.relpath(model, folder)).as_posix())
    with model.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Suggestion(proposal_text(proposal, shown, sha256), proposal)


def write_suggestion(suggestion: Suggestion, out: Path) -> None:
    """Write the file; raises InputError where it exists or cannot be written."""
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(suggestion.text)
    except FileExistsError:
        raise InputError(
            "exists already; nothing was written", where=str(out), hint="give another --out"
        ) from None
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}",
            where=str(out),
            hint="check the folder and its permissions",
        ) from None


def _summary(model: Path, class_names: tuple[str, ...] | None) -> ModelSummary:
    entry = OnnxRuntimeEntry(type="onnxruntime", model=model.name)
    site = EngineSite(model.parent, lambda _key: str(model), "detect", ())
    engine = OnnxRuntimeEngine(entry, site)
    try:
        return ModelSummary(engine.inputs, engine.outputs, engine.metadata, class_names)
    finally:
        engine.close()


def _class_names(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text (UTF-8)"
        raise InputError(
            f"the class list cannot be read: {reason}",
            where=str(path),
            hint="give a text file with one class per line",
        ) from None
    names = tuple(line.strip() for line in lines if line.strip())
    doubled = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if not names or doubled is not None:
        raise InputError(
            "the class list is empty" if not names else f'class "{doubled}" is listed twice',
            where=str(path),
            hint="give a text file with one class per line",
        )
    return names
