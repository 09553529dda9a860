"""The likelihood of labels under a linear readout, and its minimiser.

The loss is convex, and its second derivatives are much the same in every class: those of a ridge
regression, times the variance of the class's indicator [1]_. So the factor of the ridge readout's
matrix, scaled for each class, makes coordinates in which the loss is nearly round, and L-BFGS [2]_
needs few passes over the rows there.

.. [1] Böhning (1992). Multinomial logistic regression algorithm. Annals of the Institute of
   Statistical Mathematics 44, 197-200, eq. 2.5.
.. [2] Liu & Nocedal (1989). On the limited memory BFGS method for large scale optimization.
   Mathematical Programming 45.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack, solve_triangular
from scipy.optimize import minimize

from .. import _budgets
from .._products import WORTH_THREADS
from .._threads import mapping, one_blas_thread
from ._moments import EPS, Moments, mirror

__all__ = [
    "Fit",
    "Likelihood",
    "Prior",
    "beginning",
    "bulk_of",
    "check_weighty",
    "minimise",
    "products_of",
    "pull",
    "softmax",
    "targets_of",
    "working",
]

SAMPLED = 8  # times as many rows as features say enough of their products
CHEAP = 1e8  # operations for all products, which are not worth a sample
LEAST_SHARE = 1e-4  # that a class is taken to have, at first
LOOK, RARE = 256, 3e-5  # rows that show the bulk; its share of the variance that is seen to
ROUNDED = 3e-6  # share of a feature's deviation below which the bulk differs by rounding alone
SLOW = 10  # times the tolerance that the last iteration may have gained


@dataclass
class Fit:
    """Coefficients of shape (p, q) and intercepts (q,); how they were found."""

    coef: np.ndarray
    intercept: np.ndarray
    n_iter: int = 0
    converged: bool = True


@dataclass
class Prior:
    """Squares that stand for the rows of earlier blocks: ½ Σ c (z − x·w − b)², by its sums."""

    XX: np.ndarray  # about the mean, both triangles
    XY: np.ndarray
    x_mean: np.ndarray
    y_mean: np.ndarray
    total: float

    def __call__(self, coef, intercept):
        """Loss, but for a constant, and its gradients."""
        product = self.XX @ coef
        off = intercept + self.x_mean @ coef - self.y_mean
        loss = np.vdot(coef, product) / 2 - np.vdot(coef, self.XY) + self.total / 2 * off @ off
        slope = self.total * off
        return loss, product - self.XY + np.outer(self.x_mean, slope), slope


def softmax(S):
    """Turn rows of scores into probabilities that sum to one, in place."""
    S -= S.max(axis=1, keepdims=True)
    np.exp(S, out=S)
    S /= S.sum(axis=1, keepdims=True)
    return S


def pull(S, targets, weight):
    """Loss of scores of shape (n, q), and what they should fall by, which overwrites them.

    Targets are codes of classes, of shape (n,), under a softmax, or ±1 of shape (n, q), each of
    them under a logistic function of its own.
    """
    if targets.ndim == 1:
        each = np.arange(len(S))
        S -= S.max(axis=1, keepdims=True)
        loss = -S[each, targets].astype(np.float64)
        np.exp(S, out=S)
        total = S.sum(axis=1)
        loss += np.log(total, dtype=np.float64)
        S /= total[:, None]
        S[each, targets] -= 1
    else:
        S *= targets
        loss = np.logaddexp(0, -S).sum(axis=1, dtype=np.float64)
        np.clip(S, -80, 80, out=S)  # where 1 + exp(80) is exp(80) long since
        np.exp(S, out=S)
        S += 1
        np.divide(-targets, S, out=S)
    if weight is None:
        return loss.sum(), S
    S *= weight[:, None]
    return weight @ loss, S


class Likelihood:
    """Minus the log-likelihood of rows that come in blocks.

    Parameters
    ----------
    blocks : callable
        ``blocks()`` yields ``(rows, X)``, a slice and the features of those rows.
    targets : ndarray of shape (n,) or (n, q)
        As of :func:`pull`.
    weight : ndarray of shape (n,) or None
        Weights.
    dtype : dtype
        Of products; sums over rows are float64.
    shift : ndarray of shape (p,) or None
        What is taken from the rows first, where products would lose digits to a large mean.
    bulk : float, default=1.0
        As of :func:`products_of`.
    """

    def __init__(self, blocks, targets, weight, dtype, shift=None, bulk=1.0):
        self.blocks, self.targets, self.weight, self.dtype = blocks, targets, weight, dtype
        self.bulk = bulk
        self.shift = None if shift is None else shift.astype(dtype)

    def weighing(self, weight):
        """The same rows with other weights."""
        return Likelihood(self.blocks, self.targets, weight, self.dtype, self.shift, self.bulk)

    @np.errstate(all="ignore")  # exp underflows; what overflows shows in the loss
    def __call__(self, coef, intercept, gradient=True):
        """Loss, and its gradients with respect to coefficients (p, q) and intercepts (q,)."""
        dtype = self.dtype if np.abs(coef).max(initial=0.0) < 1e30 else np.float64
        short, offset = coef.astype(dtype), intercept.astype(dtype)
        loss, slope, slopes = 0.0, np.zeros(coef.shape), np.zeros(len(intercept))
        length = max(_budgets.LOGISTIC_ENTRIES // len(coef), _budgets.TILE_LEAST_ROWS)
        with one_blas_thread() as threads:
            for rows, X in self.blocks():

                def of_tile(start, first=rows.start, X=X):
                    x = X[start : start + length]
                    if self.shift is not None:
                        x = x - self.shift
                    x = x.astype(dtype, copy=False)
                    mine = slice(first + start, first + start + len(x))
                    weight = None if self.weight is None else self.weight[mine]
                    part, falls = pull(x @ short + offset, self.targets[mine], weight)
                    if not gradient:
                        return part, 0.0, 0.0
                    return part, x.T @ falls.astype(dtype), falls.sum(axis=0, dtype=np.float64)

                worth = 4.0 * X.size * len(intercept) > WORTH_THREADS
                with mapping(threads if worth else 1) as each:
                    for part, products, sums in each(of_tile, range(0, len(X), length)):
                        loss += part
                        slope += products
                        slopes += sums
        return loss, slope, slopes


@np.errstate(all="ignore")  # what overflows is refused by name
def minimise(likelihood, moments, spread, alpha, start, *, max_iter, tol, about, prior=None):
    """Least loss plus ``alpha / 2`` times the squared coefficients.

    Parameters
    ----------
    likelihood : Likelihood
        The loss.
    moments : tuple of (ndarray of shape (p, p), ndarray of shape (p,), float)
        Weighted products of the features about their mean, the mean and the sum of the weights.
    spread : ndarray of shape (q,)
        Second derivative of a row's loss with respect to a score, about.
    alpha : float
        Strength of the penalty, above zero.
    start : Fit
        Where to begin.
    max_iter : int
        Most iterations.
    tol : float
        Stop where the mean loss is about as close as this to the least.
    about : bool
        Whether there are intercepts.
    prior : Prior, default=None
        More loss.

    Returns
    -------
    fit : Fit
    """
    XX, mean, total = moments
    p, q = start.coef.shape
    typical = float(np.exp(np.log(spread).mean()))
    A = np.array(XX, order="F")
    added = 0.0
    if prior is not None:
        A += prior.XX / typical
        added = prior.total
    A /= total
    diagonal = np.einsum("ii->i", A)
    diagonal += alpha / (typical * total) + 100 * EPS * diagonal + np.finfo(np.float64).tiny
    L, info = lapack.dpotrf(A, lower=1, clean=1)
    if info != 0:  # features that depend on each other: any coordinates will do, these are safe
        diagonal += 1e-8 * diagonal.max()
        L, info = lapack.dpotrf(A, lower=1, clean=1)
    if info != 0 or not np.isfinite(diagonal).all():
        raise ValueError("Products of X overflow float64: X must be scaled to smaller numbers.")
    root = np.sqrt(spread)
    flat = root * np.sqrt((total + added / typical) / total)

    def fit_of(v):
        coef = solve_triangular(L, v[: p * q].reshape(p, q), lower=True, trans=1) / root
        return coef, (v[p * q :] / flat - mean @ coef) * about

    last, before = [], []

    def objective(v):
        coef, intercept = fit_of(v)
        loss, slope, slopes = likelihood(coef, intercept)
        if prior is not None:
            more = prior(coef, intercept)
            loss, slope, slopes = loss + more[0], slope + more[1], slopes + more[2]
        loss += alpha / 2 * np.vdot(coef, coef)
        slope += alpha * coef
        slopes = slopes * about
        if not np.isfinite(loss):
            loss = np.finfo(np.float64).max
        slope -= np.outer(mean, slopes)
        slope = solve_triangular(L, slope, lower=True) / root
        gradient = np.concatenate([slope.ravel(), slopes / flat]) / total
        last[:] = [gradient @ gradient / 2]
        if not before:
            before.append(loss / total)
        return loss / total, gradient

    def stop(intermediate_result):
        # where rows far out give the coordinates their length, the gradient is small long before
        gained, before[0] = before[0] - intermediate_result.fun, intermediate_result.fun
        if last[0] <= tol * likelihood.bulk and gained <= SLOW * tol:
            raise StopIteration

    v = np.concatenate(
        [
            ((L.T @ start.coef) * root).ravel(),
            (start.intercept + mean @ start.coef) * flat * about,
        ]
    )
    found = minimize(
        objective,
        v,
        jac=True,
        method="L-BFGS-B",
        callback=stop,
        options={
            "maxiter": max_iter,
            "maxfun": 20 * max_iter + 20,
            "ftol": 1e-13,
            "gtol": 0.0,
            "maxcor": 10,
        },
    )
    coef, intercept = fit_of(found.x)
    if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
        raise ValueError("Products of X overflow float64: X must be scaled to smaller numbers.")
    if likelihood.targets.ndim == 1:  # what is the same in all classes says nothing
        coef -= coef.mean(axis=1, keepdims=True)
        intercept -= intercept.mean()
    return Fit(
        coef,
        intercept,
        int(found.nit),
        bool(found.nit < max_iter or last[0] <= tol * likelihood.bulk),
    )


def beginning(targets, weight, p, q):
    """Spread of the classes' indicators, and the fit that knows no features."""
    weight = np.ones(len(targets)) if weight is None else weight
    if targets.ndim == 1:
        counts = np.bincount(targets, weight, minlength=q)
    else:
        counts = weight @ (targets > 0)
    share = counts / weight.sum() + LEAST_SHARE
    share /= 1 + (q if targets.ndim == 1 else 2) * LEAST_SHARE
    odds = np.log(share) if targets.ndim == 1 else np.log(share / (1 - share))
    return share * (1 - share), Fit(np.zeros((p, q)), odds)


def products_of(blocks, weight, dtype, about):
    """Products of the features, what to take from them first, and the dtype for products.

    Of many more rows than features, some will do: the products only make good coordinates.

    Last comes the share that the bulk of rows has in the variance of a feature, the median of all,
    where it is so small that rows far out have next to all; otherwise one.
    """
    sums, total, some = Moments(), 0.0, None
    for rows, X in blocks():
        own = np.ones(len(X)) if weight is None else weight[rows]
        total += own.sum()
        n, p = X.shape
        some = X if some is None else some
        step = max(n // (SAMPLED * p), 1) if float(n) * p * p > CHEAP else 1
        thin = own[::step]
        if thin.any():
            sums = sums.take_in(X[::step], np.zeros(len(thin)), thin)
        elif own.any():
            sums = sums.take_in(X, np.zeros(len(X)), own)
    mean = sums.x_mean
    XX, _, _ = sums.products(about)
    XX *= total / sums.weight_sum
    lengths, shift = np.sqrt(np.einsum("ii->i", XX) / total), None
    if not np.isfinite(lengths).all():
        raise ValueError("Products of X overflow float64: X must be scaled to smaller numbers.")
    if about and dtype == np.float32 and (np.abs(mean) > 100 * lengths).any():
        shift, mean = mean.astype(np.float32), mean - mean.astype(np.float32)
    size = np.array([lengths.max(), np.abs(mean).max()])
    if (size > 1e15).any() or 0 < lengths.max() < 1e-15:
        dtype = np.float64
    return (mirror(XX), mean * about, total), shift, dtype, bulk_of(some, lengths)


def bulk_of(X, lengths):
    """Share that the bulk of rows has in the variance of a feature, the median over features.

    The bulk is all but a twentieth on either side, and most features have to be far out in the
    others: edges in a picture that is flat elsewhere are not, nor what wakes single rectified
    units.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Rows, of which some are looked at.
    lengths : ndarray of shape (p,)
        Deviation of each feature over all rows.

    Returns
    -------
    share : float
        One, unless rows far out have next to all of the variance.
    """
    rows = X[:LOOK]
    if len(X) > LOOK:  # at random: every so many may be the same column of each picture
        rows = X[np.random.RandomState(0).randint(0, len(X), LOOK)]
    cut = len(rows) // 20  # on either side
    ordered = np.sort(rows, axis=0)  # faster than partitions
    near = (ordered[-1 - cut] - ordered[cut]) / 4
    known = near > ROUNDED * lengths
    share = float(np.median((near[known] / lengths[known]) ** 2)) if known.any() else 1.0
    return share if share < RARE else 1.0


def working(S, targets):
    """Weights and responses of the ridge regression that touches the loss at some scores."""
    loss_at = S.copy()
    _, falls = pull(loss_at, targets, None)
    if targets.ndim == 1:
        P = falls.copy()
        P[np.arange(len(P)), targets] += 1
        certain = (1 - np.square(P).sum(axis=1)) / (P.shape[1] - 1)
    else:
        P = np.abs(falls)
        certain = (P * (1 - P)).mean(axis=1)
    certain = np.maximum(certain, 1e-8)
    return certain, S - falls / certain[:, None]


def targets_of(Y, multilabel):
    """Codes of classes that exclude each other, or ±1 in columns."""
    if Y.ndim == 1:
        return Y[:, None]
    return Y if multilabel else Y.argmax(axis=1)


def check_weighty(weight, before=0.0):
    """Refuse weights that sum to nothing."""
    if weight is not None and not weight.sum() + before > 0:
        raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
