"""Classes that are made when they are first asked for, and what they share."""

import numpy as np
from sklearn.base import clone

__all__ = ["Classifies", "MakesRows", "Predicts", "Wraps", "built"]


class Wraps:
    """A toolbox's estimator of sequences around one of dlkit's, its parameter ``estimator``.

    A subclass says what stands for None (``_default``), and how a collection of the toolbox becomes
    a list of arrays of shape (T, C) (``_arrays``).
    """

    def _fit(self, X, y=None):
        inner = self._default() if self.estimator is None else clone(self.estimator)
        self.estimator_ = inner.fit(self._arrays(X), y)
        return self


class Predicts(Wraps):
    """The same with a prediction for each sequence."""

    def _predict(self, X):
        return self.estimator_.predict(self._arrays(X))


class Classifies(Predicts):
    """The same with probabilities, where the estimator inside has some."""

    def _predict_proba(self, X):
        if not hasattr(self.estimator_, "predict_proba"):
            return super()._predict_proba(X)
        return self.estimator_.predict_proba(self._arrays(X))


class MakesRows(Wraps):
    """The same with a row of features for each sequence."""

    def _rows(self, X):
        found = self.estimator_.transform(self._arrays(X))
        if np.ndim(found[0] if len(found) else 0) > 1:
            raise ValueError(
                f"estimator={self.estimator_!r} makes a series of each series, and Transformer is "
                "for a row of features of each. Use it within a pipeline of scikit-learn, as "
                "Classifier(make_pipeline(PerStep(StandardScaler()), ESNClassifier()))."
            )
        return np.asarray(found)


def built(module, builders, toolbox):
    """Return ``__getattr__`` and ``__dir__`` of a module whose classes are made on demand.

    Parameters
    ----------
    module : dict
        Its globals.
    builders : dict of str to callable
        What makes each class.
    toolbox : str
        Package that is needed.
    """

    def get(name):
        if name not in builders:
            raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")
        try:
            made = builders[name]()
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != toolbox:
                raise
            raise ImportError(
                f'{module["__name__"]}.{name} needs {toolbox}: pip install "dlkit-learn[interop]".'
            ) from error
        made.__name__ = made.__qualname__ = name
        made.__module__ = module["__name__"]  # where pickle looks
        module[name] = made
        return made

    def names():
        return sorted({*module, *builders})

    return get, names
