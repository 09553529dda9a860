"""Delayed inputs and their products: what nonlinear vector autoregression runs."""

from dataclasses import dataclass
from itertools import combinations_with_replacement, groupby

import numpy as np

from ... import _budgets
from ..._frozen import frozen
from ..._jit import nvar as loops
from ...sequences import release
from .._engine.memory import readouts
from .._engine.spans import cut_spans


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
    def cause(self):
        """Parameters that say how many steps a series must have."""
        return f"n_delays={self.n_delays} and stride={self.stride}"

    @property
    def n_incomplete(self):
        """First steps of a series, whose rows hold zeros for steps that are not known."""
        return (self.n_delays - 1) * self.stride

    @property
    def n_steps(self):
        """Steps that a state holds: one row of features needs all of them."""
        return self.n_incomplete + 1

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

    def refuse_overflow(self, batch):
        """Refuse inputs whose products are beyond their dtype."""
        order, dtype = max((1, *self.orders)), batch.values.dtype
        limit = float(np.finfo(dtype).max / 2) ** (1 / order)  # half: of differences, too
        for start in range(0, len(batch.values), _budgets.LOOK_ROWS):
            part = batch.values[start : start + _budgets.LOOK_ROWS]
            largest = max(part.max(), -part.min())
            release(part)
            if not largest < limit:
                raise ValueError(
                    f"X holds numbers up to {largest:.2g}, whose products of order={order} are "
                    f"beyond {dtype}. Scale X, by PerStep(StandardScaler()) say."
                )

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

    def free_run(self, n_steps, coef, intercept, states, outputs, which=None, shocks=None):
        """Close the loop: every output is the next input; as of :meth:`Lanes.free_run`."""
        out = np.empty((len(states), n_steps, self.drawn.n_channels), dtype=self.dtype)
        read_by = readouts(coef, intercept, which, len(states), self.dtype)
        states, outputs = (np.array(a, dtype=self.dtype, order="C") for a in (states, outputs))
        row = np.empty(self.n_columns, dtype=self.dtype)
        shocks = frozen(out[:, :0] if shocks is None else shocks, self.dtype)
        how = *self._how, self._history(), states, row, outputs, shocks
        loops.run_nvar_closed(*read_by, *how, out)
        return out
