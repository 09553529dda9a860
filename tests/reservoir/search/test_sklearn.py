"""What scikit-learn's searches do around their fits is done alike."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import make_scorer, mean_squared_error
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold
from sklearn.utils.estimator_checks import check_estimator

from dlkit import ESNClassifier, ESNRegressor, ReservoirSearchCV

from .twins import GRID, GROUPS, LABELS, NUMBERS, X, assert_same, twins


@pytest.mark.compiled
def test_groups(fused):
    esn = ESNRegressor(12, random_state=0)
    ours, theirs = twins(esn, GRID, X, NUMBERS, cv=GroupKFold(4), fit={"groups": GROUPS})
    assert_same(ours, theirs)


@pytest.mark.compiled
def test_routed_metadata(fused):
    weight = np.random.RandomState(0).uniform(0.1, 2, 40)
    with config_context(enable_metadata_routing=True):
        esn = ESNRegressor(8, random_state=0).set_fit_request(sample_weight=True)
        scoring = make_scorer(mean_squared_error, greater_is_better=False)
        options = {"scoring": scoring.set_score_request(sample_weight=True), "cv": GroupKFold(4)}
        fit = {"sample_weight": weight, "groups": GROUPS}
        assert_same(*twins(esn, GRID, X, NUMBERS, fit=fit, **options))


@pytest.mark.compiled
def test_callbacks_follow_single_fits():
    search = ReservoirSearchCV(ESNRegressor(8, random_state=0), GRID, cv=KFold(3))
    if not hasattr(search, "set_callbacks"):
        pytest.skip("callbacks came with scikit-learn 1.9")

    class Count:
        max_propagation_depth = 0
        begun = 0

        def setup(self, **kwargs): ...
        def teardown(self, **kwargs): ...
        def on_fit_task_end(self, *args, **kwargs): ...

        def on_fit_task_begin(self, *args, **kwargs):
            self.begun += 1

    search.set_callbacks(counter := Count())
    with pytest.warns(UserWarning, match="callbacks"):
        search.fit(X, NUMBERS)
    assert counter.begun > 0
    search.set_callbacks()
    assert_same(search, GridSearchCV(search.estimator, GRID, cv=KFold(3)).fit(X, NUMBERS))


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:One or more of the test scores")
@pytest.mark.parametrize(
    "bad", [{"spectral_radius": [-1.0, 0.9]}, {"leak_rate": [2.0, 0.5]}, {"alpha": [-1.0, 0.1]}]
)
def test_a_candidate_that_fails(bad):
    esn = ESNClassifier(8, random_state=0)
    grid = {"input_scaling": [0.1, 1.0]} | bad
    results = []
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.warns(FitFailedWarning, match="10 fits failed out of a total of 20"):
            results.append(search(esn, grid, error_score=-1.0).fit(X, LABELS))
        with pytest.raises(ValueError, match=next(iter(bad))):
            search(esn, grid, error_score="raise").fit(X, LABELS)
    assert_same(*results)


def test_a_parameter_there_is_not():
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.raises(ValueError, match="Invalid parameter"):
            search(ESNClassifier(5, random_state=0), {"nonsense": [1]}).fit(X, LABELS)


@pytest.mark.compiled
def test_pickle_and_clone(fused):
    search = ReservoirSearchCV(ESNClassifier(12, random_state=0), GRID).fit(X, LABELS)
    again = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(again.predict_proba(X), search.predict_proba(X))
    np.testing.assert_array_equal(
        again.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"]
    )
    copy = clone(search)
    assert not hasattr(copy, "cv_results_")
    assert copy.get_params(deep=False).keys() == search.get_params(deep=False).keys()


def outcomes(search):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            check["check_name"]: check["status"]
            for check in check_estimator(search, on_fail=None, on_skip=None)
        }


@pytest.mark.compiled
def test_checks_pass_as_for_grid_search():
    esn = ESNClassifier(5, random_state=0)
    ours = outcomes(ReservoirSearchCV(esn, {"alpha": [0.1, 1.0]}, cv=2))
    theirs = outcomes(GridSearchCV(esn, {"alpha": [0.1, 1.0]}, cv=2))
    assert len(ours) > 30
    worse = {
        name for name, status in theirs.items() if status == "passed" and ours[name] != "passed"
    }
    assert not worse


@pytest.mark.parametrize(
    ("data", "y"), [(None, None), (3, None), (X, 0), (X, LABELS[:-1]), (X, "a")]
)
def test_samples_and_targets_are_named(data, y):
    search = ReservoirSearchCV(ESNClassifier(5, random_state=0), {"alpha": [1.0]})
    with pytest.raises((ValueError, TypeError), match=r"\b[Xy]\b"):
        search.fit(data, y)


def test_no_candidates_are_named():
    with pytest.raises(ValueError, match="param_grid gives 0 candidates, and cv 3 splits"):
        ReservoirSearchCV(ESNRegressor(8), [], cv=3).fit(X, NUMBERS)


def test_a_splitter_that_is_an_array_without_entries_is_named():
    search = ReservoirSearchCV(ESNRegressor(8), {"alpha": [1.0]}, cv=np.array(2))
    with pytest.raises(ValueError, match="cv must be a number, a splitter or hold pairs"):
        search.fit(X, NUMBERS)
