"""How pointers are learned."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dlkit.sequences import pack
from dlkit.symbols import _pointer


def learn(X, y, n_actions=3, state=None, **more):
    options = {
        "n_slots": 100, "width": 1, "n_actions": n_actions, "alpha": 1e-8, "n_rounds": 4,
        "controller": LogisticRegression(max_iter=60), "rng": np.random.RandomState(0), **more,
    }  # fmt: skip
    batch = pack(X)
    states = np.zeros((len(batch.values), 1)) if state is None else np.concatenate(state)
    return batch, states, _pointer.learn(batch, states, np.concatenate(y), **options)


def test_rows_are_taken_within_their_sequence():
    rows = np.arange(10.0).reshape(5, 2)
    found = _pointer.taken(rows, np.array([0, -1, 0, 1, 0]), np.array([0, 2, 5]))
    np.testing.assert_array_equal(found, [[0, 1], [0, 0], [4, 5], [6, 7], [4, 5]])


def test_of_frequent_labels_a_sample_is_kept():
    labels = np.r_[np.zeros(20_000, dtype=int), np.ones(10, dtype=int), np.full(5, 3)]
    kept = _pointer._thinned(labels, np.random.RandomState(0))
    assert np.bincount(labels[kept]).tolist() == [2000, 10, 0, 5]
    assert len(set(kept)) == len(kept)


@pytest.mark.compiled
def test_outputs_in_other_units_than_inputs_are_found_by_a_lag():
    """Each output is −2 times the input of three steps ago, plus 1; the state tells step 3."""
    r = np.random.RandomState(0)
    X = [r.uniform(size=(r.randint(10, 20), 1)) for _ in range(30)]
    y = [1 - 2 * np.vstack([x[[0, 0, 0]], x[:-3]]) for x in X]
    third = [(np.arange(len(x))[:, None] > 3).astype(float) for x in X]
    batch, states, (found, error, lost) = learn(X, y, state=third)
    assert error < 1e-3
    assert lost == 0
    told, _ = found.predict(batch, states)
    np.testing.assert_allclose(told, np.concatenate(y), atol=1e-2)


@pytest.mark.compiled
def test_content_is_found_by_its_key():
    """Pairs of a key and a value, one after the other; asked for a key, tell its value."""
    r = np.random.RandomState(0)

    def pairs(n):
        X, y = [], []
        for _ in range(n):
            keys = np.eye(6)[r.permutation(6)[:4]]
            values, asked = r.uniform(1, 2, 4), r.randint(4)
            x = np.zeros((10, 8))
            x[0:8:2, :6], x[1:8:2, 6] = keys, values
            x[8, :6], x[8, 7] = keys[asked], 1.0
            target = np.zeros((10, 1))
            target[8] = values[asked]
            X.append(x)
            y.append(target)
        return X, y

    _, _, (found, error, _) = learn(*pairs(60), n_actions=5)
    assert error < 1e-3
    X, y = pairs(20)
    told, _ = found.predict(pack(X), np.zeros((200, 1)))
    np.testing.assert_allclose(told, np.concatenate(y), atol=1e-2)
