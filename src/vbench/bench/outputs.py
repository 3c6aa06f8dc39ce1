"""Everything written beside ``run.json``: pictures, reports, JUnit, summary."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.bench.progress import Progress
from vbench.bench.report_style import ReportStyle
from vbench.errors import MissingDependencyError, VbenchError
from vbench.record.folder import RunFolder, write_whole
from vbench.report.ci.code_quality import code_quality_json
from vbench.report.ci.junit import junit_text
from vbench.report.printed.pdf import write_pdf
from vbench.report.text.comment import comment_markdown
from vbench.report.text.summary import summary_markdown
from vbench.report.web.html import write_html
from vbench.types import Clip, GoldenSet, Run
from vbench.video import frames_at, jpeg_bytes

PICTURE_WIDTH_PX = 960
PICTURE_QUALITY = 82


def write_machine_outputs(folder: RunFolder, run: Run) -> None:
    """What CI systems read: always written, also when gates fail."""
    write_whole(folder.junit_xml, junit_text(run))
    write_whole(folder.summary_md, summary_markdown(run))
    write_whole(folder.comment_md, comment_markdown(run))
    write_whole(folder.code_quality_json, code_quality_json(run))


def write_reports(
    folder: RunFolder, progress: Progress, *, style: ReportStyle, pdf: bool = True
) -> None:
    """Write the HTML report and the PDF; what lacks a library is a note, the rest goes on."""
    progress.begin("writing the report", 0)
    try:
        write_html(folder, brand=style.brand, folders=style.folders)
    except MissingDependencyError as error:
        progress.note(f"no HTML report: {error}")
    if pdf:
        try:
            write_pdf(folder, brand=style.brand, strings=style.strings, folders=style.folders)
        except MissingDependencyError as error:
            progress.note(f"no PDF: {error}")
    progress.end()


def keep_pictures(
    folder: RunFolder,
    golden_sets: Sequence[GoldenSet],
    wanted: Sequence[tuple[str, int]],
    progress: Progress,
    *,
    allow_damaged: bool,
) -> None:
    """Store frames as JPEG for the report: (clip, frame index) pairs.

    The report can do without a picture, so a clip that cannot be read is a note, not an error.
    """
    clips = {clip.id: clip for one in golden_sets for clip in one.clips}
    for clip_id in dict.fromkeys(name for name, _ in wanted):
        indices = [
            index
            for name, index in wanted
            if name == clip_id and not folder.picture(name, index).is_file()
        ]
        try:
            _keep_frames(folder, clips[clip_id], indices, allow_damaged)
        except VbenchError as error:
            progress.note(f"no pictures of clip {clip_id}: {error.what}")


def _keep_frames(
    folder: RunFolder, clip: Clip, indices: Sequence[int], allow_damaged: bool
) -> None:
    if not indices:
        return
    for frame in frames_at(
        clip.media,
        indices,
        stream=clip.stream,
        image_fps=clip.facts.fps,
        allow_damaged=allow_damaged,
    ):
        jpeg = jpeg_bytes(frame.image, max_width_px=PICTURE_WIDTH_PX, quality=PICTURE_QUALITY)
        write_whole(folder.picture(clip.id, frame.index), jpeg)
