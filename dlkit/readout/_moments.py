"""The additive sufficient statistics of a linear readout."""

import numpy as np
from scipy.linalg.blas import dsyr2k
from scipy.linalg.lapack import dtpttr, dtrttp
from sklearn.utils import assert_all_finite, check_consistent_length

from .. import _budgets
from .._products import add_gram, times
from .._threads import one_blas_thread
from .._validation import check_weights, naming

__all__ = [
    "EPS",
    "Moments",
    "count_samples",
    "mirror",
    "row_tiles",
    "tile_length",
    "weighted_mean",
]


EPS = np.finfo(np.float64).eps
MOST_REPEATED = 100  # greater weights do not count rows


def tile_length(n_columns):
    """Rows to convert to float64 at a time."""
    return max(_budgets.TILE_LEAST_ROWS, _budgets.TILE_ENTRIES // max(n_columns, 1))


def row_tiles(A, shift, root, length, order="C"):
    """Yield ``(rows, tile)`` with ``tile = root * (A[rows] - shift)`` in one float64 buffer.

    ``root`` holds the square roots of the weights, or is None where all weights are one. The
    buffer is written over by the next tile.
    """
    n, width = A.shape
    buffer = np.empty((min(length, n), width), order=order)
    for start in range(0, n, length):
        rows = slice(start, min(start + length, n))
        tile = np.subtract(A[rows], shift, out=buffer[: rows.stop - start])
        if root is not None:
            tile *= root[rows, None]
        yield rows, tile


def mirror(G):
    """Copy the lower triangle of a square matrix onto its upper one, in place."""
    for j in range(len(G) - 1):
        G[j, j + 1 :] = G[j + 1 :, j]
    return G


def count_samples(weight, n):
    """Samples that n rows stand for: whole weights count rows, other weights weigh errors."""
    if weight is None:
        return n
    whole = (weight == np.rint(weight)) & (weight <= MOST_REPEATED)
    return int(np.where(whole, weight, 1.0).sum())


@np.errstate(all="ignore")  # what overflows is refused by name
def weighted_mean(A, weight, name="X"):
    """Mean of the rows of ``A`` in float64, without a float64 copy of ``A``.

    The mean of a constant column is exactly the constant: less than that, a column of zeros would
    become one of tiny numbers, which a fit without a penalty takes for a feature.
    """
    if weight is not None and weight.sum() == 0:
        weight = None
    if weight is None:
        mean, first = A.mean(axis=0, dtype=np.float64), A[0]
    else:
        tiles = row_tiles(A, 0.0, None, tile_length(A.shape[1]))
        mean = sum(weight[rows] @ tile for rows, tile in tiles) / weight.sum()
        first = A[np.argmax(weight > 0)]
    if not np.isfinite(mean).all():
        raise ValueError(
            f"Sums of {name} overflow float64: {name} must be scaled to smaller numbers."
        )
    first = first.astype(np.float64)
    missed = np.abs(mean - first)
    for j in np.flatnonzero((missed > 0) & (missed <= EPS * len(A) * np.abs(first))):
        column = A[:, j] if weight is None else A[weight > 0, j]
        if (column == column[0]).all():
            mean[j] = first[j]
    return mean


class Moments:
    """Weighted counts, sums and products of features and targets, which add.

    They are all a linear least-squares readout ever needs of its data. Blocks of rows are added
    by :meth:`update`, the moments of other rows by :meth:`merge`, and a part is taken out again
    by :meth:`subtract`; in whatever order, the result is the same to rounding. Everything is
    float64 and accumulated about the mean of the rows so far, so that a large offset of the data
    costs no digits. A call that fails or is interrupted changes nothing, and arrays handed out
    before a call are not written to.

    Attributes
    ----------
    n : int
        Rows seen, whatever their weight.
    n_samples : int
        Number of samples where an alpha is chosen: a row of a whole weight, up to 100, counts as
        often as the weight says, as if it were repeated, and a row of any other weight once.
    weight_sum : float
        Sum of the weights; equal to `n` where no weights were given.
    n_features, n_targets : int or None
        Columns of X and of Y; None before the first block.
    y_ndim : int or None
        1 if the targets came as ``(b,)``, 2 if as ``(b, q)``.
    x_mean, y_mean : ndarray of shape (p,) and (q,)
        Weighted means.
    x_sum, y_sum : ndarray of shape (p,) and (q,)
        Weighted sums.

    References
    ----------
    .. [1] Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance: analysis and
       recommendations, The American Statistician 37(3): updating by pairs.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.readout import Moments
    >>> X, y = np.arange(12.0).reshape(6, 2), np.arange(6.0)
    >>> first, rest = Moments().update(X[:2], y[:2]), Moments().update(X[2:], y[2:])
    >>> both = first.copy().merge(rest)
    >>> both.n, both.x_mean.tolist()
    (6, [5.0, 6.0])
    >>> XX, XY, YY = both.centred()
    >>> XX.tolist(), YY.tolist()
    ([[70.0, 70.0], [70.0, 70.0]], [17.5])
    >>> both.subtract(first).x_mean.tolist()
    [7.0, 8.0]
    """

    def __init__(self):
        self.n = self.n_samples = 0
        self.weight_sum = 0.0
        self.y_ndim = None

    @property
    def n_features(self):
        """Number of feature columns, None before the first block."""
        return None if self.y_ndim is None else len(self._sx)

    @property
    def n_targets(self):
        """Number of target columns, None before the first block."""
        return None if self.y_ndim is None else len(self._sy)

    @property
    def x_mean(self):
        """Weighted mean of the features, shape (p,)."""
        self.check_weighted()
        return self._x_shift + self._sx / self.weight_sum

    @property
    def y_mean(self):
        """Weighted mean of the targets, shape (q,)."""
        self.check_weighted()
        return self._y_shift + self._sy / self.weight_sum

    @property
    def x_sum(self):
        """Weighted sum of the features, shape (p,)."""
        self._check_started()
        return self._sx + self.weight_sum * self._x_shift

    @property
    def y_sum(self):
        """Weighted sum of the targets, shape (q,)."""
        self._check_started()
        return self._sy + self.weight_sum * self._y_shift

    def update(self, X, Y, sample_weight=None):
        """Add a block of rows.

        Parameters
        ----------
        X : array-like of shape (b, p)
            Features of any real dtype; converted to float64 a tile of rows at a time.
        Y : array-like of shape (b,) or (b, q)
            Targets.
        sample_weight : float or array-like of shape (b,), default=None
            Non-negative weights; None means one each.

        Returns
        -------
        self : Moments

        Raises
        ------
        ValueError
            If shapes do not agree with each other or with earlier blocks, or something is not
            finite, or its squares are not. Nothing is added then.
        """
        return self._become(self.plus(X, Y, sample_weight))

    def plus(self, X, Y, sample_weight=None):
        """Moments of these rows and a block more, as :meth:`update` would make them of these.

        Parameters
        ----------
        X, Y, sample_weight
            As of :meth:`update`.

        Returns
        -------
        moments : Moments
            New ones, which share nothing with these.
        """
        return self.copy().take_in(X, Y, sample_weight)

    @one_blas_thread()  # once for all that follows: setting it takes longer than a small block
    @np.errstate(all="ignore")  # what overflows is refused by name
    def take_in(self, X, Y, sample_weight=None):
        """Add a block of rows in place.

        Like :meth:`plus`, but the arrays of this object are written to: for moments that no other
        object shares.

        Parameters
        ----------
        X, Y, sample_weight
            As of :meth:`update`.

        Returns
        -------
        self : Moments
        """
        with naming("X"):
            X = np.asarray(X)
        with naming("Y"):
            Y = np.asarray(Y)
        if X.ndim != 2 or Y.ndim not in (1, 2) or 0 in (*X.shape[1:], *Y.shape[1:]):
            raise ValueError(
                "X must be of shape (b, p) and Y of shape (b,) or (b, q), of a column at least, "
                f"got {X.shape} and {Y.shape}."
            )
        for name, A in (("X", X), ("Y", Y)):
            if A.dtype.kind not in "biuf":
                raise ValueError(f"{name} must hold real numbers, got dtype {A.dtype}.")
            assert_all_finite(A, input_name=name)
        check_consistent_length(X, Y)
        weight = check_weights(sample_weight, len(X))
        y_ndim, Y = Y.ndim, Y[:, None] if Y.ndim == 1 else Y
        if self.y_ndim is not None:
            self._check_same(X.shape[1], Y.shape[1], y_ndim)
        if len(X) == 0:
            return self
        total = float(len(X) if weight is None else weight.sum())
        if self.y_ndim is not None and not total <= 10 * self.weight_sum:
            # few rows before, whose mean may be far away
            return type(self)().take_in(X, Y if y_ndim == 2 else Y[:, 0], weight).add_in(self)
        first = self.y_ndim is None
        if first:
            self._start(weighted_mean(X, weight), weighted_mean(Y, weight, "y"), y_ndim)
        root = None if weight is None else np.sqrt(weight)
        length = tile_length(X.shape[1])
        x_tiles = row_tiles(X, self._x_shift, root, length)
        y_tiles = row_tiles(Y, self._y_shift, root, length)
        for (rows, x), (_, y) in zip(x_tiles, y_tiles, strict=True):
            ones = np.ones(len(x)) if root is None else root[rows]
            self._sx += ones @ x
            self._sy += ones @ y
            self._XX = add_gram(self._XX, x)
            self._XY.T[...] += times(y.T, x)
            self._YY += np.einsum("ij,ij->j", y, y)
        self.n += len(X)
        self.n_samples += count_samples(weight, len(X))
        self.weight_sum += total
        self._check_finite()
        if first or not self.weight_sum:
            return self
        return self._shift_to(self.x_mean, self.y_mean)

    @one_blas_thread()
    def merge(self, other):
        """Add the moments of other rows, which are left as they are.

        Parameters
        ----------
        other : Moments
            Of as many features and targets.

        Returns
        -------
        self : Moments
        """
        self._check_other(other)
        return self._become(self.copy().add_in(other))

    @one_blas_thread()
    def subtract(self, other):
        """Take the rows of a part out again.

        Digits go with a part that is much larger than the rest: to leave out a part of which that
        may be so, merge the other parts instead.

        Parameters
        ----------
        other : Moments
            Of rows that are part of this.

        Returns
        -------
        self : Moments

        Raises
        ------
        ValueError
            If `other` holds more rows or more weight than this.
        """
        self._check_other(other)
        if other.n > self.n or other.weight_sum > self.weight_sum * (1 + 1e-9):
            raise ValueError(
                f"Cannot subtract {other.n} rows of weight {other.weight_sum} from {self.n} rows "
                f"of weight {self.weight_sum}."
            )
        if other.y_ndim is None:
            return self
        self._check_same(other.n_features, other.n_targets, other.y_ndim)
        return self._become(self.copy()._add(other, -1, (self._x_shift, self._y_shift)))

    def copy(self):
        """Return an independent copy."""
        twin = type(self)()
        for name, value in vars(self).items():
            setattr(twin, name, np.array(value) if isinstance(value, np.ndarray) else value)
        return twin

    def __deepcopy__(self, memo):
        return self.copy()

    def __getstate__(self):
        """Half of a symmetric matrix will do, on the disk and on the wire."""
        state = vars(self).copy()
        if self.y_ndim is not None:
            state["_XX"], _ = dtrttp(self._XX, uplo="L")
        return state

    def __setstate__(self, state):
        vars(self).update(state)
        if self.y_ndim is not None:
            self._XX, _ = dtpttr(self.n_features, self._XX, uplo="L")

    def centred(self):
        """Products about the means: what a fit with an intercept needs.

        Returns
        -------
        XX : ndarray of shape (p, p)
            Σ w (x − x̄)(x − x̄)ᵀ, in Fortran order.
        XY : ndarray of shape (p, q)
            Σ w (x − x̄)(y − ȳ)ᵀ.
        YY : ndarray of shape (q,)
            Σ w (y − ȳ)² of each target.
        """
        XX, XY, YY = self.products(True)
        return mirror(XX), XY, YY

    def products(self, about_mean, overwrite=False):
        """Products about the means or about zero; of XX only the lower triangle is filled.

        Parameters
        ----------
        about_mean : bool
            Whether products are about the means, as a fit with an intercept needs them.
        overwrite : bool, default=False
            Whether this object gives its arrays away, and must not be used again: a p × p copy
            less.

        Returns
        -------
        XX, XY, YY : ndarray
            As of :meth:`centred`.
        """
        self.check_weighted()
        target = self if overwrite else self.copy()
        if about_mean:
            target._shift_to(self.x_mean, self.y_mean)
        else:
            target._shift_to(np.zeros(self.n_features), np.zeros(self.n_targets))
        XX, XY = target._XX, target._XY
        del target._XX, target._XY
        return XX, XY, np.maximum(target._YY, 0)

    def products_about(self, x_shift, y_shift):
        """Products about any point: they tell the errors of a fit to other rows.

        Parameters
        ----------
        x_shift : ndarray of shape (p,)
            Taken from the features.
        y_shift : ndarray of shape (q,)
            Taken from the targets.

        Returns
        -------
        XX, XY, YY : ndarray
            As of :meth:`products`.
        """
        moments = self.copy()._shift_to(x_shift, y_shift)
        return moments._XX, moments._XY, moments._YY

    def _start(self, x_shift, y_shift, y_ndim):
        p, q = len(x_shift), len(y_shift)
        self.y_ndim = y_ndim
        self._x_shift, self._y_shift = x_shift, y_shift
        self._sx, self._sy = np.zeros(p), np.zeros(q)
        self._XX = np.zeros((p, p), order="F")
        self._XY = np.zeros((p, q), order="F")
        self._YY = np.zeros(q)

    def _become(self, new):
        """Take over what another object holds, in one step that cannot be interrupted."""
        vars(self).update(vars(new))
        return self

    @one_blas_thread()
    @np.errstate(all="ignore")  # what overflows is refused by name
    def add_in(self, other):
        """Add the moments of other rows in place.

        Like :meth:`merge`, but the arrays of this object are written to: for moments that no other
        object shares.

        Parameters
        ----------
        other : Moments
            Moments of other rows, of the same columns.

        Returns
        -------
        self : Moments
        """
        if self.y_ndim is None:
            return self._become(other.copy())
        if other.y_ndim is None:
            return self
        self._check_same(other.n_features, other.n_targets, other.y_ndim)
        share = other.weight_sum / (self.weight_sum + other.weight_sum or 1.0)
        means = []
        for shift, sums in (("_x_shift", "_sx"), ("_y_shift", "_sy")):
            mine, others = (
                getattr(m, shift) + getattr(m, sums) / (m.weight_sum or 1.0) for m in (self, other)
            )
            means.append(mine + share * (others - mine))
        return self._add(other, 1, means)._check_finite()

    def _add(self, other, sign, shifts):
        """Add or take away the moments of other rows in place, about some shifts."""
        gains = self._gains(*shifts), other._gains(*shifts, sign)
        combine = np.add if sign > 0 else np.subtract
        for name in ("_XX", "_XY", "_YY", "_sx", "_sy"):
            combine(getattr(self, name), getattr(other, name), out=getattr(self, name))
        self._gain(gains, *shifts)
        self.n += sign * other.n
        self.n_samples += sign * other.n_samples
        self.weight_sum = max(self.weight_sum + sign * other.weight_sum, 0.0) if self.n else 0.0
        return self

    @one_blas_thread()
    def _shift_to(self, x_shift, y_shift):
        """Express everything about another shift, in place."""
        self._gain([self._gains(x_shift, y_shift)], x_shift.copy(), y_shift.copy())
        return self

    def _gains(self, x_shift, y_shift, sign=1):
        """What these rows' sums gain about another shift: how far it is, and what is multiplied."""
        # Σw(a+d)(b+e)ᵀ = Σw abᵀ + d(Σw b)ᵀ + (Σw a)eᵀ + Σw deᵀ
        d, e, w = self._x_shift - x_shift, self._y_shift - y_shift, sign * self.weight_sum
        sx, sy = sign * self._sx, sign * self._sy
        return d, e, w, sx + w / 2 * d, sx, 2 * sy + w * e, sy + w * e

    def _gain(self, gains, x_shift, y_shift):
        """Add what sums gain, and take the new shift."""
        D, E, w, half, sx, both, sy = (np.array(of) for of in zip(*gains, strict=True))
        self._XX = dsyr2k(1.0, D.T, half.T, beta=1.0, c=self._XX, lower=1, overwrite_c=1)
        self._XY += D.T @ sy + sx.T @ E
        self._YY += (E * both).sum(axis=0)
        self._sx += w @ D
        self._sy += w @ E
        self._x_shift, self._y_shift = x_shift, y_shift

    def _check_finite(self):
        """Refuse sums that overflowed; those of squares are not finite if any other is not."""
        for name, squares in (("X", np.einsum("ii->i", self._XX)), ("y", self._YY)):
            if not np.isfinite(squares).all():
                raise ValueError(
                    f"Products of {name} overflow float64: {name} must be scaled to smaller "
                    "numbers."
                )
        return self

    def _check_other(self, other):
        if not isinstance(other, Moments):
            raise TypeError(f"other must be a Moments object, got {type(other).__name__}.")

    def _check_same(self, p, q, y_ndim):
        if (p, q, y_ndim) != (self.n_features, self.n_targets, self.y_ndim):
            raise ValueError(
                f"These moments are of {self.n_features} features and {self.n_targets} targets "
                f"({self.y_ndim}-dimensional), got {p} features and {q} targets "
                f"({y_ndim}-dimensional)."
            )

    def _check_started(self):
        if self.y_ndim is None:
            raise ValueError("These moments are empty: call update first.")

    def check_weighted(self):
        """Refuse moments without rows, or without weight."""
        self._check_started()
        if not self.weight_sum > 0:
            raise ValueError(
                f"The weights of these moments must sum to more than zero, got {self.weight_sum}."
            )
