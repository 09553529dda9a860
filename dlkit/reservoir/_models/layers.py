"""Reservoirs in series: the states of each layer are input to the next."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from ... import _budgets
from ..._frozen import frozen
from ..._params import Integral, Interval, Real, StrOptions, count, plain
from ...sequences import Sequences
from .._engine.closed_layers import ClosedLayers
from .._engine.spans import cut_spans
from .._matrices.topology import scale_input, size_of
from .reservoir import LARGEST_SEED, draw_reservoir

MOST = 50  # layers: all are compiled into one loop, in a time that grows with their square


class Layers(BaseEstimator):
    """How reservoirs are laid in series: the value of an estimator's ``layers``.

    Parameters
    ----------
    settings : int or list of dict, default=2
        Number of layers, all with the parameters of the estimator; or for each layer a dict of
        those that differ, by their names (``n_units``, ``leak_rate``, ``cell``, ``plasticity``,
        ...). At most 50: all are compiled into one loop.
    progression : dict of str to (float, float), default=None
        Parameters that go from one value, in the first layer, to another, in the last: in equal
        ratios or, where one of them is not positive, equal steps.
    inputs : {"first", "all"}, default="first"
        Which layers the input enters.
    skips : bool, default=False
        Whether a layer hears all layers below it, not only the last of them.
    links : int, default=10
        Links into each unit from every layer that it hears.
    scaling : float, default=0.5
        Factor on the weights of these links, which are drawn as the input weights are.
    read : {"all", "last"}, default="all"
        Layers whose states the readout sees.

    References
    ----------
    .. [1] Gallicchio, Micheli & Pedrelli (2017), Deep reservoir computing: a critical experimental
       analysis, Neurocomputing 268.
    .. [2] Pascanu, Gulcehre, Cho & Bengio (2014), How to construct deep recurrent neural networks,
       ICLR. For a layer between the states of successive steps see ``cell="deep_transition"``.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Layers
    >>> slower = Layers(3, progression={"leak_rate": (1.0, 0.1)})
    >>> deep = ReservoirStates(20, layers=slower, random_state=0).fit(np.ones((9, 2)))
    >>> deep.transform(np.ones((9, 2))).shape
    (9, 60)
    >>> [round(layer.leak_rate, 2) for layer in deep.reservoir_.layers]
    [1.0, 0.32, 0.1]

    A random layer between input and reservoir, for a nonlinear map from input to state [2]_, is one
    without links among its units and without a leak, which the readout does not see:

    >>> hidden = {"n_units": 50, "spectral_radius": 0.0, "leak_rate": 1.0}
    >>> esn = ReservoirStates(20, layers=Layers([hidden, {}], read="last"), random_state=0)
    >>> esn.fit_transform(np.ones((9, 2))).shape
    (9, 20)
    """

    _parameter_constraints = {
        "settings": [count(most=MOST), list],
        "progression": [dict, None],
        "inputs": [StrOptions({"first", "all"})],
        "skips": ["boolean"],
        "links": [count()],
        "scaling": [Interval(Real, None, None, closed="neither")],
        "read": [StrOptions({"all", "last"})],
    }

    def __init__(
        self, settings=2, *, progression=None, inputs="first", skips=False, links=10, scaling=0.5,
        read="all",
    ):  # fmt: skip
        self.settings = settings
        self.progression = progression
        self.inputs = inputs
        self.skips = skips
        self.links = links
        self.scaling = scaling
        self.read = read

    def of_each(self, common, check):
        """Parameters of the draw of each layer.

        Parameters
        ----------
        common : dict
            Parameters of all layers.
        check : callable
            Checks the parameters of one layer.
        """
        self._validate_params()
        names = set(common)
        several = not isinstance(self.settings, Integral)
        own = plain(self.settings) if several else [{} for _ in range(self.settings)]
        if not own or not all(isinstance(each, dict) for each in own):
            raise ValueError(
                f"layers must be a number or hold a dict for each layer; got {self.settings!r}."
            )
        if len(own) > MOST:
            raise ValueError(
                f"layers holds {len(own)} dicts; there can be {MOST} layers, which are compiled "
                "into one loop: give fewer, or stack estimators by GreedyLayerwise."
            )
        given = set().union(*own, self.progression or {})
        if not given <= names:
            raise ValueError(
                f"layers can have {sorted(names)} of their own; got {sorted(given - names)}."
            )
        each = [common | settings for settings in own]
        for name, ends in (self.progression or {}).items():
            for params, value in zip(each, _between(name, plain(ends), len(own)), strict=True):
                params[name] = value
        for params in each:
            check(params)
        return each


def _between(name, ends, n):
    """Values from the first to the last, one for each layer."""
    if np.shape(ends) != (2,) or not np.isfinite(np.asarray(ends, dtype=float)).all():
        raise ValueError(
            f"progression must hold a first and a last number for {name!r}; got {ends!r}."
        )
    values = (np.geomspace if min(ends) > 0 else np.linspace)(*ends, n)
    return [round(v) for v in values] if name == "n_units" else values.tolist()


def as_layers(layers):
    """Layers from a number or a list, too."""
    return layers if isinstance(layers, Layers) else Layers(layers)


@dataclass(frozen=True, eq=False)
class DeepReservoir:
    """Drawn reservoirs in series.

    It takes the place of a :class:`Reservoir`. A state holds the outputs of all layers, in order,
    then what else they carry, and their clocks at last.

    Attributes
    ----------
    layers : tuple of Reservoir
        The layers. Input channels of each: those of the series, if they enter it, then the units
        of the layers below that it hears.
    n_channels : int
        Number of input channels.
    inputs, skips, read_last : bool
        Whether the input enters all layers, each hears all below, the readout sees only the last.
    noise_seed : int
        Seeds the noise on the states in training.
    """

    layers: tuple
    n_channels: int
    inputs: bool
    skips: bool
    read_last: bool
    noise_seed: int

    @property
    def n_units(self):
        """Number of units in all layers."""
        return sum(layer.n_units for layer in self.layers)

    @property
    def n_features(self):
        """Features of a time step that a readout sees, without the input."""
        return self.layers[-1].n_units if self.read_last else self.n_units

    def read(self, states):
        """What a readout sees of states, of shape (n, n_features)."""
        return states[:, self.n_units - self.n_features : self.n_units]

    def heard(self, values, found):
        """Input of the layer after those whose states are ``found``, given the series' own."""
        heard = found if self.skips else found[-1:]
        if not found or self.inputs:
            heard = [values, *heard]
        return heard[0] if len(heard) == 1 else np.hstack(heard)

    def rest(self, n, dtype):
        """States of ``n`` sequences that begin at rest."""
        rests = [layer.rest(n, dtype) for layer in self.layers]
        return np.zeros((n, sum(rest.shape[1] for rest in rests)), dtype=dtype)

    def columns(self, dtype):
        """Columns of a state that are each layer's; clocks come last, as in a layer's own."""
        engines = [layer.lanes(dtype) for layer in self.layers]
        sizes = np.array([(e.n_units, e.n_free - e.n_units, e.n_state - e.n_free) for e in engines])
        starts = (np.cumsum(sizes.T) - sizes.T.ravel()).reshape(sizes.T.shape).T
        return [
            np.concatenate([start + np.arange(n) for start, n in zip(*own, strict=True)])
            for own in zip(starts, sizes, strict=True)
        ]

    def lanes(self, dtype, *, passthrough=False, n_lanes=None):
        """Engine that runs the layers in ``dtype``."""
        return DeepLanes(self, np.dtype(dtype), passthrough, n_lanes)


class DeepLanes:
    """Runs reservoirs in series; it takes the place of :class:`Lanes`.

    Every layer runs over a stretch of the batch before the next one does, so that memory does not
    grow with the data.
    """

    def __init__(self, drawn, dtype, passthrough, n_lanes):
        self.drawn, self.dtype, self.passthrough = drawn, dtype, passthrough
        self.n_units = drawn.n_units
        self.n_columns = drawn.n_features + passthrough * drawn.n_channels
        self._engines = [layer.lanes(dtype, n_lanes=n_lanes) for layer in drawn.layers]
        self._columns = drawn.columns(dtype)
        self.n_free = sum(engine.n_free for engine in self._engines)

    def rest(self, n):
        """States of ``n`` sequences that begin at rest."""
        return self.drawn.rest(n, self.dtype)

    def run(self, batch, consume, *, states=None, out=None, noise=None, n_jobs=None, progress=None):
        """Run the layers over a batch; as of :meth:`Lanes.run`."""
        states = self.rest(len(batch)) if states is None else states
        width = self.n_units + self.n_columns
        most = max(_budgets.CHUNKED_SPAN_BYTES // (width * self.dtype.itemsize), 64)
        for span in (span for task in cut_spans(batch, most) for span in task):
            values = np.asarray(batch.values[span.start : span.stop], dtype=self.dtype)
            first = batch.first + span.first
            part = Sequences(values, span.offsets, "list", first, batch.passes)
            jitter = None if noise is None else noise(span)
            mine = states[span.first : span.last]
            found = self._run_part(part, mine, jitter, n_jobs)
            states[span.first : span.last] = mine
            seen = found[-1:] if self.drawn.read_last else found
            seen = [*seen, values] if self.passthrough else seen
            if out is not None:
                np.concatenate(seen, axis=1, out=out[span.start : span.stop])
            elif consume is not None:
                consume(span, np.hstack(seen))
            if progress is not None:
                progress.advance(len(values))
        return states

    def run_closed(self, loop, values, offsets, states, rows, noise=None):
        """Run series on their own outputs, one after another; as :meth:`Lanes.run_closed`."""
        noise = np.empty((0, self.n_units)) if noise is None else noise
        values, noise = (frozen(a, self.dtype) for a in (values, noise))
        closed = ClosedLayers(self.drawn, self._engines, self._columns)
        closed.run(loop, values, frozen(offsets, np.int64), states, rows, noise)

    def _run_part(self, part, states, jitter, n_jobs):
        """States of each layer at all steps of a part, from ``states``, which are advanced."""
        found, unit = [], 0
        for engine, columns in zip(self._engines, self._columns, strict=True):
            inputs = self.drawn.heard(part.values, found)
            rows = np.empty((len(inputs), engine.n_units), dtype=self.dtype)
            mine = np.ascontiguousarray(states[:, columns])
            noise = None
            if jitter is not None:
                own = jitter[:, unit : unit + engine.n_units]
                noise = lambda span, own=own: own[span.start : span.stop]  # noqa: E731
            engine.run(
                replace(part, values=inputs), None, states=mine, out=rows, noise=noise,
                n_jobs=n_jobs,
            )  # fmt: skip
            states[:, columns] = mine
            unit += engine.n_units
            found.append(rows)
        return found


def draw_layers(layers, common, n_channels, scaled, random_state, check):
    """Draw reservoirs in series.

    Parameters
    ----------
    layers : Layers
        How they are laid.
    common : dict
        Parameters of all layers, as of ``draw_reservoir``.
    n_channels : int
        Number of input channels.
    scaled : callable
        Scaling of each input channel, given a layer's ``input_scaling``.
    random_state : int, RandomState instance or None
        Seeds the draws.
    check : callable
        Checks the parameters of one layer.

    Returns
    -------
    DeepReservoir
    """
    each = layers.of_each(common, check)
    rng = check_random_state(random_state)
    *seeds, link_seed, noise_seed = rng.randint(LARGEST_SEED, size=len(each) + 2).tolist()
    links = np.random.RandomState(link_seed)
    drawn, sizes = [], []
    for seed, params in zip(seeds, each, strict=True):
        heard = sizes if layers.skips else sizes[-1:]
        seen = n_channels if not drawn or layers.inputs == "all" else 0
        scaling = scale_input(np.ones((1, n_channels)), scaled(params["input_scaling"]))[0, :seen]
        scaling = np.concatenate([scaling, np.full(sum(heard), layers.scaling)])
        n_units = size_of(params.pop("n_units"), params["topology"])
        layer = draw_reservoir(
            n_units, seen + sum(heard), **params | {"input_scaling": scaling, "random_state": seed}
        )
        drawn.append(_thinned(layer, seen, heard, layers.links, links))
        sizes.append(layer.n_units)
    return DeepReservoir(
        tuple(drawn), n_channels, layers.inputs == "all", layers.skips, layers.read == "last",
        noise_seed,
    )  # fmt: skip


def _thinned(layer, seen, heard, links, rng):
    """Leave each unit so many of its links from every layer below."""
    kept, start = np.ones(layer.w_in.shape), seen
    for size in heard:
        keep = np.argsort(rng.uniform(size=(len(kept), size)), axis=1)[:, :links]
        rest = np.ones((len(kept), size), dtype=bool)
        np.put_along_axis(rest, keep, False, axis=1)
        kept[:, start : start + size][rest] = 0.0
        start += size
    cell = layer.cell
    # gates hear what the candidate does
    gates = {name: gate._replace(w_in=gate.w_in * kept) for name, gate in cell.gates.items()}
    cell = replace(cell, gates=gates)
    w_in, bias = layer.unscaled
    return replace(layer, w_in=layer.w_in * kept, unscaled=(w_in * kept, bias), cell=cell)
