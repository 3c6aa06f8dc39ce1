import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.hostile import HOSTILE
from tests.report.html_reading import Node, read_html
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan, decided_plan, demo_plan, gate
from tests.report.made_run import make_run
from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder
from vbench.record.run_json import write_run
from vbench.report.templates import SCRIPTS
from vbench.report.verdicts import GateStatus
from vbench.report.web.html import render_html, write_html
from vbench.types import MachineLoad, Run

SECTIONS = [
    "verdict",
    "gates",
    "pipelines",
    "slices",
    "timelines",
    "errors",
    "worst",
    "curves",
    "tracking",
    "events",
    "latency",
    "sure",
    "data",
    "lineage",
    "glossary",
]


@pytest.fixture(scope="module")
def page(demo_html: str) -> Node:
    return read_html(demo_html)


def by_id(page: Node, name: str) -> Node:
    return next(node for node in page.everything() if node.attributes.get("id") == name)


def running_scripts(page: Node) -> list[Node]:
    """Without blocks of data."""
    return [node for node in page.all("script") if "type" not in node.attributes]


def digest(script: Node) -> str:
    found = hashlib.sha256(script.text.encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode()}'"


def policy(page: Node) -> str:
    return next(
        node.attributes["content"]
        for node in page.all("meta")
        if node.attributes.get("http-equiv") == "Content-Security-Policy"
    )


def assert_self_contained(page: Node) -> None:
    """Nothing that a browser would fetch, and only scripts that the policy names."""
    ids = {node.attributes["id"] for node in page.everything() if "id" in node.attributes}
    for node in page.everything():
        assert node.tag not in ("link", "iframe", "object", "embed", "base", "form")
        for key, value in node.attributes.items():
            assert not key.startswith("on"), (node.tag, key)
            if key in ("src", "href", "srcset", "action", "data"):
                if value.startswith("#"):
                    assert value[1:] in ids, value
                else:
                    assert value.startswith("data:image/jpeg;base64,")
    assert all(digest(node) in policy(page) for node in running_scripts(page))
    style = page.all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style


def test_every_section_is_there_and_in_the_navigation(page: Node) -> None:
    targets = [link.attributes["href"][1:] for link in page.all("nav")[0].all("a")]
    assert targets == SECTIONS
    main = page.all("main")[0]
    shown = [node.attributes.get("id") for node in main.children]
    assert [name for name in shown if name in SECTIONS] == SECTIONS


def test_nothing_is_fetched(page: Node, demo_html: str) -> None:
    assert_self_contained(page)
    # Names of languages, which nobody fetches.
    for name in ("http://www.w3.org/", "https://vega.github.io/schema/"):
        demo_html = demo_html.replace(name, "")
    assert "http://" not in demo_html
    assert "https://" not in demo_html


def test_only_our_own_scripts_may_run(page: Node) -> None:
    assert len(running_scripts(page)) == len(SCRIPTS)
    assert all(digest(script) in policy(page) for script in running_scripts(page))
    assert "default-src 'none'" in policy(page)
    assert "unsafe-eval" not in policy(page)
    assert "'unsafe-inline'" not in policy(page).partition("script-src")[2]


def test_the_verdict_says_why(page: Node) -> None:
    words = by_id(page, "verdict").words()
    assert "PASS" in words
    assert "FAIL" in words
    assert "Fails 1 of 7 gates: recall where daypart is night is 0.5" in words
    assert "Hold: keep person-v1." in words
    assert "clip gate1-night is damaged" in words


def test_ids_are_unique(page: Node) -> None:
    ids = [node.attributes["id"] for node in page.everything() if "id" in node.attributes]
    assert len(ids) == len(set(ids))


def test_undefined_is_shown_with_its_reason(page: Node) -> None:
    marked = [node for node in page.everything() if "undefined" in node.attributes.get("class", "")]
    assert marked
    assert all("undefined" in node.words() for node in marked)
    assert "Undefined: replayed results have no timings." in by_id(page, "pipelines").words()
    assert "nan" not in page.words().lower().split()
    assert "None" not in by_id(page, "pipelines").words()


def test_timelines_have_a_strip_per_clip_and_pipeline(page: Node) -> None:
    strips = by_id(page, "timelines").all("svg")
    assert len(strips) == 6 * 3
    assert all(node.attributes["aria-label"] for node in strips)
    assert "frames" in strips[0].all("title")[0].text


def test_worst_frames_carry_pictures_and_boxes(page: Node) -> None:
    figures = by_id(page, "worst").all("figure")
    assert len(figures) == 3 * 8
    with_missed = [
        figure
        for figure in figures
        if any("box-missed" in node.attributes.get("class", "") for node in figure.all("rect"))
    ]
    assert with_missed
    assert "! missed" in with_missed[0].words()


def test_values_carry_their_unrounded_form(page: Node) -> None:
    titles = [
        node.attributes.get("title", "")
        for node in by_id(page, "pipelines").all("span")
        if node.attributes.get("class") == "value"
    ]
    assert titles
    assert all(re.match(r"[−\d.e-]+ unrounded, n = [\d,]+$", title) for title in titles)


def test_colour_is_never_the_only_sign(page: Node) -> None:
    for node in page.everything():
        name = node.attributes.get("class", "")
        if name.startswith("status status-"):
            words = node.words().split()
            assert set(words) & set("✕?!○✓")
            assert set(words) & {"Fail", "Undecided", "Warning", "Quarantined", "Pass"}
        if name.startswith("change change-"):
            assert set(node.words().split()) & {"better", "worse", "same", "changed"}


def test_the_same_run_gives_the_same_page(demo_folder: RunFolder, demo_html: str) -> None:
    assert render_html(demo_folder) == demo_html


def test_the_demo_report_is_small(demo_folder: RunFolder) -> None:
    assert write_html(demo_folder).stat().st_size < 5_000_000


@pytest.fixture(scope="module")
def decided(decided_html: str) -> Node:
    return read_html(decided_html)


def gate_of(page: Node, *, pipeline: str, rule: str) -> Node:
    """The part of the page about one gate."""
    return next(
        node
        for node in by_id(page, "gates").all("tbody")
        if node.attributes.get("id", "").startswith("gate-")
        and pipeline in node.words()
        and rule in node.words()
    )


def test_every_gate_is_listed_with_its_explanation(decided: Node, decided_run: Run) -> None:
    gates = [
        node
        for node in by_id(decided, "gates").all("tbody")
        if node.attributes.get("id", "").startswith("gate-")
    ]
    assert len(gates) == len(decided_run.gates)
    for node in gates:
        assert "In full" in node.words()
        assert "Expected" in node.words()
    classes = [node.attributes["class"] for node in gates]
    assert classes == sorted(classes, key=[f"gate-{status.value}" for status in GateStatus].index)
    assert "gate-quarantined" in classes


def test_an_undecided_gate_is_explained(decided: Node) -> None:
    node = gate_of(decided, pipeline="person-v2", rule="recall daypart=night >= 0.6 (95 % sure)")
    words = " ".join(node.words().split())
    for text in (
        "More than 100 times the footage would be needed to decide.",
        "0.596 (95 % interval 0.528 to 0.664, from 65 blocks of 2 clips: says nothing about other",
        "worth about 200 independent ones",
        "after Holm's correction",
        "score >= 0.3, IoU >= 0.5",
        "71 % of the missed objects are small",
        "Without it",
        "vbench run benchmarks/dock-release/benchmark.yaml --pipeline person-v2",
    ):
        assert text in words, text
    drawing = next(one for one in node.all("svg") if one.attributes.get("role") == "img")
    assert drawing.attributes["aria-label"].startswith("0.596, 95 % interval 0.528 to 0.664")


def test_causes_link_to_the_frames_that_show_them(decided: Node) -> None:
    node = gate_of(decided, pipeline="person-v2", rule="recall daypart=night >= 0.6 (95 % sure)")
    links = {link.attributes["href"][1:] for link in node.all("a")}
    figures = {one.attributes["id"]: one for one in by_id(decided, "worst").all("figure")}
    assert links <= figures.keys()
    assert links
    for key in links:
        assert "person-v2" in figures[key].words()
        assert "daypart=night" in figures[key].words()


def test_the_page_with_explanations_is_self_contained(decided: Node) -> None:
    assert_self_contained(decided)
    ids = [node.attributes["id"] for node in decided.everything() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    assert "Holm" in by_id(decided, "sure").words()


def test_commands_can_be_taken_without_a_script(decided: Node, decided_html: str) -> None:
    commands = [node for node in decided.all("p") if node.attributes.get("class") == "command"]
    assert commands
    for node in commands:
        (button,) = node.all("button")
        assert "hidden" in button.attributes
        (code,) = node.all("code")
        assert code.attributes["tabindex"] == "0"
    assert "user-select: all" in decided_html


def test_a_part_of_a_benchmark_on_a_noisy_machine(run_path: Path) -> None:
    partial = "only 2 of 6 clips (<b>a</b>, b) of the benchmark were run"
    plan = replace(
        decided_plan(), partial=partial, load=MachineLoad(0.34, ("<i>make</i>",)), n_pictures=0
    )
    page = read_html(render_html(make_run(run_path, plan)))
    first = by_id(page, "verdict").children[0]
    assert first.attributes["class"] == "partial"
    assert "A partial run, which decides nothing: only 2 of 6 clips (<b>a</b>" in first.words()
    assert by_id(page, "verdict").words().count("only 2 of 6 clips") == 1
    assert "(<i>make</i>) used 34 % of the machine" in by_id(page, "latency").words()


def test_hostile_explanations_stay_text(run_path: Path, decided_run: Run) -> None:
    folder = make_run(run_path, replace(decided_plan(), n_pictures=0))
    gates = tuple(
        replace(
            item,
            explanation=HOSTILE,
            baseline_name=HOSTILE,
            causes=tuple(replace(cause, name=HOSTILE) for cause in item.causes),
            rerun=f"vbench run {HOSTILE}",
        )
        for item in decided_run.gates
    )
    folder.run_json.unlink()
    write_run(folder, replace(decided_run, gates=gates))
    page = read_html(render_html(folder))
    assert_self_contained(page)
    assert "<script>alert(1)</script>" in page.words()


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eevil\u202d مرحبا 🚚",
    "{{ 7*7 }}{% raw %}",
]


def test_names_cannot_break_out(run_path: Path) -> None:
    long_name = "w" * 300
    plan = RunPlan(
        clips=[
            ClipPlan(name.replace("/", "⁄"), 30, ((f"<b>{k}", NASTY[0]), ("t", long_name)))
            for k, name in enumerate(NASTY)
        ],
        pipelines=[
            PipelinePlan("<svg onload=alert(1)>", {"": 0.5}, 0.5, 9.0),
            PipelinePlan("';alert(1)--\u202e", {"": 0.7}, 0.2, None),
        ],
        classes=("</style><script>alert(2)</script>", long_name),
        golden_set="<h1>set",
        benchmark="</title><script>alert(3)</script>",
        gates=[gate("recall", "min", 0.99, class_name="</style><script>alert(2)</script>")],
        notes=("<b>note</b>", "]]>"),
    )
    text = render_html(make_run(run_path, plan))
    page = read_html(text)
    assert_self_contained(page)
    assert not page.all("b")
    assert len(page.all("h1")) == 1
    assert "49" not in by_id(page, "verdict").all("h1")[0].words()
    assert "<script>alert(1)</script>" in page.words()


@pytest.mark.parametrize("n_pictures", [0, 3])
def test_missing_pictures_leave_a_placeholder(run_path: Path, n_pictures: int) -> None:
    folder = make_run(run_path, replace(demo_plan(), n_pictures=n_pictures))
    page = read_html(render_html(folder))
    assert "No picture: this frame was not kept as a picture" in by_id(page, "worst").words()
    assert_self_contained(page)


def test_one_frame_no_truth_no_detections(run_path: Path) -> None:
    plan = RunPlan(
        clips=[ClipPlan("one", 1, (), n_objects=0)],
        pipelines=[PipelinePlan("silent", {"": 0.0}, 0.0, None)],
        classes=("person",),
    )
    page = read_html(render_html(make_run(run_path, plan)))
    assert_self_contained(page)
    assert "No frame has an error." in by_id(page, "worst").words()
    assert "nothing was required" in by_id(page, "gates").words()
    assert "no truth boxes of any class" in by_id(page, "pipelines").words()
    assert "asks for no slices" in by_id(page, "slices").words()


def test_fifty_pipelines(run_path: Path) -> None:
    plan = RunPlan(
        clips=[ClipPlan("one", 20, (("daypart", "day"),))],
        pipelines=[PipelinePlan(f"p{k}", {"": 0.5}, 0.1, 5.0 + k) for k in range(50)],
        gates=[gate("recall", "min", 0.5)],
        baseline="p0",
        n_pictures=2,
    )
    page = read_html(render_html(make_run(run_path, plan)))
    assert len(by_id(page, "verdict").all("article")) == 50
    assert_self_contained(page)


def test_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="not a run folder"):
        render_html(RunFolder(tmp_path))


@pytest.mark.slow
def test_a_large_run_stays_small(run_path: Path) -> None:
    plan = RunPlan(
        clips=[
            ClipPlan(
                f"clip-{k:02d}", 2500, (("daypart", ("day", "night")[k % 2]), ("camera", f"{k}"))
            )
            for k in range(40)
        ],
        pipelines=[PipelinePlan(f"p{k}", {"": 0.8, "night": 0.5}, 0.3, 9.0) for k in range(3)],
        baseline="p0",
        gates=[gate("recall", "min", 0.9), gate("precision", "max_drop", 0.0)],
        n_pictures=24,
    )
    assert write_html(make_run(run_path, plan)).stat().st_size < 8_000_000
