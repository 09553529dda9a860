"""Spherical k-means: clusters of directions."""

from contextlib import contextmanager

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._announce import warn
from .._params import Integral, StrOptions, count, non_negative, unchanged_on_failure
from .._threads import effective_threads, mapping, one_blas_thread
from .._validation import check_array, check_weights, validate_data
from ._directions import Directions, unit
from ._whitening import FLOATS

__all__ = ["SphericalKMeans"]

MOST_RUNS = 10_000  # many more would not end
WORTH_THREADS = 2e7  # rows · clusters · features from which a second thread pays


class SphericalKMeans(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator
):
    """K-means of directions: rows count at unit norm, and so do the centres.

    With the interface of scikit-learn's :class:`~sklearn.cluster.KMeans`. As it comes, a row
    belongs to the centre of the greatest cosine, and a centre is the normalised sum of its rows
    [1]_. With ``sign_invariant=True`` a row x belongs to the centre d of the greatest absolute
    cosine, and a centre is the normalised sum of (d·x) x: one direction stands for an edge and its
    negative. With ``sign_invariant=True, damping=1`` that is the dictionary learner of Coates & Ng
    [2]_ (on rows of unit norm; theirs count by the square of their length).

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters K.
    sign_invariant : bool, default=False
        Whether a row and its negative are the same.
    damping : float, default=0.0
        What each centre has of itself in the sum that replaces it, in rows: 1 in [2]_. It steadies
        clusters of few rows, and takes more iterations. For `partial_fit` it has no meaning.
    init : {"k-means++", "random"}, callable or array-like of shape (K, p), default="k-means++"
        Where to begin: rows chosen far apart by greedy k-means++ (among 10 K random ones, and at
        least 4096), random rows, ``init(X, n_clusters, random_state)``, or given centres, which are
        normalised.
    n_init : "auto" or int, default="auto"
        Runs from different beginnings, of which the best is kept; 10,000 at most. "auto": 10 for
        ``"random"`` and a callable, 1 for ``"k-means++"``. Given centres are run from once.
    max_iter : int, default=300
        Most iterations of a run.
    tol : float, default=1e-4
        A run ends when the squared change of all centres sums up to no more than tol / p.
    verbose : int, default=0
        1 prints a line for each iteration.
    random_state : int, RandomState instance or None, default=None
        What seeds are drawn with.
    n_jobs : int, default=None
        Threads. Results do not depend on it.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (K, p)
        Centres of unit norm, float32 for float32 input, float64 otherwise.
    labels_ : ndarray of shape (n,)
        Cluster of each training row.
    inertia_ : float
        Weighted sum of squared distances of the rows at unit norm: from their centre, 2 − 2 cos;
        if ``sign_invariant``, from the line through it, 1 − cos².
    n_iter_ : int
        Iterations of the best run.
    n_features_in_ : int
        Number of features p.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had string names.

    Notes
    -----
    A cluster without rows is given a new centre as k-means++ would choose it, far from all others.
    If there are fewer directions than clusters, some stay empty, with a ConvergenceWarning. Rows of
    zeros have no direction: they are put into the first cluster and move nothing.

    An iteration is one matrix product, blockwise, and two passes of compiled loops over its result
    and the data. Memory beyond the data is some megabytes. Sums are float64 for float32 data too.

    References
    ----------
    .. [1] Dhillon & Modha (2001). Concept decompositions for large sparse text data using
       clustering. Machine Learning 42, 143-175.
    .. [2] Coates & Ng (2012). Learning feature representations with k-means. Neural Networks:
       Tricks of the Trade, 2nd ed.: the three updates repeated until convergence.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import SphericalKMeans
    >>> X = np.array([[1.0, 0.1], [20.0, 1.0], [0.0, 3.0], [0.1, 1.0], [-1.0, 0.0]])
    >>> SphericalKMeans(3, random_state=0).fit_predict(X).tolist()
    [0, 0, 1, 1, 2]
    >>> SphericalKMeans(2, sign_invariant=True, random_state=0).fit_predict(X).tolist()
    [0, 0, 1, 1, 0]
    """

    _parameter_constraints = {
        "n_clusters": [count()],
        "sign_invariant": ["boolean"],
        "damping": [non_negative()],
        "init": [StrOptions({"k-means++", "random"}), callable, "array-like"],
        "n_init": [StrOptions({"auto"}), count(most=MOST_RUNS)],
        "max_iter": [count()],
        "tol": [non_negative()],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        n_clusters=8,
        *,
        sign_invariant=False,
        damping=0.0,
        init="k-means++",
        n_init="auto",
        max_iter=300,
        tol=1e-4,
        verbose=0,
        random_state=None,
        n_jobs=None,
    ):
        self.n_clusters = n_clusters
        self.sign_invariant = sign_invariant
        self.damping = damping
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.n_jobs = n_jobs

    @unchanged_on_failure
    def fit(self, X, y=None, sample_weight=None):
        """Find the clusters.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows, n ≥ K; of any length, only directions count.
        y : None
            Ignored.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights; a weight of two is the row twice.

        Returns
        -------
        self : SphericalKMeans
        """
        self._validate_params()
        X = validate_data(self, X, dtype=FLOATS, order="C")
        rng = check_random_state(self.random_state)
        best = None
        with self._rows(X, sample_weight) as rows:
            self._check_enough(rows)
            for _ in range(self._n_runs()):
                run = self._run(rows, self._start(rows, rng), rng)
                if best is None or run["inertia_"] < best["inertia_"]:
                    best = run
        vars(self).update(best)
        n_found = len(np.unique(self.labels_[rows.weight > 0]))
        if n_found < self.n_clusters:
            warn(
                f"{n_found} clusters have rows, n_clusters={self.n_clusters}: X may not have so "
                "many different directions.",
                ConvergenceWarning,
            )
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y=None, sample_weight=None):
        """Put more rows into the clusters, and move the centres once.

        A centre is the normalised sum of all rows ever put into its cluster. The first call chooses
        the centres to begin with from its own rows.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows; at least K in the first call.
        y : None
            Ignored.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        self : SphericalKMeans
            ``labels_`` and ``inertia_`` are those of these rows before the centres moved.
        """
        self._validate_params()
        first = "cluster_centers_" not in vars(self)
        X = validate_data(self, X, dtype=FLOATS, order="C", reset=first)
        rng = check_random_state(self.random_state)
        with self._rows(X, sample_weight) as rows:
            if first:
                self._check_enough(rows)
                centers, self.n_iter_ = self._start(rows, rng), 0
                self._sums, self._totals = np.zeros(centers.shape), np.zeros(len(centers))
            else:
                centers = self.cluster_centers_.astype(X.dtype, copy=False)
            self.labels_, cosine = rows.assign(centers)
            self.inertia_ = rows.inertia(cosine)
            sums, totals = rows.add_up(self.labels_, cosine, len(centers))
            self._sums, self._totals = self._sums + sums, self._totals + totals
            self.cluster_centers_ = self._moved(
                rows, centers, self._sums, self._totals, cosine, rng
            )
        self.n_iter_ += 1
        return self

    def predict(self, X):
        """Find the cluster of each row.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.

        Returns
        -------
        labels : ndarray of shape (n,)
            Numbers of clusters, int32.
        """
        with self._new_rows(X) as (rows, centers):
            return rows.assign(centers)[0]

    def transform(self, X):
        """Measure the distance of each row, at unit norm, from each centre.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows. For cosines instead, multiply unit rows with ``cluster_centers_.T``.

        Returns
        -------
        distances : ndarray of shape (n, K)
            √(2 − 2 cos), or, if ``sign_invariant``, √(1 − cos²), the distance from the line through
            the centre. float32 for float32 input, float64 otherwise.
        """
        with self._new_rows(X) as (rows, centers):
            return rows.distances_to(centers)

    def score(self, X, y=None, sample_weight=None):
        """Return minus the inertia of rows.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        y : None
            Ignored.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        score : float
        """
        with self._new_rows(X, sample_weight) as (rows, centers):
            return -rows.inertia(rows.assign(centers)[1])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self):
        return len(self.cluster_centers_)

    @contextmanager
    def _rows(self, X, sample_weight):
        """Rows and the threads to work on them, of BLAS one each."""
        weight = check_weights(sample_weight, len(X))
        worth = X.size * int(self.n_clusters) > WORTH_THREADS
        n_threads = effective_threads(self.n_jobs) if worth else 1
        signed = not self.sign_invariant
        with one_blas_thread(), mapping(n_threads) as run:
            yield Directions.of(X, weight, signed, run=run, n_threads=n_threads)

    @contextmanager
    def _new_rows(self, X, sample_weight=None):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=FLOATS, order="C", reset=False)
        with self._rows(X, sample_weight) as rows:
            yield rows, self.cluster_centers_.astype(X.dtype, copy=False)

    def _check_enough(self, rows):
        if len(rows.X) < self.n_clusters:
            raise ValueError(f"n_samples={len(rows.X)} should be >= n_clusters={self.n_clusters}.")
        if not rows.weight.any():
            raise ValueError(
                "All rows of X are zeros or of zero sample_weight: nothing to cluster."
            )

    def _n_runs(self):
        if not isinstance(self.init, str) and not callable(self.init):
            return 1
        if self.n_init == "auto":
            return 1 if isinstance(self.init, str) and self.init == "k-means++" else 10
        return self.n_init

    def _start(self, rows, rng):
        """Centres to begin with, in the dtype of the rows."""
        K, (n, p) = int(self.n_clusters), rows.X.shape
        if isinstance(self.init, str) and self.init == "k-means++":
            centers = rows.seed(K, rng)
        elif isinstance(self.init, str):
            share = rows.weight / rows.weight.sum()
            chosen = rng.choice(n, min(K, np.count_nonzero(share)), replace=False, p=share)
            centers = rows.X[chosen]
        else:
            given = self.init(rows.X, K, rng) if callable(self.init) else self.init
            centers = check_array(given, dtype=FLOATS, input_name="init")
            if centers.shape != (K, p):
                raise ValueError(f"init must be of shape ({K}, {p}), got {centers.shape}.")
        centers, is_direction = unit(centers)
        if not is_direction.all():
            raise ValueError(
                f"init must hold no rows of zeros, got one at {is_direction.argmin()}."
            )
        # where there are not so many directions, clusters that stay empty
        return np.resize(centers, (K, p)).astype(rows.X.dtype)

    def _run(self, rows, centers, rng):
        """Iterate from some centres; returns the attributes."""
        settled = False
        for i in range(self.max_iter):
            labels, cosine = rows.assign(centers)
            if self.verbose:
                print(f"Iteration {i}, inertia {rows.inertia(cosine):.6g}.")
            sums, totals = rows.add_up(labels, cosine, len(centers))
            pulled = sums + self.damping * centers if self.damping else sums
            moved = self._moved(rows, centers, pulled, totals, cosine, rng)
            change = np.square(moved - centers, dtype=np.float64).sum()
            settled, centers = change == 0, moved
            if change <= self.tol / centers.shape[1]:
                break
        if not settled:  # labels are those of the final centres
            labels, cosine = rows.assign(centers)
        return {
            "cluster_centers_": centers, "labels_": labels, "inertia_": rows.inertia(cosine),
            "n_iter_": i + 1, "_sums": sums, "_totals": totals,
        }  # fmt: skip

    def _moved(self, rows, centers, sums, totals, cosine, rng):
        """Normalised sums; new seeds for clusters without weight."""
        directions, is_direction = unit(sums)
        moved = np.where(is_direction[:, None], directions, centers).astype(centers.dtype)
        empty = np.flatnonzero(totals == 0)
        if len(empty):
            seeds = rows.seed(len(empty), rng, rows.distances(cosine))
            moved[empty[: len(seeds)]] = seeds
        return moved
