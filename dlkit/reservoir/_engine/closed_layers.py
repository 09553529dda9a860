"""Reservoirs in series as the arrays of their compiled closed loop."""

import numpy as np

from ..._frozen import frozen
from ..._jit import layers as loops


class ClosedLayers:
    """Runs a :class:`DeepReservoir` on its own outputs.

    Parameters
    ----------
    drawn : DeepReservoir
        What to run.
    engines : list of Lanes
        One for each layer.
    columns : list of ndarray
        Columns of a state that are each layer's.
    """

    def __init__(self, drawn, engines, columns):
        channels, ends = np.arange(drawn.n_channels)[None], np.cumsum([e.n_units for e in engines])
        outputs = [
            drawn.n_channels + end - e.n_units + np.arange(e.n_units)[None]
            for e, end in zip(engines, ends, strict=True)
        ]
        self._engines, self._places = engines, []
        for k, (engine, own) in enumerate(zip(engines, columns, strict=True)):
            sources = drawn.heard(channels, outputs[:k])[0]
            place = frozen(sources, np.uint32), int(outputs[k][0, 0]), frozen(own, np.int64)
            self._places.append(loops.Place(*place, int(ends[k] - engine.n_units)))
        self._size = drawn.n_channels + drawn.n_units
        self._n_seen = drawn.n_features

    def run(self, loop, values, offsets, states, out, noise):
        """Run series on their own outputs, one after another; as :meth:`Lanes.run_closed`."""
        layers = tuple(e.layer(place) for e, place in zip(self._engines, self._places, strict=True))
        record = np.zeros(self._size, dtype=states.dtype)
        out = out if len(out) else None
        loops.run_layers(layers, self._n_seen, record, values, noise, offsets, states, loop, out)
