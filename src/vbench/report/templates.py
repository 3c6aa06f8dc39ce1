"""Finding the templates and turning them into text."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from vbench.errors import MissingDependencyError

_PACKAGE = Path(__file__).parents[1]
_PACKED = _PACKAGE / "_templates"
_IN_CHECKOUT = _PACKAGE.parents[1] / "reports" / "templates"


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


def render(template: str, **context: object) -> str:
    """Render a template: everything escaped, an unknown name is an error, nothing left blank."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = _thousands
    environment.filters["breakable"] = _breakable
    environment.globals["inline"] = _inline
    environment.globals["script_digest"] = _script_digest
    return environment.get_template(template).render(**context)


def _breakable(name: str) -> Markup:
    """A name, escaped, that may be broken behind the signs that a sweep puts into it."""
    parts = re.split(r"(?<=[@,=/])", name)
    return Markup("<wbr>").join(escape(part) for part in parts if part)


def _thousands(value: int) -> str:
    return f"{value:,}"


def _inline(name: str) -> Markup:
    """A style sheet or script of the template folder, to stand inside the page."""
    return Markup((template_folder() / name).read_text("utf-8"))


def _script_digest(name: str) -> str:
    """Content-security-policy source that lets exactly this script run."""
    content = (template_folder() / name).read_bytes()
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode('ascii')}"
