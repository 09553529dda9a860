"""Layers that tests of stacks share."""

from sklearn.base import BaseEstimator, TransformerMixin

from dlkit.conv import ConvFeatures


def maps(n_kernels=8, **kwargs):
    settings = {
        "kernel_size": (3, 3), "padding": "valid", "whitening": 1.0, "encoder": "soft_threshold",
        "threshold": 0.25, "output": "map", "n_patches": 500, "random_state": 0,
    }  # fmt: skip
    return ConvFeatures(n_kernels, **settings | kwargs)


class Witness(TransformerMixin, BaseEstimator):
    """Remembers what it was shown."""

    def __init__(self, three_d=False, log=None):
        self.three_d = three_d
        self.log = log

    def fit(self, X, y=None):
        self.seen_, self.y_ = [X], y
        return self

    def partial_fit(self, X, y=None):
        self.seen_ = [*getattr(self, "seen_", []), X]
        return self

    def transform(self, X):
        self.most_ = max(len(X), getattr(self, "most_", 0))
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = self.three_d
        return tags
