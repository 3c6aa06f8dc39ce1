"""Every error vbench shows to a user.

::

    VbenchError                      exit code
    ├── InputError                       2   usage, configuration or input is wrong
    │   ├── ConfigError                      a YAML file: unknown key, wrong type, missing file
    │   ├── TruthError                       a truth or results file
    │   ├── LockError                        media or truth no longer match golden.lock
    │   ├── RunFolderError                   a run folder is missing, unfinished, or in the way
    │   └── LedgerError                      deployments.jsonl is corrupt or names what is gone
    ├── MediaError                       4   media could not be decoded
    │   └── DamagedMediaError                decoding stopped before the end of the clip
    ├── EngineError                      4   a model could not be loaded or executed
    │   └── ModelError                       a model does not fit its pipeline file
    ├── MissingDependencyError           2   an optional or system library is absent
    ├── GateFailedError                  3   refused: a gate failed
    ├── InconclusiveError                5   refused: a gate could not be decided
    └── Interrupted                    130   stopped by the user; what was finished is kept
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a CI job reads; the numbers are an interface."""

    OK = 0
    BUG = 1
    INPUT = 2
    GATE_FAILED = 3
    MEDIA_OR_ENGINE = 4
    INCONCLUSIVE = 5
    INTERRUPTED = 130


class VbenchError(Exception):
    """An error with a place and a way out.

    Args:
        what: what is wrong, one sentence.
        where: the place, as ``file:line: key`` as far as it is known.
        hint: what to do about it.
    """

    exit_code: ExitCode = ExitCode.INPUT

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """From one process to another, whatever arguments a type takes."""
        return _revived, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.what}{advice}"


def _revived(
    kind: type[VbenchError], args: tuple[object, ...], state: dict[str, object]
) -> VbenchError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InputError(VbenchError):
    """Usage, configuration or input is wrong."""


class ConfigError(InputError):
    """A configuration file cannot be used."""


class TruthError(InputError):
    """A truth or results file cannot be used."""


class LockError(InputError):
    """Media or truth no longer match ``golden.lock``."""


class RunFolderError(InputError):
    """A run folder is missing, unfinished, of another schema version, or would be overwritten."""


class LedgerError(InputError):
    """``deployments.jsonl`` is corrupt, cannot be written, or names what is gone."""


class MissingDependencyError(InputError):
    """A library that this command needs is not installed."""


class GateFailedError(VbenchError):
    """Refused, because a gate failed."""

    exit_code = ExitCode.GATE_FAILED


class InconclusiveError(VbenchError):
    """Refused, because a gate could not be decided."""

    exit_code = ExitCode.INCONCLUSIVE


class MediaError(VbenchError):
    """Media could not be decoded."""

    exit_code = ExitCode.MEDIA_OR_ENGINE


class DamagedMediaError(MediaError):
    """Decoding stopped before the end of the clip.

    Args:
        frame_index: index of the first frame that is missing (0-based, presentation order).
        byte_position: how far into the file decoding got, in bytes; None where not known.
    """

    def __init__(
        self,
        what: str,
        *,
        frame_index: int,
        byte_position: int | None,
        where: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.frame_index = frame_index
        self.byte_position = byte_position


class EngineError(VbenchError):
    """A model could not be loaded or executed."""

    exit_code = ExitCode.MEDIA_OR_ENGINE


class ModelError(EngineError):
    """A model does not fit its pipeline file: inputs, outputs, or number of classes."""


class Interrupted(VbenchError):
    """The user stopped the command."""

    exit_code = ExitCode.INTERRUPTED
