"""Partition functions of restricted Boltzmann machines: by enumeration, and by annealing.

A model is a tuple ``(visible, hidden, W, b, c)`` with kinds of units by name, W of shape
(n_hidden, n_visible) and everything float64.
"""

from itertools import pairwise

import numpy as np
from scipy.special import expit, logsumexp

from .. import _budgets
from ._units import HIDDEN, VISIBLE

__all__ = ["MOST_ENUMERATED", "annealed_log_partition", "exact_log_partition", "free_energy"]

MOST_ENUMERATED = 20  # units whose states are enumerated: a million


def free_energy(model, V):
    """−log Σ_h exp(−E(v, h)) for each row of V, shape (n,)."""
    visible, hidden, W, b, c = model
    own = 0.5 * np.square(V - b).sum(axis=1) if visible == "gaussian" else -(V @ b)
    return own - HIDDEN[hidden].log_sum(V @ W.T + c).sum(axis=1)


def _all_states(n):
    """All binary states of n units, in blocks of shape (at most ENUMERATED_ROWS, n)."""
    for start in range(0, 2**n, _budgets.ENUMERATED_ROWS):
        numbers = np.arange(start, min(start + _budgets.ENUMERATED_ROWS, 2**n))
        yield (numbers[:, None] >> np.arange(n) & 1).astype(np.float64)


def exact_log_partition(model):
    """Log of the sum (integral) of exp(−E) over all states, by enumeration of one layer.

    Returns None where no binary layer is small enough.
    """
    visible, hidden, W, b, c = model
    n_hidden, n_visible = W.shape
    can_visible = visible == "bernoulli" and n_visible <= MOST_ENUMERATED
    can_hidden = hidden == "bernoulli" and n_hidden <= MOST_ENUMERATED
    if can_hidden and not (can_visible and n_visible < n_hidden):
        constant = -0.5 * b @ b if visible == "gaussian" else 0.0
        log_sum = VISIBLE[visible].log_sum
        parts = [logsumexp(H @ c + log_sum(H @ W + b).sum(axis=1)) for H in _all_states(n_hidden)]
        return float(logsumexp(parts) + constant)
    if can_visible:
        return float(logsumexp([logsumexp(-free_energy(model, V)) for V in _all_states(n_visible)]))
    return None


def annealed_log_partition(model, base, n_chains, n_steps, random_state):
    """Annealed importance sampling from a model without weights, of visible biases ``base``.

    Between it and the model lie n_steps distributions of free energy
    F_β(v) = q(v) − v·((1 − β) base + β b) − Σⱼ log(1 + exp(β xⱼ)), with q(v) = ‖v‖² / 2 for
    Gaussian units and zero for binary ones (Salakhutdinov & Murray 2008, eqs. 8-16).

    Returns
    -------
    log_z : float
    error : float
        Standard error of it, from the spread of the chains' weights.
    """
    visible, _, W, b, c = model
    unit, gaussian = VISIBLE[visible], visible == "gaussian"
    n_hidden = len(W)

    def sample(x):
        if gaussian:
            return x + random_state.standard_normal(x.shape)
        return (random_state.random_sample(x.shape) < expit(x)).astype(np.float64)

    betas = np.linspace(0, 1, n_steps + 1)
    V = sample(np.tile(base, (n_chains, 1)))
    log_w = np.zeros(n_chains)
    for last, beta in pairwise(betas):
        x = V @ W.T + c
        log_w += (beta - last) * (V @ (b - base))
        log_w += (np.logaddexp(0, beta * x) - np.logaddexp(0, last * x)).sum(axis=1)
        H = random_state.random_sample(x.shape) < expit(beta * x)
        V = sample((1 - beta) * base + beta * (b + H @ W))
    constant = unit.log_sum(base).sum() + n_hidden * np.log(2)
    if gaussian:
        constant -= 0.5 * b @ b  # E has ‖v − b‖² / 2, q only ‖v‖² / 2
    relative = np.exp(log_w - log_w.max())
    error = relative.std() / relative.mean() / np.sqrt(n_chains)
    return float(logsumexp(log_w) - np.log(n_chains) + constant), float(error)
