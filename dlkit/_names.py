"""Names of features, for estimators that may also return maps."""

from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils.metaestimators import available_if

from ._params import says

__all__ = ["NamedUnlessMaps"]


def _makes_rows(estimator):
    return says(estimator.output, "features")


class NamedUnlessMaps(ClassNamePrefixFeaturesOutMixin):
    """Features have names; maps, which are no table, have none.

    So scikit-learn leaves maps the arrays they are, whatever ``transform_output`` is set to, and
    ``set_output`` is not there for them.
    """

    @available_if(_makes_rows)
    def get_feature_names_out(self, input_features=None):
        """Names of the output's columns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Not used.

        Returns
        -------
        names : ndarray of str
            The class's name in lower case, and a number.
        """
        return super().get_feature_names_out(input_features)
