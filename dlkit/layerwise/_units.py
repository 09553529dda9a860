"""The kinds of units a Boltzmann machine can have: what of them enters learning and sampling."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit, spence


class Unit(NamedTuple):
    """One kind of unit, as functions of its total input x.

    Attributes
    ----------
    noise : str
        The method of a `Generator` that draws what ``draw`` needs.
    draw : callable
        ``draw(A, bias, noise, mean)``, float32: inputs without bias in ``A`` become samples, in
        place, and ``mean`` their expectations.
    mean : callable
        Expectation at input x: the derivative of ``log_sum``.
    log_sum : callable
        Log of the sum (or integral) of exp(x s) over the unit's states s.
    """

    noise: str
    draw: Callable
    mean: Callable
    log_sum: Callable


def _draw_bernoulli(A, bias, noise, mean):
    np.add(A, bias, out=mean)
    expit(mean, out=mean)
    np.less(noise, mean, out=A)


def _draw_relu(A, bias, noise, mean):
    """Noisy rectified units, max(0, x + N(0, sigmoid(x))).

    The mean is that of the infinitely many binary units they stand for, log(1 + exp(x)).
    """
    A += bias
    np.logaddexp(A, 0, out=mean)
    A += np.sqrt(expit(A)) * noise
    np.maximum(A, 0, out=A)


def _draw_gaussian(A, bias, noise, mean):
    np.add(A, bias, out=mean)
    np.add(mean, noise, out=A)


def _softplus(x):
    return np.logaddexp(0, x)


def _gaussian_log_sum(x):
    return 0.5 * (x * x + np.log(2 * np.pi))


def _relu_log_sum(x):
    """Integral of log(1 + exp(t)) for t up to x, −Li₂(−exp(x)); spence(z) is Li₂(1 − z)."""
    low = -spence(1 + np.exp(-np.abs(x)))
    return np.where(x > 0, np.pi**2 / 6 + 0.5 * x * x - low, low)


BERNOULLI = Unit("random", _draw_bernoulli, expit, _softplus)
GAUSSIAN = Unit("standard_normal", _draw_gaussian, lambda x: x, _gaussian_log_sum)
RELU = Unit("standard_normal", _draw_relu, _softplus, _relu_log_sum)

VISIBLE = {"bernoulli": BERNOULLI, "gaussian": GAUSSIAN}
HIDDEN = {"bernoulli": BERNOULLI, "relu": RELU}
