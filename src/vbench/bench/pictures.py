"""Which frames of a run are kept as pictures."""

from __future__ import annotations

from vbench.record.folder import RunFolder
from vbench.report.errors.frames import error_frames
from vbench.report.evidence import read_evidence
from vbench.report.worst_frames import rank_worst_frames, sampled_frames
from vbench.types import Run


def frames_worth_keeping(folder: RunFolder, run: Run) -> tuple[tuple[str, int], ...]:
    """(clip, frame index) of what the report wants to show, most important first.

    The worst frames of each pipeline, then those that explain errors, then a few of every clip.

    Raises:
        RunFolderError: a shard is missing or broken.
    """
    evidence = read_evidence(folder, run)
    worst = [(frame.clip, frame.frame_index) for frame in rank_worst_frames(run, evidence)]
    return tuple(dict.fromkeys([*worst, *error_frames(run, evidence), *sampled_frames(evidence)]))
