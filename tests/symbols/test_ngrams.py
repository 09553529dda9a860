"""Tables of n-grams, against counts in dictionaries."""

from collections import Counter

import numpy as np
import pytest

from dlkit.symbols import NGramMixer
from dlkit.symbols._ngrams import Mixture, Tables, histories_of

ORDER, N = 3, 4


def drawn(seed=0):
    r = np.random.RandomState(seed)
    sequences = [r.randint(3, size=n) for n in r.randint(3, 12, size=15)]
    return sequences, np.concatenate([np.append(s, 3) for s in sequences])


def slow(sequences, i, t, without):
    """Probabilities by each order at step t of sequence i, by the formula."""
    told, p = [], np.full(N, 1 / N)
    padded = [[N] * ORDER + s.tolist() + [3] for s in sequences]
    for k in range(ORDER):
        context = padded[i][ORDER + t - k : ORDER + t]
        found = Counter(
            s[j] for s in padded for j in range(ORDER, len(s)) if s[j - k : j] == context
        )
        if without:
            found[padded[i][ORDER + t]] -= 1
        found = +found
        n, distinct = sum(found.values()), len(found)
        if n:
            p = np.array([(found[s] + distinct * p[s]) / (n + distinct) for s in range(N)])
        told.append(p)
    return np.array(told)


def test_symbols_before_each_step():
    found = histories_of([np.array([5, 6, 7]), np.array([8])], 2, 9)
    want = [[9, 9], [5, 9], [6, 5], [7, 6], [9, 9], [8, 9]]
    assert found.tolist() == want


@pytest.mark.parametrize("without", [False, True])
def test_tables_tell_what_counts_do(without):
    sequences, followers = drawn()
    histories = histories_of(sequences, ORDER - 1, N)
    tables = Tables.of(histories, followers, N, ORDER)
    logs, depth = tables.predict(histories, followers if without else None)
    row = 0
    for i, s in enumerate(sequences):
        for t in range(len(s) + 1):
            want = slow(sequences, i, t, without)
            np.testing.assert_allclose(np.exp(logs[row]), want, atol=1e-11)
            row += 1
    assert set(depth) <= set(range(ORDER + 1))
    if not without:
        assert (depth == ORDER).all()


def test_weights_find_the_model_that_is_right():
    """Against symbols that only the model knows, and against those that only the tables know."""
    r = np.random.RandomState(0)
    followers = r.randint(N, size=4000)
    histories = histories_of([np.zeros(3999, dtype=int)], ORDER - 1, N)
    sure = np.log(np.full((4000, N), 0.02) + 0.92 * np.eye(N)[followers])
    mixer = NGramMixer(ORDER, n_passes=2)
    mixture = Mixture.learn(mixer, histories, followers, N, np.arange(len(sure)), sure)
    told = mixture.log_proba(histories, sure)
    assert -told[np.arange(4000), followers].mean() < 0.07
    np.testing.assert_allclose(np.exp(told).sum(axis=1), 1)
    cycle = np.arange(4000) % N
    histories = histories_of([cycle], ORDER - 1, N)[:-1]
    blind = np.full((4000, N), -np.log(N))
    mixture = Mixture.learn(mixer, histories, cycle, N, np.arange(len(blind)), blind)
    told = mixture.log_proba(histories, blind)
    assert -told[np.arange(4000), cycle].mean() < 0.01


def test_weights_that_learn_on_are_those_of_the_call_alone():
    sequences, followers = drawn()
    histories = histories_of(sequences, ORDER - 1, N)
    logs = np.log(np.random.RandomState(1).dirichlet(np.ones(N), len(followers)))
    mixer = NGramMixer(ORDER, online=0.05)
    mixture = Mixture.learn(mixer, histories, followers, N, np.arange(len(logs)), logs)
    before = mixture.weights.copy()
    one = mixture.log_proba(histories, logs, followers)
    assert np.abs(one - mixture.log_proba(histories, logs)).max() > 1e-6
    np.testing.assert_array_equal(mixture.log_proba(histories, logs, followers), one)
    np.testing.assert_array_equal(mixture.weights, before)
