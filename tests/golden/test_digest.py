from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from tests.golden.sets import FACTS, GOLDEN, NIGHT, taxonomy, write_set
from vbench.errors import TruthError
from vbench.golden.digest import golden_set_digests, taxonomy_sha256, truth_sha256
from vbench.golden.load import load_golden_set
from vbench.types import ClassDef, Taxonomy


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_bytes(b"1,2,3\r\n")
    assert truth_sha256(path) == hashlib.sha256(b"1,2,3\r\n").hexdigest()


def test_a_folder_has_a_digest_of_names_and_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "b.txt").write_text("1")
    (folder / "a.txt").write_text("2")
    first = truth_sha256(folder)
    (folder / ".DS_Store").write_text("noise")
    assert truth_sha256(folder) == first
    (folder / "a.txt").write_text("3")
    assert truth_sha256(folder) != first
    (folder / "a.txt").write_text("2")
    (folder / "a.txt").rename(folder / "c.txt")
    assert truth_sha256(folder) != first


def test_missing_truth(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="truth not found"):
        truth_sha256(tmp_path / "absent")


def test_the_order_and_meaning_of_classes_enter() -> None:
    one, two = taxonomy("person", "forklift"), taxonomy("forklift", "person")
    assert taxonomy_sha256(one) == taxonomy_sha256(taxonomy("person", "forklift"))
    assert taxonomy_sha256(one) != taxonomy_sha256(two)
    assert taxonomy_sha256(one) != taxonomy_sha256(dataclasses.replace(one, version=2))
    assert taxonomy_sha256(Taxonomy(1, (ClassDef("a", "x"),))) != taxonomy_sha256(
        Taxonomy(1, (ClassDef("a", "y"),))
    )


def test_digests_for_a_manifest(tmp_path: Path) -> None:
    write_set(tmp_path, GOLDEN.replace("    truth: day.csv\n", ""))
    golden_set = load_golden_set(tmp_path)
    digests = {item.name: item.sha256 for item in golden_set_digests(tmp_path, golden_set)}
    assert digests == {
        "golden set dock": golden_set.digest,
        "taxonomy dock": taxonomy_sha256(golden_set.taxonomy),
        "media dock/day": FACTS["day"].sha256,
        "media dock/night": FACTS["night"].sha256,
        "truth dock/night": hashlib.sha256(NIGHT.encode()).hexdigest(),
    }
    assert list(digests) == sorted(digests)
