import pytest

from vbench.report.spreadsheet import safe_cell


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_would_be_a_formula_is_text(name: str) -> None:
    assert safe_cell(name) == f"'{name}"


@pytest.mark.parametrize("name", ["", "dock-v1", "a=b", "שלום"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert safe_cell(name) == name
