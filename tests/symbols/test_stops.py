"""When sequences end."""

import numpy as np
import pytest

from dlkit.symbols._stops import Bernoulli, Length


def test_lengths_without_a_context_are_those_of_training():
    lengths = np.repeat([2, 3, 5], [10, 60, 30])
    stop = Length.fit(lengths, None)
    hazard = stop.hazard(None, np.arange(400), None)
    alive = np.concatenate([[1.0], np.cumprod(1 - hazard)])[:-1]
    told = hazard * alive
    assert told.sum() == pytest.approx(1)
    np.testing.assert_allclose(told[[0, 2, 3, 5]], [0, 0.1, 0.6, 0.3], atol=0.02)
    assert (told[1:] > 0).all()


def test_lengths_follow_the_context():
    r = np.random.RandomState(0)
    contexts = r.uniform(0, 1, (300, 1))
    lengths = np.round(np.exp(1 + 2 * contexts[:, 0] + 0.05 * r.randn(300)))
    stop = Length.fit(lengths, contexts)
    for c in (0.2, 0.9):
        hazard = stop.hazard(None, np.arange(200), np.full((200, 1), c))
        told = hazard * np.concatenate([[1.0], np.cumprod(1 - hazard)])[:-1]
        assert told @ np.arange(200) == pytest.approx(np.exp(1 + 2 * c), rel=0.1)


def test_a_coin_is_thrown_by_the_row():
    r = np.random.RandomState(0)
    rows = r.uniform(-1, 1, (2000, 2))
    truth = 1 / (1 + np.exp(-4 * rows[:, 0] + 2))
    stop = Bernoulli.fit(rows, r.uniform(size=2000) < truth)
    steps = np.arange(2000)
    told = stop.hazard(rows, steps, None)
    assert told[0] == 0
    assert np.abs(told - truth)[1:].mean() < 0.03
