"""Next-generation reservoir computing: delayed inputs and their products, without a reservoir."""

from math import comb

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._params import count, plain
from ._driver import Driver
from ._learning.context import Roles
from ._models.monomials import Monomials
from ._states import StepStates
from ._step_forecaster import Forecaster

MOST = 10**6  # products: more features than a readout can learn from
NVAR = {"n_delays": [count()], "stride": [count()], "order": [count(), "array-like"]}


def _monomials(estimator, n_channels, constant):
    orders = np.atleast_1d(estimator.order)
    if orders.ndim > 1 or orders.dtype.kind not in "iu" or (orders < 1).any():
        raise ValueError(
            f"order must be a whole number of at least 1, or several; got {estimator.order!r}."
        )
    orders = tuple(map(int, orders))
    delays = plain((estimator.n_delays, estimator.stride))
    n = delays[0] * n_channels
    few = n <= MOST and max(orders) <= 1000  # else even to count them takes long
    if not few or sum(comb(n + order - 1, order) for order in orders) > MOST:
        raise ValueError(
            f"order={estimator.order!r} and n_delays={delays[0]} make more than {MOST} products of "
            f"{n_channels} channels: use a smaller order, or fewer delays."
        )
    return Monomials(n_channels, *delays, orders, constant)


class NVARFeatures(StepStates):
    """Delayed inputs and their products: one row of features for each time step.

    With u the input of C channels, the row of step t is::

        1, u(t), u(t − s), ..., u(t − (k − 1) s), all monomials of order p of those k C numbers

    in which k is ``n_delays``, s ``stride`` and p ``order`` ("next-generation reservoir
    computing", [1]_, eq. 4–6). Nothing is random. A row depends on steps before it, so rows must
    come in order.

    Parameters
    ----------
    n_delays : int, default=2
        k, the present step among them.
    stride : int, default=1
        s, steps between delays.
    order : int or array-like of int, default=2
        p, or several orders; 1 for none but the linear part.
    constant : bool, default=True
        Whether a one comes first.
    start : {"rest", "fit"}, default="rest"
        What ``transform`` takes for the steps before the first: zeros, or the last ones seen in
        ``fit``.

    Attributes
    ----------
    reservoir_ : Monomials
        Which products are formed: ``factors``.
    final_state_ : ndarray of shape (n_series, ((k − 1) s + 1) C)
        The last steps of each series seen in ``fit``, oldest first.
    n_channels_in_ : int
        Channels of the series seen in ``fit``.
    n_features_in_ : int
        The same, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    NVARForecaster : With a readout, for forecasts.
    ReservoirStates : The states of a reservoir.

    Notes
    -----
    Among the first (k − 1) s rows of a series are zeros in the place of missing steps.

    References
    ----------
    .. [1] Gauthier, Bollt, Griffith & Barbosa (2021), Next generation reservoir computing, Nature
       Communications 12, 5564.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import NVARFeatures
    >>> nvar = NVARFeatures(2).fit(np.array([[1.0], [2.0], [3.0]]))
    >>> nvar.transform([[1.0], [2.0], [3.0]])
    array([[1., 1., 0., 1., 0., 0.],
           [1., 2., 1., 4., 2., 1.],
           [1., 3., 2., 9., 6., 4.]])
    >>> nvar.get_feature_names_out()
    array(['1', 'x0', 'x0[t-1]', 'x0^2', 'x0 x0[t-1]', 'x0[t-1]^2'], dtype=object)
    """

    _parameter_constraints = StepStates._parameter_constraints | NVAR | {"constant": ["boolean"]}

    def __init__(
        self,
        n_delays=2,
        *,
        stride=1,
        order=2,
        constant=True,
        start="rest",
    ):
        self.n_delays = n_delays
        self.stride = stride
        self.order = order
        self.constant = constant
        self.start = start

    def _new_driver(self, n_channels, fed=None, drawn=None):
        """Form the monomials."""
        return Driver(_monomials(self, n_channels, self.constant) if drawn is None else drawn)

    def get_feature_names_out(self, input_features=None):
        """Names of the features, after those of the channels.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the channels; those seen in ``fit``, or x0, x1, ..., if None.

        Returns
        -------
        names : ndarray of str
        """
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        if input_features is not None:
            given = np.atleast_1d(np.asarray(input_features, dtype=object))
            if len(given) != self.n_channels_in_:
                raise ValueError(
                    "input_features should have length equal to number of features "
                    f"({self.n_channels_in_}), got {len(given)}"
                )
            if names is not None and not np.array_equal(given, names):
                raise ValueError("input_features is not equal to feature_names_in_")
            names = given
        elif names is None:
            names = [f"x{c}" for c in range(self.n_channels_in_)]
        return np.array(self.reservoir_.names(names), dtype=object)


class NVARForecaster(Forecaster):
    """Nonlinear vector autoregression: a readout of delayed inputs and their products.

    The features of :class:`NVARFeatures` (the constant is the readout's intercept), and a ridge
    readout that maps them to the targets: those of another series, ``fit(X, y)``, or the next
    step of the series itself, ``fit(X)``, which :meth:`forecast` then carries on.

    Parameters
    ----------
    n_delays : int, default=2
        Steps the features see, the present one among them; training leaves out the first
        (n_delays − 1) stride steps of each series.
    stride : int, default=1
        Steps between delays.
    order : int or array-like of int, default=2
        Order of the products, or several.
    scaling : str, Scaling, transformer or None, default="standard"
        How series are scaled inside, as of :class:`ESNForecaster`.
    horizon : int or Horizon, default=1
        Steps ahead that are learned, without ``y``, at once; and whether as differences from the
        present step (here they are by default), see :class:`dlkit.forecasting.Horizon`.
    readout : regressor, default=None
        Any scikit-learn regressor; ``RidgeReadout(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout. Of several, ``fit`` without ``y`` takes the one that
        forecasts segments of the series best in a closed loop, as in :class:`ESNForecaster`; all
        else the best by generalised cross-validation. ``"auto"`` stands for 13 values from 1e-10
        to 1e2.

    Attributes
    ----------
    reservoir_ : Monomials
        Which products are formed.
    readout_ : regressor
        The fitted readout.
    final_state_, last_input_ : ndarray
        As of :class:`ESNForecaster`; the state is the last steps of each series.
    n_channels_in_ : int
        Channels of the series seen in ``fit``.
    n_features_in_ : int
        The same, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    NVARFeatures : The features alone.
    ESNForecaster : The same of a reservoir's states.

    References
    ----------
    .. [1] Gauthier, Bollt, Griffith & Barbosa (2021), Next generation reservoir computing, Nature
       Communications 12, 5564.

    Examples
    --------
    The Hénon map is a polynomial of the last two steps, x(t + 1) = 1 − 1.4 x(t)² + 0.3 x(t − 1):

    >>> from dlkit import NVARForecaster
    >>> from dlkit.datasets import make_henon
    >>> from dlkit.forecasting import Horizon
    >>> x = make_henon(330, random_state=0)[:, :1]
    >>> options = {"scaling": None, "horizon": Horizon(increments=False)}
    >>> nvar = NVARForecaster(2, alpha=1e-12, **options).fit(x[:300])
    >>> nvar.readout_.coef_.round(3) + 0.0, nvar.readout_.intercept_.round(3)
    (array([[ 0. ,  0.3, -1.4,  0. ,  0. ]]), array([1.]))
    >>> bool(abs(nvar.forecast(20) - x[300:320]).max() < 0.01)
    True
    """

    _parameter_constraints = Forecaster._parameter_constraints | NVAR
    _auto_increments = True
    _mend = "a larger alpha, a smaller order or fewer delays"

    def __init__(
        self,
        n_delays=2,
        *,
        stride=1,
        order=2,
        scaling="standard",
        horizon=1,
        readout=None,
        alpha="auto",
    ):
        self.n_delays = n_delays
        self.stride = stride
        self.order = order
        self.scaling = scaling
        self.horizon = horizon
        self.readout = readout
        self.alpha = alpha

    def _new_driver(self, n_channels, fed=None, drawn=None, n_known=0):
        """Form the monomials, and leave out of training the steps that they are not complete at."""
        monomials = _monomials(self, n_channels, constant=False) if drawn is None else drawn
        roles = Roles().beside(n_channels - n_known, n_known)
        return Driver(monomials, roles, washout=monomials.n_incomplete)
