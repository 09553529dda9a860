"""What the readouts share that answer by stored rows: the memory, and the choice of settings."""

import warnings
from copy import deepcopy
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._params import Interval, Real, StrOptions, count, positive, says
from ._base import check_rows
from ._moments import Moments
from ._retrieval import PRIORS, STEPS, Codes, Groups, Settings, Table, measure
from ._select import Choice, solve_moments

__all__ = ["BaseAttention"]

LEAST_VARIANCE = 1e-12  # of the greatest, below which a feature counts as constant


class BaseAttention(BaseEstimator):
    """Stored rows, and the settings of their votes; subclasses say what is voted for."""

    _parameter_constraints = {
        "beta": [positive(), StrOptions({"auto"})],
        "metric": [StrOptions({"euclidean", "dot", "match"})],
        "feature_weights": [StrOptions({"auto"}), "array-like", None],
        "prior": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
        "top_k": [count(), None],
        "groups": [Integral, "array-like", None],
        "memory": [StrOptions({"all", "sample", "kmeans"})],
        "n_keys": [count()],
        "n_queries": [count()],
        "random_state": ["random_state"],
    }

    @property
    def streaming(self):
        """Blocks in order end where `fit` on all rows does, unless rows are clustered."""
        return None if says(self.memory, "kmeans") else "in order"

    @property
    def beta_(self):
        """Steepness in use."""
        return self._settled().beta

    @property
    def feature_weights_(self):
        """Weights of the features in use, shape (p,)."""
        return self._settled().weights

    @property
    def prior_(self):
        """Votes of the mean of the targets in use, of that of the nearest row."""
        return self._settled().prior

    @property
    def keys_(self):
        """Stored rows, shape (m, p)."""
        check_is_fitted(self)
        return self._rows[0]

    def __sklearn_is_fitted__(self):
        return "_rows" in vars(self)

    def _begin(self):
        """Nothing stored yet."""
        self._rows, self.n_seen_ = None, 0
        self._rng = check_random_state(self.random_state)
        self._found = self._store = None

    def _add(self, X, values, weight):
        """Store more rows, as many as the memory takes."""
        self._check_columns(X.shape[1])
        size = float(np.abs(X).max(initial=0.0))
        if self.metric != "match" and (size > 1e150 or 0 < size < 1e-150):
            raise ValueError(
                f"X holds numbers up to {size:.1e}, whose products float64 cannot hold: scale X, "
                "to a variance of about one, say."
            )
        weight = np.ones(len(X)) if weight is None else weight
        kept = weight > 0
        X, values, weight = X[kept], values[kept], weight[kept]
        if self.metric == "match" and self.memory == "kmeans":
            raise ValueError("memory='kmeans' takes means of rows, which metric='match' has not.")
        rng = deepcopy(self._rng)
        values = self._as_numbers(values) if self.memory == "kmeans" else values
        rows = (X, values, weight)
        if self._rows is not None:
            rows = tuple(np.concatenate(pair) for pair in zip(self._rows, rows, strict=True))
        else:
            rows = tuple(np.array(one) for one in rows)
        before = 0 if self._rows is None else len(self._rows[0])
        if not len(rows[0]):
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        if self.memory == "sample" and len(rows[0]) > self.n_keys:
            rows = self._sampled(rows, before, rng)
        elif self.memory == "kmeans" and len(rows[0]) > self.n_keys:
            rows = self._clustered(rows, rng)
        self._rows, self._rng, self.n_seen_ = rows, rng, self.n_seen_ + len(X)
        self._found = self._store = None

    def _sampled(self, rows, before, rng):
        """Of rows of which the first ``before`` were stored: a random sample of all so far."""
        most = int(self.n_keys)
        place = np.arange(most)
        seen = self.n_seen_ + min(max(most - before, 0), len(rows[0]) - before)
        for new in range(max(before, most), len(rows[0])):  # each row takes one number
            seen += 1
            i = int(rng.random_sample() * seen)
            if i < most:
                place[i] = new
        return tuple(one[place] for one in rows)

    def _clustered(self, rows, rng):
        """Means of clusters, of as many rows as they had."""
        X, values, weight = rows
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters
            found = KMeans(int(self.n_keys), n_init=1, max_iter=50, random_state=rng).fit(
                X, sample_weight=weight
            )
        totals = np.bincount(found.labels_, weight, minlength=int(self.n_keys))
        sums = np.zeros((len(totals), values.shape[1]))
        np.add.at(sums, found.labels_, weight[:, None] * values)
        used = totals > 0
        means = sums[used] / totals[used, None]
        return found.cluster_centers_[used].astype(X.dtype), means, totals[used]

    def _check_columns(self, p):
        columns = self._columns()
        if columns is not None and (columns.size == 0 or columns.min() < 0 or columns.max() >= p):
            raise ValueError(
                f"groups must be numbers of columns of X, from 0 to {p - 1}, got {self.groups!r}."
            )
        given = self.feature_weights
        if given is not None and not isinstance(given, str):
            given = np.asarray(given)
            if given.shape != (p,) or given.dtype.kind not in "biuf" or not (given >= 0).all():
                raise ValueError(
                    f"feature_weights must be {p} numbers of at least zero, one for each feature, "
                    f"got {self.feature_weights!r}."
                )

    def _columns(self):
        if self.groups is None:
            return None
        columns = np.atleast_1d(np.asarray(self.groups))
        if columns.dtype.kind not in "iu" or columns.ndim != 1:
            raise ValueError(f"groups must be numbers of columns of X, got {self.groups!r}.")
        return columns

    def _indexed(self):
        """Stored rows in the order of their groups, ready for queries."""
        if self._store is None:
            X, values, weight = self._rows
            groups = Groups.of(X, self._columns())
            if groups.order is not None:
                X, values, weight = (one[groups.order] for one in (X, values, weight))
            shares = weight / weight.max()
            if self.metric == "match":
                table = Codes(X, values, shares, len(self.classes_))
            else:
                numbers = self._as_values(values)
                table = Table(X, numbers, shares, self.metric == "euclidean")
            about = np.average(self._as_numbers(values), axis=0, weights=weight)
            self._store = table, groups, about
        return self._store

    def _settled(self):
        check_is_fitted(self)
        if self._found is None:
            self._found = self._choose()
        return self._found

    @np.errstate(all="ignore")
    def _choose(self):
        """Settings of the least error on rows that are left out of the memory, one at a time."""
        table, groups, about = self._indexed()
        X, values, weight = self._rows
        if groups.order is not None:
            X, values, weight = (one[groups.order] for one in (X, values, weight))
        n, p = X.shape
        rng = np.random.RandomState(self._rng.get_state()[1][:1])
        rows = np.sort(rng.permutation(n)[: int(self.n_queries)])
        queries, ranges = X[rows], groups.ranges(X[rows], self._columns())
        truth, own = self._truth(values[rows]), weight[rows]
        priors = PRIORS if isinstance(self.prior, str) else np.array([float(self.prior)])
        given = self.feature_weights
        known = given is None or not isinstance(given, str)
        weights = np.ones(p) if given is None else given if known else None
        if self.metric == "match":
            return self._choose_codes(
                table, rows, queries, ranges, truth, own, about, weights, priors
            )
        candidates = [np.asarray(weights, dtype=np.float64)] if known else self._weightings()
        best = None
        for one in candidates:
            unit = table.typical(rows, ranges, one)
            betas = unit * STEPS if isinstance(self.beta, str) else [float(self.beta)]
            if n < 2 or (len(candidates) == len(betas) == len(priors) == 1):
                return Settings(one, float(betas[len(betas) // 2]), float(priors[0]), self.top_k)
            for beta in betas:
                settings = Settings(one, float(beta), 0.0, self.top_k)
                found = table.votes(queries, ranges, settings, rows)
                losses = measure(*found, priors, about, truth, own)
                k = int(losses.argmin())
                if best is None or losses[k] < best[0]:
                    best = losses[k], Settings(one, float(beta), float(priors[k]), self.top_k)
        return best[1]

    def _choose_codes(self, table, rows, queries, ranges, truth, own, about, weights, priors):
        fixed = None if isinstance(self.beta, str) else float(self.beta)
        start = np.ones(queries.shape[1])
        columns = self._columns()
        if columns is not None:
            start[columns] = 0.0  # what agrees anyway
        if weights is not None:
            start = np.asarray(weights, dtype=np.float64)
        if len(table.labels) < 2:
            return Settings(start, fixed or 1.0, float(priors[0]))
        if weights is None:
            found, _ = table.learn(rows, ranges, start, priors[len(priors) // 2] * about)
            scales = np.ones(1) if fixed is None else np.array([fixed])
            start = found
        else:
            scales = STEPS if fixed is None else np.array([fixed])
        best = None
        for scale in scales:
            settings = Settings(start * scale, float(scale), 0.0)
            found = table.votes(queries, ranges, settings, rows)
            losses = measure(*found, priors, about, truth, own)
            k = int(losses.argmin())
            if best is None or losses[k] < best[0]:
                best = losses[k], Settings(start * scale, float(scale), float(priors[k]))
        return best[1]

    def _weightings(self):
        """Weights of features to choose among: all one, by their spread, by what ridge makes."""
        X, values, weight = self._rows
        Y = self._as_numbers(values)
        Y = np.ldexp(Y, -np.frexp(np.abs(Y).max(initial=0.0))[1])  # squares of slopes need the room
        moments = Moments().update(X, Y, weight)
        XX, _, _ = moments.products(True)
        variance = np.einsum("ii->i", XX) / moments.weight_sum
        top = variance.max()
        if not 0 < top < np.inf or self.metric == "dot":
            return [np.ones(len(variance))]
        used = variance > LEAST_VARIANCE * top
        scaled = np.where(used, 1 / np.where(used, variance, 1.0), 0.0)
        choice = Choice.of(1e-2 * float(XX.trace()) / len(XX), "gcv", False, True)
        slopes = np.square(solve_moments(moments, choice).coef).sum(axis=1)
        found = [np.ones(len(variance)), scaled]
        if np.isfinite(slopes).all() and slopes.any():
            found.append(slopes / slopes.max() + 1e-3 * scaled / scaled.max())
        return found

    def _votes(self, X, n_shared=None):
        """Means of what stored rows say of queries, shape (m, q), float64."""
        settings = self._settled()
        table, groups, about = self._indexed()
        ranges = groups.ranges(X, self._columns())
        order = np.lexsort((ranges[:, 1], ranges[:, 0])) if self.groups is not None else None
        if order is not None and n_shared is None:
            X, ranges = X[order], ranges[order]
        else:
            order = None
        if isinstance(table, Codes):
            sums, totals = table.votes(X, ranges, settings, None, n_shared)
        else:
            sums, totals = table.votes(X, ranges, settings)
        prior = settings.prior
        share = (totals + prior)[:, None]
        means = (sums + prior * about) / np.where(share > 0, share, 1.0)
        means[share[:, 0] <= 0] = about
        if order is not None:
            back = np.empty_like(means)
            back[order] = means
            return back
        return means

    def _checked(self, X, reset):
        return check_rows(self, X, reset)
