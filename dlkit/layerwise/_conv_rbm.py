"""The convolutional restricted Boltzmann machine with probabilistic max-pooling."""

import numpy as np
from scipy.special import logsumexp
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._names import NamedUnlessMaps
from .._params import Integral, StrOptions, count
from .._validation import refuse_overflow
from ..conv import Grid, pool
from ..conv._geometry import axes_told, per_axis, size_on
from ..conv._samples import check_samples
from ._boltzmann import BoltzmannMachine
from ._divergence import Machine
from ._units import VISIBLE
from ._wiring import Convolution, convolution, exponentials

__all__ = ["ConvRBM"]

MEAN_SAMPLES = 1000  # that the visible biases begin with the mean of


class ConvRBM(NamedUnlessMaps, BoltzmannMachine):
    r"""A restricted Boltzmann machine of kernels that are moved over series, images or volumes.

    Hidden unit h of kernel k at position i has the input I = Wₖ·(patch of v at i) + cₖ. Hidden
    units lie in blocks of ``pool_size`` positions, of which at most one is on: probabilistic
    max-pooling [1]_,

        P(hᵢ = 1 | v) = exp(Iᵢ) / (1 + Σ exp(Iⱼ)),   P(p = 1 | v) = 1 − 1 / (1 + Σ exp(Iⱼ)),

    with sums over the block; the pooling unit p is what the next layer sees. Two of these in
    :class:`GreedyLayerwise` are a convolutional deep belief network.

    Parameters
    ----------
    n_kernels : int, default=24
        Number of kernels K.
    kernel_size : int or tuple of int, default=None
        Extent along each spatial axis, or one number for all. None: as in
        :class:`dlkit.conv.ConvFeatures`.
    pool_size : int or tuple of int, default=2
        Extent of a block, in positions; 1 is a machine without pooling. Positions that do not
        fill a block are left out; blocks are no larger than there are positions.
    visible : {"bernoulli", "gaussian"}, default="bernoulli"
        Kind of the visible units: binary, where data between 0 and 1 are taken as probabilities;
        or real with variance one, for centred (better: whitened) data scaled to about that.
    persistent : bool, default=False
        Whether chains go on from one step of learning to the next; else they begin at the data.
    n_gibbs : int, default=1
        Steps of Gibbs sampling for each step of learning.
    learning_rate : float, default=0.1
        Length of a step along the mean gradient of a mini-batch, per position.
    momentum : float, default=0.5
        Share of the last step that is added to the next, in [0, 1).
    weight_decay : float, default=0.001
        Strength of an L2 penalty on the kernels.
    sparsity_target : float or None, default=0.01
        Mean activity of a hidden unit that the biases are drawn to; none if None.
    sparsity_cost : float, default=1.0
        Strength of that pull.
    batch_size : int, default=10
        Samples of a mini-batch.
    n_epochs : int, default=10
        Passes of `fit` over the data, each in a new random order.
    output : {"features", "map"}, default="features"
        Rows: means of the pooling units' probabilities over the cells of ``grid``. Or the whole
        maps of them, as the next layer takes them.
    grid : int, tuple of int, Grid or list of such, default=2
        Cells along each axis, for ``output="features"``; see :func:`dlkit.conv.pool`.
    input_shape : tuple of int, default=None
        Shape of a sample, where X is 2-D: (\*space) or (\*space, C). None: rows are series.
    random_state : int, RandomState instance or None, default=None
        Seeds kernels, order and all sampling.
    verbose : int, default=0
        1 reports progress.

    Attributes
    ----------
    kernels_ : ndarray of shape (K, \*kernel_size, C)
        Kernels W, float32.
    intercept_visible_ : ndarray of shape (C,)
        Visible biases, one a channel.
    intercept_hidden_ : ndarray of shape (K,)
        Hidden biases.
    machine_ : Machine
        The state of learning: the arrays above, velocities, chains, generator.
    n_channels_in_ : int
        Channels of the samples seen in ``fit``.
    n_features_in_ : int
        Columns of X, where ``fit`` saw a 2-D X.

    See Also
    --------
    RBM : Every hidden unit linked to all visible ones.

    Notes
    -----
    The energy is −Σ h I − b Σ v for binary visible units, Σ (v − b)² / 2 − Σ h I for Gaussian ones.
    Learning computes in float32, as in :class:`RBM`. Samples are of one size in ``fit``; kernels
    then go over samples of any size.

    References
    ----------
    .. [1] Lee, Grosse, Ranganath & Ng (2009). Convolutional deep belief networks for scalable
       unsupervised learning of hierarchical representations. ICML, section 3.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from dlkit.layerwise import ConvRBM
    >>> images = load_digits().images[:200] / 16
    >>> rbm = ConvRBM(8, kernel_size=(3, 3), output="map", n_epochs=2, random_state=0)
    >>> rbm.fit_transform(images).shape
    (200, 3, 3, 8)
    """

    _parameter_constraints = BoltzmannMachine._parameter_constraints | {
        "n_kernels": [count()],
        "kernel_size": [Integral, tuple, list, None],
        "pool_size": [Integral, tuple, list],
        "output": [StrOptions({"features", "map"})],
        "grid": [Integral, tuple, list, Grid],
        "input_shape": [Integral, tuple, list, None],
    }

    def __init__(
        self,
        n_kernels=24,
        *,
        kernel_size=None,
        pool_size=2,
        visible="bernoulli",
        persistent=False,
        n_gibbs=1,
        learning_rate=0.1,
        momentum=0.5,
        weight_decay=0.001,
        sparsity_target=0.01,
        sparsity_cost=1.0,
        batch_size=10,
        n_epochs=10,
        output="features",
        grid=2,
        input_shape=None,
        random_state=None,
        verbose=0,
    ):
        self.n_kernels = n_kernels
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.visible = visible
        self.persistent = persistent
        self.n_gibbs = n_gibbs
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.sparsity_target = sparsity_target
        self.sparsity_cost = sparsity_cost
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.output = output
        self.grid = grid
        self.input_shape = input_shape
        self.random_state = random_state
        self.verbose = verbose

    @property
    def kernels_(self):
        """Kernels, of shape ``(K, *kernel_size, C)``."""
        weights = self._machine("kernels_").weights
        return weights.reshape(len(weights), *self._kernel_size, self.n_channels_in_)

    def _check(self, X, reset):
        n_axes = axes_told(self.kernel_size if reset else self._kernel_size)
        samples = check_samples(
            X, n_axes, input_shape=self.input_shape, estimator=self, reset=reset
        )
        self._check_size(samples.values, reset)
        return samples

    def _start(self, samples, random_state):
        n_axes = samples.n_axes
        self._check_one_size(samples)
        samples.check_finite()
        self.n_channels_in_ = samples.n_channels
        self._kernel_size = self._find_kernel_size(samples)
        self._space = samples.spaces[0]
        pool_size = per_axis(self.pool_size, n_axes, "pool_size")
        self._pool_size = tuple(
            min(p, n - k + 1)
            for p, n, k in zip(pool_size, self._space, self._kernel_size, strict=True)
        )
        few = samples.read(np.arange(min(len(samples), MEAN_SAMPLES)), [(0, 0)] * n_axes)
        self._check_range(few)
        mean = few.mean(axis=tuple(range(n_axes + 1)), dtype=np.float64)
        self._base = self._bias_of(mean)
        shape = int(self.n_kernels), int(np.prod(self._kernel_size)) * samples.n_channels
        n_hidden = self._linked(self._space, self.n_kernels).n_hidden
        chains = int(self.batch_size) if self.persistent else 0, n_hidden
        return Machine.start(self.visible, "bernoulli", shape, self._base, chains, random_state)

    def _find_kernel_size(self, samples):
        space = samples.spaces[0]
        size = size_on(self.kernel_size, space)
        if any(k > n for k, n in zip(size, space, strict=True)):
            raise ValueError(
                f"kernel_size={self.kernel_size!r} is larger than a sample of spatial shape "
                f"{tuple(space)}; use a smaller one."
            )
        return size

    @staticmethod
    def _check_one_size(samples):
        if len(samples.distinct) > 1:
            raise ValueError(
                "A Boltzmann machine learns from samples of one size, got "
                f"{samples.distinct[0]} and {samples.distinct[1]}."
            )

    def _going_on(self, samples):
        self._check_one_size(samples)
        samples.check_finite()
        m = self.machine_
        return {
            "n_kernels": (self.n_kernels, len(m.hidden_bias)),
            "visible": (self.visible, m.visible),
            "persistent": (self.persistent, len(m.chains) > 0),
            "the spatial shape of samples": (samples.spaces[0], self._space),
        }

    def _fill(self, samples):
        self._check_one_size(samples)
        if samples.spaces[0] != self._space:
            raise ValueError(
                f"Samples must be of the spatial shape {self._space} seen in fit, got "
                f"{samples.spaces[0]}."
            )
        numbers = np.arange(len(samples))

        def fill(out, rows):
            part = samples.read(numbers[rows], [(0, 0)] * samples.n_axes)
            out[:] = part.reshape(len(out), -1)

        return fill

    def _wiring(self, machine):
        return self._linked(self._space, len(machine.hidden_bias))

    def _linked(self, space, n_kernels, make=Convolution):
        return make(space, self.n_channels_in_, self._kernel_size, self._pool_size, n_kernels)

    def _shaped(self, V):
        return V.reshape(len(V), *self._space, -1)

    def transform(self, X):
        r"""Probabilities of the pooling units.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`, but of any size that holds a block of positions.

        Returns
        -------
        features : ndarray of shape (n, n_features)
            Their means over the cells of ``grid``; or, for ``output="map"``, maps of shape
            (n, \*blocks, K), a list of them if X is a list. float32 where samples are float32 or
            uint8.
        """
        check_is_fitted(self)
        samples = self._check(X, reset=False)

        def pooled(model, V, wiring):
            E = wiring.inputs(V, model[0], model[2])
            total = exponentials(E)
            return (E.sum(axis=1) / total[:, 0]).reshape(len(V), *wiring.blocks, -1)

        maps = self._by_blocks(samples, pooled)
        if not samples.listed:
            maps = maps[0]
        return maps if self.output == "map" else pool(maps, "mean", grid=self.grid)

    def reconstruct(self, X):
        """Expectation of the visible units, given the expectation of the hidden ones given X.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`transform`.

        Returns
        -------
        V : ndarray of shape (n, ..., C), or list of such
        """
        check_is_fitted(self)
        samples = self._check(X, reset=False)
        unit = VISIBLE[self.machine_.visible]

        def there_and_back(model, V, wiring):
            H = wiring.inputs(V, model[0], model[2])
            H /= exponentials(H)
            H = H.reshape(len(V), -1)
            x = wiring.spread(H, model[0]) + np.tile(model[1], V.shape[1] // len(model[1]))
            return unit.mean(x)

        maps = self._by_blocks(samples, there_and_back)
        shaped = [
            part.reshape(*((len(part),) if not samples.listed else ()), *space, -1)
            for part, space in zip(maps, samples.spaces, strict=True)
        ]
        return shaped if samples.listed else shaped[0]

    def free_energy(self, X):
        """Free energy F(v) = −log Σ_h exp(−E(v, h)): low where the model finds X likely.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`transform`.

        Returns
        -------
        F : ndarray of shape (n,)
            float64.
        """
        check_is_fitted(self)
        samples = self._check(X, reset=False)

        def energy(model, V, wiring):
            I = wiring.inputs(V, model[0], model[2]).astype(np.float64)
            hidden = np.logaddexp(0, logsumexp(I, axis=1)).reshape(len(V), -1).sum(axis=1)
            b = np.tile(model[1], V.shape[1] // len(model[1])).astype(np.float64)
            if self.machine_.visible == "gaussian":
                return 0.5 * np.square(V - b).sum(axis=1) - hidden
            return -(V @ b) - hidden

        parts = self._by_blocks(samples, energy)
        return np.array(parts, np.float64) if samples.listed else parts[0].astype(np.float64)

    def _by_blocks(self, samples, function):
        """Apply ``function(model, V, wiring)`` to blocks of samples; a result for each of a list.

        Of an array, all results are in one.
        """
        m = self.machine_
        model = [a.astype(samples.dtype) for a in (m.weights, m.visible_bias, m.hidden_bias)]
        pads = [(0, 0)] * samples.n_axes
        results = [None] * len(samples.spaces)
        for space, numbers in samples.groups():
            self._check_holds_a_block(space)
            wiring = self._linked(space, len(m.hidden_bias), convolution)
            step = max(1, _budgets.CONV_RBM_ENTRIES // wiring.index.size)
            parts = []
            for start in range(0, len(numbers), step):
                mine = numbers[start : start + step]
                V = samples.read(mine, pads).reshape(len(mine), -1)
                with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                    parts.append(refuse_overflow(function(model, V, wiring), "X"))
                samples.release(mine)
            if not samples.listed:
                return [np.concatenate(parts)]
            for i, row in zip(numbers, np.concatenate(parts), strict=True):
                results[i] = row
        return results

    def _check_holds_a_block(self, space):
        if any(
            n < k + p - 1 for n, k, p in zip(space, self._kernel_size, self._pool_size, strict=True)
        ):
            raise ValueError(
                f"A sample of spatial shape {tuple(space)} is too small for kernels of "
                f"{self._kernel_size} at a block of {self._pool_size} positions."
            )

    @property
    def _n_features_out(self):
        K = len(self.machine_.hidden_bias)
        if self.output == "map":
            return K
        blocks = self._wiring(self.machine_).blocks
        return pool(np.zeros((1, *blocks, 1)), "mean", grid=self.grid).size * K

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
