"""Which of two compiled loops runs few jobs: the one of many lanes, or the one of a single lane.

The loop of a single lane is the faster one for few jobs, but to compile a loop takes seconds. A
process that has run a loop of many lanes, and not yet its twin of a single lane, therefore leaves
few jobs in the many lanes, most of which stand idle, until more work is lost by that than to
compile the twin is worth. Where the single lane is what will be asked for in the end, as by a
forecast, it is the other way round: many short jobs run in it, one after another, at first. States
are the same in either loop, to the last bit.
"""

from numba import config

from ..._jit.registers import LANES

__all__ = ["FEW", "run_side_by_side"]

# Below as many jobs, lanes standing idle cost more than running one after another.
FEW = 6
# Multiplications lost in idle lanes from which the second loop is compiled: some 30 ms.
WORTH_COMPILING = 0.0 if config.DISABLE_JIT else 2e8

_lost = {}  # such multiplications so far, by kind of loop; infinite once the second loop has run
_alone = {}  # multiplications lost by many jobs in the single lane, while there is no other loop


def run_side_by_side(jobs, order, wide, lone, *, kind, size, to_the_end, lone_first=False):
    """Run jobs side by side until few are left, and those one after another or side by side.

    Parameters
    ----------
    jobs : Jobs
        What to run: ``cursor`` and ``stops`` tell how many steps are left.
    order : ndarray of int
        Which of them, in turn.
    wide : callable
        ``wide(order, few)`` runs jobs in many lanes until fewer than ``few`` are left. Each has a
        step left.
    lone : callable or None
        ``lone(order)`` runs jobs in a single lane; None where only many lanes can.
    kind : tuple
        What the two loops are compiled for.
    size : float
        Multiplications that a step takes in one lane.
    to_the_end : bool
        Whether jobs that began side by side stay there.
    lone_first : bool, default=False
        Whether the loop of a single lane is the one to have, if one is enough.
    """
    left = (jobs.stops - jobs.cursor)[order]
    if lone_first and lone is not None and len(order) >= FEW and kind not in _lost:
        turns = FEW * left.max() * -(-len(order) // LANES)
        more = _alone.get(kind, 0.0) + size * max(left.sum() - turns, 0)
        if more < WORTH_COMPILING:
            _alone[kind] = more
            lone(order)
            return
    if lone is None or len(order) >= FEW:
        stays = lone is None or to_the_end
        wide(order, 1 if stays else FEW)
        _lost.setdefault(kind, float("inf") if kind in _alone else 0.0)
        if stays:
            return
    left = (jobs.stops - jobs.cursor)[order]
    order, left = order[left > 0], left[left > 0]
    if not len(order):
        return
    # a step of all lanes takes as long as FEW steps of one
    idle = size * max(FEW * left.max() - left.sum(), 0)
    lost = _lost.get(kind, float("inf")) + idle
    if lost > WORTH_COMPILING:
        _lost[kind] = float("inf")
        lone(order)
    else:
        _lost[kind] = lost
        wide(order, 1)
