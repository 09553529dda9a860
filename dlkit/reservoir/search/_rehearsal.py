"""Fits that stop short of the readout: what it would be fitted on, found by ``fit`` itself."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from ...sequences import check_sequences, step_targets


@dataclass
class Rehearsal:
    """What a fit hands to its readout.

    Attributes
    ----------
    esn : estimator
        As ``fit`` leaves it, but for the parts that differ between settings.
    Y : ndarray of shape (n_rows, q)
        The readout's numeric targets.
    weight : ndarray of shape (n_rows,) or None
        Weights, with class weights multiplied in.
    y_ndim : int
        Whether targets came with an axis for outputs.
    features : ndarray of shape (n_rows, n_columns)
        Rows of the readout's fit; zeros where nothing was run.
    kept : slice, ndarray of bool or None
        Which rows of the training data these are; all, if None.
    """

    esn: object
    Y: np.ndarray = None
    weight: np.ndarray = None
    y_ndim: int = 1
    features: np.ndarray = None
    kept: object = None


class _Nothing:
    """Stands for a reservoir where none is run."""

    n_units, n_features, n_channels, noise_seed = 1, 1, 0, 0

    @staticmethod
    def rest(n, dtype):
        return np.zeros((n, 1), dtype=dtype)


def rehearse(esn, X, y, fit_params, *, run):
    """Call ``fit`` without the readout's solve and, unless ``run``, without running a reservoir.

    All checks, targets and weights are thus those of ``fit``.

    Parameters
    ----------
    esn : estimator
        Left as it is; its ``reservoir_`` stands for the draw.
    X, y : array-like
        Training data.
    fit_params : dict
        Parameters of ``fit``.
    run : bool
        Whether features are wanted.

    Returns
    -------
    Rehearsal
    """
    cls, reservoir = type(esn), esn.reservoir_ if run else _Nothing()
    esn = copy(esn)
    heard = Rehearsal(esn)

    def new_readout():
        readout = cls._new_readout(esn)
        readout._fit_rows = fit_rows
        return readout

    def fit_rows(features, Y, weight, choice, y_ndim):
        heard.Y, heard.weight, heard.y_ndim = Y.reshape(len(Y), -1), weight, y_ndim
        heard.features = features

    def weigh(rows):
        heard.kept = rows.kept
        if not isinstance(rows.kept, slice) and rows.ahead:
            heard.kept = np.append(rows.kept, False)  # the very last step has no successor
        return cls._weigh(esn, rows)

    def no_states(reservoir, batch, states, out, noise):
        out[:] = 0.0

    # methods of this one object, for the length of this one fit
    esn._new_readout, esn._draw = new_readout, lambda n_channels: reservoir
    esn._weigh = weigh
    if not run:
        esn._features = lambda batch, train: np.zeros((len(batch), 1), dtype=batch.values.dtype)
        esn._run = no_states
    esn.fit(X, *(() if y is None else (y,)), **fit_params)
    for name in ("_new_readout", "_draw", "_weigh", "_features", "_run"):
        vars(esn).pop(name, None)
    del esn.readout_._fit_rows
    return heard


class _Copy:
    """A readout that predicts what it is given."""

    @staticmethod
    def predict(rows):
        return rows


def read_rows(esn, X):
    """Rows that an estimator's readout sees when it predicts ``X``."""
    esn = copy(esn)
    esn.readout_, esn._complete = _Copy(), lambda outputs, inputs: outputs
    rows = esn.predict(X)
    if hasattr(esn, "start"):
        rows = step_targets(check_sequences(esn, X, reset=False, rows="steps"), rows)
    return rows
