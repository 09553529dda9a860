"""What must not pass silently: each mistake names itself, and a failed fit changes nothing."""

import copy

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    ReservoirFeatures,
    ReservoirStates,
)
from dlkit.reservoir import (
    Clockwork,
    InputWeights,
    IntrinsicPlasticity,
    Leaky,
    ModelSpace,
    Sparse,
)

rng = np.random.RandomState(0)
SEQUENCES = [rng.randn(n, 2) for n in (6, 9, 7, 8, 5, 12)]
SERIES = rng.randn(60, 2)
SEQUENCE_LEVEL = {
    ReservoirFeatures: None,
    ESNClassifier: np.arange(6) % 2,
    ESNRegressor: np.arange(6.0),
}
STEP_LEVEL = {
    ReservoirStates: None,
    ESNForecaster: np.arange(60.0),
    ESNTagger: np.arange(60) % 3,
}
ALL = list(SEQUENCE_LEVEL) + list(STEP_LEVEL)


def data(make):
    if make in SEQUENCE_LEVEL:
        return SEQUENCES, SEQUENCE_LEVEL[make]
    return SERIES, STEP_LEVEL[make]


def per_step(parts, y):
    """Targets as long as the parts, for the step-level estimators."""
    return [np.resize(y, len(p)) for p in parts]


def use(esn, X):
    return esn.predict(X) if hasattr(esn, "predict") else esn.transform(X)


def spoil(X, value):
    parts = [x.copy() for x in X]
    parts[3][2, 1] = value
    return parts


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_units": 0}, "n_units.*Got 0"),
        ({"n_units": 2.5}, "n_units"),
        ({"spectral_radius": -0.1}, "spectral_radius.*Got -0.1"),
        ({"spectral_radius": np.nan}, "spectral_radius"),
        ({"leak_rate": 0.0}, "leak_rate.*Got 0.0"),
        ({"leak_rate": 1.5}, "leak_rate.*Got 1.5"),
        ({"leak_rate": [0.5, 0.5]}, "leak_rate must be a number or hold one for each of the 8"),
        ({"leak_rate": [0.5] * 7 + [0.0]}, r"leak_rate must lie in \(0, 1\]"),
        ({"input_scaling": [1.0, 2.0, 3.0]}, "input_scaling"),
        ({"input_scaling": np.inf}, "input_scaling"),
        ({"input_weights": InputWeights(density=0.0)}, "density"),
        ({"n_links": 0}, "n_links"),
        ({"topology": "star"}, "topology.*Got 'star'"),
        ({"topology": np.zeros((2, 3))}, "topology"),
        ({"topology": np.full((8, 8), np.nan)}, "topology"),
        ({"topology": "delay_line"}, "delay_line.*spectral radius"),
        ({"topology": np.triu(np.ones((8, 8)), 1)}, "spectral radius"),
        ({"topology": sparse.csr_array(np.triu(np.ones((8, 8)), 1))}, "spectral radius"),
        ({"topology": lambda n, rng: np.eye(3)}, "topology"),
        ({"topology": Sparse(weights="cauchy")}, "weights"),
        ({"control": "none"}, "control"),
        ({"control": "effective", "leak_rate": 0.1, "spectral_radius": 0.5}, "leak_rate"),
        ({"activation": "sigmoid"}, "activation"),
        ({"washout": -1}, "washout"),
        ({"washout": 5000}, "washout=5000 leaves no step of sequence 0"),
        ({"noise": -1.0}, "noise"),
        ({"random_state": "seed"}, "random_state"),
    ],
    ids=lambda v: str(sorted(v)) if isinstance(v, dict) else "",
)
def test_parameters(make, options, match):
    X, y = data(make)
    esn = make(**{"n_units": 8, **options})
    before = copy.copy(vars(esn))
    with pytest.raises((ValueError, TypeError), match=match):
        esn.fit(X, y)
    assert vars(esn) == before


@pytest.mark.parametrize("make", SEQUENCE_LEVEL)
def test_whiten_is_yes_or_no(make):
    X, y = data(make)
    with pytest.raises(ValueError, match="whiten.*'pca'"):
        make(8, pooling=ModelSpace(whiten="pca")).fit(X, y)


@pytest.mark.parametrize("make", [ESNClassifier, ESNRegressor, ESNForecaster, ESNTagger])
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"alpha": -1.0}, "alpha"),
        ({"alpha": []}, "alpha"),
        ({"alpha": "best"}, "alpha"),
        ({"readout": object()}, "readout"),
    ],
)
def test_readout_parameters(make, options, match):
    X, y = data(make)
    with pytest.raises((ValueError, TypeError), match=match):
        make(8, **options).fit(X, y)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize(
    ("X", "match"),
    [
        (spoil(SEQUENCES, np.nan), "NaN in sequence 3, step 2"),
        (spoil(SEQUENCES, -np.inf), "infinity in sequence 3, step 2"),
        ([], "empty list"),
        ([*SEQUENCES[:5], np.zeros((0, 2))], "Sequence 5 of X is empty"),
        ([*SEQUENCES[:5], np.zeros((4, 3))], "sequence 0 has 2, sequence 5 has 3"),
        ([*SEQUENCES[:5], np.array([["a", "b"]])], "Sequence 5 of X is not an array of numbers"),
        (np.array([["a", "b"], ["c", "d"]]), "could not convert"),
        (np.arange(6.0), "1D array|inconsistent numbers"),
        (np.zeros((6, 3, 2, 2)), "4 dimensions"),
        (sparse.eye_array(6, format="csr"), "[Ss]parse"),
        (None, ""),
        (3.0, ""),
    ],
    ids=range(12),
)
def test_inputs(make, X, match):
    y = data(make)[1]
    if y is not None and make in STEP_LEVEL and isinstance(X, list):
        y = per_step(X, y)
    esn = make(8)
    before = copy.copy(vars(esn))
    with pytest.raises((ValueError, TypeError), match=match or None):
        esn.fit(X, y)
    assert vars(esn) == before


@pytest.mark.parametrize("make", ALL)
def test_a_failed_refit_leaves_the_fitted_estimator_as_it_was(make):
    X, y = data(make)
    esn = make(8, random_state=0).fit(X, y)
    want = use(esn, X)
    for bad_X, options in ((spoil(SEQUENCES, np.nan), {}), (X, {"washout": 5000})):
        with pytest.raises(ValueError, match="NaN|washout"):
            esn.set_params(**options).fit(bad_X, y)
    np.testing.assert_array_equal(use(esn.set_params(washout=0), X), want)


@pytest.mark.parametrize("make", ALL)
def test_use(make):
    X, y = data(make)
    with pytest.raises(NotFittedError):
        use(make(), X)
    esn = make(8, random_state=0).fit(X, y)
    for other in ([np.zeros((4, 3))], np.zeros((2, 4, 1))):
        with pytest.raises(ValueError, match="channels, but .* was fitted with 2"):
            use(esn, other)
    if make in STEP_LEVEL:
        with pytest.raises(ValueError, match="3 features, but .* is expecting 2"):
            use(esn, np.zeros((4, 3)))
    else:
        esn = make(8, random_state=0).fit(np.ones((6, 4)) * np.arange(6)[:, None], y)
        with pytest.raises(ValueError, match="5 features, but .* is expecting 4"):
            use(esn, np.zeros((6, 5)))


@pytest.mark.parametrize("make", [ESNClassifier, ESNRegressor])
def test_targets_of_sequences(make):
    y = SEQUENCE_LEVEL[make]
    for bad, match in [
        (None, "requires y"),
        (y[:5], "inconsistent numbers of samples"),
        (per_step(SEQUENCES, [0, 1]), "one target for each sequence.*ESN(Tagger|Forecaster)"),
        (np.where(np.arange(6) == 2, np.nan, y), "NaN"),
    ]:
        with pytest.raises(ValueError, match=match):
            make(8).fit(SEQUENCES, bad)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        make(8).fit(SEQUENCES, y, np.ones(5))
    with pytest.raises(ValueError, match="weight"):
        make(8).fit(SEQUENCES, y, np.zeros(6))


@pytest.mark.parametrize("make", [ESNForecaster, ESNTagger])
def test_targets_of_steps(make):
    y = STEP_LEVEL[make]
    with pytest.raises(ValueError, match="y has 59 time steps, X has 60"):
        make(8).fit(SERIES, y[:59])
    parts = [SERIES[:20], SERIES[20:]]
    for bad, match in [
        ([0, 1], "one target for each of the 2 series.*ESNClassifier or ESNRegressor"),
        ([y[:20]], "targets for 1 series, X has 2"),
        ([y[:20], y[20:59]], "39 time steps in series 1, X has 40"),
    ]:
        with pytest.raises(ValueError, match=match):
            make(8).fit(parts, bad)
    with pytest.raises(ValueError, match="sample_weight has 3 time steps"):
        make(8).fit(SERIES, y, np.ones(3))


def test_a_single_class():
    with pytest.raises(ValueError, match="at least two classes; got one class: 'a'"):
        ESNClassifier(8).fit(SEQUENCES, ["a"] * 6)
    with pytest.raises(ValueError, match="at least two classes; got one class: 1"):
        ESNTagger(8).fit(SERIES, np.ones(60, int))
    with pytest.raises(ValueError, match="requires y"):
        ESNTagger(8).fit(SERIES, None)
    with pytest.raises(ValueError, match="continuous"):
        ESNClassifier(8).fit(SEQUENCES, rng.randn(6))


def test_forecasts():
    esn = ESNForecaster(8, random_state=0, scaling=None).fit(SERIES, STEP_LEVEL[ESNForecaster])
    with pytest.raises(ValueError, match=r"use fit\(X\) without y"):
        esn.forecast(3)
    esn = ESNForecaster(8, random_state=0, scaling=None).fit(SERIES)
    for n_steps in (0, -1, 2.5, "3"):
        with pytest.raises(ValueError, match="n_steps must be a whole number"):
            esn.forecast(n_steps)
    with pytest.raises(ValueError, match="give X as well"):
        esn.forecast(3, initial_state=np.zeros(8))
    with pytest.raises(ValueError, match="initial_state gives states of shape"):
        esn.predict(SERIES, initial_state=np.zeros(9))
    with pytest.raises(NotFittedError):
        ESNForecaster(scaling=None).forecast(3)
    with pytest.raises(ValueError, match="washout=59 leaves no step"):
        ESNForecaster(8, washout=59, scaling=None).fit(SERIES)  # the last state has no next step
    ESNForecaster(8, washout=59, alpha=1.0, scaling=None).fit(SERIES, STEP_LEVEL[ESNForecaster])


@pytest.mark.compiled  # uncompiled, NumPy warns of the overflow itself
def test_states_that_overflow_are_named():
    esn = ESNForecaster(8, activation="identity", spectral_radius=1e9, random_state=0, scaling=None)
    with pytest.raises(ValueError, match="states.*not finite.*spectral_radius"):
        esn.fit(SERIES, STEP_LEVEL[ESNForecaster])
    with pytest.raises(ValueError, match="states.*not finite.*spectral_radius"):
        ReservoirFeatures(
            8, activation="identity", spectral_radius=1e60, random_state=0
        ).fit_transform(SEQUENCES)


@pytest.mark.compiled  # uncompiled, NumPy warns of some overflows itself
@pytest.mark.parametrize("make", [ESNClassifier, ReservoirStates])
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"topology": np.array(3.0)}, "topology"),
        ({"topology": np.ones(8)}, "topology"),
        ({"plasticity": IntrinsicPlasticity(std=1e-300)}, "std.*Got 1e-300"),
        ({"plasticity": IntrinsicPlasticity(std=1e300)}, "std.*Got 1e"),
        ({"plasticity": IntrinsicPlasticity(mean=1e-320), "activation": "logistic"}, "plasticity"),
        ({"n_units": 2**40}, "n_units=1099511627776"),
        ({"layers": 2**70}, "layers.*Got 1180591620717411303424"),
        ({"cell": Leaky(delays=10**9)}, "delays"),
        ({"cell": Clockwork(periods=(1, 10**9))}, "periods"),
    ],
    ids=str,
)
def test_what_no_reservoir_can_have_is_named(make, options, match):
    X, y = data(make)
    with pytest.raises(ValueError, match=match):
        make(**{"n_units": 8, "random_state": 0, **options}).fit(X, y)
