"""Frames of the errors section that deserve a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vbench.record.folder import RunFolder
from vbench.report.errors.clip_errors import find_errors
from vbench.report.errors.disagreements import find_disagreements
from vbench.report.errors.frames import error_frames
from vbench.report.evidence import Evidence, read_evidence
from vbench.types import Run


@pytest.fixture(scope="module")
def evidence(demo_folder: RunFolder, demo_run: Run) -> Evidence:
    return read_evidence(demo_folder, demo_run)


def test_frames_are_of_the_run_and_no_frame_comes_twice(demo_run: Run, evidence: Evidence) -> None:
    places = error_frames(demo_run, evidence, n_frames=10)
    assert len(places) == len(set(places)) == 10
    lengths = {clip.id: clip.facts.n_frames for clip in demo_run.clips}
    assert all(0 <= frame < lengths[clip] for clip, frame in places)
    assert error_frames(demo_run, evidence, n_frames=3) == places[:3]


def test_each_part_of_the_section_has_its_turn(demo_run: Run, evidence: Evidence) -> None:
    places = error_frames(demo_run, evidence)
    (errors,) = find_errors(demo_run, evidence)
    found = find_disagreements(errors, 24)
    differing = {(errors.golden_set.clips[d.clip].id, d.frame_index) for d in found.shown}
    assert len(places) == 24
    assert len(differing & set(places)) >= 8


def test_one_pipeline(demo_run: Run, evidence: Evidence) -> None:
    name = demo_run.pipelines[0].name
    run = replace(demo_run, pipelines=demo_run.pipelines[:1])
    alone = replace(evidence, clips=tuple(c for c in evidence.clips if c.pipeline == name))
    assert len(error_frames(run, alone)) <= 24
