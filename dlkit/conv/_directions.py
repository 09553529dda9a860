"""Rows as directions: the passes that spherical k-means makes over its data."""

from dataclasses import dataclass

import numpy as np

from .. import _budgets
from .._jit.kmeans import add_rows, nearest
from ..readout._moments import row_tiles

__all__ = ["Directions", "row_norms", "unit"]

ROWS = 512  # rows of one product: fixed, so that results do not depend on threads
# Seeds are looked for among so many random rows each, and at least 4096: more does not pay.
SEED_ROWS = 10


@dataclass(frozen=True)
class Directions:
    """Rows to be clustered, as given, with what makes unit vectors of them.

    Attributes
    ----------
    X : ndarray of shape (n, p)
        The rows, C-contiguous.
    scale : ndarray of shape (n,)
        1 / norm, 0 for rows of zeros.
    weight : ndarray of shape (n,)
        Weights, float64, 0 for rows of zeros.
    signed : bool
        Whether a direction differs from its opposite.
    run : callable
        ``map``, or that of a pool of threads.
    n_threads : int
        How many those are.
    """

    X: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    signed: bool
    run: object = map
    n_threads: int = 1

    @classmethod
    def of(cls, X, weight, signed, **more):
        """Measure the rows of ``X``."""
        norms = np.empty(len(X))
        for rows, tile in row_tiles(X, 0.0, None, _budgets.KMEANS_TASK_ROWS):
            norms[rows] = row_norms(tile)
        range_ = np.finfo(X.dtype)
        if norms.max() > range_.max / (64 * X.shape[1]):
            raise ValueError(
                f"X has a row of norm {norms.max():.3g}, whose products overflow {X.dtype}: only "
                "directions count, so divide X by a number of that size."
            )
        directed = norms > range_.tiny
        scale = np.divide(1, norms, out=np.zeros_like(norms), where=directed)
        weight = np.where(directed, 1.0 if weight is None else weight, 0.0)
        return cls(X, scale.astype(X.dtype), weight, signed, **more)

    @property
    def rounding(self):
        """Squared distances below this are none: 1 - cos does not tell them from zero."""
        return 4 * np.finfo(self.X.dtype).eps * np.sqrt(self.X.shape[1])

    def similarities(self, centers, start, out):
        """Fill ``out`` (K, ROWS) with the products of ``centers`` and rows from ``start`` on."""
        block = self.X[start : start + ROWS]
        if len(block) < ROWS:  # the same product for the last rows as for any
            block = np.concatenate(
                [block, np.zeros((ROWS - len(block), block.shape[1]), out.dtype)]
            )
        np.matmul(centers, block.T, out=out)

    def assign(self, centers):
        """Cluster of each row (int32), and its cosine with the centre, of either sign."""
        n = len(self.X)
        label, cosine = np.empty(n, np.int32), np.empty(n, self.X.dtype)

        def task(first):
            S = np.empty((len(centers), ROWS), centers.dtype)
            for start in range(first, min(first + _budgets.KMEANS_TASK_ROWS, n), ROWS):
                stop = min(start + ROWS, n)
                self.similarities(centers, start, S)
                nearest(S, cosine[start:stop], label[start:stop], not self.signed)

        for _ in self.run(task, range(0, n, _budgets.KMEANS_TASK_ROWS)):
            pass
        cosine *= self.scale
        return label, np.clip(cosine, -1, 1, out=cosine)

    def distances(self, cosine):
        """Squared distance from the centre, or from the line through it, for cosines of all rows.

        ``cosine`` is (n,), or (n, K) and then written over.
        """
        norms = (self.scale > 0).astype(cosine.dtype).reshape((-1,) + (1,) * (cosine.ndim - 1))
        out = cosine if cosine.ndim == 2 else cosine.copy()
        if self.signed:
            out *= -2
            out += norms + 1
        else:
            np.subtract(norms, np.square(out, out=out), out=out)
        out[out < self.rounding] = 0
        return out

    def distances_to(self, centers):
        """Distance of each row from each centre, or from the line through it: (n, K)."""
        n = len(self.X)
        out = np.empty((n, len(centers)), centers.dtype)

        def task(first):
            S = np.empty((len(centers), ROWS), centers.dtype)
            for start in range(first, min(first + _budgets.KMEANS_TASK_ROWS, n), ROWS):
                block = slice(start, min(start + ROWS, n))
                self.similarities(centers, start, S)
                out[block] = S[:, : block.stop - start].T
            mine = slice(first, first + _budgets.KMEANS_TASK_ROWS)
            out[mine] *= self.scale[mine, None]

        for _ in self.run(task, range(0, n, _budgets.KMEANS_TASK_ROWS)):
            pass
        return np.sqrt(self.distances(out), out=out)

    def inertia(self, cosine):
        """Weighted sum of the squared distances."""
        return float(self.weight @ self.distances(cosine).astype(np.float64))

    def add_up(self, label, cosine, n_clusters):
        """Sum of the unit rows of each cluster (times their cosine, unless signed), and weights."""
        factor = self.weight * self.scale
        if not self.signed:
            factor *= cosine
        p = self.X.shape[1]
        sums = np.zeros((n_clusters, p))
        cuts = np.linspace(0, p, min(self.n_threads, p) + 1).astype(int)
        # threads share out the columns: each sum is added up in the order of the rows
        for _ in self.run(
            lambda i: add_rows(self.X, label, factor, cuts[i], cuts[i + 1], sums),
            range(len(cuts) - 1),
        ):
            pass
        return sums, np.bincount(label, self.weight, n_clusters)

    def seed(self, n_seeds, rng, squared=None):
        """Choose rows by greedy k-means++, given the squared distances from centres there are.

        Rows are drawn along a random projection, not in their order: it matters neither how they
        are ordered, nor whether a row has a weight of two or is there twice.

        Returns
        -------
        seeds : ndarray of shape (at most n_seeds, p)
            Unit vectors; fewer where there are not so many directions.
        """
        n, p = self.X.shape
        projection = (self.X @ rng.standard_normal(p).astype(self.X.dtype)) * self.scale
        order = np.argsort(projection, kind="stable")
        weight = self.weight[order]
        most = max(SEED_ROWS * n_seeds, 4096)
        if n > most:
            chosen, weight = np.unique(_draw(weight, rng.uniform(size=most)), return_counts=True)
            order = order[chosen]
        rows = self.X[order] * self.scale[order, None]
        squared = np.full(len(rows), 2.0) if squared is None else squared[order].astype(np.float64)
        n_trials = 2 + int(np.log(n_seeds))
        seeds = []
        while len(seeds) < n_seeds:
            squared[squared < self.rounding] = 0
            potential = weight * squared
            if not potential.any():
                break
            trials = _draw(potential, rng.uniform(size=n_trials if seeds else 1))
            cosine = rows[trials] @ rows.T
            closer = np.minimum(squared, 2 - 2 * cosine if self.signed else 1 - cosine**2)
            best = np.argmin(closer @ weight)
            squared = closer[best]
            seeds.append(rows[trials[best]])
        return np.array(seeds, dtype=rows.dtype).reshape(-1, p)


def row_norms(A):
    """Norm of each row of a float64 array, at any scale: squares may overflow or vanish."""
    with np.errstate(over="ignore", under="ignore"):
        norms = np.sqrt(np.einsum("ij,ij->i", A, A))
        extreme = ~((norms > 1e-140) & (norms < 1e140))
        if extreme.any():
            peaks = np.abs(A[extreme]).max(axis=1)
            relative = A[extreme] / np.where(peaks > 0, peaks, 1)[:, None]
            norms[extreme] = peaks * np.linalg.norm(relative, axis=1)
    return norms


def unit(vectors):
    """``vectors`` (K, p) at unit norm, in float64, and which of them are not zero."""
    vectors = np.asarray(vectors, dtype=np.float64)
    norms = row_norms(vectors)
    return vectors / np.where(norms > 0, norms, 1)[:, None], norms > 0


def _draw(weight, uniform):
    """Indices drawn with probabilities in proportion to ``weight``, from numbers in [0, 1)."""
    reached = np.cumsum(weight)
    last = np.searchsorted(reached, reached[-1])  # the last of any weight
    return np.minimum(np.searchsorted(reached, uniform * reached[-1], side="right"), last)
