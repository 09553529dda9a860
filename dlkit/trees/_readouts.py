"""What classifiers and regressors of trees share: features, then a readout."""

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._params import StrOptions, says, unchanged_on_failure
from .._validation import check_weights, naming
from ..reservoir._learning import parameters
from ..reservoir._learning.targets import check_given, fit_readout, new_readout
from ._base import POOLING, Growth, rows_of_nodes, rows_of_samples

ALPHAS = np.logspace(-8, 4, 25)  # for features of unit variance in the mean


class BlockScaler:
    """Centres columns, and scales each block of them to unit variance in the mean.

    The units of a reservoir are alike in how they are drawn, so that what differs between their
    variances is kept; states that are pooled in different ways are not.

    Parameters
    ----------
    n_blocks : int
        Blocks of columns, all of one width.
    """

    def __init__(self, n_blocks):
        self.n_blocks = n_blocks

    def fit(self, rows, weight=None):
        """Learn means and scales; a row counts by its weight."""
        self.mean = np.average(rows, axis=0, weights=weight)
        spread = np.average((rows - self.mean) ** 2, axis=0, weights=weight)
        spread = spread.reshape(self.n_blocks, -1).mean(axis=1)
        scales = np.sqrt(np.where(spread > 0, spread, 1.0))
        self.scale = np.repeat(scales, rows.shape[1] // self.n_blocks)
        return self

    def transform(self, rows):
        """Scaled rows, of their own dtype."""
        return ((rows - self.mean) / self.scale).astype(rows.dtype)


class TreeReadout(Growth):
    """Features of trees or of nodes, and a readout.

    A subclass says what its default readout is (``_default_readout``, given ``_penalties``),
    and checks targets and weights (``_check_targets``).
    """

    _parameter_constraints = (
        Growth._parameter_constraints
        | POOLING
        | parameters.READOUT
        | {"target": [StrOptions({"tree", "node"})]}
    )

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Draw the reservoir and fit the readout.

        Parameters
        ----------
        X : list of Tree or of (labels, parents)
            Trees; with a ``structure``, sequences.
        y : array-like of shape (n_trees,), or list of array-like of shape (n_nodes,)
            Targets of trees or, with ``target="node"``, of the nodes of each.
        sample_weight : array-like, default=None
            Weights in the form of ``y``, for a readout that takes them.

        Returns
        -------
        self : object
        """
        check_given(self, y)
        forest = self._draw(X)
        vars(self).pop("scaler_", None)  # of an earlier fit
        y, weight = self._of_rows(forest, y), self._of_rows(forest, sample_weight, "sample_weight")
        n_rows = forest.n_nodes if self._rows_are_nodes else len(forest)
        weight = None if weight is None else check_weights(weight, n_rows)
        y, weight = self._check_targets(y, weight)
        if weight is not None and not weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        if self.readout is not None and parameters.given(self, "alpha"):
            reason = f"readout={self.readout!r}, which has penalties of its own"
            parameters.warn_idle("alpha", self.alpha, reason)
        rows = self._rows(forest)
        if self.readout is None:
            self.scaler_ = BlockScaler(rows.shape[1] // self.reservoir_.n_features)
            self.scaler_.fit(rows, weight)
            rows = self.scaler_.transform(rows)
        self.readout_ = fit_readout(
            new_readout(self.readout, self._default_readout()), rows, y, weight
        )
        self._tail = np.shape(y)[1:]
        return self

    @property
    def _rows_are_nodes(self):
        return says(self.target, "node")

    @property
    def _penalties(self):
        """Parameters of the default readout."""
        alphas = parameters.default_alphas(self.alpha, ALPHAS)
        return {"alpha": alphas, "relative": isinstance(self.alpha, str)}

    def _rows(self, forest):
        rows = rows_of_nodes if self._rows_are_nodes else rows_of_samples
        return rows(self, forest)

    def _of_rows(self, forest, values, name="y"):
        """Targets or weights of all rows, one under the other."""
        if values is None:
            return None
        with naming(f"X or {name}"):
            check_consistent_length(np.empty(len(forest)), values)
        if not self._rows_are_nodes:
            if isinstance(values, list) and any(np.ndim(v) and np.size(v) > 1 for v in values):
                raise ValueError(
                    f"{name} holds several values for a tree: if each node has one, use "
                    "target='node'; if each tree has several targets, use an array of shape "
                    "(n_trees, n_outputs)."
                )
            return values
        for i, (one, n) in enumerate(zip(values, forest.sizes, strict=True)):
            if np.ndim(one) < 1 or len(one) != n:
                raise ValueError(
                    f"{name}[{i}] has shape {np.shape(one)}, but tree {i} has {n} nodes: with "
                    "target='node' each node has a value."
                )
        return np.concatenate([np.asarray(one) for one in values])

    def _read(self, X, method):
        check_is_fitted(self)
        forest = self._check_forest(X)
        rows = self._rows(forest)
        if hasattr(self, "scaler_"):
            rows = self.scaler_.transform(rows)
        found = np.asarray(getattr(self.readout_, method)(rows))
        if method == "predict":
            found = found.reshape(len(found), *self._tail)
        return forest.split(found) if self._rows_are_nodes else found

    def predict(self, X):
        """Predict the target of each tree, or of each node of each.

        Parameters
        ----------
        X : list of Tree or of (labels, parents)
            Trees, as in :meth:`fit`.

        Returns
        -------
        y : ndarray of shape (n_trees,) or (n_trees, n_outputs), or list of ndarray
            With ``target="node"`` an array for each tree.
        """
        return self._read(X, "predict")

    def _score(self, score, X, y, sample_weight):
        predicted = self.predict(X)
        if self._rows_are_nodes:
            with naming("X or y"):
                check_consistent_length(predicted, y)
            forest = self._check_forest(X)
            y, predicted = self._of_rows(forest, y), np.concatenate(predicted)
            sample_weight = self._of_rows(forest, sample_weight, "sample_weight")
        return score(y, predicted, sample_weight=sample_weight)
