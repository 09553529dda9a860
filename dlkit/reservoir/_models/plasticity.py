"""Intrinsic plasticity: a gain and a bias for each unit, adapted to the input without labels.

The result is an ordinary reservoir. Units with gain a and shift b, f(a z + b), are units f(z) of a
reservoir with the matrices diag(a) W and diag(a) W_in and the bias a c + b, where c is the drawn
bias. The engine runs that reservoir, and no other module knows of the adaptation.
"""

from dataclasses import replace

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from ... import _budgets
from ..._frozen import frozen
from ..._jit import plasticity as loops
from ..._jit.activations import as_activation
from ..._params import Interval, Real, count, positive
from ..._progress import Progress
from ...sequences import release
from .._cells.cell import as_csr
from .._cells.kinds import CELLS
from .._engine.spans import cut_spans
from .._matrices.hadamard import HadamardMatrix


class IntrinsicPlasticity(BaseEstimator):
    """How units adapt to what enters them: the value of an estimator's ``plasticity``.

    In ``fit``, before anything else is learned, the reservoir runs over the training sequences and
    every unit changes its gain a and its shift b after each step, so that its output
    y = f(a z + b), z = W x + W_in u + c, comes to be distributed as given: by a Gaussian for
    ``activation="tanh"``, by an exponential for ``activation="logistic"``. That is gradient
    descent on the Kullback-Leibler divergence, with nothing but the unit's own y and z::

        Δb = −η (−μ/σ² + (y/σ²) (2σ² + 1 − y² + μ y))       tanh [1]_
        Δb = η (1 − (2 + 1/μ) y + y²/μ)                     logistic [2]_
        Δa = η/a + Δb z

    Parameters
    ----------
    mean : float, default=None
        μ; for tanh in (−1, 1) and 0 if None, for logistic in (0, 1) and 0.2 if None.
    std : float, default=0.2
        σ, for tanh. (The standard deviation of an exponential is its mean.)
    learning_rate : float, default=5e-4
        η.
    n_passes : int, default=5
        How often to go through the training sequences.

    Notes
    -----
    ``spectral_radius`` is that of W before the adaptation; the matrix of the fitted ``reservoir_``
    is diag(a) W. Where the input moves units too little for the ``std`` that is asked for, gains
    grow until W itself moves the units as much, and the reservoir is no longer stable: use an
    ``input_scaling`` near one, or a smaller ``std``, and look at
    :func:`dlkit.reservoir.diagnose`. Where z is far larger
    than one, a step overshoots, and ``fit`` says so.

    Units of ``cell="leaky"``, ``"es2n"``, ``"residual"`` and ``"clockwork"`` adapt, with delays or
    without. The orthogonal path of ``"es2n"`` and ``"residual"`` has no gain.

    y is what a unit adds to its state: with a ``leak_rate`` below one the state is a running mean
    of y, and its distribution narrower. The steps of the estimator's ``washout`` are run, but not
    learned from. Sample weights and noise play no part; under ``bidirectional`` both passes are
    learned from. Of a stream, ``partial_fit`` adapts to the first piece.

    References
    ----------
    .. [1] Schrauwen, Wardermann, Verstraeten, Steil & Stroobandt (2008), Improving reservoirs using
       intrinsic plasticity, Neurocomputing 71(7-9), equations (7)-(10).
    .. [2] Triesch (2005), A gradient rule for the plasticity of a neuron's intrinsic excitability,
       ICANN.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import IntrinsicPlasticity
    >>> u = np.random.RandomState(0).uniform(-1, 1, (1000, 1))
    >>> for plasticity in (None, IntrinsicPlasticity(std=0.2)):
    ...     esn = ReservoirStates(50, input_scaling=1.0, plasticity=plasticity, random_state=0)
    ...     print(round(float(esn.fit(u).transform(u).std()), 1))
    0.4
    0.2
    """

    _parameter_constraints = {
        "mean": [Interval(Real, -1, 1, closed="neither"), None],
        "std": [Interval(Real, 1e-6, 1e6, closed="both")],
        "learning_rate": [positive()],
        "n_passes": [count()],
    }

    def __init__(self, mean=None, *, std=0.2, learning_rate=5e-4, n_passes=5):
        self.mean = mean
        self.std = std
        self.learning_rate = learning_rate
        self.n_passes = n_passes

    def rule(self, activation, cell):
        """What units learn, as the compiled loop takes it.

        Parameters
        ----------
        activation : str or callable
            Their activation: ``"tanh"`` or ``"logistic"``.
        cell : Cell
            Their cell.

        Returns
        -------
        Rule

        Raises
        ------
        ValueError
            If there is no such rule for the activation or the cell.
        """
        self._validate_params()
        if not cell.adapts:
            able = ", ".join(repr(name) for name, kind in CELLS.items() if kind.adapts)
            raise ValueError(
                f"plasticity adapts the units of the cells {able}, which have one activation each; "
                f"got cell={cell!r}."
            )
        polynomial = TARGETS.get(activation if isinstance(activation, str) else None)
        if polynomial is None:
            raise ValueError(
                "plasticity is that of activation='tanh' (to a Gaussian) or 'logistic' (to an "
                f"exponential); got activation={activation!r}."
            )
        f = as_activation(activation)
        return loops.Rule(polynomial(self.mean, self.std), f, float(self.learning_rate))


def _gaussian(mean, std):
    m, v = mean or 0.0, std**2
    return m / v, -2 - 1 / v, -m / v, 1 / v


def _exponential(mean, std):
    m = 0.2 if mean is None else mean
    if m <= 0:
        raise ValueError(
            f"plasticity's mean={m!r} must be above 0 for activation='logistic', whose target "
            "is an exponential."
        )
    return 1.0, -2 - 1 / m, 1 / m, 0.0


# Coefficients of p in Δb = η p(y), the constant first, by activation.
TARGETS = {"tanh": _gaussian, "logistic": _exponential}


def plastic(reservoir):
    """Whether a drawn reservoir, or a layer of one, is still to adapt."""
    layers = getattr(reservoir, "layers", (reservoir,))
    return any(getattr(layer, "plasticity", None) is not None for layer in layers)


def adapted(reservoir, batch, starts, washout, verbose):
    """Adapt what is drawn to its input, layer after layer.

    Parameters
    ----------
    reservoir : Reservoir or DeepReservoir
        As drawn.
    batch : Sequences
        What enters it.
    starts : ndarray of shape (n_sequences, n_units)
        Outputs that sequences begin with.
    washout : int
        Steps of each that nothing is learned from.
    verbose : int
        Whether to report progress.

    Returns
    -------
    Reservoir or DeepReservoir
        It is run as any other.
    """
    deep = hasattr(reservoir, "layers")
    done, unit = [], 0
    for layer in reservoir.layers if deep else (reservoir,):
        if layer.plasticity is not None:
            below = None
            if done:
                below = replace(reservoir, layers=tuple(done), read_last=False), starts[:, :unit]
            own = starts[:, unit : unit + layer.n_units]
            layer = _adapt(layer, batch, below, own, washout, verbose)
        done.append(layer)
        unit += layer.n_units
    return replace(reservoir, layers=tuple(done)) if deep else done[0]


def _adapt(reservoir, batch, below, starts, washout, verbose):
    """Adapt one reservoir, or layer, to a batch or what the layers ``below`` make of it."""
    plasticity, cell, n = reservoir.plasticity, reservoir.cell, reservoir.n_units
    rule = plasticity.rule(reservoir.activation, cell.kind)
    sources = _sources(reservoir)
    update = _update(reservoir)
    gain, shift = np.ones(n), np.zeros(n)
    past = np.zeros((reservoir.depth, n))

    def learn(span, values):
        values = frozen(values, np.float64)
        for i, (a, b) in enumerate(zip(span.offsets[:-1], span.offsets[1:], strict=True)):
            if not span.done:
                past[:] = 0.0
                past[-1] = starts[span.first + i]
            loops.adapt(sources, update, rule, values[a:b], span.done, washout, past, gain, shift)

    total = plasticity.n_passes * len(batch.values)
    progress = Progress(type(plasticity).__name__, total, verbose)
    for _ in range(plasticity.n_passes):
        _hear(batch, below, learn, progress)
        if not (np.isfinite(shift).all() and (gain > 0).all() and (gain < np.inf).all()):
            raise ValueError(
                f"plasticity with learning_rate={plasticity.learning_rate} makes gains of units "
                "that are not finite numbers above zero: use a smaller learning_rate."
            )
    return _with_gains(reservoir, gain, shift)


def _hear(batch, below, consume, progress):
    """Hand over, by spans, what a layer hears: the batch, or also the states of layers below."""
    if below is not None:
        reservoir, starts = below
        states = reservoir.rest(len(batch), np.float64)
        states[:, : starts.shape[1]] = starts
        ends = np.cumsum([layer.n_units for layer in reservoir.layers])[:-1]

        def hear(span, block):
            values = batch.values[span.start : span.stop]
            consume(span, reservoir.heard(values, np.hsplit(block, ends)))

        reservoir.lanes(np.float64).run(batch, hear, states=states, n_jobs=1, progress=progress)
        return
    most = max(_budgets.SPAN_BYTES // (batch.n_channels * 8), 64)
    for span in (span for task in cut_spans(batch, most) for span in task):
        values = batch.values[span.start : span.stop]
        consume(span, values)
        progress.advance(len(values))
        release(values)


def _sources(reservoir):
    """All that enters the units, as one list of links."""
    W, w_in = as_csr(reservoir.recurrent.base), sparse.csr_array(reservoir.w_in)
    delays = reservoir.cell.delays.get("state")
    delays = np.ones(W.nnz) if delays is None else delays
    row = np.concatenate([m.tocoo().row for m in (W, w_in)])
    order = np.argsort(row, kind="stable")
    starts = np.searchsorted(row[order], np.arange(W.shape[0] + 1))
    return loops.Sources(
        frozen(np.concatenate([reservoir.recurrent.gain * W.data, w_in.data])[order], np.float64),
        frozen(np.concatenate([W.indices, w_in.indices])[order], np.int64),
        frozen(starts, np.int64),
        frozen(np.concatenate([delays, np.zeros(w_in.nnz)])[order], np.int64),
        frozen(reservoir.bias, np.float64),
    )


def _update(reservoir):
    """What the units keep of the past."""
    n, layout = reservoir.n_units, reservoir.layout
    leak, keep, *more = layout.coef
    periods, path = more[0] if more else 1.0, layout.path
    path = path.toarray() if isinstance(path, HadamardMatrix) else path
    path = sparse.csr_array((n, n)) if path is None else sparse.csr_array(path)
    return loops.Update(
        *(frozen(np.broadcast_to(a, n), np.float64) for a in (leak, keep)),
        frozen(np.broadcast_to(periods, n), np.int64),
        frozen(path.data, np.float64), frozen(path.indices, np.int64),
        frozen(path.indptr, np.int64),
    )  # fmt: skip


def _with_gains(reservoir, gain, shift):
    """The same units, with their gains and shifts in W, W_in and b."""
    base = reservoir.recurrent.base
    if sparse.issparse(base):  # in place of a product, so that every link stays, and its delay
        base = as_csr(base)
        data = base.data * np.repeat(gain, np.diff(base.indptr))
        base = sparse.csr_array((data, base.indices, base.indptr), shape=base.shape)
    else:
        base = gain[:, None] * base
    w_in, bias = gain[:, None] * reservoir.w_in, gain * reservoir.bias + shift
    return replace(
        reservoir, recurrent=replace(reservoir.recurrent, base=base), w_in=w_in, bias=bias,
        unscaled=(w_in, bias), scaling=(1.0, 1.0), plasticity=None,
    )  # fmt: skip
