"""COCO truth JSON of one clip, or of a whole set.

An image is for the frame that its ``frame_index`` or ``frame_id`` says, counted from 0 unless
``truth_frame_base`` says otherwise; in a file where no image has either key, images sorted by id
are the clip's frames, and there must be exactly as many. In a file about several clips, an image
belongs to the clip that its ``video`` (or the name of its ``video_id``), or a folder in its
``file_name``, names by id or media name. ``iscrowd``, ``ignore``, ``track_id`` (also as an
attribute) are read, further ``attributes`` become per-box tags; boxes are [x, y, width, height].
Source: https://cocodataset.org/#format-data
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from vbench.config.json_text import JsonDocument, read_json
from vbench.config.model_file import closest
from vbench.config.yaml_text import KeyPath, Plain
from vbench.golden.formats.context import TruthContext
from vbench.golden.formats.rows import Part, TruthRows, build_truth
from vbench.golden.formats.tag_columns import tag_columns, tag_text
from vbench.types import Truth

Record = dict[str, Plain]
FRAME_KEYS = ("frame_index", "frame_id")
_PART_KEY: dict[Part, str] = {"frame": "image_id", "track_id": "track_id", "box": "bbox"}


def read(path: Path, context: TruthContext) -> Truth:
    """Truth from COCO JSON; raises TruthError with ``file:line: key``."""
    document = read_json(path)
    root = _root(document)
    images = _by_id(document, root, "images")
    categories = _by_id(document, root, "categories")
    frame_of_image = _frame_numbers(document, root, images, context)
    columns = _Columns()
    for index, annotation in enumerate(document.records(root["annotations"], ("annotations",))):
        at: KeyPath = ("annotations", index)
        image_id = document.whole(annotation.get("image_id"), (*at, "image_id"))
        if image_id not in images:
            raise document.wrong((*at, "image_id"), f"no image has the id {image_id}")
        if image_id not in frame_of_image:
            continue
        category_id = document.whole(annotation.get("category_id"), (*at, "category_id"))
        if category_id not in categories:
            raise document.wrong((*at, "category_id"), f"no category has the id {category_id}")
        columns.index.append(index)
        columns.frame_number.append(frame_of_image[image_id])
        columns.category_id.append(category_id)
        _add_box(columns, document, annotation, at)
    return build_truth(_rows(columns, document, root, categories, context), context)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The clip's annotations while they are read."""

    index: list[int] = field(default_factory=list)
    """Position among all annotations of the file."""
    frame_number: list[int] = field(default_factory=list)
    category_id: list[int] = field(default_factory=list)
    box_xyxy: list[tuple[float, float, float, float]] = field(default_factory=list)
    track_id: list[int] = field(default_factory=list)
    ignore: list[bool] = field(default_factory=list)
    crowd: list[bool] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)


def _root(document: JsonDocument) -> Record:
    root = document.data
    if isinstance(root, list):
        raise document.wrong((), "is a list of results, expected truth with images and categories")
    if not isinstance(root, dict):
        raise document.wrong((), "is not a JSON object")
    for key in ("images", "annotations", "categories"):
        if key not in root:
            raise document.wrong((), f'key "{key}" is missing', closest(key, root))
    return root


def _by_id(document: JsonDocument, root: Record, key: str) -> dict[int, int]:
    """Position in the list `key` by id."""
    positions: dict[int, int] = {}
    for index, record in enumerate(document.records(root[key], (key,))):
        number = document.whole(record.get("id"), (key, index, "id"))
        if number in positions:
            raise document.wrong((key, index, "id"), f"id {number} is given twice")
        positions[number] = index
    return positions


def _frame_numbers(
    document: JsonDocument, root: Record, images: dict[int, int], context: TruthContext
) -> dict[int, int]:
    """Frame number by image id, for the images of this clip."""
    records = document.records(root["images"], ("images",))
    mine = _ids_of_clip(document, root, images, context)
    for image_id in mine:
        _check_size(document, records[images[image_id]], images[image_id], context)
    keyed = [key for key in FRAME_KEYS if any(key in records[images[k]] for k in mine)]
    if not keyed:
        if len(mine) != context.n_frames:
            raise document.wrong(
                ("images",),
                f'{len(mine)} images for the {context.n_frames} frames of clip "{context.clip_id}",'
                " and none says which frame it is for",
                f'give each image the key "{FRAME_KEYS[0]}"',
            )
        return {image_id: k + context.frame_base for k, image_id in enumerate(sorted(mine))}
    frame_of_image: dict[int, int] = {}
    image_of_frame: dict[int, int] = {}
    for image_id in mine:
        at: KeyPath = ("images", images[image_id], keyed[0])
        number = document.whole(records[images[image_id]].get(keyed[0]), at)
        other = image_of_frame.setdefault(number, image_id)
        if other != image_id:
            raise document.wrong(at, f"image {other} is for frame {number} too")
        frame_of_image[image_id] = number
    return frame_of_image


def _ids_of_clip(
    document: JsonDocument, root: Record, images: dict[int, int], context: TruthContext
) -> list[int]:
    videos = _video_names(document, root)
    records = document.records(root["images"], ("images",))
    named = {k: _names(records[index], videos) for k, index in images.items()}
    mine = [k for k, names in named.items() if names & context.clip_names]
    if mine:
        return mine
    labelled = {record.get("video", record.get("video_id")) for record in records}
    if not context.shared and len(labelled) <= 1:
        return list(images)
    raise document.wrong(
        ("images",),
        f'the file is about several clips and no image is of clip "{context.clip_id}"',
        'name the clip\'s id as "video" of its images, or as a folder in their "file_name"',
    )


def _video_names(document: JsonDocument, root: Record) -> dict[int, str]:
    if "videos" not in root:
        return {}
    records = document.records(root["videos"], ("videos",))
    return {
        number: document.words(records[index].get("name"), ("videos", index, "name"))
        for number, index in _by_id(document, root, "videos").items()
    }


def _names(image: Record, videos: dict[int, str]) -> set[str]:
    """What an image says it belongs to."""
    file_name, video, video_id = (image.get(key) for key in ("file_name", "video", "video_id"))
    names: set[str] = set()
    if isinstance(file_name, str):
        names.update(PurePosixPath(file_name.replace("\\", "/")).parts[:-1])
    if isinstance(video, str):
        names.update({video, PurePosixPath(video).name})
    if isinstance(video_id, int) and video_id in videos:
        names.update({videos[video_id], PurePosixPath(videos[video_id]).name})
    return names


def _check_size(document: JsonDocument, image: Record, index: int, context: TruthContext) -> None:
    if "width" not in image or "height" not in image:
        return
    width_px = document.number(image["width"], ("images", index, "width"))
    height_px = document.number(image["height"], ("images", index, "height"))
    if (width_px, height_px) != context.drawn_size:
        where = document.where("images", index, "width")
        context.check_declared_size(width_px, height_px, where)


def _add_box(columns: _Columns, document: JsonDocument, annotation: Record, at: KeyPath) -> None:
    box = annotation.get("bbox")
    if not isinstance(box, list) or len(box) != 4:
        raise document.wrong((*at, "bbox"), "is not a list [x, y, width, height]")
    x, y, width, height = (document.number(value, (*at, "bbox", k)) for k, value in enumerate(box))
    columns.box_xyxy.append((x, y, x + width, y + height))
    attributes = annotation.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise document.wrong((*at, "attributes"), "is not a JSON object")
    track = annotation.get("track_id", attributes.get("track_id"))
    columns.track_id.append(-1 if track is None else document.whole(track, (*at, "track_id")))
    columns.ignore.append(_flag(document, annotation, at, "ignore"))
    columns.crowd.append(_flag(document, annotation, at, "iscrowd"))
    columns.tags.append(
        {
            key: tag_text(value)
            for key, value in attributes.items()
            if key != "track_id" and isinstance(value, bool | int | float | str)
        }
    )


def _flag(document: JsonDocument, annotation: Record, at: KeyPath, key: str) -> bool:
    value = annotation.get(key, 0)
    if value not in (0, 1):
        raise document.wrong((*at, key), "is not 0 or 1")
    return bool(value)


def _rows(
    columns: _Columns,
    document: JsonDocument,
    root: Record,
    categories: dict[int, int],
    context: TruthContext,
) -> TruthRows:
    records = document.records(root["categories"], ("categories",))
    class_of: dict[int, int] = {}
    for category_id in dict.fromkeys(columns.category_id):
        at: KeyPath = ("categories", categories[category_id], "name")
        name = document.words(records[categories[category_id]].get("name"), at)
        class_of[category_id] = context.class_id(name, document.where(*at))
    return TruthRows(
        frame_number=np.array(columns.frame_number, np.int64),
        boxes_xyxy=np.array(columns.box_xyxy, np.float64).reshape(-1, 4),
        class_id=np.array([class_of[k] for k in columns.category_id], np.int64),
        track_id=np.array(columns.track_id, np.int64),
        ignore=np.array(columns.ignore, np.bool_),
        crowd=np.array(columns.crowd, np.bool_),
        tags=tag_columns(columns.tags),
        place=lambda row, part: document.where("annotations", columns.index[row], _PART_KEY[part]),
    )
