"""Where the templates and strings that come with vbench are; found without loading Jinja."""

from __future__ import annotations

from pathlib import Path

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
