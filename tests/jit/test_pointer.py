"""Loops of a memory with pointers, against memories that are lists."""

from itertools import product

import numpy as np
import pytest

from dlkit._jit import pointer

pytestmark = pytest.mark.kernels

N_ACTIONS, WIDTH = 5, 2


def ring(writes, n_slots):
    """Contents of the slots before each step, and at last."""
    slots, told, n = [-1] * n_slots, [], 0
    for t, write in enumerate(writes):
        told.append(list(slots))
        if write:
            slots[n % n_slots] = t
            n += 1
    return [*told, slots]


def window(X, t):
    back = np.vstack([np.zeros((WIDTH - 1, X.shape[1])), X])
    return back[t : t + WIDTH]


def jump(X, t, slots):
    """Slot behind the one most like step t's; of equal ones the latest."""
    known = [(((window(X, t) - window(X, i)) ** 2).sum(), -i, k) for k, i in enumerate(slots)
             if 0 <= i < t]  # fmt: skip
    return (min(known)[2] + 1) % len(slots) if t >= 0 and known else None


def targets(X, k, t, rows):
    """Slots that the actions lead to."""
    n = len(rows[0])
    return [k, (k + 1) % n, 0, jump(X, t, rows[t + 1]), jump(X, t - 1, rows[t])]


def points(scores, on_rows, k, slots):
    found = scores.copy()
    for place, slot in enumerate((k, (k + 1) % len(slots), 0)):
        if slots[slot] >= 0:
            found += on_rows[slots[slot], place]
    return found


def drawn(seed, n_steps=6, n_slots=4):
    r = np.random.RandomState(seed)
    X = r.randint(2, size=(n_steps, 2)).astype(float)
    writes = r.uniform(size=n_steps) < 0.7
    scores, on_rows = r.randn(n_steps, N_ACTIONS), r.randn(n_steps, 3, N_ACTIONS)
    costs, blank = r.uniform(size=(n_steps, n_steps)), r.uniform(size=n_steps)
    return X, writes, n_slots, scores, on_rows, costs, blank


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_slots", [2, 4])
def test_slots_hold_what_a_ring_would(seed, n_slots):
    X, writes, *_ = drawn(seed)
    rows = np.empty((len(X) + 1, n_slots), dtype=np.int64)
    pointer.rows_by_time(writes, n_slots, rows)
    assert rows.tolist() == ring(writes, n_slots)
    jumps = np.empty((len(X), 2), dtype=np.int64)
    pointer.matches(X, rows, WIDTH, jumps)
    for t in range(len(X)):
        want = targets(X, 0, t, rows.tolist())[3:]
        assert jumps[t].tolist() == [-1 if one is None else one for one in want]


@pytest.mark.parametrize("weight", [0.0, 0.7])
@pytest.mark.parametrize("seed", range(3))
def test_no_way_of_the_pointer_is_cheaper(seed, weight):
    X, writes, n_slots, scores, on_rows, costs, blank = drawn(seed, n_steps=5, n_slots=6)
    rows = ring(writes, n_slots)
    prior = 0.01 * np.arange(N_ACTIONS)
    best = np.inf
    for actions in product(range(N_ACTIONS), repeat=len(X)):
        k = total = 0
        for t, a in enumerate(actions):
            found = points(scores[t], on_rows, k, rows[t])
            to = targets(X, k, t, rows)[a]
            if to is None:
                total = np.inf
                break
            k, read = to, rows[t + 1][to]
            total += prior[a] + (blank[t] if read < 0 else costs[t, read])
            total += weight * (np.log(np.exp(found).sum()) - found[a])
        best = min(best, total)
    table = np.array(rows)
    jumps = np.empty((len(X), 2), dtype=np.int64)
    pointer.matches(X, table, WIDTH, jumps)
    path, actions = np.empty(len(X), dtype=np.int64), np.empty(len(X), dtype=np.int64)
    least = pointer.align(costs, blank, table, jumps, scores, on_rows, weight, prior, path, actions)
    assert least == pytest.approx(best)
    k = 0
    for t, a in enumerate(actions):
        k = targets(X, k, t, rows)[a]
        assert path[t] == k


@pytest.mark.parametrize("n_actions", [3, 5])
@pytest.mark.parametrize("seed", range(4))
def test_the_pointer_goes_where_the_greatest_score_says(seed, n_actions):
    X, writes, n_slots, scores, on_rows, *_ = drawn(seed, n_steps=9, n_slots=3)
    rows, k, want = ring(writes, n_slots), 0, []
    for t in range(len(X)):
        found = points(scores[t], on_rows, k, rows[t])[:n_actions]
        to = targets(X, k, t, rows)[:n_actions]
        k = to[max((a for a in range(n_actions) if to[a] is not None), key=lambda a: found[a])]
        want.append(rows[t + 1][k])
    reads = np.empty(len(X), dtype=np.int64)
    lost = pointer.run_pointer(
        X, writes, n_slots, WIDTH, np.ascontiguousarray(scores[:, :n_actions]),
        np.ascontiguousarray(on_rows[:, :, :n_actions]), reads,
    )  # fmt: skip
    assert reads.tolist() == want
    assert lost == max(writes.sum() - n_slots, 0)


@pytest.mark.parametrize("n_slots", [2, 9])
def test_writes_depend_on_the_first_row(n_slots):
    r = np.random.RandomState(3)
    scores, on_first = r.randn(9), r.randn(9)
    writes, want, slots, n = np.empty(9, dtype=bool), [], [-1] * n_slots, 0
    for t in range(9):
        want.append(scores[t] + (on_first[slots[0]] if slots[0] >= 0 else 0.0) > 0)
        if want[-1]:
            slots[n % n_slots] = t
            n += 1
    pointer.decide_writes(scores, on_first, n_slots, writes)
    assert writes.tolist() == want


def test_inputs_are_needed_where_they_are_the_first_of_the_best():
    costs = np.array([[0.5, 9, 9, 9], [0.1, 0.1, 9, 9], [0.4, 0.3, 0.3, 9], [0.9, 0.9, 0.9, 0.0]])
    marks = np.zeros(4, dtype=bool)
    pointer.needed(costs, np.array([0.2, 0.2, 0.2, 0.0]), 1e-6, marks)
    assert marks.tolist() == [True, False, False, False]
    marks[:] = False
    pointer.needed(costs, np.array([1.0, 1.0, 1.0, 1.0]), 1e-6, marks)
    assert marks.tolist() == [True, True, False, True]
