"""Runs whose names and texts try to get out of where they are shown."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from markdown_it import MarkdownIt

from vbench.types import Run

HOSTILE = "a|b\n<script>alert(1)</script> [x](http://y) @someone #1 `code` </details> ::error::z"


def hostile_run(run: Run) -> Run:
    """Every text that a user's file can bring in."""
    gates = tuple(
        replace(
            item,
            pipeline=HOSTILE,
            gate=replace(item.gate, class_name=HOSTILE, slice=(("k", HOSTILE),), preset=HOSTILE),
            baseline_name=HOSTILE,
            explanation=HOSTILE,
            causes=tuple(replace(cause, name=HOSTILE) for cause in item.causes),
            rerun=f"vbench run {HOSTILE}```\n```",
        )
        for item in run.gates
    )
    pipelines = tuple(replace(item, name=HOSTILE, notes=(HOSTILE,)) for item in run.pipelines)
    manifest = replace(run.manifest, benchmark=HOSTILE, partial=HOSTILE, statistics=HOSTILE)
    return replace(
        run, gates=gates, pipelines=pipelines, manifest=manifest, notes=(HOSTILE,), baseline=HOSTILE
    )


def huge_run(run: Run) -> Run:
    """Thousands of gates and hundreds of pipelines, all with long names."""
    pipelines = tuple(
        replace(run.pipelines[0], name=f"pipeline {k} {'ß' * 300}") for k in range(500)
    )
    gates = tuple(
        replace(item, gate=replace(item.gate, class_name="界" * 300)) for item in run.gates * 300
    )
    return replace(run, pipelines=pipelines, gates=gates, notes=("n" * 5000,) * 300)


def assert_tame(markdown: str) -> None:
    """What a browser gets has none of the elements, links or mentions of hostile texts."""
    page = MarkdownIt("commonmark").enable("table").render(markdown)
    assert set(re.findall(r"<(\w+)", page)) <= {
        *("h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "blockquote"),
        *("details", "summary", "b", "ul", "ol", "li", "pre", "code", "br"),
    }
    assert page.count("<details") == page.count("</details>")
    shown = html.unescape(re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL))
    assert re.search(r"[@#]\w", shown) is None
    assert "http:" not in shown
    # Fences hold: their text is all in code.
    assert page.count("<pre>") == page.count("</pre>") == markdown.count("Run it again")
