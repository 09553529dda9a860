"""How a drawn reservoir is run over a forest: level by level, the nodes of a level side by side."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from ..sequences import Sequences
from ._labels import driven_by, weighed_before, weighed_by
from ._nodes import DrawnNode

__all__ = ["Grower", "Runner", "entered", "layers_of", "step"]


def layers_of(drawn):
    """Layers of what was drawn; a reservoir alone is one."""
    return getattr(drawn, "layers", (drawn,))


def entered(drawn, weighed, more):
    """The same reservoir, open to what is computed before a step.

    Parameters
    ----------
    drawn : Reservoir or DeepReservoir
        As drawn.
    weighed : bool
        Whether labels enter the units one by one, multiplied by the input weights before, in the
        place of numbers that the input weights take in.
    more : bool
        Whether something else enters the units one by one.
    """
    layers = layers_of(drawn)
    first, eye = layers[0], np.eye(layers[0].n_units)
    if not weighed and not more:
        return drawn
    w_in = eye if weighed else np.hstack([first.w_in, eye])
    opened = replace(first, w_in=w_in, unscaled=(w_in, first.unscaled[1]), scaling=(1.0, 1.0))
    if drawn is first:
        return opened
    return replace(drawn, layers=(opened, *layers[1:]), n_channels=opened.n_channels)


def step(lanes, entering, states, n_jobs=None):
    """One step of the reservoir at many nodes, from ``states``, given what enters their units."""
    ones = Sequences(np.ascontiguousarray(entering), np.arange(len(entering) + 1), "list")
    return lanes.run(ones, None, states=np.ascontiguousarray(states), n_jobs=n_jobs)


@dataclass(frozen=True, eq=False)
class Runner(ABC):
    """Runs a reservoir over packed samples. It can be pickled.

    Attributes
    ----------
    drawn : Reservoir or DeepReservoir
        As drawn, with its input weights.
    vocabulary : Vocabulary or None
        Of symbols; None where labels are numbers.
    """

    drawn: object
    vocabulary: object

    more = False  # whether something besides labels and states enters the units

    def __getstate__(self):
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state):
        vars(self).update(state)

    @cached_property
    def opened(self):
        """The reservoir, open to what is computed before a step."""
        return entered(self.drawn, self.weighed, self.more)

    @property
    def weighed(self):
        """Whether labels enter the units one by one."""
        return weighed_before(self.vocabulary, layers_of(self.drawn)[0].w_in.shape[1])

    @property
    def n_channels(self):
        """Numbers in a label, or symbols."""
        return layers_of(self.drawn)[0].w_in.shape[1]

    @property
    def n_features(self):
        """Features of a node."""
        return self.drawn.n_features

    def drive(self, packed):
        """What takes numbers of nodes and says what enters the reservoir there."""
        w_in = layers_of(self.drawn)[0].w_in
        return driven_by(packed, self.vocabulary, w_in, packed.dtype)

    @abstractmethod
    def run(self, packed, n_jobs=None):
        """States of all nodes, of shape (n_nodes, n_features)."""


@dataclass(frozen=True, eq=False)
class Grower(Runner):
    """Runs a reservoir over forests.

    Attributes
    ----------
    drawn : Reservoir or DeepReservoir
        As drawn, with its input weights.
    vocabulary : Vocabulary or None
        Of symbols; None where labels are numbers.
    node : DrawnNode
        How children are heard.
    direction : {"up", "down", "both"}
        From the leaves to the root, from the root to the leaves, or one after the other.
    """

    node: DrawnNode
    direction: str = "up"

    @property
    def more(self):
        """Whether products of children enter the units."""
        return self.node.multiplies

    @property
    def n_features(self):
        """Features of a node, of all directions."""
        return self.drawn.n_features * (2 if self.direction == "both" else 1)

    @property
    def n_carried(self):
        """Numbers that a node hands on."""
        return self.opened.rest(1, np.float64).shape[1]

    def run(self, packed, n_jobs=None, *, moved_by=None):
        """States of all nodes, of shape (n_nodes, n_features).

        Parameters
        ----------
        packed : Forest
            Trees.
        n_jobs : int, default=None
            Threads.
        moved_by : ndarray of shape (n_first, n_carried), default=None
            What is added to the states of the nodes that are run first.
        """
        drive, found = self.drive(packed), []
        if self.direction != "down":
            hear = self.node.gather(packed, packed.dtype, self._gate(packed))
            found.append(self._grow(packed, packed.levels, hear, drive, n_jobs, moved_by))
        if self.direction != "up":
            above = packed.parents
            hear = lambda level, states: (states[above[level]], None)  # noqa: E731
            found.append(self._grow(packed, packed.depths, hear, drive, n_jobs, moved_by))
        return found[0] if len(found) == 1 else np.hstack(found)

    def _gate(self, packed):
        """What takes nodes and says by what their labels multiply, if they do."""
        if self.node.of_labels is None:
            return None
        return weighed_by(packed, self.vocabulary, self.node.of_labels[1], packed.dtype)

    def _grow(self, forest, levels, hear, drive, n_jobs, moved_by):
        """States of all nodes, each level from what it hears of those before."""
        dtype = forest.dtype
        lanes, n_units = self.opened.lanes(dtype), layers_of(self.drawn)[0].n_units
        width = self.opened.rest(1, dtype).shape[1]
        states = np.zeros((forest.n_nodes, width), dtype=dtype)
        for i, level in enumerate(levels):
            entering = drive(level)
            if i == 0:
                start, more = np.zeros((len(level), states.shape[1]), dtype=dtype), None
            else:
                start, more = hear(level, states)
            if self.more:
                more = np.zeros((len(level), n_units), dtype=dtype) if more is None else more
                entering = entering + more if self.weighed else np.hstack([entering, more])
            states[level] = step(lanes, entering, start, n_jobs)
            if i == 0 and moved_by is not None:
                states[level] += moved_by
        return self.drawn.read(states)
