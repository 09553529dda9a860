"""Any scikit-learn transformer at work on the steps of sequences."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ._params import HasMethods, StrOptions, unchanged_on_failure
from .sequences import check_sequences, is_batch, pack, step_targets

__all__ = ["PerStep"]


def _inner_has(method):
    def check(self):
        inner = getattr(self, "transformer_", self.transformer)
        getattr(inner, method)  # raises AttributeError, which hides the method
        return True

    return check


class PerStep(TransformerMixin, BaseEstimator):
    """Apply a scikit-learn transformer to every time step of every sequence.

    The transformer is fitted on the steps of all sequences, stacked; what it makes of each step
    goes back where the step stood, so that the result has the form of the input.

    Parameters
    ----------
    transformer : transformer
        Anything with ``fit`` and ``transform`` on 2-D arrays: a scaler, PCA, ...
    rows : {"sequences", "steps"}, default="sequences"
        What a row of a 2-D ``X`` is: a one-channel sequence (before ``ReservoirFeatures``,
        ``ESNClassifier``, ``ESNRegressor``), or a step of one series (before ``ReservoirStates``,
        ``ESNForecaster``, ``ESNTagger``).

    Attributes
    ----------
    transformer_ : transformer
        The fitted one.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> from dlkit import PerStep
    >>> X = [np.array([[1.0, 10.0], [2.0, 20.0]]), np.array([[3.0, 30.0]])]
    >>> for x in PerStep(StandardScaler()).fit_transform(X):
    ...     print(x.round(2).tolist())
    [[-1.22, -1.22], [0.0, 0.0]]
    [[1.22, 1.22]]
    """

    _parameter_constraints = {
        "transformer": [HasMethods(["fit", "transform"])],
        "rows": [StrOptions({"sequences", "steps"})],
    }

    def __init__(self, transformer, *, rows="sequences"):
        self.transformer = transformer
        self.rows = rows

    @unchanged_on_failure
    def fit(self, X, y=None, **fit_params):
        """Fit the transformer on all steps.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences in any form :func:`dlkit.sequences.pack` takes.
        y : array-like or list, default=None
            Targets for a transformer that wants them: one a sequence (each step then counts with
            its sequence's), or one a step in the form of ``X``.
        **fit_params : dict
            Handed to the transformer's ``fit``.

        Returns
        -------
        self : object
        """
        self._validate_params()
        batch = check_sequences(self, X, reset=True, rows=self.rows)
        if y is not None:
            y = y if is_batch(y) else np.asarray(y)
            one_each = not is_batch(y) and batch.form != "series" and len(y) == len(batch)
            y = np.repeat(y, batch.lengths, axis=0) if one_each else step_targets(batch, y)
        self.transformer_ = clone(self.transformer).fit(batch.values, y, **fit_params)
        return self

    def _apply(self, X, method):
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False, rows=self.rows)
        return batch.unpack(np.asarray(getattr(self.transformer_, method)(batch.values)))

    def transform(self, X):
        """Transform every step.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences with the channels seen in ``fit``.

        Returns
        -------
        Xt : ndarray or list of ndarray
            The same sequences, in the form of ``X``, with the transformer's outputs as channels.
        """
        return self._apply(X, "transform")

    @available_if(_inner_has("inverse_transform"))
    def inverse_transform(self, X):
        """Undo :meth:`transform`, step by step.

        Parameters
        ----------
        X : array-like or list of array-like
            Transformed sequences.

        Returns
        -------
        Xt : ndarray or list of ndarray
            Sequences on the original scale.
        """
        check_is_fitted(self)
        batch = pack(X, rows=self.rows)
        return batch.unpack(np.asarray(self.transformer_.inverse_transform(batch.values)))

    def set_output(self, *, transform=None):
        """Accept scikit-learn's output setting, without effect: sequences are not a table.

        Parameters
        ----------
        transform : object, default=None
            Ignored.

        Returns
        -------
        self : object
        """
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
