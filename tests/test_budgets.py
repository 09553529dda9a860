"""Bounds on memory: plain numbers, each read somewhere, none of which changes a result."""

from pathlib import Path

import numpy as np
import pytest

from dlkit import ReservoirFeatures, _budgets

BUDGETS = {name: value for name, value in vars(_budgets).items() if name.isupper()}


def test_each_is_a_positive_number_that_something_reads():
    folder = Path(_budgets.__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    for name, value in BUDGETS.items():
        assert np.all(np.array(value) > 0), name
        assert f"_budgets.{name}" in sources, name
    assert _budgets.KMEANS_TASK_ROWS % 512 == 0
    least, most = _budgets.CONV_TILE_ROWS
    assert least <= most


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_how_much_is_looked_through_at_a_time_changes_no_result(monkeypatch, rows):
    X = [np.random.RandomState(n).randn(n, 2) for n in (3, 20, 5)]
    want = ReservoirFeatures(4, random_state=0).fit_transform(X)
    monkeypatch.setattr(_budgets, "LOOK_ROWS", rows)
    np.testing.assert_array_equal(ReservoirFeatures(4, random_state=0).fit_transform(X), want)
    X[1][17, 1] = np.nan
    with pytest.raises(ValueError, match="NaN in sequence 1, step 17"):
        ReservoirFeatures(4, random_state=0).fit(X)
