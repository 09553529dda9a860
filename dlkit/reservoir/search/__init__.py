"""Search over the parameters of echo state networks, with everything shared that can be.

``_search`` is the estimator; ``_sklearn`` holds what scikit-learn's searches do around the fits
(and every private name of theirs); ``_plan`` sorts candidates by what they share; ``_rows`` and
``_settings`` run the reservoirs, ``_engine`` solves and scores.
"""

from ._recycle import RecycleSplit
from ._search import ReservoirSearchCV

__all__ = ["RecycleSplit", "ReservoirSearchCV"]
