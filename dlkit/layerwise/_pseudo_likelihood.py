"""Pseudo-likelihood of restricted Boltzmann machines: each visible unit given all others."""

import numpy as np
from scipy.special import expit, log_expit

from .. import _budgets
from .._jit.rbm import log_ratios
from ._tables import blocks
from ._units import HIDDEN

__all__ = ["pseudo_likelihood"]

MOST_STEPS = 10_000  # of the integral over a Gaussian unit


def pseudo_likelihood(model, V):
    """Σᵢ log p(vᵢ | the other visible units) of each row, shape (n,), exactly.

    A binary unit's value between zero and one is taken as the probability of a one.
    """
    ratios = _ratios(model)
    one = _binary if model[0] == "bernoulli" else _gaussian
    return np.concatenate(
        [
            one(model, np.ascontiguousarray(v), ratios)
            for _, v in blocks(V, _budgets.PSEUDO_LIKELIHOOD_ROWS)
        ]
    )


def _binary(model, V, ratios):
    b = model[3]
    odds = ratios(V, 1.0 - V) - ratios(V, -V) + b
    return (V * log_expit(odds) + (1 - V) * log_expit(-odds)).sum(axis=1)


def _gaussian(model, V, ratios):
    """By a sum over a grid of step one: the conditional is a mixture of normals of variance one.

    Such a sum misses the integral by a share of 2 exp(−2π²) = 5e-9. The means of the normals lie
    where the weights say, whatever the unit's own value.
    """
    _, _, W, b, _ = model
    low = np.minimum(W, 0).sum(axis=0) - 6.5
    steps = int(np.ceil((np.abs(W).sum(axis=0) + 13).max()))
    if steps > MOST_STEPS:
        raise ValueError(
            f"The weights of one visible unit sum up to {np.abs(W).sum(axis=0).max():.3g}, and the "
            f"pseudo-likelihood of a Gaussian unit takes as many steps: at most {MOST_STEPS} are "
            "allowed. Weights of such size mean that learning went astray: use a smaller "
            "learning_rate, and scale the data to unit variance."
        )
    total = np.full(V.shape, -np.inf)
    for k in range(steps + 1):
        at = low + k  # relative to the bias
        log_density = ratios(V, (at + b) - V) - 0.5 * np.square(at)
        np.logaddexp(total, log_density, out=total)
    return -(0.5 * np.square(V - b) + total).sum(axis=1)


def _ratios(model):
    """Function of V and moves δ: how Σⱼ log_sum(xⱼ) changes where one vᵢ moves by δᵢ, (n, d)."""
    _, hidden, W, _, c = model
    weights = np.ascontiguousarray(W.T)
    if hidden == "bernoulli":
        with np.errstate(over="ignore", under="ignore"):  # not used where they overflow
            rise, fall = np.exp(weights), np.exp(-weights)
        # products of as many factors exp(±w) as cannot overflow
        largest = max(np.abs(weights).max(), 1e-9)
        length = min(int(600 / largest), 512)

        def ratios(V, delta):
            x, out = V @ W.T + c, np.empty(V.shape)
            log_ratios(x, expit(x), expit(-x), rise, fall, weights, delta, length, out)
            return out

        return ratios
    log_sum = HIDDEN[hidden].log_sum

    def slowly(V, delta):
        x = V @ W.T + c
        here, out = log_sum(x).sum(axis=1), np.empty(V.shape)
        for i, row in enumerate(weights):
            out[:, i] = log_sum(x + delta[:, i, None] * row).sum(axis=1) - here
        return out

    return slowly
