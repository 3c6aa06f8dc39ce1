"""HTML on standard input to a PDF file; run in a process of its own by `vbench.report.printed.pdf`.

WeasyPrint takes memory that it does not give back, and loads system libraries that may be missing:
neither may harm the run.

    python -m vbench.report.printed.print_pdf FILE.pdf < report.html
    python -m vbench.report.printed.print_pdf --check
"""

from __future__ import annotations

import logging
import sys

MISSING_LIBRARY = 3
"""Exit code: WeasyPrint or one of its system libraries cannot be loaded; stderr says which."""


def main(target: str) -> int:
    """Write one PDF; `--check` only loads the libraries. Returns the exit code."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return MISSING_LIBRARY
    if target == "--check":
        return 0
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    # Everything is in the page: whatever else a name in it may ask for is refused.
    fetcher = URLFetcher(allowed_protocols=("data",))
    page = weasyprint.HTML(string=sys.stdin.read(), url_fetcher=fetcher, base_url=None)
    page.write_pdf(target, pdf_variant="pdf/ua-1", pdf_identifier=b"vbench", optimize_images=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
