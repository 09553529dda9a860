"""Next-generation reservoir computing: delayed inputs and their products, without a reservoir."""

from dataclasses import dataclass
from itertools import combinations_with_replacement, groupby

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._frozen import frozen
from .._jit import nvar as loops
from .._params import StrOptions, count
from ._engine.spans import cut_spans
from ._features import StepStates
from ._forecaster import Forecaster


@dataclass(frozen=True, eq=False)
class Monomials:
    """What is drawn for nonlinear vector autoregression: nothing but which products to form.

    It takes the place of a :class:`Reservoir`, and its state is the last inputs, oldest first.

    Attributes
    ----------
    n_channels : int
        Number of input channels.
    n_delays, stride : int
        The present input and those ``stride``, ``2 stride``, ... steps before, n_delays in all.
    orders : tuple of int
        Orders of the products.
    constant : bool
        Whether a one comes first.
    factors : ndarray of shape (n_products, highest order), int64
        Numbers of the delayed inputs that each product takes; −1 where it takes fewer.
    """

    n_channels: int
    n_delays: int
    stride: int
    orders: tuple
    constant: bool

    def __post_init__(self):
        numbers = range(self.n_delays * self.n_channels)
        width = max((1, *self.orders))
        products = [
            [*chosen, *[-1] * (width - order)]
            for order in sorted(set(self.orders) - {1})
            for chosen in combinations_with_replacement(numbers, order)
        ]
        factors = np.array(products, dtype=np.int64).reshape(len(products), width)
        object.__setattr__(self, "factors", factors)

    @property
    def n_steps(self):
        """Steps that a state holds: one row of features needs all of them."""
        return (self.n_delays - 1) * self.stride + 1

    @property
    def n_states(self):
        """Numbers that one step hands to the next."""
        return self.n_steps * self.n_channels

    @property
    def n_units(self):
        """Numbers of a state, as a reservoir's are called."""
        return self.n_states

    @property
    def n_features(self):
        """Number of features."""
        return self.constant + self.n_delays * self.n_channels + len(self.factors)

    def read(self, states):
        """Features of the last step of each state."""
        channels = states.reshape(len(states), self.n_steps, self.n_channels)
        linear = channels[:, :: -self.stride].reshape(len(states), -1)
        padded = np.hstack([linear, np.ones_like(linear[:, :1])])  # factor −1 is its last column
        ones = np.ones((len(states), int(self.constant)), dtype=states.dtype)
        return np.hstack([ones, linear, padded[:, self.factors].prod(axis=2)])

    def rest(self, n, dtype):
        """States of series nothing is known of: zeros of shape (n, n_states)."""
        return np.zeros((n, self.n_states), dtype=dtype)

    def lanes(self, dtype, *, passthrough=False, n_lanes=None):
        """Engine that makes the features in ``dtype``; the options are those of a reservoir."""
        return MonomialLanes(self, np.dtype(dtype))

    def names(self, channels):
        """Name each feature after the channels."""
        linear = [
            name if d == 0 else f"{name}[t-{d * self.stride}]"
            for d in range(self.n_delays)
            for name in channels
        ]
        products = []
        for row in self.factors:
            powers = [(linear[i], len(list(same))) for i, same in groupby(row[row >= 0])]
            products.append(" ".join(n if p == 1 else f"{n}^{p}" for n, p in powers))
        return ["1"] * self.constant + linear + products


class MonomialLanes:
    """Makes features of sequences; see :class:`Lanes`, whose place it takes."""

    closes = False  # but by ``free_run``

    def __init__(self, drawn, dtype):
        self.drawn, self.dtype = drawn, dtype
        self.n_columns = drawn.n_features
        self.n_units = self.n_free = drawn.n_units  # all that is carried, and put out
        self._how = drawn.n_delays, drawn.stride, int(drawn.constant), frozen(drawn.factors, int)

    def _history(self):
        return np.empty((self.drawn.n_steps, self.drawn.n_channels), dtype=self.dtype)

    def run(self, batch, consume, *, states=None, out=None, noise=None, n_jobs=None, progress=None):
        """Make the features of a batch; as of :meth:`Lanes.run`."""
        if states is None:
            states = self.drawn.rest(len(batch), self.dtype)
        most = max(_budgets.SPAN_BYTES // (self.n_columns * self.dtype.itemsize), 64)
        for span in (span for task in cut_spans(batch, most) for span in task):
            values = frozen(batch.values[span.start : span.stop], self.dtype)
            rows = None if out is None else out[span.start : span.stop]
            if rows is None:
                rows = np.empty((len(values), self.n_columns), dtype=self.dtype)
            mine = np.ascontiguousarray(states[span.first : span.last])
            loops.run_nvar(values, span.offsets, *self._how, self._history(), mine, rows)
            states[span.first : span.last] = mine
            if out is None and consume is not None:
                consume(span, rows)
            if progress is not None:
                progress.advance(len(values))
        return states

    def free_run(self, n_steps, coef, intercept, states, outputs):
        """Close the loop: every output is the next input; as of :meth:`Lanes.free_run`."""
        out = np.empty((len(states), n_steps, self.drawn.n_channels), dtype=self.dtype)
        coef, intercept = frozen(coef, self.dtype), frozen(intercept, self.dtype)
        states, outputs = (np.array(a, dtype=self.dtype, order="C") for a in (states, outputs))
        row = np.empty(self.n_columns, dtype=self.dtype)
        loops.run_nvar_closed(
            coef, intercept, *self._how, self._history(), states, row, outputs, out
        )
        return out


class NVAR:
    """Parameters of nonlinear vector autoregression, in the place of a reservoir's."""

    _nvar_constraints = {
        "n_delays": [count()],
        "stride": [count()],
        "order": [count(), "array-like"],
        "start": [StrOptions({"rest", "fit"})],
    }
    _drawn = ()
    # what of a reservoir there is none of
    passthrough, bidirectional, context, layers, noise = False, False, None, None, 0.0
    n_jobs, n_lanes, verbose = None, None, 0

    def _draw(self, n_channels):
        orders = np.atleast_1d(self.order)
        if orders.ndim > 1 or orders.dtype.kind not in "iu" or (orders < 1).any():
            raise ValueError(
                f"order must be a whole number of at least 1, or several; got {self.order!r}."
            )
        constant = getattr(self, "constant", False)
        return Monomials(n_channels, self.n_delays, self.stride, tuple(map(int, orders)), constant)


class NVARFeatures(NVAR, StepStates):
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

    _parameter_constraints = NVAR._nvar_constraints | {"constant": ["boolean"]}
    washout = 0

    def __init__(self, n_delays=2, *, stride=1, order=2, constant=True, start="rest"):
        self._store(locals())

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
            given = np.asarray(input_features, dtype=object)
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


class NVARForecaster(NVAR, Forecaster):
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
    increments : bool, default=True
        Whether the readout learns, without ``y``, how the next step differs from the last.
    start : {"rest", "fit"}, default="rest"
        Where ``predict`` begins: before its first step are zeros, or the last steps of ``fit``.
    readout : regressor, default=None
        Any scikit-learn regressor; ``RidgeReadout(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised
        cross-validation. ``"auto"`` stands for 13 values from 1e-10 to 1e2.

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
    Gauthier, Bollt, Griffith & Barbosa (2021), Next generation reservoir computing, Nature
    Communications 12, 5564.

    Examples
    --------
    The Hénon map is a polynomial of the last two steps, x(t + 1) = 1 − 1.4 x(t)² + 0.3 x(t − 1):

    >>> from dlkit import NVARForecaster
    >>> from dlkit.datasets import make_henon
    >>> x = make_henon(330, random_state=0)[:, :1]
    >>> nvar = NVARForecaster(2, increments=False, alpha=1e-12).fit(x[:300])
    >>> nvar.readout_.coef_.round(3) + 0.0, nvar.readout_.intercept_.round(3)
    (array([[ 0. ,  0.3, -1.4,  0. ,  0. ]]), array([1.]))
    >>> bool(abs(nvar.forecast(20) - x[300:320]).max() < 0.01)
    True
    """

    _parameter_constraints = (
        NVAR._nvar_constraints | Forecaster._loop_constraints | Forecaster._readout_constraints
    )

    def __init__(
        self, n_delays=2, *, stride=1, order=2, increments=True, start="rest", readout=None,
        alpha="auto",
    ):  # fmt: skip
        self._store(locals())

    @property
    def washout(self):
        """Steps of each series whose features are not complete."""
        return (self.n_delays - 1) * self.stride

    def _check_batch(self, batch, extra=0):
        least = self.washout + 1 + extra
        short = batch.lengths < least
        if short.any():
            i = int(np.argmax(short))
            raise ValueError(
                f"n_delays={self.n_delays} and stride={self.stride} need at least {least} steps "
                f"of each series: sequence {i} has n_samples={batch.lengths[i]}."
            )
