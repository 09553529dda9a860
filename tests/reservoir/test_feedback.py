"""Outputs fed back: forced in training, a model's own in prediction, and mixtures of the two."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import (
    ESNForecaster,
    ESNTagger,
    NVARForecaster,
    ReservoirSearchCV,
    RLSReadout,
    _budgets,
)
from dlkit.datasets import make_lorenz
from dlkit.exceptions import DivergenceWarning
from dlkit.reservoir import Context, Feedback, _driver
from dlkit.reservoir._learning.feedback import linear_map, shifted
from dlkit.sequences import pack

from .. import naive, naive_paths
from ._walks import SERIES
from .test_estimators import STEP_LEVEL

rng = np.random.RandomState(0)


LENGTHS = (60, 25, 90)


INPUTS = [rng.uniform(-1, 1, (n, 2)) for n in LENGTHS]


def driven(u):
    """Two outputs that depend on the input and on themselves."""
    y, rows = np.zeros(2), []
    for v in u:
        y = np.tanh([0.8 * y[1] + 0.5 * v[0], -0.8 * y[0] + 0.3 * v[1]])
        rows.append(y)
    return np.array(rows)


TARGETS = [driven(u) for u in INPUTS]


ONE = [y[:, 0] for y in TARGETS]


LABELS = [np.array(["a", "b", "c"])[np.digitize(y[:, 0], [-0.2, 0.2])] for y in TARGETS]


TWO = [np.where(y[:, 1] > 0, "up", "down") for y in TARGETS]


def encoded(y):
    """What is fed back of targets."""
    if y.dtype.kind != "U":
        return y.reshape(len(y), -1)
    classes = np.unique(np.concatenate(LABELS if y[0] in "abc" else TWO))
    signs = np.where(y[:, None] == classes, 1.0, -1.0)
    return signs[:, 1:] if len(classes) == 2 else signs


def late(y):
    return np.vstack([0 * y[:1], y[:-1]])


def forced(esn, u, y):
    """Rows of a series whose true outputs are fed back."""
    return naive.estimator_states(esn, np.hstack([u, late(encoded(y))]))


def own_outputs(esn, coef, intercept, u, x=None, y=None, own=None, true=None):
    """Outputs and rows of a series that is fed its own outputs."""
    q = coef.shape[1]
    r = esn.reservoir_
    given = np.hstack([u, np.zeros((len(u), q)) if true is None else late(encoded(true))])
    x = np.zeros(r.n_units) if x is None else x
    y = np.zeros(q) if y is None else y
    to = u.shape[1] + np.arange(q)
    hard = isinstance(esn, ESNTagger)
    return naive_paths.loop(r, given, to, coef, intercept, x, y, esn.passthrough, hard, own)


@pytest.mark.kernels
def test_targets_come_a_step_late():
    batch = pack(INPUTS)
    y = np.concatenate(TARGETS)
    got = shifted(y, np.arange(6.0).reshape(3, 2), batch.offsets)
    for i, part in enumerate(TARGETS):
        want = np.vstack([[[2 * i, 2 * i + 1]], part[:-1]])
        np.testing.assert_array_equal(got[batch.offsets[i] : batch.offsets[i + 1]], want)


@pytest.mark.kernels
@pytest.mark.parametrize("passthrough", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("targets", [TARGETS, ONE], ids=["two", "one"])
def test_forecaster_is_forced_in_training_and_free_in_prediction(targets, dtype, passthrough):
    X = [u.astype(dtype) for u in INPUTS]
    esn = ESNForecaster(
        15,
        feedback=Feedback(scaling=0.5),
        input_scaling=[0.3, 0.2],
        washout=4,
        alpha=1e-2,
        passthrough=passthrough,
        random_state=0,
        scaling=None,
    ).fit(X, targets)
    assert np.abs(esn.reservoir_.w_in[:, 2:]).max() > np.abs(esn.reservoir_.w_in[:, :2]).max()
    F = np.vstack([forced(esn, u, y)[4:] for u, y in zip(X, targets, strict=True)])
    Y = np.concatenate([y[4:] for y in targets])
    coef, intercept = naive.ridge(F, Y, 1e-2)
    exact = dtype == np.float64
    np.testing.assert_allclose(
        esn.readout_.coef_.reshape(coef.T.shape), coef.T, atol=1e-9 if exact else 1e-3
    )
    for got, u, y in zip(esn.predict(X), X, targets, strict=True):
        want = own_outputs(esn, coef, intercept, u)[0].reshape(y.shape)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, atol=1e-8 if exact else 1e-2)
    for state, u, y in zip(esn.final_state_, X, targets, strict=True):
        np.testing.assert_allclose(
            state, np.r_[forced(esn, u, y)[-1, :15], encoded(y)[-1]], atol=1e-10 if exact else 1e-5
        )


@pytest.mark.kernels
@pytest.mark.parametrize("labels", [LABELS, TWO], ids=["three", "two"])
def test_tagger_feeds_back_labels(labels):
    esn = ESNTagger(15, feedback=True, input_scaling=0.5, washout=4, alpha=1e-2, random_state=0)
    esn.fit(INPUTS, labels)
    F = np.vstack([forced(esn, u, y)[4:] for u, y in zip(INPUTS, labels, strict=True)])
    Y = np.vstack([encoded(y)[4:] for y in labels])
    coef, intercept = naive.ridge(F, Y, 1e-2)
    decisions = esn.decision_function(INPUTS)
    for got, label, p, u in zip(
        decisions, esn.predict(INPUTS), esn.predict_proba(INPUTS), INPUTS, strict=True
    ):
        want = own_outputs(esn, coef, intercept, u)[0]
        np.testing.assert_allclose(got.reshape(want.shape), want, atol=1e-8)
        best = want[:, 0] > 0 if want.shape[1] == 1 else want.argmax(axis=1)
        np.testing.assert_array_equal(label, esn.classes_[best.astype(int)])
        np.testing.assert_allclose(p.sum(axis=1), 1)
    assert esn.score(INPUTS, labels) > 0.6


@pytest.mark.parametrize(
    "readout",
    [Ridge(1e-2), KernelRidge(1e-2, kernel="poly"), LogisticRegression(), KNeighborsClassifier(3)],
    ids=lambda r: type(r).__name__,
)
def test_any_readout_step_by_step(readout, monkeypatch):
    regress = hasattr(readout, "alpha")
    make, y = (ESNForecaster, TARGETS) if regress else (ESNTagger, LABELS)
    bare = {"scaling": None} if regress else {}
    esn = make(12, feedback=True, input_scaling=0.5, readout=readout, random_state=0, **bare)
    esn.fit(INPUTS, y)
    got = esn.predict(INPUTS)
    u, x, out = INPUTS[1], np.zeros(12), np.zeros(2 if regress else 3)
    r = esn.reservoir_
    for t in range(len(u)):
        given = np.r_[u[t], out][None]
        x = naive.states(r.matrix, r.w_in, r.bias, r.leak_rate, r.activation, given, x)[-1]
        found = esn.readout_.predict(np.hstack([x[None], given]))
        np.testing.assert_array_equal(got[1][t], found[0]) if not regress else (
            np.testing.assert_allclose(got[1][t], found[0], atol=1e-9)
        )
        out = found[0] if regress else np.where(esn.classes_ == found[0], 1.0, -1.0)
    with monkeypatch.context() as patch:  # the compiled loop against steps
        patch.setattr(_driver, "linear_map", lambda *args: None)
        for a, b in zip(got, esn.predict(INPUTS), strict=True):
            if regress:
                np.testing.assert_allclose(a, b, atol=1e-9)
            else:
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("options", [{}, {"passthrough": False}, {"noise": 1e-3}])
def test_mixed_training_learns_from_a_share_of_its_own_outputs(ahead, options):
    esn = ESNForecaster(
        12,
        feedback=Feedback(sampling_ratios=[0.3, 1.0]),
        input_scaling=0.5,
        washout=3,
        alpha=1e-2,
        random_state=0,
        **options,
        scaling=None,
    )
    X = TARGETS if ahead else INPUTS
    given = (X,) if ahead else (X, TARGETS)
    esn.fit(*given)
    if esn.noise:
        again = clone(esn).fit(*given)
        np.testing.assert_array_equal(esn.readout_.coef_, again.readout_.coef_)
        quiet = clone(esn).set_params(noise=0.0).fit(*given)
        assert not np.allclose(esn.readout_.coef_, quiet.readout_.coef_)
        return
    lengths = np.repeat(LENGTHS, LENGTHS)
    within = np.concatenate([np.arange(n) for n in LENGTHS])
    assert len(lengths) == len(within)
    if ahead:
        rows = [naive.estimator_states(esn, x) for x in X]
        wanted, cut, to = [np.roll(x, -1, axis=0) for x in X], slice(3, -1), [0, 1]
    else:
        rows = [forced(esn, u, y) for u, y in zip(X, TARGETS, strict=True)]
        wanted, cut, to = TARGETS, slice(3, None), [2, 3]
    learned = np.vstack([y[cut] for y in wanted])
    coef, intercept = naive.ridge(np.vstack([r[cut] for r in rows]), learned, 1e-2)
    for share in (0.3, 1.0):
        draws = np.random.RandomState([esn.reservoir_.noise_seed, 3]).uniform(size=len(within))
        own = np.split((draws < share) & (within >= 3), np.cumsum(LENGTHS)[:-1])
        rows = []
        for x, y, mine in zip(X, TARGETS, own, strict=True):
            series = x if ahead else np.hstack([x, late(y)])
            rows.append(
                naive_paths.loop(
                    esn.reservoir_, series, to, coef, intercept, np.zeros(12), np.zeros(2),
                    esn.passthrough, own=mine,
                )[1]
            )  # fmt: skip
        coef, intercept = naive.ridge(np.vstack([r[cut] for r in rows]), learned, 1e-2)
    np.testing.assert_allclose(esn.readout_.coef_, coef.T, atol=1e-7)
    plain = clone(esn).set_params(feedback=not ahead).fit(*given)
    np.testing.assert_array_equal(esn.final_state_, plain.final_state_)  # that of true outputs
    if not ahead:
        none = clone(esn).set_params(feedback__sampling_ratios=[]).fit(*given)
        np.testing.assert_array_equal(none.readout_.coef_, plain.readout_.coef_)


@pytest.mark.compiled
@pytest.mark.kernels
@pytest.mark.parametrize("topology", ["sparse", "dense", "ring", "hadamard"])
@pytest.mark.parametrize("tagger", [False, True])
def test_series_in_lanes_are_what_they_are_alone(topology, tagger):
    X = [rng.uniform(-1, 1, (n, 2)) for n in rng.randint(1, 30, 21)]
    make, y = (ESNTagger, LABELS) if tagger else (ESNForecaster, TARGETS)
    esn = make(140, feedback=True, topology=topology, alpha=1e-2, random_state=0).fit(INPUTS, y)
    got, states = esn.predict(X, return_state=True)
    for rows, state, u in zip(got, states, X, strict=True):
        alone, last = esn.predict(u, return_state=True)
        if tagger:
            np.testing.assert_array_equal(rows, alone)
        else:
            np.testing.assert_allclose(rows, alone, atol=1e-11)
        np.testing.assert_allclose(state, last[0], atol=1e-11)
        if topology != "dense" and not tagger:  # whose products are made by BLAS
            np.testing.assert_array_equal(state[:140], last[0, :140])


@pytest.mark.kernels
def test_forecasts_in_lanes():
    x = [np.sin(0.3 * np.arange(n))[:, None] * [1.0, 0.5] for n in range(40, 61)]
    esn = ESNForecaster(30, washout=5, alpha=1e-3, random_state=0, scaling=None).fit(x)
    for ahead, series in zip(esn.forecast(20), x, strict=True):
        np.testing.assert_allclose(ahead, esn.forecast(20, series), atol=1e-11)


def test_series_go_on_where_they_stopped(monkeypatch):
    u, y = INPUTS[2], TARGETS[2]
    esn = ESNForecaster(
        12, feedback=True, input_scaling=0.5, alpha=1e-2, random_state=0, scaling=None
    ).fit(u, y)
    whole = esn.predict(u)
    first, state = esn.predict(u[:40], return_state=True)
    np.testing.assert_allclose(first, whole[:40], atol=1e-12)
    np.testing.assert_allclose(esn.predict(u[40:], state), whole[40:], atol=1e-12)
    coef, intercept = esn.readout_.coef_.T, esn.readout_.intercept_
    want, _ = own_outputs(esn, coef, intercept, u, *np.split(esn.final_state_[0], [12]))
    np.testing.assert_allclose(esn.predict(u, "fit"), want, atol=1e-9)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)  # stretches of 64 steps
    np.testing.assert_allclose(esn.predict(u, "fit"), want, atol=1e-9)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(esn)).predict(u), esn.predict(u))


@pytest.mark.parametrize("readout", [None, RLSReadout(0.01)])
def test_pieces_and_blocks_give_what_the_whole_gives(readout, monkeypatch):
    alpha = {"alpha": 1e-2} if readout is None else {"readout": readout}
    esn = ESNForecaster(12, feedback=True, random_state=0, **alpha, scaling=None)
    whole, pieces = clone(esn).fit(INPUTS[2], TARGETS[2]), clone(esn)
    for rows in np.split(np.arange(90), [1, 40]):
        pieces.partial_fit(INPUTS[2][rows], TARGETS[2][rows])
    np.testing.assert_allclose(pieces.readout_.coef_, whole.readout_.coef_, atol=1e-6)
    np.testing.assert_array_equal(pieces.final_state_, whole.final_state_)
    several = clone(esn).fit(INPUTS, TARGETS)
    tagger = ESNTagger(12, feedback=True, alpha=1e-2, random_state=0)
    tagged = clone(tagger).fit(INPUTS, LABELS)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    blocks = clone(esn).fit(INPUTS, TARGETS)
    np.testing.assert_allclose(blocks.readout_.coef_, several.readout_.coef_, atol=1e-6)
    np.testing.assert_array_equal(blocks.final_state_, several.final_state_)
    in_blocks = clone(tagger).fit(INPUTS, LABELS)
    np.testing.assert_allclose(in_blocks.readout_.coef_, tagged.readout_.coef_, atol=1e-6)
    streamed = clone(tagger)
    for rows in np.split(np.arange(90), [1, 40]):
        streamed.partial_fit(INPUTS[2][rows], LABELS[2][rows], classes=["a", "b", "c"])
    tagged = clone(tagger).fit(INPUTS[2], LABELS[2])
    np.testing.assert_allclose(streamed.readout_.coef_, tagged.readout_.coef_, atol=1e-6)


def test_a_context_goes_with_feedback():
    X = [np.column_stack([np.full(len(u), i / 3), u]) for i, u in enumerate(INPUTS)]
    esn = ESNForecaster(
        12,
        feedback=True,
        context=Context(0, enters="state"),
        alpha=1e-2,
        random_state=0,
        scaling=None,
    ).fit(X, TARGETS)
    r = esn.reservoir_
    assert r.n_channels == 4
    weights = np.random.RandomState([r.noise_seed, 2]).uniform(-1, 1, (12, 1))
    coef, intercept = esn.readout_.coef_.T, esn.readout_.intercept_
    want, _ = own_outputs(esn, coef, intercept, X[2][:, 1:], np.tanh(weights[:, 0] * X[2][0, 0]))
    np.testing.assert_allclose(esn.predict(X)[2], want, atol=1e-9)


def test_searches_agree():
    grid = {"feedback": [False, True], "alpha": [1e-2, 1.0]}
    esn, cv = ESNForecaster(9, washout=2, random_state=0, scaling=None), TimeSeriesSplit(3)
    data = INPUTS[2], TARGETS[2]
    want = GridSearchCV(esn, grid, cv=cv).fit(*data).cv_results_["mean_test_score"]
    with pytest.warns(UserWarning, match="those of each candidate's own readout"):
        got = ReservoirSearchCV(esn, grid, cv=cv).fit(*data).cv_results_["mean_test_score"]
    np.testing.assert_allclose(got, want, atol=1e-10)


@pytest.mark.parametrize("make", [ESNForecaster, ESNTagger])
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"feedback": 2}, "feedback"),
        ({"feedback": Feedback(scaling=np.nan)}, "scaling"),
        (
            {"feedback": Feedback(sampling_ratios=[0.5, 1.5])},
            "sampling_ratios must hold numbers from 0 to 1",
        ),
        ({"feedback": Feedback(sampling_ratios=0.5)}, "sampling_ratios"),
        ({"feedback": True, "bidirectional": True}, "exclude each other"),
    ],
)
def test_bad_parameters(make, options, match):
    y = TARGETS if make is ESNForecaster else LABELS
    esn = make(9, **options)
    before = vars(esn).copy()
    with pytest.raises((ValueError, TypeError), match=match):
        esn.fit(INPUTS, y)
    assert vars(esn) == before


def test_what_feedback_needs():
    with pytest.raises(ValueError, match="requires y to be passed"):
        ESNForecaster(9, feedback=True, scaling=None).fit(INPUTS)
    with pytest.raises(ValueError, match="needs all steps at once"):
        ESNForecaster(9, feedback=Feedback(sampling_ratios=[0.5]), scaling=None).partial_fit(INPUTS)
    esn = ESNForecaster(9, feedback=True, scaling=None).fit(INPUTS, TARGETS)
    with pytest.raises(ValueError, match=r"initial_state gives states of shape \(8,\)"):
        esn.predict(INPUTS, initial_state=np.zeros(8))


@pytest.mark.compiled
@parametrize_with_checks(
    [
        ESNForecaster(20, feedback=True, alpha=1.0),
        ESNTagger(20, feedback=True, alpha=1.0),
    ],
    expected_failed_checks=lambda e: STEP_LEVEL,
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def test_a_generalised_linear_readout_is_not_taken_for_a_linear_one():
    x = 1.5 + SERIES[:, :1]
    esn = ESNForecaster(15, readout=PoissonRegressor(alpha=1e-3), random_state=0, scaling=None)
    esn.fit(x, x[:, 0])
    assert linear_map(esn.readout_, 1) is None


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_series_that_diverge_are_bounded_step_by_step_too(monkeypatch):
    """Readouts of scikit-learn would refuse the infinity that a diverging series comes to."""
    x = make_lorenz(600, dt=0.025, random_state=0)
    nvar = NVARForecaster(2, scaling=None, alpha=1e-10).fit([x[:300], x[300:]])
    with pytest.warns(DivergenceWarning, match="step"):
        want = nvar.forecast(60)
    monkeypatch.setattr(_driver, "linear_map", lambda readout, n_outputs: None)
    with pytest.warns(DivergenceWarning, match="step"):
        got = nvar.forecast(60)
    for a, b, past in zip(got, want, (x[:300], x[300:]), strict=True):
        np.testing.assert_allclose(a[:5], b[:5], rtol=1e-6)
        reach = 10 * np.ptp(past, axis=0)
        for ahead in (a, b):
            assert (ahead >= past.min(axis=0) - reach).all()
            assert (ahead <= past.max(axis=0) + reach).all()
