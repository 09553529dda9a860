"""An echo state network with a label for each time step."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import unchanged_on_failure
from ..readout import RidgeReadoutClassifier
from ..sequences import check_sequences, step_targets
from ._base import with_reservoir_doc
from ._learning.targets import (
    check_classes,
    check_given,
    check_labels,
    new_readout,
    readout_has,
    weigh_classes,
)
from ._step_esn import StepESN


@with_reservoir_doc
class ESNTagger(ClassifierMixin, StepESN):
    """Echo state network that gives each time step a label.

    A fixed random reservoir runs over the series and a readout, linear by default, maps its
    states to labels.

    Parameters
    ----------
    {reservoir}
    start : {"rest", "fit"}, default="rest"
        Where ``predict`` begins: at rest (zeros), or in the state in which ``fit`` ended, as the
        test fold of a ``TimeSeriesSplit`` wants.
    feedback : bool, default=False
        Whether the output of the last step is an input of the next: the true one in
        training, the estimator's own in ``predict``, as 1 for the label and −1 for others. It then
        follows the state wherever one comes or goes.
    feedback_scaling : float, default=1.0
        Factor on the input weights of outputs.
    own_shares : array-like of float, default=None
        Further rounds of training, in each of which this share of the steps after the washout is
        fed the output of the readout so far in the place of the true one (scheduled sampling).
    readout : classifier, default=None
        Any scikit-learn classifier; ``RidgeReadoutClassifier(alpha, selection="gcv")``
        if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised
        cross-validation. ``"auto"`` stands for 19 values from 1e-6 to 1e3.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied into the sample weights (whose sum is kept, but for
        `partial_fit`, which never sees it), for a readout that takes weights.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels seen in ``fit``.
    reservoir_ : Reservoir
        The drawn reservoir.
    readout_ : classifier
        The fitted readout.
    final_state_ : ndarray of shape (n_series, n_units)
        State after the last step of each series seen in ``fit``.
    last_input_ : ndarray of shape (n_series, n_channels)
        The last step of each.
    n_channels_in_ : int
        Channels of the series seen in ``fit``.
    n_features_in_ : int
        The same, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    ESNForecaster : A number for each time step.
    ESNClassifier : A label for each sequence.

    Notes
    -----
    {streams}

    Examples
    --------
    Was the input above zero three steps ago?

    >>> import numpy as np
    >>> from dlkit import ESNTagger
    >>> u = np.random.RandomState(0).uniform(-1, 1, (600, 1))
    >>> y = np.where(np.roll(u[:, 0], 3) > 0, "above", "below")
    >>> esn = ESNTagger(100, washout=10, random_state=0).fit(u[:500], y[:500])
    >>> esn.score(u[500:], y[500:]) > 0.9
    True
    """

    _parameter_constraints = (
        StepESN._parameter_constraints
        | StepESN._feedback_constraints
        | {"class_weight": [dict, str, None]}
    )

    def __init__(
        self, n_units=500, *, spectral_radius=0.9, leak_rate=1.0, input_scaling=0.1,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, plasticity=None, bidirectional=False,
        context=None, context_as="both", context_scaling=1.0, layers=None,
        passthrough=True, washout=0, noise=0.0, start="rest", feedback=False,
        feedback_scaling=1.0, own_shares=None, readout=None, alpha="auto", class_weight=None,
        random_state=None, n_jobs=None, n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())

    def _new_readout(self):
        return new_readout(self.readout, RidgeReadoutClassifier(self._alpha(), selection="gcv"))

    def _check_targets(self, y, part=False):
        return check_labels(self, y, part=part)

    def _weigh(self, rows):
        if self.class_weight is None:
            return rows.weight
        weight = np.zeros(len(rows.targets))
        y, given = rows.of(rows.targets), rows.of(rows.weight)
        weight[rows.kept] = weigh_classes(self.class_weight, y, given)
        return weight

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Draw the reservoir, run it over ``X`` and fit the readout.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, of shape (T, C), its rows consecutive steps; or several: a list of arrays
            of shape (T_i, C) or (T_i,), or an array of shape (n, T, C).
        y : array-like or list of array-like
            Labels in the form of ``X``: of shape (T,) for one series.
        sample_weight : array-like or list of array-like, default=None
            Weights of the steps, in the form of ``y``.

        Returns
        -------
        self : object
        """
        check_given(self, y)
        self._fit_all(X, y, sample_weight)
        return self

    @available_if(readout_has("partial_fit"))
    @unchanged_on_failure
    def partial_fit(self, X, y, classes=None, sample_weight=None, *, new_series=False):
        """Go on with the series: learn from the next stretch of each.

        The first call draws the reservoir; each later one runs it on from ``final_state_``, so
        that a series in pieces is learned as if it were given whole. See Notes.

        Parameters
        ----------
        X, y, sample_weight
            The next steps of as many series as before, as in :meth:`fit`; a single step will do.
        classes : array-like of shape (n_classes,), default=None
            All labels there will be. Required on the first call.
        new_series : bool, default=False
            Whether other series begin, at rest and with a washout of their own; what the readout
            learned stays.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            With ``class_weight="balanced"``, which needs all labels at once; with another number
            of series than before; without ``classes`` on the first call.
        """
        check_given(self, y)
        self._classes = check_classes(self, classes)
        self._fit_part(X, y, sample_weight, new_series, self._classes)
        return self

    @property
    def classes_(self):
        """Labels seen in ``fit``, in the order of ``predict_proba``'s columns."""
        return self.readout_.classes_

    @available_if(readout_has("predict_proba"))
    def predict_proba(self, X, initial_state=None):
        """Probability of each class at each time step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        initial_state : array-like, default=None
            As in :meth:`predict`.

        Returns
        -------
        probabilities : ndarray or list of ndarray
            In the form of ``X``, with n_classes columns; rows sum to one.
        """
        return self._read(X, "predict_proba", initial_state)

    @available_if(readout_has("decision_function"))
    def decision_function(self, X, initial_state=None):
        """Score of each class at each time step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        initial_state : array-like, default=None
            As in :meth:`predict`.

        Returns
        -------
        scores : ndarray or list of ndarray
            In the form of ``X``; the greater, the likelier.
        """
        return self._read(X, "decision_function", initial_state)

    def score(self, X, y, sample_weight=None):
        """Share of steps labelled right.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        y : array-like or list of array-like
            Labels in the form of ``X``.
        sample_weight : array-like or list of array-like, default=None
            Weights in the form of ``y``.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False, rows="steps")
        if sample_weight is not None:
            sample_weight = step_targets(batch, sample_weight, name="sample_weight")
        truth, predicted = step_targets(batch, y), step_targets(batch, self.predict(X))
        return accuracy_score(truth, predicted, sample_weight=sample_weight)
