"""Encoders: what is made of the responses of all kernels at one position.

An encoder is a jitted loop over the rows of a tile and some facts about it. With kernels d_k and
the preprocessed patch w, it sees responses d_k·w, or, if it is one of distances, |d_k|² − 2 d_k·w
(and, if it asks for norms, |w|² beside them: their sum is |w − d_k|²).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._jit import conv as loops


@dataclass(frozen=True)
class Encoder:
    """What the engine knows of an encoder.

    Attributes
    ----------
    loop : callable or None
        ``loop(z, n_kernels, norms, threshold)``, in place; None leaves responses as they are.
    n_columns : callable
        Columns it makes of so many kernels.
    distances : bool
        Whether it sees |d|² − 2 d·w in place of d·w.
    norms : bool
        Whether it needs |w|².
    pairs : bool
        Whether it takes kernels (2i, 2i + 1) together: even ones first, odd ones behind.
    by_user : bool
        Whether it is a callable of responses that returns what they become.
    """

    loop: Callable | None
    n_columns: Callable = lambda n: n
    distances: bool = False
    norms: bool = False
    pairs: bool = False
    by_user: bool = False


def _relu(z, n_kernels, norms, threshold):
    loops.encode_threshold(z, n_kernels, norms, 0.0)


ENCODERS = {
    "linear": Encoder(None),
    "relu": Encoder(_relu),
    "abs": Encoder(loops.encode_abs),
    "soft_threshold": Encoder(loops.encode_threshold),
    "split_threshold": Encoder(loops.encode_split, n_columns=lambda n: 2 * n),
    "triangle": Encoder(loops.encode_triangle, distances=True, norms=True),
    "hard": Encoder(loops.encode_hard, distances=True),
    "energy": Encoder(loops.encode_energy, n_columns=lambda n: (n + 1) // 2, pairs=True),
}


def make_encoder(encoder, n_kernels, dtype=np.float64):
    """Return the `Encoder` of a name, or one around a callable of (rows, n_kernels) responses.

    Raises
    ------
    ValueError
        If a callable does not return a row of numbers for each row.
    """
    if isinstance(encoder, str):
        return ENCODERS[encoder]
    tried = apply_callable(encoder, np.zeros((2, n_kernels), dtype=dtype))
    n_columns = tried.shape[1]
    return Encoder(encoder, n_columns=lambda n: n_columns, by_user=True)


def apply_callable(encoder, responses):
    """Encode by a user's own function."""
    encoded = np.asarray(encoder(responses))
    if encoded.ndim != 2 or len(encoded) != len(responses) or encoded.dtype.kind not in "fiub":
        raise ValueError(
            f"encoder={encoder!r} returned an array of shape {encoded.shape} and dtype "
            f"{encoded.dtype} for responses of shape {responses.shape}; it must return a row of "
            "numbers for each row."
        )
    return encoded


def fold_kernels(encoder, A, b, kernels):
    """Weights that give an encoder what it sees as one product with (normalised patch, 1).

    Parameters
    ----------
    encoder : Encoder
        Which says whether it sees distances, and whether it takes kernels in pairs.
    A : ndarray of shape (K, P)
        Kernels, whitening folded in.
    b : ndarray of shape (K,)
        Their responses are ``A @ patch - b``.
    kernels : ndarray of shape (K, P)
        The kernels themselves, in preprocessed space.

    Returns
    -------
    weights : ndarray of shape (P + 1, columns)
    """
    weights = np.vstack([A.T, -b])
    if encoder.distances:
        weights *= -2.0
        weights[-1] += np.square(kernels).sum(axis=1)
    if encoder.pairs:
        if weights.shape[1] % 2:
            weights = np.hstack([weights, np.zeros((len(weights), 1))])
        weights = np.hstack([weights[:, ::2], weights[:, 1::2]])
    return weights
