"""Sequences drawn side by side, each step from a model's distribution of the next."""

from dataclasses import dataclass

import numpy as np

from .._announce import announce
from ..exceptions import UnfinishedSampleWarning
from ..sequences import Sequences
from ._runs import inputs_of, rows_of


@dataclass
class Lanes:
    """What draws from step to step.

    Attributes
    ----------
    driver : Driver
        Of the reservoir.
    emission, stop : object
        Distributions of the next step and of the end.
    contexts : ndarray of shape (n, n_context) or None
        A vector for each lane.
    one_hot : callable or None
        Turns numbers of symbols into vectors; None where steps are vectors.
    """

    driver: object
    emission: object
    stop: object
    contexts: np.ndarray | None
    one_hot: object

    def begin(self, begun):
        """Run over beginnings; the states and rows after them."""
        lengths = np.array([len(one) for one in begun])
        joined = np.concatenate(begun)
        values = joined if self.one_hot is None else self.one_hot(joined)
        batch = inputs_of(values, lengths, self.contexts, True)
        states = self.driver.rest(batch)
        rows = rows_of(self.driver, batch, states=states)
        return states, rows[batch.offsets[1:] - 1]

    def step(self, told, states, mine):
        """Run one step on what lanes ``mine`` told, states in place; their rows."""
        values = told if self.one_hot is None else self.one_hot(told)
        more = [values, np.zeros((len(values), 1))]
        if self.contexts is not None:
            more.append(self.contexts[mine])
        values = np.hstack(more).astype(states.dtype)
        batch = Sequences(values, np.arange(len(values) + 1), "list")
        own = np.ascontiguousarray(states[mine])
        rows = rows_of(self.driver, batch, states=own)
        states[mine] = own
        return rows


def draw(lanes, begun, end, ends, max_length, temperature, top_k, rng, likely=False):
    """Draw sequences.

    Random numbers are drawn for all lanes at each step, so that a sample does not depend on when
    the others end.

    Parameters
    ----------
    lanes : Lanes
        What draws.
    begun : list of ndarray
        Beginnings: numbers of symbols, or vectors.
    end : int or None
        Number of the symbol that ends a sequence.
    ends : bool
        Whether sequences end by themselves.
    max_length : int
        Most steps.
    temperature : float
        As of `SequenceModel.sample`.
    top_k : int or None
        As there.
    rng : RandomState
        Source.
    likely : bool, default=False
        Whether a sequence ends where it more likely than not has ended, rather than by chance.

    Returns
    -------
    list of ndarray
    """
    n = len(begun)
    told = [list(one) for one in begun]
    states, rows = lanes.begin(begun)
    seeds = rng.randint(2**31 - 1, size=n)
    streams = [np.random.RandomState(seed) for seed in seeds]
    active = np.array([i for i in range(n) if len(told[i]) < max_length], dtype=int)
    rows, cut = rows[active], [i for i in range(n) if len(told[i]) >= max_length]
    alive = np.ones(n)  # probability that a sequence has not ended yet
    while len(active):
        going = np.ones(len(active), dtype=bool)
        if lanes.stop is not None:
            steps = np.array([len(told[i]) for i in active])
            contexts = None if lanes.contexts is None else lanes.contexts[active]
            hazard = lanes.stop.hazard(rows, steps, contexts)
            alive[active] *= 1.0 - hazard
            if likely:
                going = alive[active] > 0.5
            else:
                going = np.array([streams[i].uniform() for i in active]) >= hazard
        if lanes.one_hot is None:
            new = _vectors(lanes.emission, rows, [streams[i] for i in active], temperature)
        else:
            recent = [told[i] for i in active]
            logs = _logs(lanes.emission, rows, recent)
            new = _symbols(logs, [streams[i] for i in active], temperature, top_k)
            going &= new != end if end is not None else True
        new, active = new[going], active[going]
        for i, one in zip(active, new, strict=True):
            told[i].append(one)
        full = np.array([len(told[i]) >= max_length for i in active], dtype=bool)
        cut += active[full].tolist()
        new, active = new[~full], active[~full]
        if len(active):
            rows = lanes.step(new, states, active)
    if ends and cut:
        announce(
            f"{len(cut)} of {n} samples did not end within max_length={max_length} steps, and were "
            "cut there. Use a larger max_length, or a lower temperature.",
            UnfinishedSampleWarning,
        )
    if lanes.one_hot is not None:
        return [np.array(one, dtype=np.int64) for one in told]
    return [np.array(one).reshape(len(one), -1) for one in told]


def _logs(emission, rows, recent):
    """Log-probabilities of the next symbol of each lane."""
    logs = emission.logs(rows)
    if emission.mixture is None:
        return emission.told(logs, None)
    length = emission.mixture.order - 1
    histories = np.full((len(recent), length), emission.n_symbols)
    for i, one in enumerate(recent):
        last = one[::-1][:length]
        histories[i, : len(last)] = last
    return emission.told(logs, histories)


def _symbols(logs, streams, temperature, top_k):
    """A symbol for each row, drawn by its own stream."""
    if top_k is not None and top_k < logs.shape[1]:
        least = np.partition(logs, -top_k, axis=1)[:, -top_k, None]
        logs = np.where(logs >= least, logs, -np.inf)
    uniform = np.array([stream.uniform() for stream in streams])
    if temperature == 0:
        return logs.argmax(axis=1)
    logs = (logs - logs.max(axis=1, keepdims=True)) / temperature
    below = np.cumsum(np.exp(logs), axis=1)
    return (below <= uniform[:, None] * below[:, -1:]).sum(axis=1).clip(max=logs.shape[1] - 1)


def _vectors(emission, rows, streams, temperature):
    """A vector for each row, drawn by its own stream."""
    return np.concatenate(
        [emission.sample(rows[i : i + 1], stream, temperature) for i, stream in enumerate(streams)]
    )
