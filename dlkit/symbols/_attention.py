"""Attention over the states of an encoder, whose query is a linear map fitted by least squares.

Each position of a source has a key: its place from the start and from the end, as sines of several
wavelengths, and random projections of its state. The key that an output needs is told, up to a
normal error, by a linear map of the decoder's row; so the weights of positions are a softmax of
minus half the squared Mahalanobis distance of their keys from what is told. Which position an
output needs is not known: expectation-maximisation alternates between weights of positions, given
the outputs, and the map, the error's covariance and what a position makes likely [1]_.

.. [1] P. F. Brown, S. A. Della Pietra, V. J. Della Pietra and R. L. Mercer, "The mathematics of
   statistical machine translation: parameter estimation", Computational Linguistics 19, 1993.
"""

from dataclasses import dataclass

import numpy as np

from .. import _budgets

_WAVES, _CONTENT = 8, 16  # wavelengths; random projections of a state
_BROAD, _FLOOR = 3.0, 0.1  # added to variances of errors, in variances of the key: from, to
_LEAST = -46.0  # logarithm of a weight, of that of the likeliest position
_TABLE_ROUNDS = 6  # in which any position is as likely as another


def places(steps, longest):
    """Sines and cosines of steps, wavelengths from 4 steps to four times the longest."""
    waves = np.geomspace(4.0, 4.0 * max(longest, 2), _WAVES)
    angles = 2 * np.pi * np.asarray(steps, dtype=np.float64)[:, None] / waves
    return np.hstack([np.sin(angles), np.cos(angles)])


def keys_of(states, lengths, longest, projection):
    """Key of each position of packed sources, of shape (total positions, n_keys)."""
    steps = np.concatenate([np.arange(n) for n in lengths])
    left = np.repeat(lengths, lengths) - 1 - steps
    return np.hstack([places(steps, longest), places(left, longest), states @ projection])


def draw_projection(states, rng):
    """Random projections of states, of unit variance."""
    projection = rng.standard_normal((states.shape[1], _CONTENT))
    spread = (states @ projection).std(axis=0)
    return projection / np.where(spread > 0, spread, 1.0)


@dataclass(frozen=True)
class Query:
    """What tells the key that is needed.

    Attributes
    ----------
    coef : ndarray of shape (n_rows_columns, n_keys)
        Map from the decoder's row.
    intercept : ndarray of shape (n_keys,)
        Of the map.
    whiten : ndarray of shape (n_keys, n_keys)
        Turns errors into ones of unit covariance.
    """

    coef: np.ndarray
    intercept: np.ndarray
    whiten: np.ndarray

    def scores(self, rows, keys):
        """Scores of the positions of one source, of shape (n_rows, n_positions)."""
        told = (rows @ self.coef + self.intercept) @ self.whiten
        keys = keys @ self.whiten
        square = (told**2).sum(axis=1)[:, None] - 2 * told @ keys.T + (keys**2).sum(axis=1)
        return -0.5 * square


def softmax(scores):
    """Weights of positions, rows of which sum to one; the least are zero."""
    below = scores - scores.max(axis=1, keepdims=True)
    weights = np.where(below > _LEAST, np.exp(np.maximum(below, _LEAST)), 0.0)
    return weights / weights.sum(axis=1, keepdims=True)


class Likelihood:
    """What a position makes of an output: a table of symbols, or a linear map and its error.

    Parameters
    ----------
    sources : ndarray of shape (total positions, n_source)
        What stands at each position; one-hot if ``table``.
    targets : ndarray of shape (total outputs, n_target)
        Outputs; one-hot if ``table``.
    table : bool
        Whether both are symbols.
    """

    def __init__(self, sources, targets, table):
        self.sources, self.targets, self.table = sources, targets, table
        self.coef, self.scale = None, 1.0

    def begin(self):
        """Start the sums of a round."""
        n, q = self.sources.shape[1], self.targets.shape[1]
        self.gram, self.cross, self.total = np.zeros((n, n)), np.zeros((n, q)), 0.0

    def add(self, mine, outputs, weights):
        """Add the pairs of a sequence, weighted (n_outputs, n_positions)."""
        source, target = self.sources[mine], self.targets[outputs]
        self.gram += (source * weights.sum(axis=0)[:, None]).T @ source
        self.cross += source.T @ (weights.T @ target)
        self.total += weights.sum()

    def end(self):
        """Solve for the table, or for the map."""
        if self.table:
            counts = self.cross + 0.01
            self.coef = np.log(counts / counts.sum(axis=1, keepdims=True))
            return
        gram = self.gram + 1e-6 * (np.trace(self.gram) / len(self.gram) + 1e-12) * np.eye(
            len(self.gram)
        )
        self.coef = np.linalg.solve(gram, self.cross)
        square = (self.targets**2).sum() - 2 * (self.coef * self.cross).sum()
        square += (self.coef * (self.gram @ self.coef)).sum()
        self.scale = max(square / (self.total * self.targets.shape[1]), 1e-3)

    def logs(self, mine, outputs):
        """Logarithms for each output and position of a sequence."""
        told, target = self.sources[mine] @ self.coef, self.targets[outputs]
        if self.table:
            return target @ told.T
        square = (target**2).sum(axis=1)[:, None] - 2 * target @ told.T + (told**2).sum(axis=1)
        return -0.5 * (square / self.scale + target.shape[1] * np.log(self.scale))


@np.errstate(under="ignore")
def align(rows, keys, row_offsets, key_offsets, likelihood, n_rounds):
    """Fit the query.

    Parameters
    ----------
    rows : ndarray of shape (total outputs, n_columns)
        Of the decoder.
    keys : ndarray of shape (total positions, n_keys)
        Of the sources.
    row_offsets, key_offsets : ndarray of shape (n_sequences + 1,)
        Where sequences begin.
    likelihood : Likelihood
        Of outputs given positions; learned on the way.
    n_rounds : int
        Rounds, after those in which all positions are as likely.

    Returns
    -------
    Query
    """
    spans = [
        (slice(a, b), slice(c, d))
        for a, b, c, d in zip(
            row_offsets[:-1], row_offsets[1:], key_offsets[:-1], key_offsets[1:], strict=True
        )
    ]
    if likelihood.table:
        weights = [np.full((o.stop - o.start, m.stop - m.start), 1.0) for o, m in spans]
        weights = [w / w.shape[1] for w in weights]
        for _ in range(_TABLE_ROUNDS):
            _learn(likelihood, spans, weights)
            weights = [softmax(likelihood.logs(m, o)) for o, m in spans]
        return _rounds(rows, keys, spans, likelihood, weights, n_rounds)[0]
    found = []
    for back in (False, True):  # nothing is known of maps: in order, or in reverse order
        weights = [_diagonal(o.stop - o.start, m.stop - m.start, back) for o, m in spans]
        found.append(_rounds(rows, keys, spans, likelihood, weights, n_rounds))
    return max(found, key=lambda one: one[1])[0]


def _diagonal(n_rows, n_keys, back):
    """Weights around the diagonal of a rectangle."""
    at = np.linspace(0, n_keys - 1, n_rows) if n_rows > 1 else np.array([0.0])
    at = n_keys - 1 - at if back else at
    return softmax(-0.5 * (np.arange(n_keys) - at[:, None]) ** 2)


def _learn(likelihood, spans, weights):
    likelihood.begin()
    for (outputs, mine), w in zip(spans, weights, strict=True):
        likelihood.add(mine, outputs, w)
    likelihood.end()


def _rounds(rows, keys, spans, likelihood, weights, n_rounds):
    """Alternate; the query and the mean log-likelihood of the last round."""
    solve, centre = _ridge(rows)
    spread = keys.var(axis=0) + 1e-12
    _learn(likelihood, spans, weights)
    query, total = None, -np.inf
    for floor in np.geomspace(_BROAD, _FLOOR, n_rounds):
        wanted = np.concatenate([w @ keys[m] for (_, m), w in zip(spans, weights, strict=True)])
        middle = wanted.mean(axis=0)
        coef = solve(wanted - middle)
        intercept = middle - centre @ coef
        told = rows @ coef + intercept
        cov, n = np.diag(floor * spread), len(rows)
        for (o, m), w in zip(spans, weights, strict=True):
            own, mean = keys[m], w @ keys[m]
            within = (own * w.sum(axis=0)[:, None]).T @ own - mean.T @ mean
            left = mean - told[o]
            cov = cov + (within + left.T @ left) / n
        whiten = np.linalg.inv(np.linalg.cholesky(cov)).T
        query, weights, total = Query(coef, intercept, whiten), [], 0.0
        for o, m in spans:
            prior = query.scores(rows[o], keys[m])
            joint = prior + likelihood.logs(m, o)
            weights.append(softmax(joint))
            total += (_logsum(joint) - _logsum(prior)).sum()
        _learn(likelihood, spans, weights)
    return query, total


def _logsum(scores):
    top = scores.max(axis=1)
    return np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top


def _ridge(rows):
    """Solver of ridge regressions on the same rows, and the rows' mean."""
    centre = rows.mean(axis=0, dtype=np.float64)
    gram, cross_of = np.zeros((rows.shape[1],) * 2), max(_budgets.TILE_ENTRIES // rows.shape[1], 1)
    for a in range(0, len(rows), cross_of):
        own = rows[a : a + cross_of] - centre
        gram += own.T @ own
    gram[np.diag_indices_from(gram)] += 1e-6 * np.trace(gram) / len(gram) + 1e-12

    def solve(targets):
        cross = rows.T.astype(np.float64) @ targets - centre[:, None] * targets.sum(axis=0)
        return np.linalg.solve(gram, cross)

    return solve, centre
