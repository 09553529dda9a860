"""Finite automata found from examples, and a reservoir whose states are those of one.

Words with an output after each symbol are the paths of a tree; states of the tree are merged, in
the order of their distance from the root, as long as no two outputs are at odds [1]_. What is left
is an automaton with an output for each state. A reservoir follows it if its state is replaced, at
each step, by the one stored for the automaton's state that a linear classifier sees in it [2]_.

.. [1] J. Oncina and P. Garcia, "Inferring regular languages in polynomial updated time", 1992.
.. [2] B. Paassen, A. Schulz, T. Stewart and B. Hammer, "Reservoir memory machines as neural
   computers", IEEE Trans. Neural Networks and Learning Systems, 2021.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..sequences import Sequences


def infer(words, outputs, max_states):
    """Find a small automaton that agrees with all examples.

    Parameters
    ----------
    words : list of sequence of int
        Symbols.
    outputs : list of sequence of int
        Number of the output after each symbol.
    max_states : int
        Most states.

    Returns
    -------
    moves : list of dict
        For each state, the state after each symbol, as far as the examples tell. State 0 is first.
    told : list of int
        Output of each state; −1 of the first, if no word comes back to it.

    Raises
    ------
    ValueError
        If the examples contradict each other, or more states are needed.
    """
    children, told = _tree(words, outputs)
    red, waiting = [0], deque(children[0].items())
    parents = {child: (0, symbol) for symbol, child in children[0].items()}
    waiting = deque(parents)
    while waiting:
        blue = waiting.popleft()
        parent, symbol = parents[blue]
        if children[parent].get(symbol) != blue:
            continue  # merged with what it belongs to
        for state in red:
            children[parent][symbol] = state
            if _fold(children, told, state, blue):
                _see(children, red, parents, waiting)
                break
        else:
            children[parent][symbol] = blue
            red.append(blue)
            if len(red) > max_states:
                raise ValueError(
                    f"No automaton of max_states={max_states} states or fewer was found that tells "
                    "y from X. Give more or longer sequences, more states, or another addressing."
                )
            _see(children, red, parents, waiting)
    number = {state: i for i, state in enumerate(red)}
    moves = [{s: number[to] for s, to in sorted(children[state].items())} for state in red]
    return moves, [told[state] for state in red]


def _tree(words, outputs):
    """Children of each node by symbol, in the order of their depth, and outputs (−1 unknown)."""
    children, told, level = [{}], [-1], dict.fromkeys(range(len(words)), 0)
    for depth in range(max(map(len, words))):
        for i in list(level):
            if depth == len(words[i]):
                del level[i]
                continue
            at, symbol, output = level[i], words[i][depth], outputs[i][depth]
            if symbol not in children[at]:
                children[at][symbol] = len(children)
                children.append({})
                told.append(output)
            level[i] = children[at][symbol]
            if told[level[i]] != output:
                raise ValueError(
                    f"y is no function of X: after {depth + 1} steps that are the same, sequence "
                    f"{i} has another target than an earlier one."
                )
    return children, told


def _see(children, red, parents, waiting):
    """Put the children of red states that are neither red nor waiting last in the queue."""
    done = set(red) | set(waiting)
    for state in red:
        for symbol, child in children[state].items():
            if child not in done:
                parents[child] = state, symbol
                waiting.append(child)
                done.add(child)


def _fold(children, told, state, tree):
    """Merge a tree into a state, and return True; or leave all as it was."""
    undo, pairs = [], [(state, tree)]
    while pairs:
        one, other = pairs.pop()
        if told[one] >= 0 and told[other] >= 0 and told[one] != told[other]:
            for what, key, before in reversed(undo):
                if before is None:
                    del what[key]
                else:
                    what[key] = before
            return False
        if told[one] < 0 <= told[other]:
            undo.append((told, one, told[one]))
            told[one] = told[other]
        for symbol, child in children[other].items():
            if symbol in children[one]:
                pairs.append((children[one][symbol], child))
            else:
                undo.append((children[one], symbol, None))
                children[one][symbol] = child
    return True


@dataclass(frozen=True)
class Automaton:
    """A reservoir that goes from stored state to stored state.

    Attributes
    ----------
    driver : Driver
        Of the reservoir.
    stored : ndarray of shape (n_states, n_state)
        The reservoir's state in each of the automaton's.
    values : ndarray of shape (n_states, n_outputs)
        Output of each.
    classify : tuple of ndarray
        Coefficients over a new state of the reservoir, and intercepts: the greatest score says
        which of the automaton's it is.
    """

    driver: object
    stored: np.ndarray
    values: np.ndarray
    classify: tuple

    def reads(self, batch):
        """Number of the automaton's state after each step."""
        kinds, which = np.unique(batch.values, axis=0, return_inverse=True)
        table = self._table(kinds)
        found, which = np.empty(len(batch.values), dtype=np.int64), which.ravel()
        for a, b in zip(batch.offsets[:-1], batch.offsets[1:], strict=True):
            state = 0
            for t in range(a, b):
                state = found[t] = table[state, which[t]]
        return found

    def _table(self, kinds):
        """State after each state and each kind of input."""
        after = _after(self.driver, self.stored, kinds)
        scores = after @ self.classify[0].T + self.classify[1]
        return scores.argmax(axis=1).reshape(len(self.stored), len(kinds))

    def predict(self, batch):
        """Outputs of shape (total steps, n_outputs)."""
        return self.values[self.reads(batch)]


def _after(driver, stored, kinds):
    """States after one step, of all states with all inputs, of shape (states · inputs, n_state)."""
    dtype = kinds.dtype
    states = np.repeat(stored, len(kinds), axis=0).astype(dtype)
    inputs = np.tile(kinds, (len(stored), 1))
    single = Sequences(inputs, np.arange(len(inputs) + 1), "list")
    return driver.run(single, states=states).astype(np.float64)


def learn(batch, driver, targets, max_states):
    """Find an automaton, and the states of a reservoir that follow it."""
    kinds, which = np.unique(batch.values, axis=0, return_inverse=True)
    values, outputs = np.unique(targets, axis=0, return_inverse=True)
    outputs, which = outputs.ravel().tolist(), which.ravel().tolist()
    spans = list(zip(batch.offsets[:-1], batch.offsets[1:], strict=True))
    moves, told = infer(
        [which[a:b] for a, b in spans], [outputs[a:b] for a, b in spans], max_states
    )
    rest = driver.rest(Sequences(batch.values[:1], np.array([0, 1]), "list"))
    stored, order = {0: rest[0].astype(np.float64)}, deque([0])
    while order:
        state = order.popleft()
        after = _after(driver, stored[state][None], kinds)
        for symbol, to in moves[state].items():
            if to not in stored:
                stored[to] = after[symbol]
                order.append(to)
    stored = np.stack([stored[i] for i in range(len(moves))])
    after = _after(driver, stored, kinds).reshape(len(moves), len(kinds), -1)
    pairs = [(state, s, to) for state, by in enumerate(moves) for s, to in by.items()]
    seen, labels = (
        np.array(a) for a in zip(*[(after[q, s], to) for q, s, to in pairs], strict=True)
    )
    classify = _separate(seen, labels, len(moves))
    if ((seen @ classify[0].T + classify[1]).argmax(axis=1) != labels).any():
        raise ValueError(
            f"n_units={driver.drawn.n_units} are too few for the {len(moves)} states that y needs, "
            "which are not linearly separable: use more units, or a larger input_scaling."
        )
    return Automaton(driver, stored, values[np.maximum(told, 0)], classify)


def _separate(seen, labels, n_states):
    """Coefficients and intercepts of a linear classifier of few, exact examples."""
    classes = np.unique(labels)
    coef, intercept = np.zeros((n_states, seen.shape[1])), np.full(n_states, -np.inf)
    if len(classes) == 1:
        intercept[classes] = 0.0
        return coef, intercept
    mean, scale = seen.mean(axis=0), seen.std(axis=0).max() or 1.0
    model = LogisticRegression(C=1e6, max_iter=1000).fit((seen - mean) / scale, labels)
    weights, bias = model.coef_ / scale, model.intercept_
    if len(weights) == 1:
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    coef[classes], intercept[classes] = weights, bias - weights @ mean
    return coef, intercept
