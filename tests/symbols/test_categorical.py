"""Probabilities of symbols: steps that are left out, mixtures and calibrations."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dlkit import LogisticReadoutClassifier, SequenceModel
from dlkit.readout._calibration import Calibration
from dlkit.symbols import NGramMixer

pytestmark = pytest.mark.compiled


def text(n, seed, n_symbols=6):
    """A Markov chain of the second order, which no linear readout of few units tells exactly."""
    shares = np.random.RandomState(9).dirichlet(np.full(n_symbols, 0.3), (n_symbols, n_symbols))
    found, below = [0, 1], shares.cumsum(axis=2)
    for uniform in np.random.RandomState(seed).uniform(size=n - 2):
        told = int((below[found[-2], found[-1]] < uniform).sum())
        found.append(min(told, n_symbols - 1))
    return np.array(found)


def gap(told, truth):
    """Expected calibration error."""
    sure, right = told.max(axis=1), told.argmax(axis=1) == truth
    bins = np.minimum((10 * sure).astype(int), 9)
    return sum(abs((sure - right)[bins == b].sum()) for b in range(10)) / len(truth)


def model(**more):
    readout = LogisticReadoutClassifier(1.0)
    return SequenceModel(8, stop=None, readout=readout, random_state=0, **more)


@pytest.mark.parametrize("max_steps", [None, 6000])
def test_what_is_told_of_new_steps_is_as_sure_as_right(max_steps):
    learn, test = text(20_000, 0), text(20_000, 1)
    raw, told = (
        model(calibrate=calibrate, max_steps=max_steps).fit([learn]) for calibrate in (False, True)
    )
    P, Q = raw.predict_proba([test])[0], told.predict_proba([test])[0]
    np.testing.assert_allclose(Q.sum(axis=1), 1)
    assert (P.argmax(axis=1) == Q.argmax(axis=1)).all()
    assert gap(Q, test) < 0.8 * gap(P, test)
    assert told.bits([test]) < raw.bits([test]) - 0.02


class Memory(LogisticRegression):
    """Sure of what it has learned from, and knows nothing else."""

    def fit(self, X, y):
        self.known = {row.tobytes(): label for row, label in zip(X, y, strict=True)}
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        found = np.full((len(X), len(self.classes_)), 1 / len(self.classes_))
        for i, row in enumerate(X):
            if row.tobytes() in self.known:
                sure = self.classes_ == self.known[row.tobytes()]
                found[i] = 0.98 * sure + 0.02 / len(self.classes_)
        return found


def test_weights_of_a_mixer_are_learned_from_steps_left_out():
    learn, test = text(4000, 0), text(4000, 1)
    bits, P = {}, {}
    for calibrate in (False, True):
        one = SequenceModel(
            8, stop=None, readout=Memory(), mixer=NGramMixer(3), calibrate=calibrate,
            random_state=0,
        ).fit([learn])  # fmt: skip
        bits[calibrate], P[calibrate] = one.bits([test]), one.predict_proba([test])[0]
        assert one.emission_.calibration is None
    assert bits[True] < bits[False] - 0.05
    assert gap(P[True], test) < gap(P[False], test)


class Counting(LogisticRegression):
    rows = []

    def fit(self, X, y):
        self.rows.append(len(y))
        return super().fit(X, y)


def test_steps_that_are_told_have_not_been_learned_from():
    words = ["".join(map("abcdef".__getitem__, text(20, i))) for i in range(200)]
    Counting.rows.clear()
    one = SequenceModel(8, readout=Counting(), random_state=0).fit(words)
    assert Counting.rows == [200 * 21, 160 * 21]  # of five sequences one, whole
    assert one.emission_.calibration is not None
    Counting.rows.clear()
    one = SequenceModel(8, readout=Counting(), max_steps=2000, random_state=0).fit(words)
    assert Counting.rows == [2000]  # there are enough before
    assert one.emission_.calibration is not None
    Counting.rows.clear()
    SequenceModel(8, stop=None, readout=Counting(), random_state=0).fit([text(4000, 0)])
    assert Counting.rows == [4000, 3200]
    for more in ({}, {"calibrate": False}):  # too few, and none wanted
        Counting.rows.clear()
        found = SequenceModel(8, readout=Counting(), random_state=0, **more).fit(words[:40])
        assert Counting.rows == [40 * 21]
        assert found.emission_.calibration is None


def test_a_penalty_is_chosen_once():
    learn = text(4000, 0)
    one = SequenceModel(8, stop=None, random_state=0).fit([learn])
    assert one.emission_.classifier.alpha == "auto"
    assert one.emission_.calibration is not None


def test_what_is_drawn_follows_what_is_told():
    one = model().fit([text(3000, 0)])
    sharp = Calibration(power=1.5, slope=0.5, floor=1e-6)
    one.emission_ = replace(one.emission_, calibration=sharp)
    begun = text(5, 3)
    drawn = one.sample(4000, prefix=begun, max_length=6, random_state=0)
    shares = np.bincount([s[5] for s in drawn], minlength=6) / 4000
    told = one.predict_proba([np.append(begun, 0)])[0][5]
    np.testing.assert_allclose(shares, told, atol=4 * np.sqrt(0.25 / 4000))
    one.emission_ = replace(one.emission_, calibration=None)
    raw = one.predict_proba([np.append(begun, 0)])[0][5]
    np.testing.assert_allclose(sharp(raw[None])[0], told, rtol=1e-6)
