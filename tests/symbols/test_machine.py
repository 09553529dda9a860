"""The machine as an estimator: what it learns, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from dlkit import ReservoirMemoryMachine, ReservoirStates
from dlkit.datasets import (
    make_associative_recall,
    make_copy,
    make_latch,
    make_regular_language,
    make_repeat_copy,
)
from dlkit.exceptions import OverwrittenMemoryWarning

TASKS = {
    "latch": (lambda n, seed: make_latch(n, 60, random_state=seed), {}),
    "copy": (lambda n, seed: make_copy(n, n_bits=4, max_length=8, random_state=seed), {}),
    "repeat copy": (
        lambda n, seed: make_repeat_copy(
            n, n_bits=4, max_length=4, max_repeats=3, random_state=seed
        ),
        {},
    ),
    "recall": (
        lambda n, seed: make_associative_recall(n, n_bits=8, max_items=4, random_state=seed),
        {"addressing": "content"},
    ),
}


def off(machine, X, y):
    told = machine.predict(X)
    return np.sqrt(np.mean((np.concatenate(told) - np.concatenate(y)) ** 2))


@pytest.mark.compiled
@pytest.mark.parametrize("task", TASKS)
def test_tasks_of_memory_are_solved(task):
    make, parameters = TASKS[task]
    machine = ReservoirMemoryMachine(20, random_state=0, **parameters).fit(*make(60, 0))
    X, y = make(20, 1)
    assert off(machine, X, y) < (0.1 if task == "recall" else 0.01)
    assert machine.score(X, y) > 0.9
    assert machine.training_error_ < 0.1


@pytest.mark.compiled
def test_what_is_read_is_what_was_written():
    X, y = make_copy(60, n_bits=4, max_length=8, random_state=0)
    machine = ReservoirMemoryMachine(20, random_state=0).fit(X, y)
    x, target = make_copy(1, n_bits=4, min_length=30, max_length=30, random_state=1)
    read = machine.read(x)[0]
    assert read[-30:].tolist() == list(range(30))
    np.testing.assert_allclose(machine.predict(x)[0], target[0], atol=1e-3)


@pytest.mark.compiled
def test_a_full_memory_loses_its_oldest_rows_and_says_so():
    X, y = make_copy(60, n_bits=4, max_length=8, random_state=0)
    machine = ReservoirMemoryMachine(20, memory_size=20, random_state=0).fit(X, y)
    x, _ = make_copy(1, n_bits=4, min_length=30, max_length=30, random_state=1)
    with pytest.warns(OverwrittenMemoryWarning, match="memory_size=20"):
        machine.predict(x)


@pytest.mark.parametrize("language", ["parity", "(ab)*"])
def test_words_of_any_length(language):
    X, y = make_regular_language(60, language, random_state=0)
    machine = ReservoirMemoryMachine(20, addressing="states", random_state=0).fit(X, y)
    X, y = make_regular_language(5, language, min_length=500, max_length=500, random_state=1)
    assert off(machine, X, y) == 0
    assert machine.n_states_ == len(set(np.concatenate(machine.read(X))))


def test_symbols_that_were_never_seen_are_like_their_neighbours():
    X, y = make_regular_language(60, "parity", random_state=0)
    machine = ReservoirMemoryMachine(20, addressing="states", random_state=0).fit(X, y)
    r = np.random.RandomState(0)
    assert off(machine, [x + r.uniform(-0.05, 0.05, x.shape) for x in X], y) == 0


@pytest.mark.compiled
def test_forms_of_targets_come_back():
    X, y = make_latch(30, 40, random_state=0)
    machine = ReservoirMemoryMachine(10, max_rounds=2, random_state=0)
    flat = clone(machine).fit([x[:, 0] for x in X], [target[:, 0] for target in y])
    deep = clone(machine).fit(np.stack(X), np.stack(y))
    assert [told.shape for told in flat.predict([X[0][:, 0]])] == [(40,)]
    assert deep.predict(np.stack(X)).shape == (30, 40, 1)
    np.testing.assert_allclose(
        np.stack(flat.predict([x[:, 0] for x in X])), deep.predict(np.stack(X))[:, :, 0]
    )
    frames = [pd.DataFrame({"spike": x[:, 0]}) for x in X]
    framed = clone(machine).fit(frames, y)
    np.testing.assert_allclose(np.stack(framed.predict(frames)), deep.predict(np.stack(X)))


@pytest.mark.compiled
def test_a_grid_search_over_sequences():
    X, y = make_latch(24, 30, random_state=0)
    grid = {"reservoir__spectral_radius": [0.5, 0.9], "addressing": ["pointer", "content"]}
    machine = ReservoirMemoryMachine(reservoir=ReservoirStates(5), max_rounds=2, random_state=0)
    search = GridSearchCV(machine, grid, cv=2).fit(X, y)
    assert search.best_score_ > 0.9


@pytest.mark.parametrize(
    ("parameters", "X", "y", "match"),
    [
        ({"addressing": "tape"}, np.zeros((9, 1)), np.zeros(9), "addressing"),
        ({"memory_size": 1}, np.zeros((9, 1)), np.zeros(9), "memory_size"),
        ({}, np.zeros((4001, 1)), np.zeros(4001), "4000"),
        ({}, np.zeros((9, 1)), None, "requires y"),
        ({}, np.zeros((9, 1)), np.full(9, np.nan), "y contains NaN"),
        ({}, np.zeros((9, 1)), np.zeros(8), "8 time steps"),
        ({"addressing": "states"}, np.arange(300.0)[:, None] / 300, np.zeros(300), "300 different"),
        ({"addressing": "states"}, [np.zeros((3, 1))] * 2, [[0, 0, 0], [0, 0, 1]], "function"),
        (
            {"addressing": "states", "reservoir": ReservoirStates(5, bidirectional=True)},
            np.zeros((9, 1)), np.zeros(9), "bidirectional",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(parameters, X, y, match):
    machine = ReservoirMemoryMachine(5, random_state=0, **parameters)
    with pytest.raises(ValueError, match=match):
        machine.fit(X, y)
    assert not hasattr(machine, "machine_")


def test_one_step_is_too_few_to_choose_alpha_by():
    X, y = np.ones((1, 2)), np.ones((1, 1))
    with pytest.raises(ValueError, match="Choosing alpha .* needs at least 2 samples"):
        ReservoirMemoryMachine(5, random_state=0).fit(X, y)
    found = ReservoirMemoryMachine(5, alpha=1e-6, random_state=0).fit(X, y).predict(X)
    np.testing.assert_allclose(found, 1.0, atol=1e-3)
