"""Linear readouts that are solved once, from sums that add.

Use a readout as any scikit-learn estimator: ``RidgeReadoutClassifier(alpha=[0.1, 1, 10])`` picks
the best of several regularisation strengths by exact leave-one-out from a single matrix
decomposition; :class:`RidgeReadout` does the same for numbers. When the rows do not fit in memory,
give them in blocks to ``partial_fit``, or do so in parallel and add the parts with ``merge``; both
end where ``fit`` on all rows would. Underneath lie :class:`Moments`, the weighted sums of products
of features and targets: whoever wants to hold them (to leave folds out by subtraction, say) solves
with ``fit_moments``, for a classifier with targets from :func:`class_indicators`. Where rows that
are right by far should not count, :class:`HingeReadoutClassifier` is the linear support vector
machine, by a few ridge regressions that share one decomposition. Where no line will do,
:class:`AttentionReadoutClassifier` and :class:`AttentionReadout` ask stored rows, and
:class:`AssociativeMemory` recalls them. Where features of new data may lie far from all that was
seen, :class:`BoundedReadout` keeps predictions within reason. Where a readout must be right after
every single row, or forget the distant past, :class:`RLSReadout` and :class:`RLSReadoutClassifier`
learn online.
"""

from ._associative import AssociativeMemory
from ._attention import AttentionReadout, AttentionReadoutClassifier
from ._bounded import BoundedReadout
from ._classifier import RidgeReadoutClassifier
from ._hinge import HingeReadoutClassifier
from ._labels import class_indicators
from ._logistic import LogisticReadoutClassifier
from ._moments import Moments
from ._ridge import RidgeReadout
from ._rls import RLSReadout, RLSReadoutClassifier
from ._streamed import StreamedReadout

__all__ = [
    "AssociativeMemory",
    "AttentionReadout",
    "AttentionReadoutClassifier",
    "BoundedReadout",
    "HingeReadoutClassifier",
    "LogisticReadoutClassifier",
    "Moments",
    "RLSReadout",
    "RLSReadoutClassifier",
    "RidgeReadout",
    "RidgeReadoutClassifier",
    "StreamedReadout",
    "class_indicators",
]
