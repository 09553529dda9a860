"""What is said where inputs, states or forecasts are of no size to work with."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits, load_iris, load_wine
from sklearn.preprocessing import StandardScaler

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNTagger,
    NVARForecaster,
    ReservoirFeatures,
    ReservoirStates,
)
from dlkit.datasets import (
    load_japanese_vowels,
    make_henon,
    make_lorenz,
    make_mackey_glass,
    make_multiple_sines,
    make_narma,
)
from dlkit.exceptions import DivergenceWarning, SaturationWarning, ScalingWarning
from dlkit.forecasting import Horizon
from dlkit.reservoir import Layers, ModelSpace, diagnose
from dlkit.reservoir._models.scale import saturated_share
from dlkit.sequences import pack

from .. import naive

r = np.random.RandomState(0)
SERIES = r.randn(300, 1)
SEQUENCES = [r.randn(30, 2) for _ in range(12)]
LABELS = np.arange(12) % 2


def fits(options, factor, dtype=np.float64):
    """Every way to fit a reservoir."""
    u, X = (SERIES * factor).astype(dtype), [(x * factor).astype(dtype) for x in SEQUENCES]
    given = {"n_units": 40, "random_state": 0, **options}
    return [
        lambda: ReservoirStates(**given).fit(u),
        lambda: ESNClassifier(**given, alpha=1.0).fit(X, LABELS),
        lambda: ReservoirStates(**given).fit_transform([u, u]),
        lambda: ESNForecaster(**given, alpha=1.0, scaling=None).fit(u, SERIES[:, 0]),
        lambda: ESNForecaster(**given, alpha=1.0, scaling=None).partial_fit(u, SERIES[:, 0]),
        lambda: ESNTagger(**given, alpha=1.0).fit(u, SERIES[:, 0] > 0),
        lambda: ReservoirFeatures(**given).fit(X),
        lambda: ESNClassifier(**given, alpha=1.0).partial_fit(X, LABELS, [0, 1]),
    ]


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("factor", "category", "match"),
    [
        (1e6, SaturationWarning, "100% .* saturated.*StandardScaler"),
        (1e-9, ScalingWarning, r"next to nothing.*input_scaling near \de\+08"),
    ],
)
def test_every_fit_says_that_inputs_are_out_of_proportion(factor, category, match, dtype):
    for fit in fits({}, factor, dtype):
        with pytest.warns(category, match=match):
            fit()


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("options", "factor", "category", "match"),
    [
        ({"leak_rate": 0.2}, 1e6, SaturationWarning, "saturated"),
        ({"layers": 2}, 1e6, SaturationWarning, "saturated"),
        ({"layers": Layers(2, read="last")}, 1e6, SaturationWarning, "saturated"),
        ({"activation": "logistic"}, 1e6, SaturationWarning, "saturated"),
        ({"spectral_radius": 60.0}, 1.0, SaturationWarning, "spectral_radius of up to 60"),
        ({"input_scaling": 1e3}, 1.0, SaturationWarning, "lower input_scaling"),
        ({"cell": "lstm"}, 1e6, ScalingWarning, "gates of the units"),
        ({"activation": "relu"}, 1e6, ScalingWarning, "what enters the units reaches"),
        ({"cell": "gru"}, 1e-9, ScalingWarning, "next to nothing"),
    ],
)
def test_inputs_out_of_all_proportion(options, factor, category, match):
    for fit in fits(options, factor)[:2]:
        with pytest.warns(category, match=match):
            fit()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("factor", "n"), [(1.0, 0), (30.0, 0), (1e-9, 1), (1e6, 1)])
def test_products_of_inputs_out_of_all_proportion(factor, n, dtype):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ScalingWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        NVARForecaster(2, scaling=None).fit((factor * SERIES).astype(dtype))
    assert [one.category for one in caught] == [ScalingWarning] * n


def ordinary():
    """Data as people have them, none of which gives rise to a warning."""
    t = np.arange(500)
    walk = np.cumsum(r.randn(500, 3), axis=0)
    vowels = load_japanese_vowels()
    digits = load_digits()
    season = 15 + 10 * np.sin(t / 58) + r.randn(500)
    ar = np.zeros(500)
    for k in range(1, 500):
        ar[k] = 0.8 * ar[k - 1] + r.randn()
    return {
        "vowels": list(vowels.data if hasattr(vowels, "data") else vowels[0])[:60],
        "digits": digits.data[:80],
        "digits, scaled": digits.data[:80] / 16,
        "images of digits": digits.images[:80],
        "bytes over 255": r.randint(256, size=(20, 28, 28)) / 255,
        "mackey glass": make_mackey_glass(500, random_state=0),
        "lorenz": StandardScaler().fit_transform(make_lorenz(500, random_state=0)),
        "lorenz as it is": make_lorenz(500, random_state=0),
        "henon": make_henon(500, random_state=0),
        "sines": make_multiple_sines(500),
        "narma": make_narma(500, random_state=0)[0],
        "few counts": r.poisson(3, (500, 1)).astype(float),
        "counts": r.poisson(20, (500, 1)).astype(float),
        "walk": StandardScaler().fit_transform(walk),
        "degrees": season[:, None],
        "returns": 0.001 * r.randn(500, 1),
        "shares": r.uniform(0, 1, (500, 4)),
        "signs": np.sign(r.randn(500, 1)),
        "one-hot": np.eye(5)[r.randint(5, size=500)],
        "regression": ar[:, None],
        "white noise": r.randn(500, 2),
        "sparse spikes": (r.uniform(size=(500, 1)) < 0.02).astype(float),
        "constant": np.ones((500, 1)),
        "nothing": np.zeros((500, 1)),
        "iris": load_iris().data,
        "wine": StandardScaler().fit_transform(load_wine().data),
        "diabetes": load_diabetes().data,
    }


ORDINARY = ordinary()


@pytest.mark.compiled
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_data_are_no_cause_for_alarm(name):
    X = ORDINARY[name]
    many = isinstance(X, list) or np.ndim(X) == 3
    sequences = X if many else [X[k::5] for k in range(5)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ReservoirFeatures(60, random_state=0).fit_transform(sequences)
        ReservoirStates(60, random_state=0).fit_transform(X)
        ESNClassifier(60, alpha=1.0, random_state=0).fit(sequences, np.arange(len(sequences)) % 2)


@pytest.mark.compiled
@pytest.mark.parametrize("leak_rate", [1.0, 0.3])
@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_the_share_is_that_of_flat_activations(activation, leak_rate):
    loud = 4.0 if activation == "tanh" else 15.0
    options = {"activation": activation, "leak_rate": leak_rate, "input_scaling": loud}
    model = ReservoirStates(25, random_state=0, **options).fit(SERIES)
    reservoir, x, flat = model.reservoir_, np.zeros(25), []
    W = reservoir.matrix.toarray()
    for u in SERIES:
        z = W @ x + reservoir.w_in @ u + reservoir.bias
        y = naive.ACTIVATIONS[activation](z)
        flat.append(1 - y**2 < 0.01 if activation == "tanh" else y * (1 - y) < 0.0025)
        x = (1 - leak_rate) * x + leak_rate * y
    want = np.mean(flat[100:])
    assert 0.1 < want < 0.9
    found = diagnose(model, SERIES, washout=100).saturated_share
    assert found == pytest.approx(want, abs=1e-3)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.SaturationWarning")
def test_shares_of_other_units():
    batch = pack(SERIES, rows="steps")

    def share(**options):
        drawn = ReservoirStates(20, random_state=0, **options).fit(SERIES).reservoir_
        return saturated_share(drawn, batch, drawn.rest(1, np.float64))

    assert share(activation="identity") == 0
    assert np.isnan(share(activation=np.sin))
    assert share(activation="relu", bias_scaling=100.0) > 0.2  # some are never above zero
    assert share(cell="legendre", input_scaling=200.0) > 0.8
    each = share(layers=2, input_scaling=200.0)
    assert each.shape == (2,)
    assert each[0] > 0.9 > each[1]


@pytest.mark.compiled  # uncompiled, NumPy warns of the overflow itself
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_states_that_grow_are_said_to(dtype):
    """Not that X holds NaN, which it does not."""
    linear = {"activation": "identity", "random_state": 0}
    u = r.randn(3000, 1).astype(dtype)
    esn = ESNForecaster(20, spectral_radius=1.02, alpha=1.0, **linear, scaling=None)
    if dtype == np.float64:
        with pytest.warns(DivergenceWarning, match="grow without bound.*spectral_radius"):
            esn.fit(u, np.roll(u[:, 0], 2))
    X = [r.randn(1000, 1).astype(dtype) for _ in range(4)]
    for T in (1000, 300):
        short = [x[:T] for x in X]
        for make in (ESNClassifier, ReservoirFeatures):
            for pooling in ("moments", "last", ModelSpace(3)):
                model = make(20, leak_rate=1.0, spectral_radius=1.5, pooling=pooling, **linear)
                with pytest.raises(ValueError, match="grow without bound|not finite at the end"):
                    model.fit_transform(short) if make is ReservoirFeatures else model.fit(
                        short, [0, 1, 0, 1]
                    )


@pytest.mark.parametrize("pooling", ["moments", "model_space"])
def test_squares_of_inputs_beyond_the_dtype_are_named(pooling):
    model = ReservoirFeatures(8, passthrough=True, pooling=pooling, random_state=0).fit(SEQUENCES)
    with pytest.raises(ValueError, match="X holds numbers up to .* squares are beyond"):
        model.transform([x * 1e155 for x in SEQUENCES])
    if pooling == "moments":
        mean = ReservoirFeatures(8, passthrough=True, pooling="mean", random_state=0).fit(SEQUENCES)
        with pytest.raises(ValueError, match="X holds numbers up to 1.7e"):
            mean.transform([1.7e308 * np.sign(SEQUENCES[0])])
    small = [x.astype(np.float32) * np.float32(1e20) for x in SEQUENCES]
    assert np.isfinite(model.transform(small)).all()  # squares are those of float64


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
def test_scores_of_large_numbers_of_float32_are_those_of_float64():
    u = (np.sign(SERIES) * 1e37).astype(np.float32)
    for make in (
        NVARForecaster(2, order=1, scaling=None),
        NVARForecaster(1, order=1, horizon=Horizon(increments=False), scaling=None),
    ):
        score = make.fit(u).score(u)
        assert np.isfinite(score)
        assert score == pytest.approx(
            make.fit(u / np.float32(1e37)).score(u / np.float32(1e37)), abs=1e-3
        )


@pytest.mark.parametrize(("dtype", "factor"), [(np.float64, 1e155), (np.float32, 1e25)])
def test_products_beyond_the_dtype_are_named(dtype, factor):
    u = SERIES.astype(dtype)
    model = NVARForecaster(2, scaling=None).fit(u)
    match = f"X holds numbers up to .* order=2 are beyond {dtype.__name__}"
    for use in (model.predict, lambda x: model.forecast(2, x)):
        with pytest.raises(ValueError, match=match):
            use(u * dtype(factor))


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize(
    "model",
    [
        NVARForecaster(2, alpha=1e-10, scaling=None),
        ESNForecaster(50, activation="relu", alpha=1e-10, random_state=0, scaling=None),
    ],
)
def test_a_forecast_that_diverges_is_announced(model):
    X = make_lorenz(1000, dt=0.025, random_state=0)
    with pytest.warns(DivergenceWarning, match="forecast of series 0 grows without bound from"):
        future = model.fit(X[:600]).forecast(3000)
    assert np.isfinite(future[:5]).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.forecast(5)
