"""Sequences with targets, and reservoirs in series, for cells on every path."""

import numpy as np

from dlkit import ESNTagger
from dlkit.reservoir import LSTM, Layers, Leaky

from .. import naive
from ._kinds import data

LENGTHS = [9, 14, 6, 30, 8, 5, 11]
SEQUENCES = data(LENGTHS)
TARGETS = [np.tanh(np.roll(x, 2, axis=0) @ [0.5, -0.4]) for x in SEQUENCES]
HELD = [np.column_stack([x, np.full(len(x), i / 5)]) for i, x in enumerate(SEQUENCES)]


def check_outputs_fed_back(esn, targets, states):
    """Trained on true outputs, run on its own; ``states(series)`` are the twin's from the start."""
    tagger = isinstance(esn, ESNTagger)
    esn.fit(SEQUENCES, targets)
    signs = [np.where(y == "up", 1.0, -1.0) for y in targets] if tagger else targets
    fed = [np.column_stack([x, np.r_[0.0, y[:-1]]]) for x, y in zip(SEQUENCES, signs, strict=True)]

    def rows(series):
        found = states(esn.reservoir_, series)
        return np.hstack([found, series]) if esn.passthrough else found

    learned = np.concatenate([y[2:] for y in signs])
    coef, intercept = naive.ridge(
        np.vstack([rows(series)[2:] for series in fed]), learned[:, None], esn.alpha
    )
    run = esn.decision_function if tagger else esn.predict
    several = run(SEQUENCES)  # in lanes, where there are any
    for got, x in zip(several, SEQUENCES, strict=True):
        series, want = np.column_stack([x, np.zeros(len(x))]), []
        for t in range(len(x)):
            want.append((rows(series[: t + 1])[-1] @ coef + intercept)[0])
            if t + 1 < len(x):
                series[t + 1, -1] = np.sign(want[-1]) if tagger else want[-1]
        np.testing.assert_allclose(got, want, atol=1e-10)
        np.testing.assert_allclose(run(x), want, atol=1e-10)
    whole, state = esn.predict(SEQUENCES[3], return_state=True)
    first, half = esn.predict(SEQUENCES[3][:13], return_state=True)
    second, end = esn.predict(SEQUENCES[3][13:], initial_state=half, return_state=True)
    if tagger:
        np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    else:
        np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=1e-11)
    np.testing.assert_allclose(end, state, atol=1e-11)


GRU = {"cell": "gru", "n_units": 7}
LONG = {"cell": Leaky(delays=(1, 3)), "leak_rate": 0.4}
ORTHOGONAL = {"cell": "es2n", "leak_rate": 0.3, "activation": "relu"}
DEEP = {
    "two": Layers(2),
    "one": Layers(1),
    "different": Layers([{}, GRU, {"cell": "clockwork"}, {"cell": LSTM(delays=(1, 3))}]),
    "paths": Layers([LONG, ORTHOGONAL], inputs="all"),
    "skips": Layers([GRU, LONG, {}], inputs="all", skips=True),
    "last": Layers([{**GRU, "n_units": 3}, {"cell": "legendre"}], read="last"),
    "transition": Layers([{"cell": "deep_transition"}, {"cell": "mgu", "activation": "logistic"}]),
    "euler": Layers([{"cell": "euler", "leak_rate": 0.1}, {"activation": np.sin}]),
    "no list": Layers([{"topology": "hadamard"}, {"topology": "ring"}]),
}
