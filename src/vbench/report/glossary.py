"""Words of a report in plain language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from vbench.metrics.definitions import METRICS
from vbench.report.language.strings import say
from vbench.report.wording import metric_meaning, metric_title
from vbench.types import Run


@dataclass(frozen=True, slots=True)
class Term:
    """One word and what it means."""

    word: str
    meaning: str
    formula: str
    """How it is computed; empty for words that are no metrics."""


WORDS = (
    Term("Golden set", "Video clips in which every object is known and written down.", ""),
    Term("Truth", "What really is in a frame, as annotated: the boxes and their classes.", ""),
    Term("Pipeline", "Everything that turns a picture into an answer; what is being judged.", ""),
    Term("Gate", "A rule that a pipeline must meet, for example recall of at least 0.9.", ""),
    Term("Baseline", "The pipeline that the others are compared with.", ""),
    Term("Detection", "A box that a pipeline reports, with a class and a score.", ""),
    Term("Score", "How sure the pipeline is of a detection, from 0 to 1.", ""),
    Term(
        "IoU",
        "How well two boxes cover each other, from 0 (apart) to 1 (identical).",
        "area of the overlap / area of the union",
    ),
    Term(
        "Operating point",
        "From which score on a detection counts, and how well it must cover the truth.",
        "",
    ),
    Term("Slice", "The part of the footage with something in common, such as daypart=night.", ""),
    Term("Support (n)", "How many boxes or frames a number rests on; few means unsure.", ""),
    Term(
        "Interval",
        "Where the number would lie on other footage of the same kind, 95 times of 100.",
        "",
    ),
    Term(
        "Effective n",
        "How many independent boxes or frames the support is worth: those of one scene are alike.",
        "",
    ),
    Term("Undecided", "Neither met nor missed for sure: there is too little footage to say.", ""),
    Term(
        "Quarantine",
        "A rule that may fail until a date without holding anything up; it is measured and shown.",
        "",
    ),
    Term(
        "Holm",
        "A correction for judging many rules at once, so that none fails by chance alone.",
        "",
    ),
    Term("Camera-hour", "One hour of footage of one camera.", ""),
    Term("Undefined", "The number cannot be known, for the reason given; it is not zero.", ""),
)
"""General words; those of metrics come from `METRICS`."""


def glossary(run: Run, among: Collection[str] | None = None) -> tuple[Term, ...]:
    """General words, then the metrics that this run has, in the order of their definitions.

    `among` leaves out all other metrics.
    """
    present = {metric.name for metric in run.metrics if among is None or metric.name in among}
    words = tuple(Term(say(item.word), say(item.meaning), item.formula) for item in WORDS)
    metrics = tuple(
        Term(metric_title(item.name), metric_meaning(item.name), item.formula)
        for item in METRICS.values()
        if item.name in present
    )
    return (*words, *metrics)
