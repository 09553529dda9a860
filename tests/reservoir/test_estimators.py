"""The four echo state networks: against the oracle, in scikit-learn's company, over time."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ESNClassifier, ESNForecaster, ESNRegressor, ESNTagger, ReservoirFeatures

from ._walks import SERIES, X, Y, plain

ORDER = "a row depends on the rows before it, so their order is part of the data"


REMOVED = "the check removes and repeats rows, and each row belongs to one series"


STEP_LEVEL = {
    "check_methods_subset_invariance": ORDER,
    "check_methods_sample_order_invariance": ORDER,
    "check_fit1d": "a 1-D array is one series of one channel",
    "check_sample_weight_equivalence_on_dense_data": REMOVED,
}


@pytest.mark.compiled
# some checks set an attribute ``alpha`` wherever there is one
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.IgnoredParameterWarning")
@parametrize_with_checks(
    [
        ESNClassifier(),
        ESNClassifier(20, pooling="model_space"),
        ESNClassifier(20, pooling="last", readout=LogisticRegression(tol=1e-12)),
        ESNRegressor(),
        ESNRegressor(100, pooling="last_mean", passthrough=True, readout=LinearRegression()),
        ESNForecaster(),
        ESNTagger(),
    ],
    expected_failed_checks=lambda e: STEP_LEVEL if isinstance(e, ESNForecaster | ESNTagger) else {},
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.compiled
@pytest.mark.parametrize("make", [ESNClassifier, ESNRegressor, ESNForecaster, ESNTagger])
def test_pickle_clone_and_repeat(make, tmp_path):
    steps = make in (ESNForecaster, ESNTagger)
    u, y = (SERIES, (SERIES[:, 0] > 0).astype(int)) if steps else (X, Y)
    for options in ({}, {"activation": plain}, {"topology": "orthogonal", "control": "effective"}):
        esn = make(12, random_state=0, leak_rate=0.5, **options).fit(u, y)
        want = esn.predict(u)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(esn)).predict(u), want)
        np.testing.assert_array_equal(clone(esn).fit(u, y).predict(u), want)
        joblib.dump(esn, tmp_path / "esn.joblib")
        mapped = joblib.load(tmp_path / "esn.joblib", mmap_mode="r")  # its arrays are read-only
        np.testing.assert_array_equal(mapped.predict(u), want)
    same = np.random.RandomState(3)
    one, two = (make(12, random_state=same).fit(u, y).reservoir_.w_in for _ in range(2))
    assert not np.array_equal(one, two)


@pytest.mark.compiled
def test_data_frames():
    frame = pd.DataFrame(SERIES, columns=["a", "b"])
    esn = ESNForecaster(12, random_state=0, scaling=None).fit(frame)
    assert esn.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="feature names"):
        esn.predict(frame[["b", "a"]])
    frames = [pd.DataFrame(x) for x in X]
    esn = ESNClassifier(12, random_state=0)
    want = esn.fit(X, Y).decision_function(X)
    np.testing.assert_array_equal(esn.fit(frames, pd.Series(Y)).decision_function(frames), want)


def test_verbose_reports_long_work(capsys, monkeypatch):
    from dlkit import _progress

    monkeypatch.setattr(_progress.Progress.__init__, "__kwdefaults__", {"every": 0.0})
    ReservoirFeatures(5, verbose=1, random_state=0).fit_transform(X)
    assert "[ReservoirFeatures] 100 %" in capsys.readouterr().out
    ReservoirFeatures(5, random_state=0).fit_transform(X)
    assert capsys.readouterr().out == ""
