"""The model's class list and how it maps to the golden set's taxonomy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.config.classes_entry import ClassesEntry
from vbench.config.classifier_stage import ClassifierStage
from vbench.config.detector_stage import DetectorStage
from vbench.config.model_file import ModelFile, closest
from vbench.config.pipeline_file import PipelineFile
from vbench.config.yaml_text import KeyPath
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

    def found(self) -> frozenset[int]:
        """Classes of the taxonomy that can be found."""
        return frozenset(int(one) for one in self.class_id if one != DROPPED)


@dataclass(frozen=True, slots=True)
class ClassList:
    """A ``classes`` entry and where it stands."""

    file: ModelFile[PipelineFile]
    entry: ClassesEntry
    at: KeyPath

    def where(self, *key_path: str | int) -> str:
        """``file:line: key`` of a key of the entry."""
        return self.file.where(*self.at, *key_path)

    def place_of(self, name: str) -> str:
        """Where a class of the list stands."""
        if self.entry.names is not None:
            return self.where("names", self.entry.names.index(name))
        return self.where("file")


def class_list_of(file: ModelFile[PipelineFile], position: int) -> ClassList:
    """The class list of the detector or classifier at a position of `stages`."""
    stage = file.model.stages[position]
    own = stage.classes if isinstance(stage, DetectorStage | ClassifierStage) else None
    if own is not None:
        return ClassList(file, own, ("stages", position, "classes"))
    if file.model.classes is None:
        raise ConfigError(
            f'"{stage.id}" has no `classes`, nor has the pipeline',
            where=file.where("stages", position),
            hint="list the model's own classes in `classes`",
        )
    return ClassList(file, file.model.classes, ("classes",))


def load_classes(classes: ClassList, taxonomy: Taxonomy) -> ClassMap:
    """Read the class list and map every class of it.

    Raises:
        ConfigError: the list is missing or empty; `map` or `drop` names a class that neither side
            knows; a class is neither in the taxonomy nor left out.
    """
    entry = classes.entry
    names = _names(classes)
    _check_names(classes, names, taxonomy)
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
                where=classes.place_of(name),
                hint=f"{closest(name, taxonomy.names)}; say what it becomes in `classes.map`, or "
                "leave it out in `classes.drop` (`drop: others` leaves out all that are unknown)",
            )
    if np.all(class_id == DROPPED):
        raise ConfigError(
            "no class of the model is in the taxonomy",
            where=classes.where(),
            hint=f"the taxonomy has {', '.join(taxonomy.names)}; map a class to one of them",
        )
    return ClassMap(names, class_id)


def own_taxonomy(file: ModelFile[PipelineFile]) -> Taxonomy:
    """The classes a pipeline can find, as a taxonomy: what it is checked with on its own.

    Raises:
        ConfigError: a class list is missing or empty.
    """
    found: dict[str, None] = {}
    for position, stage in enumerate(file.model.stages):
        if isinstance(stage, DetectorStage | ClassifierStage):
            classes = class_list_of(file, position)
            entry = classes.entry
            for name in _names(classes):
                if entry.drop == "others" or name not in entry.drop:
                    found[entry.map.get(name, name)] = None
    return Taxonomy(version=0, classes=tuple(ClassDef(name, "") for name in found))


def _names(classes: ClassList) -> tuple[str, ...]:
    entry = classes.entry
    if entry.names is not None:
        names, where = entry.names, classes.where("names")
    else:
        where = classes.where("file")
        path = classes.file.folder / str(entry.file)
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


def _check_names(classes: ClassList, names: tuple[str, ...], taxonomy: Taxonomy) -> None:
    """Every name in `map` and `drop` must exist where it is looked up."""
    entry = classes.entry
    for source, target in entry.map.items():
        where = classes.where("map", source)
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
        where = classes.where("drop", index)
        if name not in names:
            raise ConfigError(
                f'the model has no class "{name}"', where=where, hint=closest(name, names)
            )
        if name in entry.map:
            raise ConfigError(
                f'class "{name}" is both mapped and dropped', where=where, hint="keep one of them"
            )
