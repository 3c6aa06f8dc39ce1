"""Finding the templates and turning them into text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from vbench.report.language.stored_texts import say_stored
from vbench.report.language.strings import spoken, t, tn
from vbench.report.numbers import count_text
from vbench.report.template_folder import template_folder
from vbench.report.user_templates import check_folders, environment_for, named_errors

STYLES = (
    "css/base.css",
    "css/charts.css",
    "css/errors.css",
    "css/timelines.css",
    "css/viewer.css",
)
SCRIPTS = (
    "js/page.js",
    "js/data.js",
    "js/charts.js",
    "js/curves.js",
    "js/timeline_drawing.js",
    "js/timeline_model.js",
    "js/timelines.js",
    "js/outcomes.js",
    "js/picture.js",
    "js/frame_facts.js",
    "js/viewer.js",
    "js/viewer_stage.js",
    "js/viewer_counts.js",
    "js/viewer_steps.js",
    "js/errors.js",
)
"""In the order in which they run."""

_OVERRIDES = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile("[\u2066-\u2069]")


def render(template: str, *, folders: Sequence[Path] = (), **context: object) -> str:
    """Render a template: everything escaped, an unknown name is an error, nothing left blank.

    Args:
        template: its path within a template folder.
        folders: a user's folders; a file there goes before the shipped one of the same path.
        context: what the template may name.

    Raises:
        ConfigError: a user's folder is missing, replaces nothing, or has a broken template.
    """
    shipped = template_folder()
    check_folders(folders, shipped)
    searched = (*folders, shipped)
    loader = jinja2.FileSystemLoader(searched)
    environment = environment_for(folders)(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_kept_in_line,
    )

    def inline(*names: str) -> Markup:
        """Style sheets or scripts of the template folders, to stand inside the page."""
        return Markup("\n".join(loader.get_source(environment, name)[0] for name in names))

    environment.filters["thousands"] = count_text
    environment.filters["breakable"] = _breakable
    environment.filters["stored"] = say_stored
    environment.globals.update(
        inline=inline,
        script_digest=_script_digest,
        styles=STYLES,
        scripts=SCRIPTS,
        spoken=spoken,
        t=t,
        tn=tn,
    )
    with named_errors(folders):
        return environment.get_template(template).render(**context)


def _kept_in_line(value: object) -> object:
    """A text whose signs that turn the writing direction around cannot reach behind it.

    Sentences hold names in their middle, where no element isolates them. Letters of right-to-left
    scripts need none of these signs; isolates that are closed (a strings file may have them) stay.
    """
    if not isinstance(value, str) or value.isascii():
        return value
    tame = _OVERRIDES.sub("\ufffd", value)
    if any(sign in tame for sign in "\u2066\u2067\u2068\u2069") and not _isolates_close(tame):
        tame = _ISOLATES.sub("\ufffd", tame)
    return Markup(tame) if isinstance(value, Markup) else tame


def _isolates_close(text: str) -> bool:
    depth = 0
    for sign in _ISOLATES.findall(text):
        depth += -1 if sign == "\u2069" else 1
        if depth < 0:
            return False
    return depth == 0


def _breakable(name: str) -> Markup:
    """A name, escaped, that may be broken behind the signs that a sweep puts into it."""
    parts = re.split(r"(?<=[@,=/])", name)
    return Markup("<wbr>").join(escape(part) for part in parts if part)


def _script_digest(text: str) -> str:
    """Content-security-policy source that lets exactly this script run."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
