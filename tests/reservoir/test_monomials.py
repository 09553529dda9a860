"""Delayed inputs and their products against the formula."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit import NVARFeatures, _budgets

from .. import naive_paths
from ._nvar import SERIES, rng

RAGGED = [rng.randn(n, 2) for n in (5, 12, 1, 9)]


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    n_delays=st.integers(1, 4), stride=st.integers(1, 3), constant=st.booleans(),
    order=st.sampled_from([1, 2, 3, (2, 3)]),
)  # fmt: skip
def test_features_follow_the_formula(dtype, n_delays, stride, constant, order):
    X = [x.astype(dtype) for x in RAGGED]
    model = NVARFeatures(n_delays, stride=stride, order=order, constant=constant).fit(X)
    for got, x in zip(model.transform(X), X, strict=True):
        want = naive_paths.nvar(x, n_delays, stride, np.atleast_1d(order), constant)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=1e-10 if dtype == np.float64 else 1e-5)
    assert len(model.get_feature_names_out()) == want.shape[1]


def test_what_state_and_row_have_in_common():
    model = NVARFeatures(3, stride=2, order=[2, 3]).fit(SERIES)
    want = model.transform(SERIES)[-1]
    np.testing.assert_allclose(model.reservoir_.read(model.final_state_)[0], want, rtol=1e-12)


def test_names_follow_the_columns():
    frame = pd.DataFrame(SERIES, columns=["a", "b"])
    model = NVARFeatures(2, stride=3).set_output(transform="pandas").fit(frame)
    table = model.transform(frame)
    assert table.columns[:5].tolist() == ["1", "a", "b", "a[t-3]", "b[t-3]"]
    np.testing.assert_allclose(table["a b[t-3]"][3:], frame["a"][3:] * frame["b"][:-3].to_numpy())
    np.testing.assert_allclose(table["a[t-3]^2"][3:], frame["a"][:-3].to_numpy() ** 2)
    assert model.get_feature_names_out(["a", "b"]).tolist() == table.columns.tolist()
    for names in (["a"], ["b", "a"]):
        with pytest.raises(ValueError, match="input_features"):
            model.get_feature_names_out(names)


def test_spans_do_not_show(monkeypatch):
    want = NVARFeatures(3).fit(SERIES).transform(SERIES)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)
    np.testing.assert_array_equal(NVARFeatures(3).fit(SERIES).transform(SERIES), want)
