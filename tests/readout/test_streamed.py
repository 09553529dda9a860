"""A readout fed block by block, against the same readout on the whole feature matrix."""

import copy
import pickle
import weakref

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, TransformerMixin, clone, is_classifier, is_regressor
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    ShuffleSplit,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import (
    ESNRegressor,
    LogisticReadoutClassifier,
    NVARFeatures,
    ReservoirFeatures,
    ReservoirStates,
    RidgeReadout,
    RidgeReadoutClassifier,
    RLSReadout,
    RLSReadoutClassifier,
    StreamedReadout,
)
from dlkit.readout._streamed import going_on

from .streams import ALPHAS, CLASSIFIERS, LABELS, POLY, RNG, WEIGHT, F, X, Y, same

REGRESSORS = [
    RidgeReadout(),
    RidgeReadout(alpha=ALPHAS, alpha_per_target=True),
    RidgeReadout(alpha=ALPHAS, selection="gcv", fit_intercept=False),
    RidgeReadout(alpha=0.0, solver="svd"),
]


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("readout", CLASSIFIERS)
def test_classifier_equals_readout_on_all_features(readout, weight):
    streamed = StreamedReadout(POLY, readout, block_size=17).fit(X, LABELS, weight)
    plain = clone(readout).fit(F, LABELS, weight)
    same(streamed, plain)
    assert_array_equal(streamed.classes_, ["a", "b", "c"])
    assert_array_equal(streamed.predict(X), plain.predict(F))
    assert_allclose(streamed.decision_function(X), plain.decision_function(F), atol=1e-8)
    assert_allclose(streamed.predict_proba(X), plain.predict_proba(F), atol=1e-8)
    assert_allclose(streamed.score(X, LABELS, weight), plain.score(F, LABELS, weight))
    kept = "moments_" in vars(streamed.readout_)
    assert kept == (readout.solver == "moments")


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("y", [Y, Y[:, 0]])
@pytest.mark.parametrize("readout", REGRESSORS)
def test_regressor_equals_readout_on_all_features(readout, y, weight):
    streamed = StreamedReadout(POLY, readout, block_size=17).fit(X, y, weight)
    plain = clone(readout).fit(F, y, weight)
    same(streamed, plain)
    assert_allclose(streamed.predict(X), plain.predict(F), atol=1e-8)
    assert_allclose(streamed.score(X, y), plain.score(F, y))
    assert not hasattr(streamed, "predict_proba")
    assert not hasattr(streamed, "decision_function")


@given(size=st.integers(1, 130), n_jobs=st.sampled_from([None, 1, 2]))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_block_size_and_threads_do_not_matter(size, n_jobs):
    readout = RidgeReadoutClassifier(alpha=ALPHAS)
    streamed = StreamedReadout(POLY, readout, block_size=size, n_jobs=n_jobs).fit(X, LABELS)
    same(streamed, clone(readout).fit(F, LABELS))
    one_thread = StreamedReadout(POLY, readout, block_size=size).fit(X, LABELS)
    assert_array_equal(one_thread.readout_.coef_, streamed.readout_.coef_)


# memory and order


class Counting(TransformerMixin, BaseEstimator):
    """Cubes of the columns, counted as long as they are alive."""

    alive = most = rows = 0

    def fit(self, X, y=None):
        assert y is None  # the map never sees targets
        Counting.alive = Counting.most = Counting.rows = 0
        return self

    def transform(self, X):
        features = np.hstack([X, X**3])
        weakref.finalize(features, self._gone)
        Counting.alive += 1
        Counting.most = max(Counting.most, Counting.alive)
        Counting.rows = max(Counting.rows, len(features))
        return features

    @staticmethod
    def _gone():
        Counting.alive -= 1


@pytest.mark.parametrize("n_jobs", [None, 3])
@pytest.mark.parametrize(
    ("readout", "cv"),
    [
        (RidgeReadoutClassifier(), None),
        (RidgeReadoutClassifier(solver="svd"), None),
        (RidgeReadoutClassifier(alpha=ALPHAS, selection="gcv"), None),
        (RidgeReadoutClassifier(alpha=ALPHAS), 3),
        (RLSReadoutClassifier(), None),
    ],
)
def test_never_more_than_a_block_of_features_for_each_thread(readout, cv, n_jobs):
    streamed = StreamedReadout(Counting(), readout, cv=cv, block_size=10, n_jobs=n_jobs)
    streamed.fit(X, LABELS)
    streamed.predict(X)
    assert Counting.alive == 0
    assert Counting.rows == 10
    assert Counting.most <= (1 if n_jobs is None else n_jobs + 1)
    if cv is None:
        first = clone(streamed).partial_fit(X, LABELS, classes=["a", "b", "c"])
        first.partial_fit(X, LABELS)
        assert Counting.most <= (1 if n_jobs is None else n_jobs + 1)


# streams


@given(cuts=st.lists(st.integers(1, 119), max_size=4, unique=True), weighted=st.booleans())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_partial_fit_in_any_split_equals_fit(cuts, weighted):
    weight = WEIGHT if weighted else np.ones(120)
    readout = RidgeReadoutClassifier(alpha=0.3)
    streamed = StreamedReadout(POLY, readout, block_size=25)
    for part in np.split(np.arange(120), sorted(cuts)):
        if not weight[: part[-1] + 1].any():
            return  # a first block without weight is refused
        streamed.partial_fit(X[part], LABELS[part], ["a", "b", "c"], weight[part])
    same(streamed, clone(readout).fit(F, LABELS, weight))


def test_the_map_is_learned_from_the_first_call_and_kept():
    scaled = make_pipeline(StandardScaler(), PCA(3, random_state=0))
    streamed = StreamedReadout(scaled, RidgeReadout())
    streamed.partial_fit(X[:50], Y[:50]).partial_fit(X[50:], Y[50:])
    features = clone(scaled).fit(X[:50]).transform(X)
    same(streamed, RidgeReadout().fit(features, Y))
    frozen = FrozenEstimator(clone(scaled).fit(X))
    wanted = RidgeReadout().fit(frozen.transform(X), Y)
    streamed = StreamedReadout(frozen, RidgeReadout())
    same(streamed.partial_fit(X[:50], Y[:50]).partial_fit(X[50:], Y[50:]), wanted)
    one, other = (clone(streamed).partial_fit(X[r], Y[r]) for r in (slice(50), slice(50, 120)))
    one.readout_.merge(other.readout_)
    same(one, wanted)


def test_partial_fit_after_fit():
    streamed = StreamedReadout(POLY, RidgeReadout(solver="moments")).fit(X[:90], Y[:90])
    same(streamed.partial_fit(X[90:], Y[90:]), RidgeReadout().fit(F, Y))
    forgets = StreamedReadout(POLY, RidgeReadout()).fit(X[:90], Y[:90])
    with pytest.warns(UserWarning, match="starts anew"):
        forgets.partial_fit(X[90:], Y[90:])


def test_failed_calls_leave_everything_as_it_was():
    streamed = StreamedReadout(POLY, RidgeReadout(), block_size=10).partial_fit(X, Y)
    before = streamed.predict(X)
    late = X.copy()
    late[115] = np.nan
    for method in (streamed.fit, streamed.partial_fit):
        with pytest.raises(ValueError, match="NaN"):
            method(late, Y)
    with pytest.raises(ValueError, match="3 features"):
        streamed.partial_fit(X[:, :3], Y)
    assert streamed.readout_.moments_.n == 120
    assert_array_equal(streamed.predict(X), before)


# what samples may be


def test_lists_frames_memory_maps_sparse_rows(tmp_path):
    plain = StreamedReadout(POLY, RidgeReadoutClassifier(alpha=ALPHAS), block_size=13)
    wanted = plain.fit(X, LABELS).decision_function(X)
    np.save(tmp_path / "x.npy", X)
    forms = [
        X.tolist(),
        pd.DataFrame(X, columns=list("abcd")),
        np.load(tmp_path / "x.npy", mmap_mode="r"),
        sp.csr_array(X),
        sp.coo_matrix(X),
    ]
    for cv in (None, 3):
        streamed = clone(plain).set_params(cv=cv)
        wanted = clone(streamed).fit(X, LABELS).decision_function(X)
        for form in forms:
            got = clone(streamed).fit(form, pd.Series(LABELS)).decision_function(form)
            assert_allclose(got, wanted, atol=1e-10)
    named = clone(plain).fit(forms[1], LABELS)
    assert named.n_features_in_ == 4
    assert_array_equal(named.feature_names_in_, list("abcd"))


def test_lists_of_sequences():
    sequences = [RNG.randn(RNG.randint(5, 12), 2) for _ in range(40)]
    y = np.array([s.mean() > 0 for s in sequences])
    reservoir = ReservoirFeatures(6, random_state=0)
    readout = RidgeReadoutClassifier(alpha=ALPHAS)
    streamed = StreamedReadout(reservoir, readout, block_size=7, n_jobs=2).fit(sequences, y)
    features = clone(reservoir).fit_transform(sequences)
    same(streamed, clone(readout).fit(features, y))
    by_folds = StreamedReadout(reservoir, readout, cv=2).fit(sequences, y)
    again = clone(readout).set_params(alpha=by_folds.readout_.alpha_).fit(features, y)
    assert_allclose(by_folds.decision_function(sequences), again.decision_function(features))
    assert not hasattr(streamed, "n_features_in_")


def test_float32_features_give_float32_results():
    streamed = StreamedReadout(POLY, RidgeReadout(), block_size=30).fit(X.astype(np.float32), Y)
    assert streamed.predict(X.astype(np.float32)).dtype == np.float32
    same(streamed, RidgeReadout().fit(POLY.transform(X.astype(np.float32)), Y))


# in scikit-learn's company


def test_nested_parameters_search_and_pipeline():
    model = StreamedReadout(make_pipeline(StandardScaler(), POLY), RidgeReadoutClassifier())
    grid = {"transformer__polynomialfeatures__degree": [1, 2], "readout__alpha": [0.1, 50.0]}
    search = GridSearchCV(model, grid, cv=3).fit(X, LABELS)
    plain = make_pipeline(StandardScaler(), POLY, RidgeReadoutClassifier())
    grid = {"polynomialfeatures__degree": [1, 2], "ridgereadoutclassifier__alpha": [0.1, 50.0]}
    wanted = GridSearchCV(plain, grid, cv=3).fit(X, LABELS)
    scores = [s.cv_results_["mean_test_score"].reshape(2, 2) for s in (search, wanted)]
    assert_allclose(scores[0].T, scores[1])
    assert model.transformer[-1].degree == 3
    piped = make_pipeline(StandardScaler(), StreamedReadout(POLY, RidgeReadoutClassifier()))
    assert_allclose(
        cross_val_score(piped, X, LABELS, cv=3),
        cross_val_score(plain, X, LABELS, cv=3),
    )
    assert is_classifier(piped)
    assert is_regressor(StreamedReadout(POLY, RidgeReadout()))
    fitted = pickle.loads(pickle.dumps(piped.fit(X, LABELS)))
    assert_array_equal(fitted.predict(X), piped.predict(X))


def test_any_readout_that_learns_online():
    scaled = make_pipeline(StandardScaler(), POLY, StandardScaler())
    features = clone(scaled).fit_transform(X)
    rls = StreamedReadout(scaled, RLSReadout(), block_size=11).fit(X, Y)
    assert_allclose(rls.predict(X), RLSReadout().fit(features, Y).predict(features), atol=1e-6)
    sgd = StreamedReadout(scaled, SGDClassifier(random_state=0), block_size=11)
    by_hand = SGDClassifier(random_state=0)
    for start in range(0, 120, 11):
        block = slice(start, start + 11)
        by_hand.partial_fit(features[block], LABELS[block], ["a", "b", "c"])
    sgd.fit(X, LABELS)
    assert_array_equal(sgd.predict(X), by_hand.predict(features))
    assert not hasattr(sgd, "predict_proba")  # nor has its loss


def test_verbose_reports_progress(capsys, monkeypatch):
    monkeypatch.setattr("dlkit._progress.Progress.advance", lambda self, n: print(self.name, n))
    StreamedReadout(POLY, RidgeReadout(), block_size=100, verbose=1).fit(X, Y)
    assert capsys.readouterr().out == "StreamedReadout 100\nStreamedReadout 20\n"


# bad input


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"block_size": 0}, "block_size"),
        ({"n_jobs": 1.5}, "n_jobs"),
        ({"transformer": RidgeReadout()}, "transformer"),
        ({"readout": PCA()}, "readout"),
        ({"cv": "five"}, "cv"),
        ({"cv": ShuffleSplit(20, random_state=0)}, "leave each sample out once at most"),
        ({"cv": [(np.arange(50), np.arange(50, 100))]}, "train on all others"),
        ({"cv": [(np.arange(50), np.arange(50, 130))]}, "train on all others"),
        ({"cv": [(0, 1)]}, "train on all others"),
        ({"cv": 3, "readout": RLSReadoutClassifier()}, "cv chooses the alpha"),
        ({"readout__alpha": -1.0}, "alpha"),
        ({"readout__solver": "lu"}, "solver"),
        ({"transformer": FunctionTransformer(lambda x: x[:, 0])}, "one row of features"),
    ],
)
def test_bad_parameters(params, match):
    streamed = StreamedReadout(POLY, RidgeReadoutClassifier(alpha=ALPHAS)).set_params(**params)
    with pytest.raises(ValueError, match=match):
        streamed.fit(X, LABELS)
    assert not hasattr(streamed, "transformer_")


@pytest.mark.parametrize(
    ("args", "match"),
    [
        ((X, LABELS[:5]), "inconsistent numbers"),
        ((X, LABELS, np.zeros(120)), "all-zero weights"),
        ((X, LABELS, WEIGHT[:5]), "sample_weight"),
        ((X, Y[:, 0]), "Unknown label type"),
        ((X, np.zeros(120)), "two classes"),
        ((X, None), "requires y to be passed"),
        ((X[:0], LABELS[:0]), "0 sample"),
    ],
)
def test_bad_data(args, match):
    for cv in (None, 2):
        with pytest.raises(ValueError, match=match):
            StreamedReadout(POLY, RidgeReadoutClassifier(alpha=ALPHAS), cv=cv).fit(*args)


def test_bad_streams():
    with pytest.raises(ValueError, match="classes must be passed"):
        StreamedReadout(POLY, RidgeReadoutClassifier()).partial_fit(X, LABELS)
    with pytest.raises(ValueError, match="for classifiers only"):
        StreamedReadout(POLY, RidgeReadout()).partial_fit(X, Y, classes=[1, 2])
    with pytest.raises(ValueError, match="needs all samples at once"):
        StreamedReadout(POLY, RidgeReadout(alpha=ALPHAS), cv=2).partial_fit(X, Y)
    with pytest.raises(ValueError, match="selection='loo'"):
        StreamedReadout(POLY, RidgeReadout(alpha=ALPHAS)).partial_fit(X, Y)


RLS_HAS_NO_ALPHAS = dict.fromkeys(
    [
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
    ],
    "sets cv, which chooses the alpha of ridge readouts alone",
)


@pytest.mark.compiled
@parametrize_with_checks(
    [
        StreamedReadout(PolynomialFeatures(), RidgeReadoutClassifier()),
        StreamedReadout(PolynomialFeatures(), RidgeReadout(), block_size=7),
        StreamedReadout(
            PolynomialFeatures(), RidgeReadout(alpha=[0.1, 1.0], selection="gcv"), n_jobs=2
        ),
        StreamedReadout(PolynomialFeatures(), RLSReadout(), block_size=7),
        StreamedReadout(PolynomialFeatures(), RLSReadoutClassifier()),
    ],
    expected_failed_checks=lambda e: (
        RLS_HAS_NO_ALPHAS if type(e.readout).__name__.startswith("RLS") else {}
    ),
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_parameters_are_checked_and_count_in_every_call():
    streamed = StreamedReadout(POLY, RidgeReadout(0.1)).partial_fit(X[:60], Y[:60])
    before = streamed.predict(X)
    with pytest.raises(ValueError, match="alpha must be a finite non-negative number"):
        streamed.set_params(readout__alpha=[-1.0]).partial_fit(X[60:], Y[60:])
    with pytest.raises(ValueError, match="'solver'"):
        streamed.set_params(readout__alpha=0.5, readout__solver="lu").partial_fit(X[60:], Y[60:])
    assert_array_equal(streamed.predict(X), before)
    streamed.set_params(readout__solver="auto").partial_fit(X[60:], Y[60:])
    same(streamed, RidgeReadout(0.5).fit(F, Y))


@pytest.mark.parametrize("readout", [RidgeReadout(), RLSReadout(), SGDRegressor(random_state=0)])
def test_an_interrupt_and_a_shallow_copy_leave_everything_as_it_was(readout, monkeypatch):
    y = Y[:, 0]
    streamed = StreamedReadout(POLY, readout, block_size=20).partial_fit(X / 9, y)
    before, twin = joblib.hash(streamed.readout_), copy.copy(streamed)
    kind = type(readout)
    real, calls = kind.partial_fit, []

    def interrupted(self, *args, **kwargs):
        real(self, *args, **kwargs)
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return self

    with monkeypatch.context() as patch:
        patch.setattr(kind, "partial_fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            streamed.partial_fit(X[:40] / 9, y[:40])
    assert joblib.hash(streamed.readout_) == before
    streamed.partial_fit(X[:15] / 9, y[:15])  # one block
    assert joblib.hash(twin.readout_) == before
    assert joblib.hash(streamed.readout_) != before


def test_several_labels_block_by_block():
    many = (Y > 0).astype(int)
    for readout in (RidgeReadoutClassifier(0.3), RidgeReadoutClassifier(ALPHAS)):
        streamed = StreamedReadout(POLY, readout, block_size=17).fit(X, many)
        same(streamed, clone(readout).fit(F, many))
        assert_array_equal(streamed.predict(X), clone(readout).fit(F, many).predict(F))
    by_folds = StreamedReadout(POLY, RidgeReadoutClassifier(ALPHAS), cv=3).fit(X, many)
    assert by_folds.predict(X).shape == (120, 2)
    parts = StreamedReadout(POLY, RidgeReadoutClassifier(0.3))
    parts.partial_fit(X[:50], many[:50]).partial_fit(X[50:], many[50:])
    same(parts, RidgeReadoutClassifier(0.3).fit(F, many))


def test_a_block_size_of_any_number_type():
    want = StreamedReadout(POLY, RidgeReadout(), block_size=100).fit(X, Y).predict(X)
    got = StreamedReadout(POLY, RidgeReadout(), block_size=np.uint8(100)).fit(X, Y).predict(X)
    assert_array_equal(got, want)


def test_a_single_number_is_no_batch():
    with pytest.raises(TypeError, match="Expected an array of samples, got a single number as X"):
        StreamedReadout(POLY, RidgeReadout()).fit(X, Y).predict(3.0)


# one series is not many rows

SERIES = np.random.RandomState(1).randn(160, 2)
DELAYED = np.roll(SERIES[:, 0], 2)


@pytest.mark.compiled
@pytest.mark.parametrize(("block_size", "n_jobs"), [(1, None), (50, 2), (1024, None)])
@pytest.mark.parametrize(
    "stateful",
    [
        ReservoirStates(20, random_state=0),
        NVARFeatures(3),
        make_pipeline(StandardScaler(), ReservoirStates(20, random_state=0)),
        FunctionTransformer(lambda A: np.hstack([A, np.roll(A, 2, axis=0)])),
    ],
)
def test_a_series_is_not_cut_where_a_state_is_carried(stateful, block_size, n_jobs):
    want = make_pipeline(stateful, RidgeReadout(1e-6)).fit(SERIES, DELAYED)
    for form in (np.asarray, pd.DataFrame):
        model = StreamedReadout(
            clone(stateful), RidgeReadout(1e-6), block_size=block_size, n_jobs=n_jobs
        ).fit(form(SERIES), DELAYED)
        assert_allclose(model.predict(form(SERIES)), want.predict(SERIES), rtol=1e-6, atol=1e-7)
        assert model.score(form(SERIES), DELAYED) == pytest.approx(want.score(SERIES, DELAYED))
    cut = StreamedReadout(clone(stateful), RidgeReadout([1e-6, 1.0]), cv=4, block_size=block_size)
    folds = StreamedReadout(clone(stateful), RidgeReadout([1e-6, 1.0]), cv=4)
    assert_allclose(
        cut.fit(SERIES, DELAYED).predict(SERIES), folds.fit(SERIES, DELAYED).predict(SERIES),
        rtol=1e-6, atol=1e-7,
    )  # fmt: skip


def test_a_stream_that_would_lose_the_state_is_refused():
    model = StreamedReadout(ReservoirStates(5, random_state=0), RidgeReadout(1.0))
    with pytest.raises(ValueError, match=r"carries a state from row to row.*ESNForecaster"):
        model.partial_fit(SERIES, DELAYED)
    assert not hasattr(model, "transformer_")
    fitted = model.fit(SERIES, DELAYED)
    before = fitted.predict(SERIES)
    with pytest.raises(ValueError, match="partial_fit"):
        fitted.partial_fit(SERIES, DELAYED)
    assert_array_equal(fitted.predict(SERIES), before)


def test_rows_of_several_series_are_refused():
    several = [SERIES[:20], SERIES[20:50]]
    with pytest.raises(ValueError, match="a row for each step of several series"):
        StreamedReadout(NVARFeatures(2), RidgeReadout(1.0)).fit(several, [0.0, 1.0])


@pytest.mark.parametrize("form", [{"a": [1.0]}, {1, 2}, "text"])
def test_what_holds_no_samples_is_refused(form):
    streamed = StreamedReadout(FunctionTransformer(), RidgeReadout()).fit(X, Y)
    for call in (streamed.predict, lambda form: streamed.fit(form, Y)):
        with pytest.raises(TypeError, match=r"X must be an array, .*got a"):
            call(form)
    with pytest.raises(ValueError, match="X cannot be taken: could not convert string"):
        streamed.predict([["a"] * 4])


def test_what_learns_on_has_the_parameters_set_by_now():
    fitted = RidgeReadout(0.1).partial_fit(X, Y)
    later = going_on(fitted, RidgeReadout(5.0)).partial_fit(X, Y)
    assert_allclose(later.coef_, RidgeReadout(5.0).fit(X, Y, 2.0).coef_, rtol=1e-9)
    assert fitted.alpha_ == 0.1
    with pytest.raises(ValueError, match="of another kind than what has learned so far"):
        going_on(fitted, RLSReadout())
    with pytest.raises(ValueError, match="alpha"):
        going_on(fitted, RidgeReadout(-1.0))
    with pytest.raises(ValueError, match="selection='loo'"):
        going_on(fitted, RidgeReadout(ALPHAS))
    online = SGDRegressor(random_state=0).partial_fit(X, Y[:, 0])
    copied = going_on(online, SGDRegressor(alpha=9.0))
    assert copied.alpha == online.alpha
    assert copied.coef_ is not online.coef_


def test_networks_check_their_readout_in_every_call():
    sequences, y = [RNG.randn(9, 2) for _ in range(8)], np.arange(8.0)
    esn = ESNRegressor(9, readout=RidgeReadout(1.0), random_state=0).partial_fit(sequences, y)
    before = esn.predict(sequences)
    for wrong in ({"readout__alpha": -1.0}, {"readout__solver": "lu"}):
        with pytest.raises(ValueError, match=next(iter(wrong)).removeprefix("readout__")):
            clone(esn).set_params(**wrong).partial_fit(sequences, y)
        with pytest.raises(ValueError, match=next(iter(wrong)).removeprefix("readout__")):
            esn.set_params(**wrong).partial_fit(sequences, y)
        assert_array_equal(esn.predict(sequences), before)
        esn.set_params(readout__alpha=1.0, readout__solver="auto")


@pytest.mark.parametrize(
    "around",
    [lambda t: make_pipeline(t, StandardScaler()), lambda t: make_pipeline(StandardScaler(), t)],
)
def test_noise_of_training_rows_is_not_left_out_in_silence(around):
    X, y = np.random.RandomState(0).standard_normal((6, 20, 1)), np.arange(6.0)
    for make in (ReservoirFeatures, ReservoirStates):
        streamed = StreamedReadout(around(make(8, noise=0.5, random_state=0)), RidgeReadout())
        with pytest.raises(ValueError, match="noise=0.5"):
            streamed.fit(X[:, :, 0], y)


def test_a_cv_that_cannot_split_is_named():
    X, y = np.random.RandomState(0).standard_normal((6, 2)), np.arange(6) // 2
    with pytest.raises(ValueError, match=r"cv or y cannot be taken: n_splits=3 cannot be greater"):
        LogisticReadoutClassifier("auto").fit(X, y)
    with pytest.raises(ValueError, match=r"groups, cv or y cannot be taken: .*groups"):
        StreamedReadout(PCA(1), RidgeReadout([1.0, 2.0]), cv=GroupKFold(2)).fit(X, y)
