from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.sets import line_of, truth_context
from vbench.errors import TruthError
from vbench.golden.formats import read_truth

VOC = """<?xml version="1.0" encoding="ISO-8859-1"?>
<annotation>
  <filename>000004.jpg</filename>
  <size><width>640</width><height>480</height><depth>3</depth></size>
  <object>
    <name>person</name>
    <truncated>1</truncated>
    <difficult>0</difficult>
    <bndbox><xmin>10</xmin><ymin>20.5</ymin><xmax>50</xmax><ymax>100</ymax></bndbox>
  </object>
  <object>
    <name>forklift</name>
    <difficult>1</difficult>
    <bndbox><ymin>1</ymin><xmin>2</xmin><ymax>30</ymax><xmax>40</xmax></bndbox>
  </object>
</annotation>
"""

CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><original_size><width>640</width><height>480</height></original_size></task></meta>
  <track id="3" label="person" source="manual">
    <box frame="1" outside="0" occluded="1" keyframe="1" xtl="1" ytl="2" xbr="30.5" ybr="40">
      <attribute name="view">side</attribute>
    </box>
    <box frame="2" outside="1" occluded="0" keyframe="1" xtl="1" ytl="2" xbr="30" ybr="40"></box>
  </track>
  <track id="0" label="forklift">
    <box frame="0" outside="0" occluded="0" keyframe="1" xtl="5" ytl="6" xbr="70" ybr="80"/>
  </track>
</annotations>
"""


def voc_folder(folder: Path, text: str = VOC) -> Path:
    (folder / "xml").mkdir()
    (folder / "xml" / "000004.xml").write_text(text)
    return folder / "xml"


def cvat_file(folder: Path, text: str = CVAT) -> Path:
    (folder / "cvat.xml").write_text(text)
    return folder / "cvat.xml"


def test_voc_columns(tmp_path: Path) -> None:
    truth = read_truth(voc_folder(tmp_path), "voc", truth_context())
    assert truth.frame_index.tolist() == [4, 4]
    assert truth.boxes_xyxy.tolist() == [[10, 20.5, 50, 100], [2, 1, 40, 30]]
    assert truth.class_id.tolist() == [0, 1]
    assert truth.track_id.tolist() == [-1, -1]
    assert truth.ignore.tolist() == [False, True]
    assert [(tag.key, tag.values.tolist()) for tag in truth.tags] == [("truncated", ["true", ""])]


def test_cvat_columns(tmp_path: Path) -> None:
    truth = read_truth(cvat_file(tmp_path), "cvat", truth_context())
    assert truth.frame_index.tolist() == [0, 1]
    assert truth.boxes_xyxy.tolist() == [[5, 6, 70, 80], [1, 2, 30.5, 40]]
    assert truth.class_id.tolist() == [1, 0]
    assert truth.track_id.tolist() == [0, 3]
    tags = {tag.key: tag.values.tolist() for tag in truth.tags}
    assert tags == {"occluded": ["false", "true"], "view": ["", "side"]}


@pytest.mark.parametrize(
    ("old", "new", "part", "what"),
    [
        ("<xmin>10</xmin>", "<xmin>60</xmin>", "<object>", "negative size -10"),
        ("<xmin>10</xmin>", "<xmin>ten</xmin>", "<xmin>", '"ten" is not a number'),
        ("<xmin>10</xmin>", "<xmin>nan</xmin>", "<xmin>", "nan is not a finite number"),
        ("<xmin>10</xmin>", "", "<bndbox>", "has no <xmin>"),
        ("<name>person</name>", "<name>persn</name>", "<name>", 'did you mean "person"'),
        ("<width>640<", "<width>1280<", "<size>", "the truth was drawn in 1280x480"),
        ("</bndbox>", "", "</object>", "not valid XML"),
    ],
)
def test_bad_voc_is_named(tmp_path: Path, old: str, new: str, part: str, what: str) -> None:
    folder = voc_folder(tmp_path, VOC.replace(old, new, 1))
    with pytest.raises(TruthError) as caught:
        read_truth(folder, "voc", truth_context())
    assert caught.value.where.startswith(f"{folder / '000004.xml'}:{line_of(VOC, part)}")
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "part", "what"),
    [
        ('frame="1"', 'frame="10"', 'frame="1"', "truth is for frame 10"),
        ('frame="1"', 'frame="1.5"', 'frame="1"', "1.5 is not a whole number"),
        ('frame="1" ', "", 'frame="1"', 'attribute "frame" is missing'),
        ('label="person"', 'label="dog"', 'label="person"', 'class "dog" is not in the taxonomy'),
        ("<track id", "<image/><track id", "<track id", "CVAT for images"),
        ('xtl="1"', 'xtl="inf"', 'xtl="1"', "inf is not a finite number"),
        ("<width>640", "<width>64", "<meta>", "the truth was drawn in 64x480"),
        ("<box frame", '<polygon points=""/><box frame', "<box", "only boxes are read"),
        ("<annotations>", "<annotation>", "", "not valid XML"),
        (
            "<annotations>",
            '<!DOCTYPE a [<!ENTITY b "c">]><annotations>',
            "<annotations>",
            "declares XML entities",
        ),
    ],
)
def test_bad_cvat_is_named(tmp_path: Path, old: str, new: str, part: str, what: str) -> None:
    path = cvat_file(tmp_path, CVAT.replace(old, new, 1))
    with pytest.raises(TruthError) as caught:
        read_truth(path, "cvat", truth_context())
    if part:
        assert caught.value.where.startswith(f"{path}:{line_of(CVAT, part)}")
    assert what in str(caught.value)


def test_another_kind_of_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="the root is <annotation>, expected <annotations>"):
        read_truth(cvat_file(tmp_path, VOC), "cvat", truth_context())


def test_one_based_frames_and_scaling(tmp_path: Path) -> None:
    context = truth_context(frame_base=1, size=(1280, 240), truth_size=(640, 480))
    truth = read_truth(voc_folder(tmp_path), "voc", context)
    assert truth.frame_index.tolist() == [3, 3]
    assert truth.boxes_xyxy[0].tolist() == [20, 10.25, 100, 50]
