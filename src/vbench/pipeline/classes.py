"""The model's class list and how it maps to the golden set's taxonomy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.config.model_file import ModelFile, closest
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import ConfigError
from vbench.types.arrays import I64
from vbench.types.golden import ClassDef, Taxonomy

DROPPED = -1


@dataclass(frozen=True, slots=True)
class ClassMap:
    """Model classes and what each becomes."""

    names: tuple[str, ...]
    """The model's own classes, in its order."""
    class_id: I64
    """(C,) class of the taxonomy for each, -1 for classes left out."""
    missing: tuple[str, ...]
    """Classes of the taxonomy that this pipeline never finds."""


def load_classes(file: ModelFile[PipelineFile], taxonomy: Taxonomy) -> ClassMap:
    """Read the class list and map every class of it.

    Raises:
        ConfigError: the list is missing or empty; `map` or `drop` names a class that neither side
            knows; a class is neither in the taxonomy nor left out.
    """
    entry = file.model.classes
    names = _names(file)
    _check_names(file, names, taxonomy)
    class_id = np.full(len(names), DROPPED, np.int64)
    for index, name in enumerate(names):
        if name in entry.drop and entry.drop != "others":
            continue
        target = entry.map.get(name, name)
        if target in taxonomy.names:
            class_id[index] = taxonomy.names.index(target)
        elif entry.drop != "others":
            raise ConfigError(
                f'class "{name}" is not in the taxonomy',
                where=_place(file, name),
                hint=f"{closest(name, taxonomy.names)}; say what it becomes in `classes.map`, or "
                "leave it out in `classes.drop` (`drop: others` leaves out all that are unknown)",
            )
    if np.all(class_id == DROPPED):
        raise ConfigError(
            "no class of the model is in the taxonomy",
            where=file.where("classes"),
            hint=f"the taxonomy has {', '.join(taxonomy.names)}; map a class to one of them",
        )
    found = set(class_id.tolist())
    missing = tuple(name for k, name in enumerate(taxonomy.names) if k not in found)
    return ClassMap(names, class_id, missing)


def own_taxonomy(file: ModelFile[PipelineFile]) -> Taxonomy:
    """The classes a pipeline can find, as a taxonomy: what it is checked with on its own.

    Raises:
        ConfigError: the class list is missing or empty.
    """
    entry = file.model.classes
    kept = [name for name in _names(file) if entry.drop == "others" or name not in entry.drop]
    found = dict.fromkeys(entry.map.get(name, name) for name in kept)
    return Taxonomy(version=0, classes=tuple(ClassDef(name, "") for name in found))


def _names(file: ModelFile[PipelineFile]) -> tuple[str, ...]:
    entry = file.model.classes
    if entry.names is not None:
        names, where = entry.names, file.where("classes", "names")
    else:
        where = file.where("classes", "file")
        path = file.folder / str(entry.file)
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not text (UTF-8)"
            raise ConfigError(
                f"class list {path} cannot be read: {reason}",
                where=where,
                hint="give a text file with one class per line, in the model's order",
            ) from None
        names = [line.strip() for line in lines]
        while names and not names[-1]:
            names.pop()
        if "" in names:
            raise ConfigError(
                "a line is empty, so all classes after it would be shifted",
                where=f"{path}:{names.index('') + 1}",
                hint="one class per line, in the model's order",
            )
    if not names:
        raise ConfigError("the class list is empty", where=where, hint="list the model's classes")
    doubled = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if doubled is not None:
        raise ConfigError(
            f'class "{doubled}" is listed twice',
            where=where,
            hint="give each class once, in the model's order",
        )
    return tuple(names)


def _check_names(file: ModelFile[PipelineFile], names: tuple[str, ...], taxonomy: Taxonomy) -> None:
    """Every name in `map`, `drop` and `score_per_class` must exist where it is looked up."""
    entry = file.model.classes
    for source, target in entry.map.items():
        where = file.where("classes", "map", source)
        if source not in names:
            raise ConfigError(
                f'the model has no class "{source}"', where=where, hint=closest(source, names)
            )
        if target not in taxonomy.names:
            raise ConfigError(
                f'class "{target}" is not in the taxonomy',
                where=where,
                hint=closest(target, taxonomy.names),
            )
    for index, name in enumerate(entry.drop if entry.drop != "others" else ()):
        where = file.where("classes", "drop", index)
        if name not in names:
            raise ConfigError(
                f'the model has no class "{name}"', where=where, hint=closest(name, names)
            )
        if name in entry.map:
            raise ConfigError(
                f'class "{name}" is both mapped and dropped', where=where, hint="keep one of them"
            )
    for stage, detector in enumerate(file.model.stages):
        for name in detector.post.score_per_class:
            if name not in taxonomy.names:
                raise ConfigError(
                    f'class "{name}" is not in the taxonomy',
                    where=file.where("stages", stage, "post", "score_per_class", name),
                    hint=closest(name, taxonomy.names),
                )


def _place(file: ModelFile[PipelineFile], name: str) -> str:
    """Where a class of the model's list stands."""
    entry = file.model.classes
    if entry.names is not None:
        return file.where("classes", "names", entry.names.index(name))
    return file.where("classes", "file")
