"""Every cell in every estimator against its formulas, one sequence and one step at a time."""

import pickle

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.model_selection import TimeSeriesSplit
from sklearn.utils.estimator_checks import check_estimator

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    ReservoirFeatures,
    ReservoirStates,
    RidgeReadout,
    RidgeReadoutClassifier,
    _budgets,
)
from dlkit.reservoir import (
    ES2N,
    LSTM,
    Clockwork,
    Euler,
    Leaky,
    Legendre,
    Residual,
    diagnose,
    echo_state_index,
    lyapunov_exponent,
    memory_capacity,
)
from dlkit.reservoir._cells.kinds import CELLS, as_cell
from dlkit.sequences import pack

from .. import naive, naive_cells
from ._kinds import (
    COMMON,
    KINDS,
    LENGTHS,
    SEQUENCES,
    SERIES,
    N,
    compiled,
    data,
    in_both_dtypes,
    options,
    same,
    states_of,
    truth,
    with_kinds,
)

pytestmark = pytest.mark.kernels


LABELS = np.arange(len(LENGTHS)) % 2


def test_an_output_alone_begins_a_state_that_was_at_rest():
    esn = ReservoirStates(N, **options("lstm, delays")).fit(SERIES)
    output = np.full(N, 0.3)
    whole = np.concatenate([output, np.zeros(3 * N)])
    np.testing.assert_array_equal(
        esn.transform(SERIES, initial_state=output), esn.transform(SERIES, initial_state=whole)
    )
    with pytest.raises(ValueError, match=r"all that is carried, 84"):
        esn.transform(SERIES, initial_state=np.zeros(N + 1))


@pytest.mark.parametrize("kind", ["delays", "lstm", "es2n", "gru"])
@pytest.mark.parametrize("n", [2, 9])
def test_noise(kind, n):
    reservoir = ReservoirStates(N, **options(kind)).fit(SERIES).reservoir_
    batch = pack([SERIES[:8]] * n)
    noise = 0.1 * np.random.RandomState(4).randn(8 * n, N)
    out = np.empty((8 * n, N))
    reservoir.lanes(np.float64).run(
        batch, None, out=out, noise=lambda span: noise[span.start : span.stop]
    )
    for i in range(n):
        rows = slice(8 * i, 8 * i + 8)
        want = naive_cells.states(reservoir, batch[i], noise=noise[rows])
        np.testing.assert_allclose(out[rows], want, atol=1e-10)


@compiled
@in_both_dtypes()
def test_chunks_are_the_whole(kind, dtype):
    """A long series in chunks: the same rows, and the same carried state, as from end to end."""
    for lengths in ([700], [400, 3, 250]):
        parts = data(lengths, dtype)
        runs = []
        for n_lanes, n_jobs in ((1, 1), (7, 1), (16, 2), (40, 1)):
            esn = ReservoirStates(N, n_lanes=n_lanes, n_jobs=n_jobs, **options(kind)).fit(parts)
            rows = np.concatenate([*esn.transform(parts), esn.final_state_[:, :N]])
            runs.append((rows, esn.final_state_))
        for some in runs[1:]:
            for a, b in zip(some, runs[0], strict=True):
                tolerance = 1e-10 if dtype == np.float64 else 1e-5
                scale = np.abs(runs[0][0]).max()
                np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale)


@compiled
def test_seams_close_before_the_end_of_their_chunk():
    """Otherwise the test above would only run one chunk after another."""
    for kind in ("delays", "lstm", "clockwork", "gru", "es2n"):
        reservoir = ReservoirStates(N, **options(kind)).fit(SERIES).reservoir_
        lanes, series = reservoir.lanes(np.float64, n_lanes=4), pack(data([4000]))
        found = []

        def advance(jobs, states, block, threads, memory, lanes=lanes, found=found):
            type(lanes)._advance(lanes, jobs, states, block, threads, memory)
            found.append(memory[0])

        lanes._advance = advance
        lanes.run(series, None, out=np.empty((4000, N)))
        assert 0 < max(found) < 900, (kind, found)


@compiled
def test_a_long_sequence_in_stretches(monkeypatch):
    """Pooled sequences carry no more than outputs, but from stretch to stretch everything."""
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)
    monkeypatch.setattr(_budgets, "WIDE_SPAN_BYTES", 1)
    for kind in ("lstm, delays", "clockwork", "delays"):
        for pooling in ("mean", "moments", "last"):
            parts = [*data([300]), *SEQUENCES]
            esn = ReservoirFeatures(N, pooling=pooling, **options(kind))
            rows = esn.fit_transform(parts)
            for row, x in zip(rows, parts, strict=True):
                states = naive_cells.estimator_states(esn, x)
                np.testing.assert_allclose(row, naive.POOLINGS[pooling](states), atol=1e-10)
        chunked = clone(esn).set_params(n_lanes=16).fit_transform(parts[:1])
        np.testing.assert_allclose(chunked, rows[:1], atol=1e-10)


@with_kinds("delays")
@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
def test_features(kind, pooling):
    want = [naive.POOLINGS[pooling](x[1:]) for x in truth(kind) if len(x) > 1]
    parts = [x for x in SEQUENCES if len(x) > 1]
    esn = ReservoirFeatures(N, pooling=pooling, washout=1, **options(kind))
    np.testing.assert_allclose(esn.fit_transform(parts), want, atol=1e-10)


@with_kinds("gru")
def test_sequence_estimators(kind):
    shared = options(kind, pooling="mean", alpha=0.3)
    F = np.array([x.mean(axis=0) for x in truth(kind)])
    y = np.array(LENGTHS, dtype=float)
    coef, intercept = naive.ridge(F, y, 0.3)
    esn = ESNRegressor(N, **shared).fit(SEQUENCES, y)
    np.testing.assert_allclose(esn.predict(SEQUENCES), (F @ coef + intercept)[:, 0], atol=1e-10)
    coef, intercept = naive.ridge(F, 2.0 * LABELS - 1, 0.3)
    esn = ESNClassifier(N, **shared).fit(SEQUENCES, LABELS)
    want = (F @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(SEQUENCES), want, atol=1e-10)


@pytest.mark.parametrize("passthrough", [False, True])
@with_kinds("lstm, delays")
def test_step_estimators_and_the_closed_loop(kind, passthrough):
    (x,) = truth(kind, "series")
    F = np.hstack([x, SERIES]) if passthrough else x
    shared = options(kind, passthrough=passthrough, washout=5, alpha=0.3)
    coef, intercept = naive.ridge(F[5:-1], SERIES[6:], 0.3)
    esn = ESNForecaster(N, **shared, scaling=None).fit(SERIES)
    np.testing.assert_allclose(esn.predict(SERIES), F @ coef + intercept, atol=1e-10)
    want = naive_cells.closed_loop(esn, coef, intercept, SERIES, 12)
    np.testing.assert_allclose(esn.forecast(12), want, atol=1e-10)
    several = esn.forecast(12, [SERIES[:n] for n in (80, 40, 80, 1, 9, 80, 17)])
    for n, ahead in zip((80, 40, 80, 1, 9, 80, 17), several, strict=True):
        want = naive_cells.closed_loop(esn, coef, intercept, SERIES[:n], 12)
        np.testing.assert_allclose(ahead, want, atol=1e-10)
    labels = SERIES[:, 0] > 0
    coef, intercept = naive.ridge(F[5:], 2.0 * labels[5:] - 1, 0.3)
    esn = ESNTagger(N, **shared).fit(SERIES, labels)
    want = (F @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(SERIES), want, atol=1e-10)


@with_kinds("clockwork", of=["delays", "lstm", "clockwork", "gru"])
def test_forecasts_with_another_readout(kind):
    """A readout that is no linear map goes step by step through Python, with the same carrying."""

    class Bent(RidgeReadout):
        def predict(self, X):
            return np.tanh(super().predict(X))

    esn = ESNForecaster(N, readout=Bent(0.3), **options(kind), scaling=None).fit(SERIES)
    x, u = naive_cells.Twin(esn.reservoir_), None
    for u in SERIES:
        state = x.step(u)
    for ahead in esn.forecast(6):
        u = esn.readout_.predict(np.concatenate([state, u])[None])[0]
        np.testing.assert_allclose(ahead, u, atol=1e-10)
        state = x.step(u)


@with_kinds("lstm, delays", of=["delays", "lstm, delays", "clockwork", "gru", "legendre"])
def test_pieces_are_learned_as_the_whole(kind):
    shared = options(kind, washout=4, noise=0.01)
    pieces = ESNForecaster(N, readout=RidgeReadout(0.3, solver="moments"), **shared, scaling=None)
    for piece in np.array_split(SERIES, 7):
        pieces.partial_fit(piece)
    whole = clone(pieces).fit(SERIES)
    np.testing.assert_allclose(pieces.predict(SERIES), whole.predict(SERIES), atol=1e-10)
    np.testing.assert_allclose(pieces.forecast(9), whole.forecast(9), atol=1e-10)
    tagger = ESNTagger(N, readout=RidgeReadoutClassifier(0.3, solver="moments"), **shared)
    labels = SERIES[:, 0] > 0
    for part in np.array_split(np.arange(80), 5):
        tagger.partial_fit(SERIES[part], labels[part], classes=[False, True])
    whole = clone(tagger).fit(SERIES, labels)
    want = whole.decision_function(SERIES)
    np.testing.assert_allclose(tagger.decision_function(SERIES), want, atol=1e-10)


@with_kinds("delays")
def test_read_only_maps_pickles_and_threads(kind, tmp_path):
    np.save(tmp_path / "series.npy", SERIES)
    mapped = np.load(tmp_path / "series.npy", mmap_mode="r")
    esn = ESNForecaster(N, n_jobs=2, **options(kind), scaling=None).fit(mapped)
    want = clone(esn).set_params(n_jobs=1).fit(SERIES).predict(SERIES)
    np.testing.assert_array_equal(esn.predict(mapped), want)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(esn)).predict(SERIES), want)


@compiled
def test_other_processes_run_cells():
    esn = ESNClassifier(N, **options("lstm, delays")).fit(SEQUENCES, LABELS)
    want = esn.predict_proba(SEQUENCES)
    with parallel_config("loky", n_jobs=2):
        got = clone(esn).fit(SEQUENCES, LABELS).predict_proba(SEQUENCES)
    np.testing.assert_allclose(got, want, atol=1e-12)


@compiled
@pytest.mark.parametrize("kind", ["lstm, delays", "legendre"])
def test_the_contract(kind):
    check_estimator(ReservoirFeatures(12, **KINDS[kind] | {"cell": Leaky()}), on_skip=None)


@with_kinds()
def test_search_over_settings_of_a_cell(kind):
    # ties would be broken by rounding
    grid = {"spectral_radius": [0.4, 0.9], "input_scaling": [0.2, 1.0], "alpha": [0.1, 1.0]}
    esn = ESNRegressor(N, **options(kind, pooling="moments"))
    same(esn, grid, SEQUENCES, np.array(LENGTHS, dtype=float), cv=3)


@compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.IgnoredParameterWarning")
@pytest.mark.parametrize("scaling", [None, "standard"])
def test_search_over_cells(scaling):
    delayed = [Leaky(delays=(1, 3)), ES2N(delays=(1, 3)), LSTM(delays=(1, 3))]
    grid = [
        {"cell": ["leaky", "es2n", *delayed[:2]], "leak_rate": [0.3, ("groups", 1, 9)]},
        {"cell": ["lstm", delayed[2]]},
        {"cell": ["es2n"], "cell__delays": [1, (1, 3)]},
    ]
    esn = ESNForecaster(N, alpha=1e-2, **COMMON, scaling=scaling)
    ours, theirs = same(esn, grid, SERIES, None, cv=TimeSeriesSplit(3))
    np.testing.assert_allclose(ours.best_estimator_.forecast(5), theirs.best_estimator_.forecast(5))


@compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.IgnoredParameterWarning")
def test_search_over_all_cells():
    """Single fits of each."""
    grid = {"cell": sorted(CELLS), "alpha": [0.1, 1.0]}
    y = np.array(LENGTHS, dtype=float)
    same(ESNRegressor(N, **COMMON), grid, SEQUENCES, y, cv=3)
    same(ESNForecaster(N, **COMMON, scaling=None), grid, SERIES, None, cv=TimeSeriesSplit(2))


@compiled
def test_scorers_of_a_search_find_the_whole_state():
    """What goes on from the end of the training goes on from all that is carried there."""

    def ahead(esn, X, y=None):
        return float(esn.forecast(3).sum())

    for kind in ("delays", "lstm", "clockwork"):
        esn = ESNForecaster(N, alpha=1e-2, **options(kind), scaling=None)
        grid = {"spectral_radius": [0.5, 0.9]}
        same(esn, grid, SERIES, None, cv=TimeSeriesSplit(3), scoring=ahead)


@pytest.mark.parametrize("delays", [1, (1,), {1: 0.2}, np.array([1])])
def test_a_delay_of_one_is_the_plain_reservoir(delays):
    esn = ReservoirStates(N, cell=Leaky(delays=delays), **COMMON).fit(SERIES)
    assert esn.reservoir_.cell.kind.plain
    np.testing.assert_array_equal(esn.transform(SERIES), states_of())


@compiled
@pytest.mark.parametrize("delays", [(1, 2), (2, 5), {1: 3, 4: 1}])
def test_exponent_of_a_linear_delayed_reservoir(delays):
    """It is the logarithm of the spectral radius of the map of all that is carried."""
    esn = ReservoirStates(
        12, cell=Leaky(delays=delays), activation="identity", leak_rate=0.7, random_state=0
    ).fit(SERIES[:, :1])
    r = esn.reservoir_
    depth = r.cell.depth
    whole = np.eye(12 * depth, k=-12)
    for d, W in naive_cells.by_delay(r.matrix, r.cell.delays["state"]).items():
        whole[:12, 12 * (d - 1) : 12 * d] += 0.7 * W
    whole[:12, :12] += 0.3 * np.eye(12)
    want = np.log(np.abs(np.linalg.eigvals(whole)).max())
    got = lyapunov_exponent(esn, np.zeros((3000, 1)), washout=1000, random_state=0)
    assert abs(got - want) < 2e-3


@compiled
@pytest.mark.parametrize("kind", ["delays", "lstm", "clockwork", "legendre"])
def test_diagnostics_take_cells(kind):
    esn = ReservoirStates(N, **options(kind)).fit(SERIES)
    assert abs(diagnose(esn).spectral_radius - 0.9) < 1e-6
    assert lyapunov_exponent(esn, SERIES, washout=10, random_state=0) < 0
    assert echo_state_index(esn, np.tile(SERIES, (20, 1)), washout=1000, random_state=0) < 1e-6


@compiled
def test_an_orthogonal_path_remembers_more():
    shared = {"input_scaling": 0.1, "bias_scaling": 0.0, "random_state": 0}
    plain = ReservoirStates(20, **shared)
    es2n = ReservoirStates(20, cell="es2n", leak_rate=0.1, **shared)
    few = {"n_steps": 5000, "alpha": 1e-12, "random_state": 0}
    more, less = memory_capacity(es2n, **few).total, memory_capacity(plain, **few).total
    assert less < 14 < 18 < more


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"cell": "elman"}, "cell.*'es2n'.*Got 'elman'"),
        ({"cell": ES2N(path="line")}, "path.*'line'"),
        ({"cell": Residual(alpha=-1)}, "alpha.*-1"),
        ({"cell": Euler(diffusion="a")}, "diffusion.*'a'"),
        ({"cell": Clockwork(periods=[0, 1])}, r"periods.*\[0, 1\]"),
        ({"cell": Clockwork(periods=[1.5])}, r"periods.*\[1.5\]"),
        ({"cell": Clockwork(periods=[9973, 9967])}, "common multiple"),
        ({"cell": LSTM(recurrent_gates=2)}, "recurrent_gates"),
        ({"cell": Legendre(memory_units=8)}, "memory_units=8 of n_units=8"),
        ({"cell": Legendre(memory_units=1)}, "memory_units=1"),
        ({"cell": Legendre(window=0)}, "window.*0"),
        ({"cell": Leaky(delays=0)}, "delays.*0"),
        ({"cell": Leaky(delays=(1, 1))}, r"delays.*\(1, 1\)"),
        ({"cell": Leaky(delays=(1, 2.5))}, r"delays.*\(1, 2.5\)"),
        ({"cell": Leaky(delays={})}, "delays.*{}"),
        ({"cell": Leaky(delays={1: -1.0})}, "shares of delays.*-1"),
        ({"cell": Leaky(delays={1: "much"})}, "shares of delays.*much"),
        ({"cell": Leaky(delays=(1, 2)), "topology": "hadamard"}, "'hadamard' has no list of links"),
        ({"cell": "euler", "topology": "hadamard"}, "'hadamard' has no list of links"),
        ({"cell": Leaky(delays=(1, 2)), "control": "effective"}, "control='effective'"),
        ({"cell": "gru", "control": "effective"}, "control='effective'"),
        ({"leak_rate": ("normal", 1)}, "'log_uniform', 'groups'.*'normal'"),
        ({"leak_rate": ("log_uniform", 1)}, "log_uniform.*shortest and the longest"),
        ({"leak_rate": ("log_uniform", 9, 2)}, "log_uniform.*shortest and the longest"),
        ({"leak_rate": ("groups",)}, "groups.*one or more"),
        ({"leak_rate": ("groups", 0.5)}, "groups.*at least 1"),
        ({"leak_rate": ("groups", "slow")}, "groups.*at least 1"),
        ({"leak_rate": [0.5, "x"]}, "leak_rate must hold numbers"),
    ],
)
@pytest.mark.parametrize("make", [ReservoirStates, ReservoirFeatures])
def test_bad_parameters(make, params, match):
    X = SERIES if make is ReservoirStates else SEQUENCES
    esn = make(8, **params)
    before = dict(vars(esn))
    with pytest.raises((ValueError, TypeError), match=match):
        esn.fit(X)
    assert vars(esn) == before


def test_all_cells_are_tried():
    tried = {type(as_cell(kind.get("cell", "leaky"))) for kind in KINDS.values()}
    assert tried == set(CELLS.values())
