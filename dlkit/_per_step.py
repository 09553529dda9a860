"""Any scikit-learn transformer at work on the steps of sequences."""

from copy import deepcopy

import numpy as np
from scipy.sparse import issparse
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ._carried import refuse_training_rows
from ._frames import framed
from ._params import HasMethods, StrOptions, unchanged_on_failure
from ._validation import alike, is_frame, naming
from .sequences import FramesOfSeries, check_sequences, is_batch, pack, step_targets

__all__ = ["PerStep"]


def _inner_has(method):
    def check(self):
        inner = getattr(self, "transformer_", self.transformer)
        getattr(inner, method)  # raises AttributeError, which hides the method
        return True

    return check


class PerStep(FramesOfSeries, TransformerMixin, BaseEstimator):
    """Apply a scikit-learn transformer to every time step of every sequence.

    The transformer is fitted on the steps of all sequences, stacked; what it makes of each step
    goes back where the step stood, so that the result has the form of the input. What it makes of
    a step must not depend on other sequences: if it does (a difference or a mean over rows), the
    transformer is applied to each sequence by itself.

    Parameters
    ----------
    transformer : transformer
        Anything with ``fit`` and ``transform`` on 2-D arrays: a scaler, PCA, ...
    rows : {"sequences", "steps"}, default="steps"
        What a row of a 2-D ``X`` is: a step of one series, as for ``ReservoirStates``,
        ``ESNForecaster`` and ``ESNTagger``; or a one-channel sequence, as for
        ``ReservoirFeatures``, ``ESNClassifier`` and ``ESNRegressor``.

    Attributes
    ----------
    transformer_ : transformer
        The fitted one.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X``.
    feature_names_in_ : ndarray of str
        Names of the columns, where ``fit`` saw frames.

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

    def __init__(self, transformer, *, rows="steps"):
        self.transformer = transformer
        self.rows = rows

    @unchanged_on_failure
    def fit(self, X, y=None, **fit_params):
        """Fit the transformer on all steps.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences in any form :func:`dlkit.sequences.pack` takes. NaN is left to the
            transformer.
        y : array-like or list, default=None
            Targets for a transformer that wants them: one a sequence (each step then counts with
            its sequence's), or one a step in the form of ``X``.
        **fit_params : dict
            Handed to the transformer's ``fit``. Weights and other arrays come one a sequence or one
            a step, as ``y``.

        Returns
        -------
        self : object
        """
        return self._learn(X, y, fit_params, "fit", None)

    @available_if(_inner_has("partial_fit"))
    @unchanged_on_failure
    def partial_fit(self, X, y=None, **fit_params):
        """Go on with the fit on the steps of more sequences.

        Parameters
        ----------
        X : array-like or list of array-like
            As in :meth:`fit`.
        y : array-like or list, default=None
            As in :meth:`fit`.
        **fit_params : dict
            As in :meth:`fit`, handed to the transformer's ``partial_fit``.

        Returns
        -------
        self : object
        """
        begun = getattr(self, "transformer_", None)
        return self._learn(X, y, fit_params, "partial_fit", begun)

    def _learn(self, X, y, params, method, begun):
        self._validate_params()
        refuse_training_rows(self.transformer, type(self).__name__)
        batch = self._packed(X, begun is None)
        inner = clone(self.transformer) if begun is None else deepcopy(begun)
        if get_config()["enable_metadata_routing"]:
            params = getattr(process_routing(self, method, **params).transformer, method)
        params = {name: _for_steps(batch, given, name) for name, given in params.items()}
        values, y = framed(batch.values, _first(X, batch)), _for_steps(batch, y, "y")
        with naming(" or ".join(["X", "y", *params])):
            self.transformer_ = getattr(inner, method)(values, y, **params)
        return self

    def _packed(self, X, reset):
        return check_sequences(self, X, reset=reset, rows=self.rows, allow_nan=True, in_order=False)

    def _apply(self, X, batch, method):
        """What a method of the transformer makes of each step."""
        like = _first(X, batch)

        def outputs(values):
            out = getattr(self.transformer_, method)(framed(values, like))
            out = out.toarray() if issparse(out) else np.asarray(out)
            if len(out) != len(values):
                raise ValueError(
                    f"transformer={self.transformer} made {len(out)} rows of {len(values)} steps: "
                    "PerStep needs a transformer that gives a row for each step."
                )
            return out

        n = len(batch)
        try:
            stacked = outputs(batch.values)
        except ValueError:
            if n == 1:
                raise
        else:
            if n == 1 or all(
                alike(outputs(batch[i]), stacked[batch.offsets[i] : batch.offsets[i + 1]])
                for i in {0, n // 2, n - 1}
            ):
                return batch.unpack(stacked)
        return batch.unpack(np.concatenate([outputs(batch[i]) for i in range(n)]))

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
        check_is_fitted(self)
        batch = self._packed(X, False)
        return self._apply(X, batch, "transform")

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
        return self._apply(None, pack(X, rows=self.rows), "inverse_transform")

    @available_if(_inner_has("get_feature_names_out"))
    def get_feature_names_out(self, input_features=None):
        """Names of the output's channels.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the input's channels, where ``fit`` saw none.

        Returns
        -------
        names : ndarray of str
            What the transformer calls its outputs.
        """
        check_is_fitted(self)
        return self.transformer_.get_feature_names_out(input_features)

    def set_output(self, *, transform=None):
        """Set the container of one series that is transformed; several stay a list or an array.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            As in scikit-learn. Without effect where the transformer does not name its outputs.

        Returns
        -------
        self : object
        """
        named = hasattr(self, "get_feature_names_out")
        return super().set_output(transform=transform) if named else self

    def get_metadata_routing(self):
        """Say which metadata go to the transformer.

        Returns
        -------
        routing : MetadataRouter
            ``fit`` and ``partial_fit`` hand on what the transformer requests.
        """
        mapping = MethodMapping()
        for caller, callee in (
            ("fit", "fit"), ("fit_transform", "fit"), ("partial_fit", "partial_fit")
        ):  # fmt: skip
            mapping.add(caller=caller, callee=callee)
        return MetadataRouter(owner=self).add(transformer=self.transformer, method_mapping=mapping)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        if hasattr(self.transformer, "fit"):
            tags.input_tags.allow_nan = get_tags(self.transformer).input_tags.allow_nan
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _first(X, batch):
    """A frame that names the channels of a batch, if X is one or holds some; else an array."""
    one = next(iter(X)) if batch.form.startswith("list") and X is not None else X
    return one if is_frame(one) and batch.form != "table" else None


def _for_steps(batch, given, name):
    """Targets or weights for each step, if they come one a sequence or one a step."""
    if given is None or np.isscalar(given) or isinstance(given, dict):
        return given
    if is_batch(given) and len(given) == len(batch):  # perhaps a few targets for each sequence
        sizes = {np.shape(one) for one in given}
        if len(sizes) == 1 and len(size := sizes.pop()) == 1 and (batch.lengths != size[0]).any():
            with naming(name):
                rows = np.asarray([np.asarray(one) for one in given])
            return np.repeat(rows[:, 0] if size == (1,) else rows, batch.lengths, axis=0)
    if not is_batch(given) and batch.form != "series":
        with naming(name):
            given = np.atleast_1d(np.asarray(given))
        for_steps = set(batch.lengths) == set(given.shape[1:2])
        if len(given) == len(batch) and not for_steps:
            return np.repeat(given, batch.lengths, axis=0)
    return step_targets(batch, given, name=name)
