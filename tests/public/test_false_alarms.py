"""Ordinary sequences, series, images and rows raise no warning, at default settings."""

import warnings

import numpy as np
import pytest
from scipy import signal
from sklearn import datasets
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dlkit
from dlkit.datasets import (
    load_japanese_vowels,
    make_henon,
    make_lorenz,
    make_mackey_glass,
    make_multiple_sines,
    make_narma,
)


def standard(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def walks(rng):
    return rng.standard_normal((30, 80, 3)).cumsum(axis=1) / 9


def letters(rng):
    """One-hot symbols, of unequal lengths."""
    return [np.eye(5)[rng.integers(5, size=n)] for n in rng.integers(10, 40, 30)]


def beats(rng):
    """Spikes at intervals, as a heart's."""
    t = np.arange(200)
    return np.stack(
        [signal.gausspulse((t % p - p / 2) / 40, fc=3) for p in rng.integers(30, 50, 20)]
    )


def seasons(rng):
    """Hours with a day's and a week's season, a trend and noise."""
    t = np.arange(600)
    x = 0.002 * t + np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(2 * np.pi * t / 168)
    return standard(x + 0.1 * rng.standard_normal(600))[:, None]


def autoregressive(rng):
    return signal.lfilter([1], [1, -0.8], rng.standard_normal((500, 2)), axis=0)


SEQUENCES = {
    "vowels": lambda rng: load_japanese_vowels(subset="train", return_X_y=True)[0],
    "walks": walks,
    "letters": letters,
    "beats": beats,
    "sines": lambda rng: np.sin(np.arange(60) * rng.uniform(0.1, 0.9, (30, 1))),
    "steps": lambda rng: np.sign(np.sin(np.arange(60) * rng.uniform(0.1, 0.9, (30, 1)))),
    "counts": lambda rng: rng.poisson(3, (30, 50, 2)) / 3.0,
    "chirps": lambda rng: [signal.chirp(np.linspace(0, 1, n), 3, 1, 20) for n in range(60, 90)],
    "short": lambda rng: rng.standard_normal((30, 5, 12)),
    "gestures": lambda rng: np.sin(np.arange(315)[:, None] * rng.uniform(0.02, 0.1, (20, 1, 3))),
}
SERIES = {
    "mackey-glass": lambda rng: standard(make_mackey_glass(800, random_state=0)),
    "lorenz": lambda rng: standard(make_lorenz(800, random_state=0)),
    "henon": lambda rng: make_henon(800, random_state=0),
    "sines": lambda rng: make_multiple_sines(800),
    "narma": lambda rng: make_narma(800, random_state=0)[0],
    "seasons": seasons,
    "autoregressive": autoregressive,
    "noise": lambda rng: rng.standard_normal((500, 3)),
    "square wave": lambda rng: signal.square(np.arange(500) / 9)[:, None],
    "on and off": lambda rng: (rng.random((500, 2)) > 0.7).astype(float),
}
IMAGES = {
    "digits": lambda rng: datasets.load_digits().images[:100] / 16,
    "photograph": lambda rng: [
        datasets.load_sample_image("china.jpg")[i : i + 32, i : i + 32] / 255 for i in range(9)
    ],
    "noise": lambda rng: rng.random((20, 12, 12)),
    "blobs": lambda rng: np.exp(
        -((np.indices((16, 16))[:, None] - rng.uniform(4, 12, (2, 30))[..., None, None]) ** 2).sum(
            0
        )
        / 9
    ),
}
ROWS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
    "digits": datasets.load_digits,
}


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.compiled
@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences(name):
    X = SEQUENCES[name](np.random.default_rng(0))
    y = np.arange(len(X)) % 2
    dlkit.ESNClassifier(random_state=0).fit(X, y).predict(X)
    dlkit.ESNRegressor(random_state=0).fit(X, y).predict(X)
    dlkit.PerStep(StandardScaler()).fit_transform(X if np.ndim(X[0]) > 1 else list(X))
    for make in (dlkit.ReservoirFeatures, dlkit.MiniRocket, dlkit.Hydra):
        make(random_state=0).fit(X).transform(X)


@pytest.mark.compiled
@pytest.mark.parametrize("name", SERIES)
def test_series(name):
    X = SERIES[name](np.random.default_rng(0))
    half = len(X) // 2
    forecaster = dlkit.ESNForecaster(random_state=0).fit(X[:half])
    forecaster.predict(X[half:])
    dlkit.NVARForecaster().fit(X[:half]).predict(X[half:])
    dlkit.ReservoirStates(random_state=0).fit(X).transform(X)
    y = X[:, 0] > X[:, 0].mean()
    dlkit.ESNTagger(random_state=0).fit(X, y).predict(X)


@pytest.mark.compiled
@pytest.mark.parametrize("name", IMAGES)
def test_images(name):
    X = IMAGES[name](np.random.default_rng(0))
    dlkit.ConvFeatures(16, kernel_size=3, random_state=0).fit(X).transform(X)
    dlkit.ImageScanFeatures(random_state=0).fit(X).transform(X)


@pytest.mark.compiled
@pytest.mark.parametrize("name", ROWS)
def test_rows(name):
    X, y = ROWS[name](return_X_y=True)
    unit = (X - X.min(axis=0)) / np.maximum(np.ptp(X, axis=0), 1e-12)
    classes = name != "diabetes"
    readouts = [dlkit.RidgeReadoutClassifier, dlkit.RLSReadoutClassifier] if classes else [
        dlkit.RidgeReadout, dlkit.RLSReadout
    ]  # fmt: skip
    for readout in readouts:
        readout().fit(X, y).predict(X)
    alphas = np.logspace(-3, 3, 7)
    readouts[0](alphas).fit(X, y).predict(X)
    layers = [
        dlkit.RandomAutoencoder(20, random_state=0),
        dlkit.RBM(20, n_epochs=2, random_state=0),
    ]
    for layer in layers:
        make_pipeline(layer, readouts[0](alphas)).fit(unit, y).predict(unit)
