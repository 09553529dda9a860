"""How a decoder hears what was written before, and writes on, lane by lane."""

from itertools import pairwise

import numpy as np

from ..sequences import Sequences
from ._attention import places, softmax
from ._runs import inputs_of, rows_of


def marked(values, lengths):
    """Batch of inputs with a place before and one after each, marked on channels of their own."""
    C = values.shape[1]
    offsets = np.concatenate([[0], np.cumsum(lengths + 2)]).astype(np.int64)
    found = np.zeros((offsets[-1], C + 2), dtype=values.dtype)
    found[offsets[:-1], C] = found[offsets[1:] - 1, C + 1] = 1.0
    inside = np.ones(len(found), dtype=bool)
    inside[np.r_[offsets[:-1], offsets[1:] - 1]] = False
    found[inside, :C] = values
    return Sequences(found, offsets, "list")


def heard(values, lengths, ends, contexts, longest):
    """Batch of what a decoder hears: the output before, a mark of the beginning, and more.

    With ``longest`` the place of the step, as sines; with ``contexts`` a vector for each sequence.
    """
    batch = inputs_of(values, lengths, contexts, ends)
    if longest is None:
        return batch
    steps = np.concatenate([np.arange(n) for n in batch.lengths])
    clock = places(steps, longest).astype(values.dtype)
    return Sequences(np.hstack([batch.values, clock]), batch.offsets, "list")


class Writer:
    """What writes from step to step, as :class:`Lanes` of a `SequenceModel` do.

    Parameters
    ----------
    driver : Driver
        The decoder.
    emission, stop : object
        Distributions of the next step and of the end.
    one_hot : callable or None
        Turns numbers of symbols into vectors; None where steps are vectors.
    contexts : ndarray of shape (n, n_context)
        What the end may depend on.
    given : ndarray of shape (n, n_given) or None
        What the decoder is given at each step.
    """

    def __init__(self, driver, emission, stop, one_hot, contexts, given):
        self.driver, self.emission, self.stop = driver, emission, stop
        self.one_hot, self.contexts, self.given = one_hot, contexts, given
        self.query = self.longest = None
        self.steps = np.zeros(len(contexts), dtype=np.int64)

    def attend(self, query, keys, beside, offsets, longest):
        """Attend to sources, packed: their keys, and what stands beside."""
        self.query, self.longest = query, longest
        self.sources = [(keys[a:b], beside[a:b]) for a, b in pairwise(offsets)]

    def begin(self, begun):
        """Rows of the first step of all lanes, and the states after it."""
        lengths = np.zeros(len(begun), dtype=np.int64)
        joined = np.concatenate(begun)
        values = joined if self.one_hot is None else self.one_hot(joined)
        batch = heard(values, lengths, True, self.given, self.longest)
        states = self.driver.rest(batch)
        rows = rows_of(self.driver, batch, states=states)
        return states, self._with_sources(rows, np.arange(len(begun)))

    def step(self, told, states, mine):
        """Run one step on what lanes ``mine`` told, states in place; their rows."""
        self.steps[mine] += 1
        values = told if self.one_hot is None else self.one_hot(told)
        more = [values, np.zeros((len(values), 1))]
        if self.given is not None:
            more.append(self.given[mine])
        if self.longest is not None:
            more.append(places(self.steps[mine], self.longest))
        values = np.hstack(more).astype(states.dtype)
        own = np.ascontiguousarray(states[mine])
        batch = Sequences(values, np.arange(len(values) + 1), "list")
        rows = rows_of(self.driver, batch, states=own)
        states[mine] = own
        return self._with_sources(rows, mine)

    def _with_sources(self, rows, mine):
        """Rows with what is attended to beside them."""
        if self.query is None:
            return rows
        found = np.empty((len(rows), self.sources[0][1].shape[1]), dtype=rows.dtype)
        for k, i in enumerate(mine):
            keys, beside = self.sources[i]
            found[k] = (softmax(self.query.scores(rows[k : k + 1], keys)) @ beside)[0]
        return np.hstack([rows, found])
