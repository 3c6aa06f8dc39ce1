from vbench.report.lookup import MetricIndex
from vbench.types import Run


def test_finds_exactly_one_row(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    night = index.find("person-v2", "loading-dock", "recall", slice_=(("daypart", "night"),))
    assert night is not None
    assert night.class_name is None
    assert index.find("person-v2", "loading-dock", "recall", clip="no such clip") is None


def test_slices_are_grouped_by_key_and_stages_apart(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    keys = [slice_[0][0] for slice_ in index.slices["loading-dock"]]
    assert keys == ["daypart"] * 3 + ["weather"] * 2 + ["camera"] * 2
    assert index.stages["person-v1"][0] == "decode"
    assert "vendor-replay" not in index.stages


def test_the_baseline_is_not_compared_with_itself(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    own = index.find("person-v1", "loading-dock", "recall")
    other = index.find("person-v2", "loading-dock", "recall")
    assert own is not None
    assert other is not None
    assert index.baseline_of(own) is None
    assert index.baseline_of(other) == own
