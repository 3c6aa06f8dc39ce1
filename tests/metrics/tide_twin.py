"""Error kinds and their cost in the plainest way, by our conventions or by those of tidecv."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.kernels.test_match import twin_overlap
from vbench.metrics.error_kinds import ERROR_KINDS
from vbench.types import Clip, Detections, Matches, OperatingPoint


@dataclass
class Found:
    score: float
    class_id: int
    correct: bool
    kind: str = ""
    target: tuple[int, int] | None = None
    """(clip, truth row) that the detection is nearest to."""


@dataclass
class TideTwin:
    """Everything that counts of some clips where every class is annotated exhaustively."""

    n_classes: int
    as_tidecv: bool = False
    found: list[Found] = field(default_factory=list)
    truth_class: dict[tuple[int, int], int] = field(default_factory=dict)
    hit: set[tuple[int, int]] = field(default_factory=set)

    def add(
        self, number: int, clip: Clip, detections: Detections, table: Matches, iou: float
    ) -> None:
        row = table.row(iou)
        counting = np.flatnonzero(table.truth_counts).tolist()
        for j in counting:
            self.truth_class[number, j] = int(clip.truth.class_id[j])
        for k in range(len(detections)):
            if table.ignored[row, k]:
                continue
            one = Found(float(detections.scores[k]), int(detections.class_id[k]), False)
            self.found.append(one)
            j = int(table.truth_index[row, k])
            if j >= 0:
                one.correct = True
                self.hit.add((number, j))
                continue
            same, other = (0.0, -1), (0.0, -1)
            for i in counting:
                if clip.truth.frame_index[i] != detections.frame_index[k]:
                    continue
                overlap = twin_overlap(detections.boxes_xyxy[k], clip.truth.boxes_xyxy[i], False)
                if clip.truth.class_id[i] == one.class_id:
                    same = max(same, (overlap, i), key=lambda pair: pair[0])
                else:
                    other = max(other, (overlap, i), key=lambda pair: pair[0])
            if 0.1 <= same[0] < iou:
                one.kind, one.target = "localisation", (number, same[1])
            elif other[0] >= iou:
                one.kind, one.target = "classification", (number, other[1])
            elif same[0] >= iou:
                one.kind = "duplicate"
            elif max(same[0], other[0]) <= 0.1:
                one.kind = "background"
            else:
                one.kind = "both"

    @property
    def missed(self) -> list[tuple[int, int]]:
        near = {one.target for one in self.found}
        return [key for key in self.truth_class if key not in self.hit and key not in near]

    def counts(self) -> dict[str, int]:
        kinds = [one.kind for one in self.found]
        counts: dict[str, int] = {kind: kinds.count(kind) for kind in ERROR_KINDS}
        return {**counts, "missed": len(self.missed)}

    def ap(self) -> list[float | None]:
        return self._ap([(one.score, one.class_id, one.correct) for one in self.found], [])

    def corrected(self, kind: str) -> list[float | None]:
        """AP per class if there were no error of this kind."""
        points = []
        best: dict[tuple[int, int], Found] = {}
        for one in self.found:
            if one.target is not None and one.target not in self.hit:
                kept = best.setdefault(one.target, one)
                best[one.target] = one if one.score > kept.score else kept
        order = self.found
        if self.as_tidecv:
            order = sorted(order, key=lambda one: one.correct)
        for one in order:
            if one.kind != kind:
                points.append((one.score, one.class_id, one.correct))
            elif one.target is not None and best.get(one.target) is one:
                points.append((one.score, self.truth_class[one.target], True))
        return self._ap(points, self.missed if kind == "missed" else [])

    def mean(self, values: list[float | None]) -> float | None:
        defined = [value for value in values if value is not None]
        return sum(defined) / len(defined) if defined else None

    def _ap(
        self, points: list[tuple[float, int, bool]], removed: list[tuple[int, int]]
    ) -> list[float | None]:
        result: list[float | None] = []
        for c in range(self.n_classes):
            n_truth = sum(k == c for key, k in self.truth_class.items() if key not in removed)
            hits = [hit for _, k, hit in sorted(points, key=lambda p: -p[0]) if k == c]
            if n_truth == 0:
                result.append(0.0 if self.as_tidecv and hits else None)
                continue
            tp = np.cumsum(hits)
            precision = tp / np.arange(1, len(hits) + 1)
            recall = tp / n_truth
            levels = np.arange(101) / 100 if self.as_tidecv else np.linspace(0.0, 1.0, 101)
            best = [max(precision[recall >= level], default=0.0) for level in levels]
            result.append(float(np.mean(best)))
        return result


def tide_twin(
    clips: tuple[Clip, ...],
    detections: list[Detections],
    matches: list[Matches],
    point: OperatingPoint,
    *,
    as_tidecv: bool = False,
) -> TideTwin:
    twin = TideTwin(len(point.scores), as_tidecv)
    for number, (one, found, table) in enumerate(zip(clips, detections, matches, strict=True)):
        twin.add(number, one, found, table, point.iou)
    return twin
