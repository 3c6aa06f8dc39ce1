from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.files import clip
from tests.pipeline.rules.scenes import raised, rule
from vbench.errors import EngineError, ExitCode
from vbench.types.alerts import Alert

TWO = """\
from vbench.types import Alert

class TwoPeople:
    def __init__(self, *, class_names, thresholds, distance_px=50.0):
        self.person = class_names.index("person")
        self.threshold = thresholds[self.person]
        self.distance_px = distance_px

    def begin_clip(self, clip):
        self.seen = f"{clip.id} {clip.width_px}x{clip.height_px} at {clip.fps:g}"
        self.said = False

    def update(self, time_s, found):
        rows = (found.class_id == self.person) & (found.scores >= self.threshold)
        if rows.sum() < 2 or self.said:
            return []
        self.said = True
        return [Alert(time_s, self.seen, self.person, str(self.distance_px))]
"""

ALONE, PAIR = {1: (10.0, 50.0)}, {1: (10.0, 50.0), 2: (40.0, 50.0)}


def written(folder: Path, text: str) -> Path:
    (folder / "mine.py").write_text(text)
    return folder


def test_a_rule_of_the_users_own(tmp_path: Path) -> None:
    tested = rule(
        "python",
        folder=written(tmp_path, TWO),
        object="mine:TwoPeople",
        options={"distance_px": 30.0},
    )
    expected = Alert(0.1, "dock 64x48 at 25", 0, "30.0")
    for _ in range(2):
        tested.begin_clip(clip())
        assert raised(tested, [ALONE, PAIR, PAIR]) == [expected]


def test_a_frame_of_no_clip_is_not_shown_to_it(tmp_path: Path) -> None:
    tested = rule(
        "python",
        folder=written(tmp_path, TWO),
        object="mine:TwoPeople",
        options={"distance_px": 30.0},
    )
    assert raised(tested, [PAIR]) == []


def failure(
    folder: Path,
    text: str,
    *,
    reference: str = "mine:Rule",
    options: dict[str, float] | None = None,
) -> EngineError:
    """What making the rule and showing it three frames ends in."""

    def run() -> None:
        written(folder, text)
        tested = rule("python", folder=folder, object=reference, options=options or {})
        tested.begin_clip(clip())
        raised(tested, [ALONE, PAIR, PAIR])

    with pytest.raises(EngineError) as caught:
        run()
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert caught.value.hint
    return caught.value


HEAD = "class Rule:\n    def __init__(self, **given): pass\n    def begin_clip(self, clip): pass\n"


def test_an_unknown_option(tmp_path: Path) -> None:
    error = failure(tmp_path, TWO, reference="mine:TwoPeople", options={"distanze_px": 3})
    assert "distanze_px" in error.what
    assert error.where == "pipeline.yaml:9: stages.2.object"


def test_no_class(tmp_path: Path) -> None:
    assert "is no class" in failure(tmp_path, "Rule = 3\n").what


def test_no_method(tmp_path: Path) -> None:
    assert "no method `update`" in failure(tmp_path, HEAD).what


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("raise KeyError('zone')", "`update` failed at 0 s: mine.py:5: KeyError: 'zone'"),
        ("return None", "`update` failed at 0 s: mine.py"),
        ("return ['alert']", "`update` gave a str, no Alert at 0 s"),
        ("return [Alert(9.0, 'a', 0, None)]", "an alert for the time 9 s"),
        ("return [Alert(float('nan'), 'a', 0, None)]", "an alert for the time nan s"),
        ("return [Alert(time_s, '', 0, None)]", "an alert without a kind"),
        ("return [Alert(time_s, 'a', 2, None)]", "an alert of class 2, of 2 classes"),
        ("found.scores[:] = 0.0\n        return []", "ValueError: assignment destination is"),
    ],
)
def test_what_goes_wrong_in_a_frame(tmp_path: Path, body: str, what: str) -> None:
    text = f"{HEAD}    def update(self, time_s, found):\n        {body}\n"
    text += "from vbench.types import Alert\n"
    error = failure(tmp_path, text)
    if "mine.py" in what and "KeyError" not in what:
        what = "`update` failed at 0 s: "
    assert what in error.what
    assert error.where == "stage alarm"


def test_what_goes_wrong_at_a_clips_start(tmp_path: Path) -> None:
    text = HEAD.replace("clip): pass", "clip): 1 / 0") + "    def update(self, t, f): return []\n"
    error = failure(tmp_path, text)
    assert "`begin_clip` failed: mine.py:3: ZeroDivisionError" in error.what


def test_a_module_that_is_missing(tmp_path: Path) -> None:
    assert "there is no module" in failure(tmp_path, TWO, reference="yours:Rule").what
