"""Finding the templates and turning them into text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from vbench.errors import MissingDependencyError

_PACKAGE = Path(__file__).parents[1]
_PACKED = _PACKAGE / "_templates"
_IN_CHECKOUT = _PACKAGE.parents[1] / "reports" / "templates"

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
    "js/timelines.js",
    "js/viewer.js",
    "js/errors.js",
)
"""In the order in which they run; together they are one script."""


def template_folder() -> Path:
    """Where the templates are: inside the installed package, or in the checkout it runs from.

    Raises:
        MissingDependencyError: neither place has them; the installation is broken.
    """
    for folder in (_PACKED, _IN_CHECKOUT):
        if folder.is_dir():
            return folder
    raise MissingDependencyError(
        "the report templates are missing",
        where=str(_PACKED),
        hint="install vbench again",
    )


def render(template: str, *, folders: Sequence[Path] = (), **context: object) -> str:
    """Render a template: everything escaped, an unknown name is an error, nothing left blank.

    Args:
        template: its path within a template folder.
        folders: a user's folders; a file there goes before the shipped one of the same path.
        context: what the template may name.
    """
    searched = (*folders, template_folder())
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(searched),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def inline(*names: str) -> Markup:
        """Style sheets or scripts of the template folders, to stand inside the page."""
        return Markup("\n".join(_read(searched, name) for name in names))

    environment.filters["thousands"] = _thousands
    environment.filters["breakable"] = _breakable
    environment.globals.update(
        inline=inline, script_digest=_script_digest, styles=STYLES, scripts=SCRIPTS
    )
    return environment.get_template(template).render(**context)


def _read(folders: Sequence[Path], name: str) -> str:
    path = next(path for folder in folders if (path := folder / name).is_file())
    return path.read_text("utf-8")


def _breakable(name: str) -> Markup:
    """A name, escaped, that may be broken behind the signs that a sweep puts into it."""
    parts = re.split(r"(?<=[@,=/])", name)
    return Markup("<wbr>").join(escape(part) for part in parts if part)


def _thousands(value: int) -> str:
    return f"{value:,}"


def _script_digest(text: str) -> str:
    """Content-security-policy source that lets exactly this script run."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
