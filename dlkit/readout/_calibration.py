"""Probabilities from the scores that a ridge readout gives to rows it was not fitted on."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack, solve_triangular
from scipy.optimize import minimize
from scipy.special import log_softmax

from ._moments import Moments
from ._softmax import softmax
from ._solve import Rows, cholesky_solve

__all__ = ["Calibration", "left_out_scores", "looked_at"]

MOST = 4096  # rows whose scores the map is learned from
LEAST_SLACK = 1e-5  # of a row that is left out: of less, 1 − leverage has lost digits
FLOORS = np.array([0.3, 0.1, 0.03, 0.01, 0.003, 0.001])  # of shares, in shares of one in K
LEAST_SLOPE = 1e-3  # so that the greatest score stays the greatest


@dataclass(frozen=True)
class Calibration:
    """Probabilities proportional to ``max(s, floor)^power · exp(slope s)`` of shares s.

    A map that rises with the score, the same for all classes: what is predicted does not change.
    """

    power: float
    slope: float
    floor: float

    @classmethod
    def learned(cls, shares, codes, weight, floors=FLOORS):
        """The map of the greatest likelihood.

        Parameters
        ----------
        shares : ndarray of shape (m, K)
            Estimates of probabilities, which may lie outside 0 to 1.
        codes : ndarray of shape (m,)
            The right columns.
        weight : ndarray of shape (m,) or None
            Weights.
        floors : ndarray
            Those to choose from, in shares of one in K.
        """
        m, K = shares.shape
        weight = np.full(m, 1 / m) if weight is None else weight / weight.sum()
        best, rows = None, np.arange(m)
        for floor in floors / K:
            logs = np.log(np.maximum(shares, floor))

            def objective(v, logs=logs):
                S = v[0] * logs + v[1] * shares
                top = S.max(axis=1, keepdims=True)
                total = np.log(np.exp(S - top).sum(axis=1)) + top[:, 0]
                P = np.exp(S - total[:, None])
                slope = [
                    weight @ ((P * part).sum(axis=1) - part[rows, codes]) for part in (logs, shares)
                ]
                return weight @ (total - S[rows, codes]), np.array(slope)

            found = minimize(
                objective, np.array([1.0, 1.0]), jac=True, method="L-BFGS-B",
                bounds=[(0, 1e3), (LEAST_SLOPE, 1e3)], options={"ftol": 1e-14, "gtol": 1e-10},
            )  # fmt: skip
            if best is None or found.fun < best[0]:
                best = found.fun, cls(float(found.x[0]), float(found.x[1]), float(floor))
        return best[1]

    def __call__(self, shares):
        """Probabilities for shares, (m, K), of which rows sum to one."""
        logs = np.log(np.maximum(shares, shares.dtype.type(self.floor)))
        power, slope = (shares.dtype.type(v) for v in (self.power, self.slope))
        return softmax(power * logs + slope * shares)

    def logs(self, logs):
        """Logarithms of the probabilities for logarithms of shares, float64."""
        shares = np.exp(logs)
        scores = self.power * np.maximum(logs, np.log(self.floor)) + self.slope * shares
        return log_softmax(scores, axis=1)


def looked_at(n, weight):
    """Numbers of the rows of weight that scores are computed for, at random but always the same."""
    used = np.arange(n) if weight is None else np.flatnonzero(weight)
    return np.sort(np.random.RandomState(0).permutation(used)[:MOST])


@np.errstate(all="ignore")
def left_out_scores(X, Y, weight, solution, about, rows, moments=None):
    """Scores of some rows, each by the fit to all other rows, shape (len(rows), q).

    Parameters
    ----------
    X : ndarray of shape (n, p), or (len(rows), p) with moments
        Features.
    Y : ndarray of shape (n, q)
        Targets.
    weight : ndarray of shape (n,) or None
        Weights.
    solution : Solution
        Fitted to all rows.
    about : bool
        Whether there are intercepts.
    rows : ndarray of int
        Which rows.
    moments : Moments, default=None
        Of all rows, where X holds the rows asked for alone.
    """
    alpha = float(np.max(solution.alpha))
    total = float(len(Y) if weight is None else weight.sum())
    own = np.ones(len(rows)) if weight is None else weight[rows]
    if moments is None and len(X) <= X.shape[1]:
        mine = Rows(X, np.zeros((len(X), 1)), weight, about)
        K, far = mine.gram(), 0.0
        if mine.intercept is not None:
            far = 2 * float(np.trace(K)) or 1.0
            K += np.outer(far * mine.intercept, mine.intercept)
        added = max(alpha, 1e-12 * float(np.trace(K)) / len(K))
        K[np.diag_indices(len(K))] += added
        L, info = lapack.dpotrf(K, lower=1)
        inverse, _ = lapack.dtrtri(np.tril(L), lower=1)
        slack = added * np.square(inverse).sum(axis=0)[rows]
        if far:  # the intercept's direction is fitted whole
            slack -= added / (far + added) * mine.intercept[rows] ** 2
        x = X[rows]
        if info != 0:
            slack = np.ones(len(rows))
    else:
        sums = Moments().update(X, np.zeros(len(X)), weight) if moments is None else moments
        x = X if moments is not None else X[rows]
        mean = sums.x_mean if about else np.zeros(sums.n_features)
        XX, _, _ = sums.products(about)
        found = cholesky_solve(XX, max(alpha, 1e-12 * float(np.trace(XX)) / len(XX)),
                               np.zeros((len(XX), 1)))  # fmt: skip
        if found is None:
            slack = np.ones(len(rows))
        else:
            turned = ((x - mean) * found.scale).T
            slack = 1 - own * np.square(solve_triangular(found.L, turned, lower=True)).sum(axis=0)
            slack -= own / total * about
    d = x @ solution.coef + solution.intercept
    slack = np.where(slack > LEAST_SLACK, slack, 1.0)
    return Y[rows] - (Y[rows] - d) / slack[:, None]
