"""What covariates add to series, told apart from levels and seasons by one regression."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d

from .._forecasts.covariates import Covariates
from ..readout import RidgeReadout
from ._shape import filled
from ._windows import scale_of

__all__ = ["Effects"]

ALPHAS = np.logspace(-4, 3, 15)
SPAN = 25  # steps over which levels are averaged, at least
ROUNDS = 2  # of estimating how errors follow from the error before


@dataclass(frozen=True, eq=False)
class Effects:
    """Linear effects of covariates: on a series in its own scale, or on its logarithm.

    Attributes
    ----------
    known : Covariates
        What the columns are.
    coef : dict of bool to ndarray of shape (n_columns,)
        Effect of each column in model units, for logarithms (True) and plain series (False).
    """

    known: Covariates
    coef: dict

    @classmethod
    def fit(cls, series, tables, names):
        """Learn from all series at once, each in its own scale.

        The same linear filter is applied to a series and to its covariates: the moving average and
        the means of phases are subtracted, then the part of each error that the error before
        foretells (Cochrane & Orcutt 1949). What is left of the series is regressed on what is left
        of the covariates, by ridge regression.

        Parameters
        ----------
        series : list of (int, ndarray of shape (n,), bool, tuple of int)
            Number of the table, values, whether logarithms are taken, and periods.
        tables : list of ndarray of shape (n, n_columns)
            Covariates.
        names : tuple of str or None
            Of their columns.

        Returns
        -------
        Effects
        """
        known = Covariates.of(tables, names, scaled=True)
        scaled, parts = known.scaled(tables), {True: [], False: []}
        for i, x, log, periods in series:
            z = np.log(x) if log else x
            there = np.isfinite(z)
            z = filled(z)
            z = z if log else z / cls.size(x, log)
            rows = _without_level(np.column_stack([z, scaled[i][: len(z)]]), periods)
            cut = (len(z) - len(rows)) // 2
            parts[log].append((rows, there[cut : len(z) - cut]))
        return cls(known, {log: _regress(found) for log, found in parts.items() if found})

    @staticmethod
    def size(x, log):
        """What effects on a series are measured in."""
        return 1.0 if log else scale_of(x[np.isfinite(x)])

    def of(self, table, log, size):
        """What the covariates of some steps add to a series, or to its logarithm."""
        coef = self.coef.get(log)
        if coef is None:  # fit saw no series of this form
            return np.zeros(len(table))
        return self.known.scaled([table])[0] @ coef * size


def add_effect(x, effect, log):
    """Steps with an effect added to them, or to their logarithms."""
    return x * np.exp(effect) if log else x + effect


def _without_level(rows, periods):
    """Columns without their moving average and the means of their phases.

    Averages are over whole seasons, which leave no season behind. Steps at both ends have no
    average; they are left out where two thirds of the steps are left.
    """
    longest = max((1, *periods))
    span = min(longest * -(-SPAN // longest), max(len(rows) // 2, 1))
    rows = rows - uniform_filter1d(rows, span, axis=0, mode="nearest")
    if 3 * span <= len(rows):
        rows = rows[span // 2 : len(rows) - span // 2]
    for period in periods:
        phase = np.arange(len(rows)) % period
        counts = np.maximum(np.bincount(phase, minlength=period), 1)[:, None]
        sums = np.zeros((period, rows.shape[1]))
        np.add.at(sums, phase, rows)
        rows = rows - (sums / counts)[phase]
    return rows


def _regress(parts):
    """Coefficients by ridge regression, the errors of which may follow from one another."""
    share = 0.0  # of an error in the next
    for turn in range(ROUNDS):
        rows = [now[1:] - share * now[:-1] for now, _ in parts]
        used = np.concatenate([there[1:] & there[:-1] for _, there in parts])
        left = np.concatenate(rows)[used]
        X, y = left[:, 1:], left[:, 0]
        if len(y) < 3 or not np.ptp(y) > 0:
            return np.zeros(X.shape[1])
        width = X.std(axis=0)
        width[~(width > 1e-10)] = np.inf  # columns that do not vary
        coef = RidgeReadout(ALPHAS).fit(X / width, y).coef_ / width
        if turn < ROUNDS - 1:
            errors = [now[:, 0] - now[:, 1:] @ coef for now, _ in parts]
            both = sum(e[1:] @ e[:-1] for e in errors)
            alone = sum(e @ e for e in errors)
            share = min(max(both / alone, 0.0), 0.98) if alone > 0 else 0.0
    return coef
