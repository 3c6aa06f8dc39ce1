from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.golden.sets import DAY, FACTS, FILES, GOLDEN, HEADER, NIGHT, write_set
from vbench.golden.validate import ValidationReport, validate_golden_set


def severities(report: ValidationReport) -> list[str]:
    return [problem.severity for problem in report.problems]


def whats(report: ValidationReport) -> str:
    return "\n".join(f"{problem.where}: {problem.what}" for problem in report.problems)


def test_a_good_set_has_no_problems(tmp_path: Path) -> None:
    report = validate_golden_set(write_set(tmp_path), FACTS)
    assert report.problems == ()
    assert report.n_errors == 0


def test_the_summary_counts_what_counts(tmp_path: Path) -> None:
    text = GOLDEN.replace(
        "    truth: day.csv", "    truth: day.csv\n    annotated_frames: {every: 2}"
    )
    night = NIGHT + "2,forklift,4,1,1,9,9,0,1\n3,person,7,1,1,9,9,0,0\n"
    report = validate_golden_set(write_set(tmp_path, text, FILES | {"night.csv": night}))
    summary = report.summary
    assert summary is not None
    assert (summary.n_clips, summary.n_frames, summary.n_frames_annotated) == (2, 20, 15)
    assert summary.duration_s == pytest.approx(20 / 29.97002997)
    classes = [(item.name, item.n_boxes, item.n_clips) for item in summary.classes]
    assert classes == [("person", 2, 2), ("forklift", 1, 1)]
    assert summary.n_boxes_ignored == 3
    tags = [(tag.key, tag.value, tag.n_clips) for tag in summary.tags]
    assert tags == [("daypart", "day", 1), ("daypart", "night", 1), ("store", "12", 2)]
    assert summary.tags[0].duration_s == pytest.approx(5 / 29.97002997)
    assert summary.tags[2].duration_s == pytest.approx(15 / 29.97002997)


def test_all_errors_are_collected(tmp_path: Path) -> None:
    text = (
        GOLDEN.replace("media: day.mp4", "media: absent.mp4")
        .replace("clips:", "truth_class: zebra\nclips:")
        .replace("    truth: day.csv", "    truth: day.csv\n    exhaustive_classes: [lion]")
    )
    bad = DAY + "99,person,1,1,2,3,4,0,0\n"
    more = "    annotated_frames: [50]\n    ignore_regions: [[[0, 0], [0, 0], [0, 0]]]\n"
    files = {name: content for name, content in FILES.items() if name != "night.csv"}
    write_set(tmp_path, text + more, files | {"day.csv": bad, "night.csv": "x"})
    (tmp_path / "golden.yaml").write_text((text + more).replace("1.2.0", "1.3.0"))
    report = validate_golden_set(tmp_path)
    found = whats(report)
    for part in (
        'truth_class: class "zebra"',
        'version: is "1.3.0", golden.lock is for "1.2.0"',
        "clips[0].media: media not found",
        "clips[0].exhaustive_classes[0]",
        "day.csv:4: column frame: truth is for frame 99",
        "night.csv:1: column 1 of the header",
        "clips[1].annotated_frames[0]",
        "clips[1].ignore_regions[0]",
    ):
        assert part in found
    assert report.n_errors == 8
    assert report.summary is not None
    assert report.summary.n_clips == 0


def test_one_bad_clip_leaves_the_others_in_the_summary(tmp_path: Path) -> None:
    report = validate_golden_set(write_set(tmp_path, files=FILES | {"night.csv": "x"}))
    assert severities(report) == ["error"]
    assert report.summary is not None
    assert report.summary.n_clips == 1


def test_an_unreadable_file_is_one_problem(tmp_path: Path) -> None:
    report = validate_golden_set(tmp_path / "absent")
    assert severities(report) == ["error"]
    assert report.summary is None


def test_media_that_changed(tmp_path: Path) -> None:
    changed = dataclasses.replace(FACTS["night"], sha256="0" * 64)
    report = validate_golden_set(write_set(tmp_path), FACTS | {"night": changed})
    assert severities(report) == ["error"]
    assert "no longer match golden.lock: sha256" in whats(report)


def test_no_lock_and_no_facts(tmp_path: Path) -> None:
    report = validate_golden_set(write_set(tmp_path, facts=None))
    assert severities(report) == ["error", "error", "warning"]
    assert "nothing is known about the media" in whats(report)


@pytest.mark.parametrize(
    ("golden", "files", "where", "what"),
    [
        (GOLDEN, {"night.csv": HEADER}, "taxonomy.classes[1]", 'class "forklift" has no truth'),
        (GOLDEN, {"night.csv": HEADER}, "clips[1].truth", 'clip "night" has no truth box'),
        (
            GOLDEN,
            {"night.csv": HEADER, "day.csv": HEADER},
            "golden.yaml",
            "no clip has a truth box: only false positives",
        ),
        (
            GOLDEN.replace("daypart: day, ", ""),
            {},
            "clips[0].tags",
            'clip "day" has no tag "daypart", other clips do',
        ),
        (
            GOLDEN,
            {"day.csv": DAY + "5,person,3,-7,2,30,40,0,0\n6,person,3,1,2,30,482.5,0,0\n"},
            "clips[0].truth",
            "2 truth boxes reach outside the frame, by up to 7 px",
        ),
        (
            GOLDEN + "    annotated_frames: [9]\n",
            {},
            "clips[1].annotated_frames",
            "1 truth boxes are on frames that are not annotated",
        ),
    ],
)
def test_oddities_are_warnings(
    tmp_path: Path, golden: str, files: dict[str, str], where: str, what: str
) -> None:
    report = validate_golden_set(write_set(tmp_path, golden, FILES | files))
    assert report.n_errors == 0
    assert any(
        problem.where.endswith(where) and what in problem.what for problem in report.problems
    ), whats(report)


def test_a_missing_lock_is_a_warning(tmp_path: Path) -> None:
    report = validate_golden_set(write_set(tmp_path, facts=None), FACTS)
    assert severities(report) == ["warning"]
    assert "there is no golden.lock" in whats(report)


def test_a_lock_about_to_be_replaced_has_no_say(tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / "golden.lock").write_text("broken")
    (tmp_path / "night.csv").write_text(NIGHT + "4,person,7,1,1,9,9,0,0\n")
    assert severities(validate_golden_set(tmp_path, FACTS)) == ["error"]
    assert validate_golden_set(tmp_path, FACTS, locked=False).problems == ()
    assert severities(validate_golden_set(tmp_path, locked=False)) == ["error", "error"]
