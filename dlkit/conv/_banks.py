"""Kernels of one size as they are learned from samples, and folded for the engine."""

import numpy as np
from sklearn.base import clone

from ._encoders import fold_kernels, make_encoder
from ._engine import Bank
from ._kernels import learn_kernels, seeded
from ._patches import draw_patches
from ._preprocess import PatchPreprocess
from ._spherical_kmeans import SphericalKMeans

EACH = 4  # patches for each kernel that any group of positions needs to learn by itself


class LearnedBank:
    """Kernels of one size and the preprocessing of their patches.

    Parameters
    ----------
    geometry : Geometry
        Size of the kernels and how they are moved.
    n_channels : int
        Channels.
    period : tuple of int or None
        Positions along each axis after which the kernels repeat; None: the same everywhere.
    contrast, whitening : float or None
        As in :class:`PatchPreprocess`. A patch of a single entry has neither.

    Attributes
    ----------
    preprocess : PatchPreprocess
        Fitted.
    kernels : ndarray of shape (n_groups, K, P)
        In preprocessed space.
    """

    def __init__(self, geometry, n_channels, period, contrast, whitening):
        self.geometry, self.n_channels, self.period = geometry, n_channels, period
        self.n_inputs = geometry.n_inputs(n_channels)
        if self.n_inputs == 1:
            contrast = whitening = None
        self.preprocess = PatchPreprocess(contrast, whitening)
        self.kernels = None
        self.learners = None  # that go on with a stream, one for each group
        self._folded = {}

    @property
    def n_groups(self):
        """Groups of positions that share kernels."""
        return 1 if self.period is None else int(np.prod(self.period))

    def learn(self, samples, kernels, n_kernels, n_patches, rng, n_jobs):
        """Draw patches, learn the preprocessing and the kernels.

        Parameters
        ----------
        samples : Samples
            The samples.
        kernels : str, ndarray or estimator
            As in :func:`learn_kernels`; an array may have the groups as an axis in front.
        n_kernels, n_patches : int
            Kernels of each group, and patches for all of them.
        rng : RandomState
            Draws.
        n_jobs : int or None
            Threads.
        """
        patches, groups = self._draw(samples, n_kernels, n_patches, rng)
        self._folded = {}
        if isinstance(kernels, np.ndarray) and kernels.ndim == self.geometry.n_axes + 3:
            banks = self._unshared(kernels)
        else:
            banks = [kernels] * self.n_groups
        shape = self.geometry.kernel_size, self.n_channels
        more = {"preprocess": self.preprocess, "n_jobs": n_jobs}
        found = [
            learn_kernels(
                bank, seen_by(g, patches, groups, n_kernels), n_kernels, *shape, rng, **more
            )
            for g, bank in enumerate(banks)
        ]
        self._take(found)
        return patches, groups

    def learn_more(self, samples, kernels, n_kernels, n_patches, rng, n_jobs):
        """Go on with a stream, or begin one; parameters as in `learn`.

        Moments of the preprocessing add up. Spherical k-means, and estimators that have
        ``partial_fit``, go on learning in the space that those moments define so far; all other
        kernels stay as the first piece made them. After `learn`, so do an estimator's.
        """
        begins = self.kernels is None
        if begins:
            patches, groups = self.learn(samples, kernels, n_kernels, n_patches, rng, n_jobs)
        else:
            patches, groups = self._draw(samples, n_kernels, n_patches, rng)
        self._folded = {}
        if self.learners is None:
            self.learners = self._new_learners(kernels, begins, rng, n_jobs)
        for g, learner in enumerate(self.learners):
            mine = seen_by(g, patches, groups, len(self.kernels[g]))
            if len(mine) >= len(self.kernels[g]):  # a piece may be all but blank
                learner.partial_fit(mine)
        if self.learners and all(len(rows_of(learner)) for learner in self.learners):
            self._take([rows_of(learner) for learner in self.learners])

    def _new_learners(self, kernels, begins, rng, n_jobs):
        """What goes on with a stream, one for each group; none if kernels stay."""
        if isinstance(kernels, str) and kernels == "kmeans":
            options = {"sign_invariant": True, "random_state": rng.randint(2**31 - 1)}
            return [
                SphericalKMeans(len(bank), init=bank, n_jobs=n_jobs, **options)
                for bank in self.kernels
            ]
        if begins and hasattr(kernels, "partial_fit"):
            return [seeded(clone(kernels), rng) for _ in range(self.n_groups)]
        return []

    def _take(self, banks):
        """Keep kernels of one number in all groups: the least that any of them has."""
        least = min(map(len, banks))
        self.kernels = np.stack([bank[:least] for bank in banks])

    def _draw(self, samples, n_kernels, n_patches, rng):
        """Preprocessed patches, of which the blank ones are left out, and their groups."""
        n_patches = max(n_patches, EACH * n_kernels * self.n_groups)
        raw, groups = draw_patches(samples, self.geometry, n_patches, rng, self.period)
        kept = ~self.preprocess.learn(raw)
        if self.n_inputs > 1 and kept.any():
            raw, groups = raw[kept], groups[kept]
        return self.preprocess.apply(raw), groups

    def _unshared(self, kernels):
        shape = (self.n_groups, *kernels.shape[1:2], *self.geometry.kernel_size, self.n_channels)
        if kernels.shape != shape:
            raise ValueError(
                f"kernels has shape {kernels.shape}; for this sharing it must be {shape}, or "
                f"{shape[1:]} for the same at all positions."
            )
        return list(kernels)

    def shaped(self):
        """Kernels with the axes of space and channels; groups in front if there are several."""
        shape = *self.geometry.kernel_size, self.n_channels
        kernels = self.kernels.reshape(*self.kernels.shape[:2], *shape)
        return kernels[0] if self.period is None else kernels

    def n_columns(self, encoder):
        """Columns that an encoder makes of the kernels."""
        n_kernels = self.kernels.shape[1]
        return make_encoder(encoder, n_kernels).n_columns(n_kernels)

    def folded(self, encoder, threshold, dtype):
        """Return the `Bank` for the engine, in a dtype."""
        key = np.dtype(dtype), encoder if isinstance(encoder, str) else id(encoder), threshold
        if key not in self._folded:
            self._folded = {key: self._fold(encoder, threshold, dtype)}
        return self._folded[key]

    def _fold(self, encoder, threshold, dtype):
        made = make_encoder(encoder, self.kernels.shape[1], dtype)
        # |w|² as the norm of the responses of P more kernels: whitening itself, turned so that
        # fewer will do where it has directions without variance. Half of that factor is zeros, but
        # leaving them out, in products of their own, took as long.
        operator = self.preprocess.norm_operator() if made.norms else None
        norms = () if operator is None else (np.vstack([operator[0].T, -operator[1]]),)
        weights = []
        for kernels in self.kernels:
            kernels = kernels.astype(np.float64)
            folded = fold_kernels(made, *self.preprocess.fold(kernels), kernels)
            weights.append(np.hstack([folded, *norms]))
        weights = np.array(weights)
        plain, centre = self.preprocess.contrast is None, None
        if plain and self.preprocess.whitening is not None:
            centre = self.preprocess.spectrum_.mean  # before the product, which would round it away
            weights[:, -1] += centre @ weights[:, :-1]
            centre = centre.astype(dtype)
        return Bank(
            self.geometry,
            np.ascontiguousarray(weights, dtype=dtype),
            self.period,
            None if plain else self.preprocess.root,
            centre,
            sum(n.shape[1] for n in norms),
            made,
            self.n_columns(encoder),
            float(threshold),
        )

    def __getstate__(self):
        return self.__dict__ | {"_folded": {}}


def seen_by(group, patches, groups, n_kernels):
    """Patches at the positions of a group; all there are, if those are too few to learn from."""
    mine = patches[groups == group]
    return mine if len(mine) >= EACH * n_kernels else patches


def rows_of(learner):
    """Kernels that an estimator has learned so far."""
    rows = getattr(learner, "components_", None)
    return getattr(learner, "cluster_centers_", ()) if rows is None else rows
