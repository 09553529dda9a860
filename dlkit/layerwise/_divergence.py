"""Contrastive divergence: how a restricted Boltzmann machine learns from one mini-batch.

Everything is float32: a gradient that is known to a per cent gains nothing from more digits.
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy.linalg.blas import saxpy, sgemm, sgemv

from ._units import HIDDEN, VISIBLE

__all__ = ["Machine", "Rule", "check_finite", "new_generator"]


def new_generator(random_state):
    """A fast generator of float32 numbers, seeded from a `RandomState`."""
    return np.random.Generator(np.random.SFC64(random_state.randint(2**31, size=8)))


def check_finite(learning_rate, *arrays):
    """Raise where training has diverged."""
    for array in arrays:
        if not np.isfinite(array).all():
            raise ValueError(
                "Training diverges: weights are not finite any more at "
                f"learning_rate={learning_rate!r}. Use a smaller learning_rate, and scale the "
                "data (to unit variance for visible='gaussian')."
            )


@dataclass(frozen=True)
class Rule:
    """The parameters of learning."""

    learning_rate: float
    n_gibbs: int
    persistent: bool
    momentum: float
    weight_decay: float
    sparsity_target: float | None
    sparsity_cost: float


@dataclass
class Machine:
    """Weights and all else that learning changes; ``copy`` makes an independent one.

    Attributes
    ----------
    visible, hidden : str
        Kinds of units.
    weights : ndarray of shape (n_hidden, n_visible)
        W, float32 as all arrays.
    visible_bias, hidden_bias : ndarray of shape (n_visible,), (n_hidden,)
        b and c.
    velocity : list of three ndarrays
        Last steps of W, b and c, for momentum.
    chains : ndarray of shape (n_chains, n_hidden)
        Hidden states of the persistent chains.
    activity : ndarray of shape (n_hidden,) or None
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
    def start(cls, visible, hidden, n_hidden, visible_bias, n_chains, random_state):
        """Small random weights, no hidden bias."""
        weights = random_state.normal(0, 0.01, (n_hidden, len(visible_bias))).astype(np.float32)
        arrays = [weights, visible_bias.astype(np.float32), np.zeros(n_hidden, np.float32)]
        return cls(
            visible, hidden, *arrays, [np.zeros_like(array) for array in arrays],
            np.zeros((n_chains, n_hidden), np.float32), None, new_generator(random_state),
        )  # fmt: skip

    def copy(self):
        """Return an independent copy."""
        twin = object.__new__(type(self))
        for field in fields(self):
            setattr(twin, field.name, _copy(getattr(self, field.name)))
        return twin

    def restart_generator(self, random_state):
        """Draw from another seed from now on."""
        self.generator = new_generator(random_state)

    def noise(self, unit, out):
        """Fill ``out`` with the noise that ``unit.draw`` needs."""
        return getattr(self.generator, unit.noise)(dtype=np.float32, out=out)

    def draw(self, unit, A, bias):
        """Samples of units of inputs ``A`` without bias, in place."""
        unit.draw(A, bias, self.noise(unit, np.empty_like(A)), np.empty_like(A))
        return A

    def visible_at(self, bias, n):
        """Sample n visible states of a model without weights."""
        A = np.zeros((n, len(bias)), np.float32)
        return self.draw(VISIBLE[self.visible], A, bias.astype(np.float32))

    def gibbs(self, V, n_steps):
        """Visible states after so many steps of Gibbs sampling."""
        for _ in range(n_steps):
            H = self.draw(HIDDEN[self.hidden], V @ self.weights.T, self.hidden_bias)
            V = self.draw(VISIBLE[self.visible], H @ self.weights, self.visible_bias)
        return V


def _copy(value):
    if isinstance(value, np.random.Generator):
        bits = type(value.bit_generator)(0)
        bits.state = value.bit_generator.state
        return np.random.Generator(bits)
    if isinstance(value, list):
        return [item.copy() for item in value]
    return value.copy() if isinstance(value, np.ndarray) else value


class Steps:
    """Learns from mini-batches of at most ``most`` rows, in buffers that are allocated once.

    Rows of the buffers: first the data, then the chains. One product of matrices then serves
    both phases, and one the whole gradient.
    """

    def __init__(self, machine, rule, most):
        self.machine, self.rule = machine, rule
        self.n_chains = len(machine.chains) if rule.persistent else most
        n_hidden, n_visible = machine.weights.shape
        rows = most + self.n_chains
        self.V = np.empty((rows, n_visible), np.float32)
        self.H = np.empty((rows, n_hidden), np.float32)
        self.mean = np.empty_like(self.H)
        self.visible_noise = np.empty((self.n_chains, n_visible), np.float32)
        self.visible_mean = np.empty_like(self.visible_noise)
        self.hidden_noise = np.empty_like(self.H)
        self.sign = np.empty(rows, np.float32)

    def _hidden(self, rows):
        m, unit = self.machine, HIDDEN[self.machine.hidden]
        V, H = self.V[rows], self.H[rows]
        sgemm(1.0, m.weights.T, V.T, trans_a=1, c=H.T, overwrite_c=1)
        noise = m.noise(unit, self.hidden_noise[: len(H)])
        unit.draw(H, m.hidden_bias, noise, self.mean[rows])
        return H

    def _visible(self, H, rows):
        m, unit = self.machine, VISIBLE[self.machine.visible]
        V = self.V[rows]
        sgemm(1.0, m.weights.T, H.T, c=V.T, overwrite_c=1)
        noise = m.noise(unit, self.visible_noise[: len(V)])
        unit.draw(V, m.visible_bias, noise, self.visible_mean[: len(V)])

    def learn(self, n_rows):
        """Take one step uphill; the mini-batch lies in the first rows of ``V``."""
        m, rule = self.machine, self.rule
        n_chains = self.n_chains if rule.persistent else n_rows
        data, chains = slice(n_rows), slice(n_rows, n_rows + n_chains)
        H = m.chains if rule.persistent else self._hidden(data)
        for _ in range(rule.n_gibbs - 1):
            self._visible(H, chains)
            H = self._hidden(chains)
        self._visible(H, chains)
        both = slice(chains.stop)
        self._hidden(both if rule.persistent else chains)
        if rule.persistent:
            m.chains[:] = self.H[chains]
        self._climb(both, data, chains)

    def _climb(self, both, data, chains):
        m, rule = self.machine, self.rule
        rate, V, mean, sign = rule.learning_rate, self.V[both], self.mean[both], self.sign[both]
        sign[data], sign[chains] = 1.0 / data.stop, -1.0 / (chains.stop - chains.start)
        mean *= sign[:, None]
        shrink = rate * rule.weight_decay
        dW, db, dc = m.velocity
        hidden_gradient = np.add.reduce(mean, axis=0)
        if rule.sparsity_target is not None:
            hidden_gradient += self._sparsity(np.add.reduce(mean[data], axis=0))
        visible_gradient = sgemv(1.0, V.T, sign)
        for bias, step, gradient in (
            (m.visible_bias, db, visible_gradient),
            (m.hidden_bias, dc, hidden_gradient),
        ):
            step *= rule.momentum
            gradient *= rate
            step += gradient
            bias += step
        if rule.momentum == 0.0:
            sgemm(rate, V.T, mean.T, trans_b=1, beta=1.0 - shrink, c=m.weights.T, overwrite_c=1)
            return
        sgemm(rate, V.T, mean.T, trans_b=1, beta=rule.momentum, c=dW.T, overwrite_c=1)
        if shrink:
            saxpy(m.weights.ravel(), dW.ravel(), a=-shrink)
        m.weights += dW

    def _sparsity(self, activity):
        """Pull of the hidden biases towards the target, from a running mean of the activity."""
        m, rule = self.machine, self.rule
        m.activity = activity if m.activity is None else 0.9 * m.activity + 0.1 * activity
        return rule.sparsity_cost * (rule.sparsity_target - m.activity)
