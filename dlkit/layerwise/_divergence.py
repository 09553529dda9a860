"""Contrastive divergence: how a Boltzmann machine learns from one mini-batch.

Everything is float32: a gradient that is known to a per cent gains nothing from more digits.
"""

import math
from contextlib import nullcontext
from dataclasses import dataclass, fields

import numpy as np

from .._progress import Progress
from .._threads import one_blas_thread
from .._validation import refuse_overflow
from ._units import VISIBLE

__all__ = ["Machine", "Rule", "Steps", "learn", "new_generator"]


def new_generator(random_state):
    """A fast generator of float32 numbers, seeded from a `RandomState`."""
    return np.random.Generator(np.random.SFC64(random_state.randint(2**31, size=8)))


@dataclass(frozen=True)
class Rule:
    """The parameters of learning."""

    learning_rate: float
    n_gibbs: int = 1
    persistent: bool = True
    momentum: float = 0.0
    weight_decay: float = 0.0
    sparsity_target: float | None = None
    sparsity_cost: float = 1.0

    @classmethod
    def of(cls, estimator):
        """Take them from an estimator."""
        return cls(*(getattr(estimator, field.name) for field in fields(cls)))


@dataclass
class Machine:
    """Weights and all else that learning changes; ``copy`` makes an independent one.

    Attributes
    ----------
    visible, hidden : str
        Kinds of units.
    weights : ndarray of shape (n_hidden, n_visible) or (n_kernels, n_entries)
        W, float32 as all arrays.
    visible_bias, hidden_bias : ndarray
        b and c.
    velocity : list of three ndarrays
        Last steps of W, b and c, for momentum.
    chains : ndarray of shape (n_chains, hidden units)
        Hidden states of the persistent chains.
    activity : ndarray or None
        Running mean of the hidden units' activity, for sparsity.
    generator : Generator
        Draws all noise.
    """

    visible: str
    hidden: str
    weights: np.ndarray
    visible_bias: np.ndarray
    hidden_bias: np.ndarray
    velocity: list
    chains: np.ndarray
    activity: np.ndarray | None
    generator: np.random.Generator

    @classmethod
    def start(cls, visible, hidden, shape, visible_bias, chains, random_state):
        """Small random weights, no hidden bias; ``chains`` is the shape of their states."""
        weights = random_state.normal(0, 0.01, shape).astype(np.float32)
        with np.errstate(over="ignore", under="ignore"):
            visible_bias = refuse_overflow(visible_bias.astype(np.float32), "X")
        arrays = [weights, visible_bias, np.zeros(shape[0], np.float32)]
        return cls(
            visible, hidden, *arrays, [np.zeros_like(array) for array in arrays],
            np.zeros(chains, np.float32), None, new_generator(random_state),
        )  # fmt: skip

    def copy(self):
        """Return an independent copy."""
        twin = object.__new__(type(self))
        for field in fields(self):
            setattr(twin, field.name, _copy(getattr(self, field.name)))
        return twin

    def check_finite(self, learning_rate):
        """Raise where training has diverged."""
        for array in (self.weights, self.visible_bias, self.hidden_bias):
            if not np.isfinite(array).all():
                raise ValueError(
                    "Training diverges: weights are not finite any more at "
                    f"learning_rate={learning_rate!r}. Use a smaller learning_rate, and scale X "
                    "(to unit variance for visible='gaussian')."
                )


def _copy(value):
    if isinstance(value, np.random.Generator):
        bits = type(value.bit_generator)(0)
        bits.state = value.bit_generator.state
        return np.random.Generator(bits)
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value.copy(order="K") if isinstance(value, np.ndarray) else value


class Steps:
    """Gibbs sampling and learning from mini-batches, in buffers that are allocated once.

    Rows of the buffers: first the data, then the chains. One product of matrices then serves
    both phases, and one the whole gradient. ``wiring`` says what is linked to what.
    """

    def __init__(self, machine, wiring, most, n_chains):
        self.machine, self.wiring, self.n_chains = machine, wiring, n_chains
        rows = most + n_chains
        self.V = np.empty((rows, wiring.n_visible), np.float32)
        self.H, self.mean = np.empty((2, rows, wiring.n_hidden), np.float32)
        self.visible_mean = np.empty((n_chains, wiring.n_visible), np.float32)
        self.noise = np.empty(max(rows * wiring.n_noise, self.visible_mean.size), np.float32)
        self.sign = np.empty(rows, np.float32)

    def _draw(self, kind, shape):
        """Random numbers, by a method of the generator, until the next are drawn."""
        noise = self.noise[: math.prod(shape)].reshape(shape)
        return getattr(self.machine.generator, kind)(dtype=np.float32, out=noise)

    def hidden(self, rows):
        """Sample hidden states given the visible ones, in some rows of the buffers."""
        m, wiring, H = self.machine, self.wiring, self.H[rows]
        wiring.up(m, self.V[rows], H)
        noise = self._draw(wiring.noise, (len(H), wiring.n_noise))
        wiring.draw(H, m.hidden_bias, noise, self.mean[rows])
        return H

    def visible(self, H, rows):
        """Sample visible states given hidden ones."""
        m, wiring, unit, V = self.machine, self.wiring, VISIBLE[self.machine.visible], self.V[rows]
        wiring.down(m, H, V)
        noise = self._draw(unit.noise, V.shape)
        bias = np.tile(m.visible_bias, wiring.n_visible // len(m.visible_bias))
        unit.draw(V, bias, noise, self.visible_mean[: len(V)])
        return V

    def walk(self, n, n_steps):
        """Visible states of n chains that begin in the first rows of ``V``, a copy."""
        with np.errstate(all="ignore"):
            for _ in range(n_steps):
                self.visible(self.hidden(slice(n)), slice(n))
        return refuse_overflow(self.V[:n].copy(), "X")

    def learn(self, n_rows, rule):
        """Take one step uphill; the mini-batch lies in the first rows of ``V``."""
        m = self.machine
        n_chains = self.n_chains if rule.persistent else n_rows
        data, chains = slice(n_rows), slice(n_rows, n_rows + n_chains)
        H = m.chains if rule.persistent else self.hidden(data)
        for _ in range(rule.n_gibbs - 1):
            self.visible(H, chains)
            H = self.hidden(chains)
        self.visible(H, chains)
        both = slice(chains.stop)
        self.hidden(both if rule.persistent else chains)
        if rule.persistent:
            m.chains[:] = self.H[chains]
        self._climb(both, data, chains, rule)

    def _climb(self, both, data, chains, rule):
        m, wiring = self.machine, self.wiring
        V, mean, sign = self.V[both], self.mean[both], self.sign[both]
        sign[data] = 1.0 / (data.stop * wiring.n_positions)
        sign[chains] = -1.0 / ((chains.stop - chains.start) * wiring.n_positions)
        mean *= sign[:, None]
        hidden_gradient = _fold(np.add.reduce(mean, axis=0), m.hidden_bias)
        if rule.sparsity_target is not None:
            active = _fold(np.add.reduce(mean[data], axis=0), m.hidden_bias)
            m.activity = active if m.activity is None else 0.9 * m.activity + 0.1 * active
            hidden_gradient += rule.sparsity_cost * (rule.sparsity_target - m.activity)
        visible_gradient = _fold(sign @ V, m.visible_bias)
        dW, db, dc = m.velocity
        for bias, step, gradient in (
            (m.visible_bias, db, visible_gradient),
            (m.hidden_bias, dc, hidden_gradient),
        ):
            step *= rule.momentum
            step += np.float32(rule.learning_rate) * gradient
            bias += step
        rate, shrink = rule.learning_rate, rule.learning_rate * rule.weight_decay
        if rule.momentum == 0.0:  # one pass over the weights
            wiring.add_gradient(rate, V, mean, 1.0 - shrink, m.weights)
            return
        wiring.add_gradient(rate, V, mean, rule.momentum, dW)
        if shrink:
            dW -= np.float32(shrink) * m.weights
        m.weights += dW


def _fold(values, like):
    """Sum over the positions at which a unit of ``like`` is repeated."""
    return values if len(values) == len(like) else values.reshape(-1, len(like)).sum(axis=0)


def learn(machine, wiring, fill, n, estimator, n_epochs, random_state=None):
    """Learn from n samples in mini-batches, each epoch in a new random order.

    Parameters
    ----------
    machine : Machine
        Changed in place.
    wiring : Dense or Convolution
        How its units are linked.
    fill : callable
        ``fill(out, rows)`` writes samples, a slice or an array of their numbers, to rows.
    n : int
        Number of samples.
    estimator : estimator
        Has the parameters.
    n_epochs : int
        Passes over the samples.
    random_state : RandomState, default=None
        Draws the orders; that of the samples if None.

    Raises
    ------
    ValueError
        If weights are not finite after an epoch.
    """
    rule, most, n_epochs = Rule.of(estimator), min(int(estimator.batch_size), n), int(n_epochs)
    steps = Steps(machine, wiring, most, len(machine.chains) if rule.persistent else most)
    progress = Progress(type(estimator).__name__, n_epochs * n, estimator.verbose)
    # many products that wait for one another: threads of BLAS only where each takes long
    small = wiring.operations * len(steps.V) < 5e8
    with one_blas_thread() if small else nullcontext(), np.errstate(all="ignore"):
        for _ in range(n_epochs):
            order = None if random_state is None else random_state.permutation(n)
            for start in range(0, n, most):
                rows = slice(start, min(start + most, n))
                n_rows = rows.stop - start
                fill(steps.V[:n_rows], rows if order is None else order[rows])
                steps.learn(n_rows, rule)
                progress.advance(n_rows)
            machine.check_finite(rule.learning_rate)
