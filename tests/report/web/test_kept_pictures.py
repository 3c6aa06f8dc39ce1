from pathlib import Path

import pytest

from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.web.kept_pictures import KeptPictures, kept_pictures, read_jpeg
from vbench.report.worst_frames import WorstFrame, rank_worst_frames
from vbench.types import Run


@pytest.fixture(scope="module")
def evidence(demo_folder: RunFolder, demo_run: Run) -> Evidence:
    return read_evidence(demo_folder, demo_run)


@pytest.fixture(scope="module")
def worst(demo_folder: RunFolder, demo_run: Run) -> tuple[WorstFrame, ...]:
    return rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run), per_pipeline=2)


def on_disk(folder: RunFolder) -> set[tuple[str, int]]:
    found = (folder.path / "pictures").glob("*/*.jpg")
    return {(path.parent.name, int(path.stem)) for path in found}


def test_every_picture_of_the_run_is_kept_once_in_the_order_of_the_run(
    demo_folder: RunFolder, demo_run: Run, evidence: Evidence, worst: tuple[WorstFrame, ...]
) -> None:
    kept = kept_pictures(demo_folder, demo_run, evidence, worst)
    assert set(kept.by_frame) == on_disk(demo_folder)
    assert kept.n_left_out == 0
    numbers = [(one.clip_number, one.frame_index) for one in kept.by_frame.values()]
    assert numbers == sorted(numbers)
    assert len(set(kept.keys.values())) == len(numbers)
    for (clip, frame), one in kept.by_frame.items():
        assert (one.clip, one.frame_index) == (clip, frame)
        assert one.data_uri == read_jpeg(demo_folder, clip, frame)[0]
        assert kept.problem(clip, frame) == ""


def test_what_no_gallery_shows_is_the_rest(
    demo_folder: RunFolder, demo_run: Run, evidence: Evidence, worst: tuple[WorstFrame, ...]
) -> None:
    kept = kept_pictures(demo_folder, demo_run, evidence, worst)
    shown = {kept.keys[one.clip, one.frame_index] for one in worst}
    rest = kept.without(shown)
    assert {one.key for one in rest} == set(kept.keys.values()) - shown
    assert rest


def test_the_worst_of_each_pipeline_come_first_where_room_is_short(
    demo_folder: RunFolder, demo_run: Run, evidence: Evidence, worst: tuple[WorstFrame, ...]
) -> None:
    first = [next(one for one in worst if one.pipeline == item.name) for item in demo_run.pipelines]
    wanted = dict.fromkeys((one.clip, one.frame_index) for one in first)
    room = sum(len(read_jpeg(demo_folder, *place)[0]) for place in wanted)
    kept = kept_pictures(demo_folder, demo_run, evidence, worst, max_chars=room)
    assert set(kept.by_frame) == set(wanted)
    assert kept.n_left_out == len(on_disk(demo_folder)) - len(wanted)
    left_out = next(iter(on_disk(demo_folder) - set(wanted)))
    assert kept.problem(*left_out) == "left out to keep this file small"


def test_a_picture_that_was_never_kept() -> None:
    assert KeptPictures().problem("dock1", 3) == "this frame was not kept as a picture"


def test_files_that_are_no_frames_are_no_pictures(run_path: Path) -> None:
    folder = make_run(run_path, demo_plan())
    run = read_run(folder)
    clip = run.clips[0]
    before = on_disk(folder)
    place = folder.picture(clip.id, 0).parent
    place.mkdir(parents=True, exist_ok=True)
    (place / "notes.jpg").write_bytes(b"\xff\xd8\xff")
    folder.picture(clip.id, clip.facts.n_frames).write_bytes(b"\xff\xd8\xff")
    made = kept_pictures(folder, run, read_evidence(folder, run), ())
    assert set(made.by_frame) == before
