"""partial_fit in pieces against fit on everything, and fits that never hold all states."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier, SGDRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    RidgeReadout,
    RidgeReadoutClassifier,
    RLSReadout,
    RLSReadoutClassifier,
    _budgets,
)
from dlkit.datasets import make_narma
from dlkit.reservoir import ModelSpace
from dlkit.reservoir._learning import problem
from dlkit.sequences import pack, release

from ._pieces import LABELS, SERIES, R, pieces
from ._walks import SERIES as WAVE


def test_series_go_on_where_they_stopped():
    y = np.roll(WAVE[:, 0], 2)
    esn = ESNForecaster(15, random_state=0, scaling=None).fit(WAVE[:200], y[:200])
    whole = esn.predict(WAVE)
    np.testing.assert_allclose(
        esn.predict(WAVE[200:], initial_state=esn.final_state_), whole[200:], atol=1e-9
    )
    first, state = esn.predict(WAVE[:250], return_state=True)
    np.testing.assert_allclose(first, whole[:250], atol=1e-12)
    np.testing.assert_allclose(esn.predict(WAVE[250:], state), whole[250:], atol=1e-9)
    np.testing.assert_allclose(esn.predict(WAVE[200:]), whole[200:], atol=1e-9)
    before = pickle.dumps(esn.__dict__)
    for _ in range(2):  # nothing a call does changes what the next returns
        np.testing.assert_allclose(esn.predict(WAVE[200:]), whole[200:], atol=1e-9)
    assert pickle.dumps(esn.__dict__) == before


class AtRest(ESNForecaster):
    """As if each fold were a series of its own."""

    def score(self, X, y=None):
        return r2_score(y, self.predict(X, initial_state="rest"))


@pytest.mark.compiled
def test_time_series_split_wants_a_start_where_fit_ended():
    u, y = make_narma(600, random_state=0)
    scores = [
        cross_val_score(
            make(60, input_scaling=0.5, washout=30, random_state=0, scaling=None),
            u, y, cv=TimeSeriesSplit(4, test_size=40),
        ).mean()
        for make in (AtRest, ESNForecaster)
    ]  # fmt: skip
    assert scores[1] > scores[0]
    search = GridSearchCV(
        ESNForecaster(30, washout=20, random_state=0),
        {"spectral_radius": [0.5, 0.9], "alpha": [1e-6, 1e-2]},
        cv=TimeSeriesSplit(3),
    )
    search.fit(u, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


SEQUENCES = [R.randn(n, 2) + 0.3 * (n % 3) for n in R.randint(4, 15, size=40)]


KINDS = np.array([len(x) % 3 for x in SEQUENCES])


number = {"readout": RidgeReadout([0.1, 10.0], selection="gcv", solver="moments")}


label = {"readout": RidgeReadoutClassifier([0.1, 10.0], selection="gcv", solver="moments")}


def same(a, b, tolerance=1e-9):
    assert a.readout_.alpha_ == b.readout_.alpha_
    assert_allclose(a.readout_.coef_, b.readout_.coef_, rtol=tolerance, atol=tolerance)
    assert_allclose(a.readout_.intercept_, b.readout_.intercept_, rtol=tolerance, atol=tolerance)


def law(most):
    return lambda test: settings(deadline=None, derandomize=True, max_examples=12)(
        given(cuts=st.sets(st.integers(1, most), max_size=6), weighted=st.booleans())(test)
    )


@pytest.mark.compiled
@pytest.mark.parametrize("pooling", ["last", "mean", "moments"])
@law(39)
def test_blocks_of_sequences(pooling, cuts, weighted):
    options = {"pooling": pooling, "washout": 2, "noise": 0.01, "random_state": 0}
    y = np.array([x.mean() for x in SEQUENCES])
    weight = np.linspace(0.5, 2, 40) if weighted else None
    whole = ESNRegressor(8, **number, **options).fit(SEQUENCES, y, weight)
    names = np.array(["x", "y", "z"])[KINDS]
    tagged = ESNClassifier(8, **label, **options).fit(SEQUENCES, names, weight)
    parts, tagged_parts = clone(whole), clone(tagged)
    for rows in pieces(40, cuts):
        block, w = [SEQUENCES[i] for i in rows], weight[rows] if weighted else None
        assert parts.partial_fit(block, y[rows], w) is parts
        tagged_parts.partial_fit(block, names[rows], ["x", "y", "z"], w)
    same(parts, whole)
    same(tagged_parts, tagged)
    assert_allclose(parts.predict(SEQUENCES), whole.predict(SEQUENCES), atol=1e-8)
    assert_allclose(
        tagged_parts.predict_proba(SEQUENCES), tagged.predict_proba(SEQUENCES), atol=1e-8
    )


def test_class_weights_count_once():
    weights = {0: 1.0, 1: 4.0, 2: 0.5}
    by_hand = np.array([weights[k] for k in KINDS])
    plain = ESNClassifier(8, alpha=0.3, random_state=0)
    want = clone(plain).fit(SEQUENCES, KINDS, by_hand)
    got = clone(plain).set_params(class_weight=weights).fit(SEQUENCES, KINDS)
    assert_allclose(got.readout_.coef_, want.readout_.coef_, rtol=1e-9)
    parts = clone(got)
    for rows in pieces(40, {7, 8}):
        parts.partial_fit([SEQUENCES[i] for i in rows], KINDS[rows], classes=[0, 1, 2])
    assert_allclose(parts.readout_.coef_, want.readout_.coef_, rtol=1e-7, atol=1e-9)
    tagger = ESNTagger(8, alpha=0.3, class_weight={"a": 1, "b": 4, "c": 1}, random_state=0)
    steps = np.where(LABELS == "b", 4.0, 1.0)
    once = np.linspace(1, 2, 240)
    want = clone(tagger).set_params(class_weight=None).fit(SERIES, LABELS, once * steps)
    for rows in pieces(240, {100}):
        tagger.partial_fit(SERIES[rows], LABELS[rows], ["a", "b", "c"], once[rows])
    assert_allclose(tagger.readout_.coef_, want.readout_.coef_, rtol=1e-6, atol=1e-9)


def test_the_model_space_is_the_first_blocks():
    esn = ESNClassifier(8, pooling=ModelSpace(3), random_state=0)
    first = clone(esn).fit(SEQUENCES[:20], KINDS[:20])
    esn.partial_fit(SEQUENCES[:20], KINDS[:20], [0, 1, 2])
    esn.partial_fit(SEQUENCES[20:], KINDS[20:])
    assert_array_equal(esn.pooling_.components, first.pooling_.components)
    assert esn.readout_.moments_.n == 40


@pytest.mark.compiled
@pytest.mark.parametrize("passthrough", [False, True])
@law(239)
def test_stretches_of_a_series(passthrough, cuts, weighted):
    options = {"passthrough": passthrough, "washout": 30, "noise": 0.01, "random_state": 0}
    weight = np.linspace(0.5, 2, 240) if weighted else None
    y = np.roll(SERIES[:, 0], 3)
    fits = [
        (ESNForecaster(8, **number, **options, scaling=None), (None,), ()),
        (ESNForecaster(8, **number, **options, scaling=None), (y,), ()),
        (ESNTagger(8, **label, **options), (LABELS,), (["a", "b", "c"],)),
    ]
    for esn, targets, more in fits:
        whole = clone(esn).fit(SERIES, *targets, weight)
        for rows in pieces(240, cuts):
            mine = [None if t is None else t[rows] for t in targets]
            w = weight[rows] if weighted else None
            assert esn.partial_fit(SERIES[rows], *mine, *more, w) is esn
        same(esn, whole)
        assert_allclose(esn.final_state_, whole.final_state_, atol=1e-12)
        assert_array_equal(esn.last_input_, whole.last_input_)
        method = "decision_function" if more else "predict"
        got, want = (
            getattr(e, method)(SERIES[:9], initial_state=e.final_state_) for e in (esn, whole)
        )
        assert_allclose(got, want, atol=1e-7)
        if targets[0] is None:
            assert_allclose(esn.forecast(5), whole.forecast(5), atol=1e-7)


def test_other_series_may_follow():
    parts = [SERIES[:50], SERIES[90:170], SERIES[60:85]]
    whole = ESNForecaster(8, washout=9, **number, random_state=0, scaling=None).fit(parts)
    esn = clone(whole)
    esn.partial_fit(parts[0][:20]).partial_fit(parts[0][20:])
    esn.partial_fit([parts[1][:6], parts[2][:22]], new_series=True)
    esn.partial_fit([parts[1][6:], parts[2][22:]])
    same(esn, whole)
    assert_allclose(esn.final_state_, whole.final_state_[1:], atol=1e-12)
    with pytest.raises(ValueError, match="X holds 1 series, but 2 are to be continued"):
        esn.partial_fit(SERIES)
    assert [a.shape for a in esn.forecast(3)] == [(3, 2)] * 2
    esn.fit(parts)
    same(esn, whole)


def test_every_form_of_a_piece():
    cube = np.stack([SERIES[:60], SERIES[60:120]])
    whole = ESNForecaster(8, washout=5, noise=0.01, **number, random_state=0, scaling=None).fit(
        cube
    )
    esn = clone(whole)
    esn.partial_fit([cube[0, :10], cube[1, :10]])
    esn.partial_fit(cube[:, 10:20])
    esn.partial_fit(list(cube[:, 20:40]))
    esn.partial_fit(np.asfortranarray(cube[:, 40:]))
    same(esn, whole)
    frame = pd.DataFrame(SERIES, columns=["u", "v"])
    framed = ESNForecaster(8, **number, random_state=0, scaling=None)
    framed.partial_fit(frame[:100]).partial_fit(frame[100:])
    same(framed, ESNForecaster(8, **number, random_state=0, scaling=None).fit(SERIES))
    with pytest.raises(ValueError, match="feature names"):
        framed.partial_fit(frame[["v", "u"]])
    single = clone(framed).fit(SERIES.astype(np.float32))
    small = clone(framed)
    for rows in pieces(240, {70, 71}):
        small.partial_fit(SERIES[rows].astype(np.float32))
    assert small.final_state_.dtype == np.float32
    same(small, single, 1e-5)
    assert small.forecast(3).dtype == np.float32
    table = ESNRegressor(8, **number, random_state=0)
    T = SERIES[:, 0].reshape(24, 10)
    table.partial_fit(T[:9], T[:9, 0]).partial_fit(T[9:], T[9:, 0])
    same(table, ESNRegressor(8, **number, random_state=0).fit(T, T[:, 0]))


def test_readouts_of_scikit_learn():
    for make, X, y in ((ESNTagger, SERIES, LABELS), (ESNClassifier, SEQUENCES, KINDS)):
        esn = make(8, readout=SGDClassifier(random_state=0), random_state=0)
        half = len(X) // 2
        esn.partial_fit(X[:half], y[:half], np.unique(y)).partial_fit(X[half:], y[half:])
        assert set(esn.predict(X)) <= set(y)
        assert_array_equal(esn.classes_, np.unique(y))
        with pytest.raises(AttributeError, match="partial_fit"):
            clone(esn).set_params(readout=LogisticRegression()).partial_fit(X, y)
    esn = ESNForecaster(8, readout=SGDRegressor(random_state=0), random_state=0, scaling=None)
    y = SERIES[:, 0]
    assert (
        esn.partial_fit(SERIES[:100], y[:100]).partial_fit(SERIES[100:], y[100:]).score(SERIES, y)
    )
    for make in (ESNForecaster, ESNRegressor):
        assert hasattr(make(), "partial_fit")
        assert not hasattr(make(readout=Ridge()), "partial_fit")


def test_after_fit_it_goes_on():
    whole = ESNForecaster(8, washout=9, **number, random_state=0, scaling=None).fit(SERIES)
    same(clone(whole).fit(SERIES[:100]).partial_fit(SERIES[100:]), whole)
    tagger = ESNTagger(8, washout=9, **label, random_state=0).fit(SERIES, LABELS)
    same(clone(tagger).fit(SERIES[:99], LABELS[:99]).partial_fit(SERIES[99:], LABELS[99:]), tagger)
    y = np.array([x.mean() for x in SEQUENCES])
    regressor = ESNRegressor(8, noise=0.1, **number, random_state=0).fit(SEQUENCES, y)
    same(clone(regressor).fit(SEQUENCES[:9], y[:9]).partial_fit(SEQUENCES[9:], y[9:]), regressor)
    # the default readout keeps nothing of a fit to go on from; the series goes on all the same
    esn = ESNForecaster(8, random_state=0, scaling=None).fit(SERIES[:100])
    with pytest.warns(UserWarning, match="partial_fit starts anew"):
        esn.partial_fit(SERIES[100:])
    assert esn.readout_.moments_.n == 140
    assert_allclose(esn.final_state_, whole.final_state_, atol=1e-12)


def test_what_cannot_go_on():
    esn = ESNForecaster(8, random_state=0, scaling=None).partial_fit(SERIES[:100])
    before = pickle.dumps(esn)
    spoiled = SERIES[100:].copy()
    spoiled[3, 1] = np.nan
    for piece, match in (
        ((SERIES[100:, :1],), "X has 1 features"),
        (([SERIES[100:, :1]],), "X has 1 channels"),
        ((SERIES[100:], SERIES[100:, 0]), "y is given, unlike in earlier calls"),
        ((spoiled,), "NaN in sequence 0, step 3"),
        ((SERIES[100:], None, np.ones(3)), "sample_weight has 3 time steps"),
        ((SERIES[100:], None, -np.ones(140)), "must not be negative"),
        ((SERIES[:0],), "minimum of 1 is required"),
    ):
        with pytest.raises(ValueError, match=match):
            esn.partial_fit(*piece)
        assert pickle.dumps(esn) == before
    tagger = ESNTagger(8, random_state=0)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        tagger.partial_fit(SERIES, LABELS)
    with pytest.raises(ValueError, match="y to be passed"):
        tagger.partial_fit(SERIES, None)
    with pytest.raises(ValueError, match="labels that are not among the classes"):
        tagger.partial_fit(SERIES, LABELS, ["a", "b"])
    assert not hasattr(tagger, "reservoir_")
    tagger.partial_fit(SERIES[:9], LABELS[:9], ["a", "b", "c"])
    with pytest.raises(ValueError, match="differs from the first call's"):
        tagger.partial_fit(SERIES[9:], LABELS[9:], ["a", "b"])
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported"):
        tagger.set_params(class_weight="balanced").partial_fit(SERIES[9:], LABELS[9:])
    with pytest.raises(ValueError, match="y holds sequences of targets"):
        ESNRegressor(8).partial_fit(SEQUENCES, [x[:, 0] for x in SEQUENCES])
    classifier = ESNClassifier(8, random_state=0, class_weight="balanced")
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported"):
        classifier.partial_fit(SEQUENCES, KINDS, [0, 1, 2])
    with pytest.raises(ValueError, match="washout=8 leaves no step"):
        ESNRegressor(8, washout=8).partial_fit(SEQUENCES, KINDS)
    weightless = ESNRegressor(8, readout=_Weightless(), random_state=0)
    with pytest.raises(ValueError, match="_Weightless takes none"):
        weightless.partial_fit(SEQUENCES, KINDS, np.ones(40))


class _Weightless(SGDRegressor):
    def partial_fit(self, X, y):
        return super().partial_fit(X, y)


def test_a_first_piece_within_the_washout():
    whole = ESNTagger(8, washout=20, **label, random_state=0).fit(SERIES, LABELS)
    esn = clone(whole).partial_fit(SERIES[:5], LABELS[:5], ["a", "b", "c"])
    esn.partial_fit(SERIES[5:20], LABELS[5:20]).partial_fit(SERIES[20:], LABELS[20:])
    same(esn, whole)


@pytest.fixture
def small(monkeypatch):
    """No states are kept, and blocks are of 64 steps."""
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    monkeypatch.setattr(_budgets, "PART_BYTES", 1)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mapped_file_is_learned_without_keeping_states(dtype, small, tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", SERIES.astype(dtype))
    np.save(tmp_path / "y.npy", LABELS)
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    labels = np.load(tmp_path / "y.npy", mmap_mode="r")
    assert np.shares_memory(pack(x, rows="steps").values, x)
    tolerance = 1e-9 if dtype == np.float64 else 1e-4
    weight = np.linspace(1, 2, 240)
    fits = [
        (ESNForecaster(8, washout=70, **number, random_state=0, scaling=None), (x,)),
        (
            ESNForecaster(8, washout=70, readout=RLSReadout(), random_state=0, scaling=None),
            (x, x[:, 0] ** 2),
        ),
        (ESNForecaster(8, **number, random_state=0, scaling=None), (x.reshape(3, 80, 2), None)),
        (ESNTagger(8, washout=9, **label, random_state=0), (x, labels, weight)),
        (ESNTagger(8, readout=RLSReadoutClassifier(), random_state=0), (x, labels)),
    ]

    def no_fit(*args):
        raise AssertionError("states were kept")

    with monkeypatch.context() as patch:
        patch.setattr(problem, "fit_readout", no_fit)
        streamed = [clone(esn).fit(*data) for esn, data in fits]
        outputs = [esn.predict(data[0]) for esn, (_, data) in zip(streamed, fits, strict=True)]
    monkeypatch.setattr(_budgets, "STATES_BYTES", 2**28)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 2**24)
    for (esn, data), got, out in zip(fits, streamed, outputs, strict=True):
        want = clone(esn).fit(*data)
        assert_allclose(got.readout_.coef_, want.readout_.coef_, rtol=tolerance, atol=tolerance)
        assert_allclose(got.final_state_, want.final_state_, atol=1e-6)
        again = got.predict(data[0])
        assert out.dtype == again.dtype
        assert out.shape == again.shape
        if out.dtype.kind == "U":
            assert_array_equal(out, again)
        else:
            assert_allclose(out, again, atol=1e-5)


def test_what_is_not_finite_is_found_in_any_block(monkeypatch):
    monkeypatch.setattr(_budgets, "LOOK_ROWS", 50)
    x = SERIES.copy()
    pack(x, rows="steps")
    x[123, 1] = np.inf
    with pytest.raises(ValueError, match="infinity in sequence 0, step 123"):
        pack(x, rows="steps")
    with pytest.raises(ValueError, match="infinity in sequence 1, step 23"):
        pack([x[:100], x[100:]])
    pack(np.full((200, 1), 1e307), rows="steps")  # only the sum is not finite


def resident_bytes(path):
    """What of a mapped file is resident in this process, by the system's account."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.endswith(str(path)))
    return 1024 * int(next(x for x in lines[start:] if x.startswith("Rss:")).split()[1])


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="Linux's account of memory")
def test_a_mapped_file_does_not_stay_resident(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, R.randn(50_000, 2))
    x = np.load(path, mmap_mode="r")
    total = x.sum()
    assert resident_bytes(path) > 0.9 * x.nbytes
    pack(x, rows="steps")
    assert resident_bytes(path) < 0.2 * x.nbytes
    assert x.sum() == total
    release(x[1:-1])
    assert resident_bytes(path) < 0.2 * x.nbytes
    release(x[::2])  # no whole pages: left alone
    for whatever in (np.zeros((3, 2)), np.zeros((0, 2)), x[:0]):
        release(whatever)
    del x
    for mode in ("c", "r+"):  # what was changed in memory is not lost
        x = np.load(path, mmap_mode=mode)
        x += 1.0
        total = x.sum()
        pack(x, rows="steps")
        assert x.sum() == total


def test_long_pieces_are_learned_block_by_block(small):
    whole = ESNForecaster(8, washout=70, noise=0.01, **number, random_state=0, scaling=None).fit(
        SERIES
    )
    esn = clone(whole)
    for rows in pieces(240, {80, 81}):
        esn.partial_fit(SERIES[rows])
    same(esn, whole)
    # a failure in a later block leaves nothing of the earlier ones behind
    tagger = ESNTagger(8, alpha=1.0, random_state=0)
    tagger.partial_fit(SERIES[:100], LABELS[:100], ["a", "b", "c"])
    before = pickle.dumps(tagger)
    strange = LABELS[100:].copy()
    strange[-1] = "z"
    with pytest.raises(ValueError, match="not among the classes"):
        tagger.partial_fit(SERIES[100:], strange)
    assert pickle.dumps(tagger) == before


def test_states_are_what_the_readout_read():
    x = WAVE[:200]
    esn = ESNForecaster(15, passthrough=True, scaling=None, random_state=0).fit(x)
    states = esn.states(x, "rest")
    assert_array_equal(states[-1], esn.final_state_[0])
    assert_allclose(esn.readout_.predict(np.hstack([states, x])), esn.predict(x, "rest"))
    # pieces, from where the one before ended
    first = esn.states(x[:90], "rest")
    assert_allclose(np.vstack([first, esn.states(x[90:], first[-1])]), states, atol=1e-12)
    frame = pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])])
    assert len(ESNForecaster(5).fit(frame).states(frame)) == 200


def test_states_under_feedback_hear_own_outputs():
    x, y = WAVE[:150], (WAVE[:150, 0] > 0).astype(int)
    tagger = ESNTagger(15, feedback=True, passthrough=False, random_state=0).fit(x, y)
    states = tagger.states(x)
    assert_array_equal(tagger.readout_.predict(states), tagger.predict(x))
    plain = ESNTagger(15, passthrough=True, random_state=0).fit(x, y)
    assert plain.states([x, x[:9]])[1].shape == (9, 15)
    read = plain.readout_.predict(np.hstack([plain.states(x), x]))
    assert_array_equal(read, plain.predict(x))


def test_states_with_covariates():
    x, known = WAVE[:150], np.cos(np.arange(160.0))[:, None]
    esn = ESNForecaster(10, random_state=0).fit(x, covariates=known[:150])
    assert_allclose(
        esn.states(x[:50], "rest", covariates=known[:51]),  # a step hears those of the next
        esn.states(x, "rest", covariates=known[:150])[:50],
    )
    with pytest.raises(ValueError, match="covariates are needed"):
        esn.states(x)
