"""Probable label errors for annotation tools: COCO JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from vbench.report.errors.clip_errors import SetErrors, find_errors
from vbench.report.errors.label_errors import (
    LABEL_ERROR_KINDS,
    LabelError,
    LabelErrors,
    UnseenTruth,
    find_label_errors,
)
from vbench.report.evidence import Evidence
from vbench.report.spreadsheet import safe_cell
from vbench.types import Clip, Run

KIND_TEXTS = ("missing label", "wrong class", "misplaced box")
"""Of `LABEL_ERROR_KINDS`."""
_CSV_COLUMNS = (
    "entry",
    "kind",
    "golden_set",
    "clip",
    "frame_index",
    "time_s",
    "class",
    "truth_class",
    "score",
    "x1_px",
    "y1_px",
    "x2_px",
    "y2_px",
    "n_pipelines",
)


@dataclass(frozen=True, slots=True)
class SetLabelErrors:
    """Probable label errors of one golden set, with the errors they come from."""

    errors: SetErrors
    found: LabelErrors


@dataclass(frozen=True, slots=True)
class ProposedAnnotation:
    """A box that the truth should probably have."""

    image: int
    """Index among the images."""
    category: int
    """Index among the categories."""
    kind: int
    """Index into `LABEL_ERROR_KINDS`."""
    truth_category: int
    """What the truth says, -1 where it says nothing."""
    bbox_xywh: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """What an annotation tool is given."""

    description: str
    categories: tuple[str, ...]
    clips: tuple[tuple[str, int, int], ...]
    """(name, width, height), clips with a proposal."""
    images: tuple[tuple[int, int], ...]
    """(index among the clips, frame)"""
    annotations: tuple[ProposedAnnotation, ...]
    n_pipelines: int
    n_left_out: int
    """Annotations that are not in here, to keep it small."""


def set_label_errors(errors: Sequence[SetErrors]) -> tuple[SetLabelErrors, ...]:
    """Find the probable label errors of every golden set."""
    return tuple(SetLabelErrors(item, find_label_errors(item)) for item in errors)


def label_errors_coco(run: Run, evidence: Evidence) -> str:
    """Boxes that the truth probably lacks or has wrong, in COCO's format for annotation tools.

    An annotation per frame: what the pipelines say, with ids from 1, ``bbox`` x, y, width, height
    in pixels, ``score`` (mean of the pipelines) and ``attributes`` that say what is probably wrong.
    ``file_name`` is that of the pictures in the run folder: ``CLIP/000059.jpg``. Truth that nobody
    sees is no proposal and stands in the CSV alone.
    """
    return coco_text(annotation_file(run, set_label_errors(find_errors(run, evidence))))


def annotation_file(
    run: Run, found: Sequence[SetLabelErrors], max_annotations: int | None = None
) -> AnnotationFile:
    """Gather the proposals of all golden sets; what shows most in the numbers first."""
    names = [name for item in found for name in item.errors.golden_set.taxonomy.names]
    category = {name: k for k, name in enumerate(dict.fromkeys(names))}
    clips: dict[tuple[str, str], int] = {}
    images: dict[tuple[int, int], int] = {}
    annotations: list[ProposedAnnotation] = []
    n = 0
    for item in found:
        of_set = [category[name] for name in item.errors.golden_set.taxonomy.names]
        for one in item.found.errors:
            n += len(one.frame_index)
            if max_annotations is not None and n > max_annotations:
                continue
            clip = clips.setdefault((one.golden_set, one.clip), len(clips))
            truth = -1 if one.truth_class_id is None else of_set[one.truth_class_id]
            for frame, box, score in zip(
                one.frame_index.tolist(), one.boxes_xyxy.tolist(), one.scores.tolist(), strict=True
            ):
                x1, y1, x2, y2 = (round(value, 2) for value in box)
                annotations.append(
                    ProposedAnnotation(
                        image=images.setdefault((clip, frame), len(images)),
                        category=of_set[one.class_id],
                        kind=LABEL_ERROR_KINDS.index(one.kind),
                        truth_category=truth,
                        bbox_xywh=(x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)),
                        score=round(score, 4),
                    )
                )
    facts = {(clip.golden_set, clip.id): clip.facts for clip in run.clips}
    return AnnotationFile(
        description=f"Probable label errors of {run.manifest.benchmark}, found by vbench",
        categories=tuple(category),
        clips=tuple((key[1], facts[key].width_px, facts[key].height_px) for key in clips),
        images=tuple(images),
        annotations=tuple(annotations),
        n_pipelines=len(run.pipelines),
        n_left_out=n - len(annotations),
    )


def coco_text(file: AnnotationFile) -> str:
    """COCO JSON; the page's own script writes the same (``js/errors.js``)."""
    images = [
        {
            "id": number,
            "file_name": f"{file.clips[clip][0]}/{frame:06d}.jpg",
            "width": file.clips[clip][1],
            "height": file.clips[clip][2],
            "clip": file.clips[clip][0],
            "frame_index": frame,
        }
        for number, (clip, frame) in enumerate(file.images, start=1)
    ]
    annotations = [
        {
            "id": number,
            "image_id": one.image + 1,
            "category_id": one.category + 1,
            "bbox": list(one.bbox_xywh),
            "area": one.bbox_xywh[2] * one.bbox_xywh[3],
            "iscrowd": 0,
            "segmentation": [],
            "score": one.score,
            "attributes": {
                "problem": KIND_TEXTS[one.kind],
                "truth_class": ""
                if one.truth_category < 0
                else file.categories[one.truth_category],
                "n_pipelines": file.n_pipelines,
            },
        }
        for number, one in enumerate(file.annotations, start=1)
    ]
    categories = [
        {"id": number, "name": name, "supercategory": ""}
        for number, name in enumerate(file.categories, start=1)
    ]
    document = {
        "info": {"description": file.description},
        "licenses": [],
        "categories": categories,
        "images": images,
        "annotations": annotations,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def page_text(file: AnnotationFile) -> Markup:
    """The same as short JSON columns, for a script element that no name can end."""
    document = {
        "description": file.description,
        "kinds": KIND_TEXTS,
        "n_pipelines": file.n_pipelines,
        "categories": file.categories,
        "clips": file.clips,
        "images": file.images,
        "annotations": [
            (one.image, one.category, one.kind, one.truth_category, *one.bbox_xywh, one.score)
            for one in file.annotations
        ],
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def label_errors_csv(run: Run, evidence: Evidence) -> str:
    """All probable label errors as a table, a row per frame; ``entry`` numbers objects.

    Kinds are ``missing``, ``class``, ``box`` and ``unseen`` (truth that no pipeline comes near,
    without a score); ``class`` is what the pipelines say, for ``unseen`` what the truth says.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    entry = 0
    for item in set_label_errors(find_errors(run, evidence)):
        clips = {clip.id: clip for clip in item.errors.golden_set.clips}
        n_pipelines = len(item.errors.pipelines)
        names = item.errors.golden_set.taxonomy.names
        told: list[LabelError | UnseenTruth] = [*item.found.errors, *item.found.unseen]
        for one in told:
            entry += 1
            for row in _csv_rows(one, clips[one.clip], names):
                writer.writerow((entry, *row, n_pipelines))
    return text.getvalue()


def _csv_rows(
    one: LabelError | UnseenTruth, clip: Clip, names: Sequence[str]
) -> Iterator[tuple[str | float, ...]]:
    name = names[one.class_id]
    if isinstance(one, LabelError):
        kind: str = one.kind
        truth_class = "" if one.truth_class_id is None else names[one.truth_class_id]
        scores: list[str | float] = [round(score, 4) for score in one.scores.tolist()]
    else:
        kind, truth_class, scores = "unseen", name, [""] * len(one.frame_index)
    for frame, box, score in zip(
        one.frame_index.tolist(), one.boxes_xyxy.tolist(), scores, strict=True
    ):
        time_s = round(frame / clip.facts.fps, 3) if clip.facts.fps > 0 else 0.0
        corners = (round(value, 2) for value in box)
        yield (
            kind,
            safe_cell(one.golden_set),
            safe_cell(one.clip),
            frame,
            time_s,
            safe_cell(name),
            safe_cell(truth_class),
            score,
            *corners,
        )
