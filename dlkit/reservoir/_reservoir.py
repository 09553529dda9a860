"""A drawn reservoir: the matrices and constants of one update equation, without any data."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.utils import check_random_state

from ._lanes import Lanes
from ._spectral import ControlledMatrix, draw_controlled
from ._topology import draw_bias, draw_input, scale_input

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Reservoir:
    """A drawn reservoir.

    Its state follows x ← (1 − a) x + a f(W x + W_in u + b), with ``u`` the input of the step.

    Attributes
    ----------
    recurrent : ControlledMatrix
        W, as a base that was measured once and a gain.
    w_in : ndarray of shape (n_units, n_channels)
        Input weights W_in, scaled.
    bias : ndarray of shape (n_units,)
        b, scaled.
    leak_rate : float or ndarray of shape (n_units,)
        a.
    activation : {"tanh", "relu", "identity"} or callable
        f.
    noise_seed : int
        Seeds the noise on the states in training.
    unscaled : tuple of ndarray
        W_in and b as they were drawn.
    """

    recurrent: ControlledMatrix
    w_in: np.ndarray
    bias: np.ndarray
    leak_rate: object
    activation: object
    noise_seed: int = 0
    unscaled: tuple = None

    @property
    def n_units(self):
        """Number of units."""
        return self.w_in.shape[0]

    @property
    def n_channels(self):
        """Number of input channels."""
        return self.w_in.shape[1]

    @property
    def matrix(self):
        """W, scaled: sparse array or ndarray of shape (n_units, n_units)."""
        return self.recurrent.matrix

    def with_radius(self, spectral_radius):
        """Return the same draw at another spectral radius.

        Parameters
        ----------
        spectral_radius : float
            The value that is controlled (radius, effective radius or norm).

        Returns
        -------
        Reservoir
            It shares all arrays with this one; nothing is measured again.
        """
        return replace(self, recurrent=self.recurrent.with_radius(spectral_radius))

    def with_settings(
        self, *, spectral_radius=None, leak_rate=None, input_scaling=None, bias_scaling=None,
        activation=None,
    ):  # fmt: skip
        """Return the same draw under other settings.

        Parameters
        ----------
        spectral_radius, leak_rate, input_scaling, bias_scaling, activation
            As of the estimators; what is None stays as it is.

        Returns
        -------
        Reservoir
            Exactly what drawing with these settings gives, but nothing is drawn or, unless
            an effective radius is controlled, measured again.
        """
        new = {}
        recurrent = self.recurrent
        if leak_rate is not None:
            new["leak_rate"] = leak_rate = check_leak_rate(leak_rate, self.n_units)
            recurrent = replace(recurrent, leak_rate=np.asarray(leak_rate))
        if leak_rate is not None or spectral_radius is not None:
            radius = recurrent.spectral_radius if spectral_radius is None else spectral_radius
            new["recurrent"] = recurrent.with_radius(radius)
        w_in, bias = self.unscaled
        if input_scaling is not None:
            new["w_in"] = scale_input(w_in, input_scaling)
        if bias_scaling is not None:
            new["bias"] = bias_scaling * bias
        if activation is not None:
            new["activation"] = activation
        return replace(self, **new)

    def lanes(self, dtype, *, passthrough=False):
        """Engine that runs this reservoir in ``dtype``."""
        return Lanes(
            self.matrix, self.w_in, self.bias, self.leak_rate, self.activation, dtype,
            passthrough=passthrough,
        )  # fmt: skip


def draw_reservoir(
    n_units, n_channels, *, topology, n_links, jump_size, weights, spectral_radius, control,
    input_weights, input_density, input_scaling, bias_scaling, leak_rate, activation, random_state,
):  # fmt: skip
    """Draw a reservoir; the parameters are those of the estimators.

    W, W_in, b and the noise have seeds of their own, so that none of them depends on the size or
    the setting of another.

    Returns
    -------
    Reservoir
    """
    rng = check_random_state(random_state)
    w_seed, in_seed, bias_seed, noise_seed = rng.randint(LARGEST_SEED, size=4)
    leak_rate = check_leak_rate(leak_rate, n_units)
    recurrent = draw_controlled(
        topology, n_units, n_links=n_links, weights=weights, jump_size=jump_size,
        spectral_radius=spectral_radius, measure=control, leak_rate=leak_rate, random_state=w_seed,
    )  # fmt: skip
    w_in = draw_input(
        n_units, n_channels, weights=input_weights, density=input_density, random_state=in_seed
    )
    bias = draw_bias(n_units, weights=input_weights, random_state=bias_seed)
    return Reservoir(
        recurrent, scale_input(w_in, input_scaling), bias_scaling * bias, leak_rate, activation,
        int(noise_seed), (w_in, bias),
    )  # fmt: skip


def check_leak_rate(leak_rate, n_units):
    """Return ``leak_rate`` as a float, or a float64 array with one value for each unit."""
    a = np.asarray(leak_rate, dtype=np.float64)
    if a.ndim > 1 or (a.ndim == 1 and len(a) != n_units):
        raise ValueError(
            f"leak_rate must be a number or hold one for each of the {n_units} units; got shape "
            f"{a.shape}."
        )
    if not ((a > 0) & (a <= 1)).all():
        raise ValueError(f"leak_rate must lie in (0, 1], got {leak_rate!r}.")
    return a if a.ndim else float(a)


class StateNoise:
    """Gaussian noise for the states of each sequence, from a random stream of its own.

    Parameters
    ----------
    scale : float
        Standard deviation.
    n_units : int
        Number of units.
    n_sequences : int
        Number of sequences.
    seed : int
        Seed.
    """

    def __init__(self, scale, n_units, n_sequences, seed):
        self.scale, self.n_units = scale, n_units
        self.seeds = np.random.RandomState(seed).randint(LARGEST_SEED, size=n_sequences)
        self.streams = {}  # of sequences that come in stretches

    def __call__(self, span):
        """Draw the noise of a span, of shape (rows of the span, n_units)."""
        draws = []
        for i in range(span.first, span.last):
            n = int(span.offsets[i - span.first + 1] - span.offsets[i - span.first])
            rng = self.streams.pop(i, None) or np.random.RandomState(self.seeds[i])
            draws.append(self.scale * rng.standard_normal((n, self.n_units)))
            if span.last - span.first == 1:
                self.streams[i] = rng
        return np.concatenate(draws)
