from hypothesis import given
from hypothesis import strategies as st

from vbench.report.vega.labels import HEIGHT_PX, LETTER_PX, LabelPlace, place_labels

SIZE = (400.0, 300.0)


def box(
    at: tuple[float, float], label: str, place: LabelPlace
) -> tuple[float, float, float, float]:
    width = len(label) * LETTER_PX
    left = at[0] + 9 if place.side == "right" else at[0] - 9 - width
    bottom = at[1] + place.dy_px
    return left, bottom - HEIGHT_PX, left + width, bottom


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and down > 0


def test_a_lone_name_stands_right_above_its_point() -> None:
    assert place_labels([(100, 100)], ["dock"], SIZE, 200) == (LabelPlace("right", -5.0),)


def test_at_the_right_edge_it_stands_left() -> None:
    assert place_labels([(390, 100)], ["dock"], SIZE, 200)[0].side == "left"


def test_at_the_top_it_stands_below() -> None:
    assert place_labels([(100, 5)], ["dock"], SIZE, 200)[0].dy_px > 0


def test_it_avoids_other_points_also_those_without_a_name() -> None:
    found = place_labels([(100, 100), (130, 88)], ["dock-v1", ""], SIZE, 200)[0]
    assert not overlap(box((100, 100), "dock-v1", found), (122, 80, 138, 96))


@given(
    st.lists(
        st.tuples(st.floats(100, 300), st.floats(60, 240)), min_size=1, max_size=4, unique=True
    )
)
def test_few_names_never_cover_one_another(points: list[tuple[float, float]]) -> None:
    labels = [f"dock{k}" for k in range(len(points))]
    places = place_labels(points, labels, SIZE, 200)
    boxes = [box(*item) for item in zip(points, labels, places, strict=True)]
    for k, one in enumerate(boxes):
        for other in boxes[:k]:
            assert not overlap(one, other)
