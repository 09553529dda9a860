"""How many stages of auto-context pay: tried on parts of the batch that no stage has seen."""

from copy import deepcopy
from dataclasses import replace

import numpy as np

from ._described import Described
from ._rows import cut_anew
from ._stages import context_of, grown, judged, learn_chain, seen
from ._stopping import MOST_STAGES, means_of_folds, pays

__all__ = ["learn_stages"]

# What a stage is taught with was found by others, each of which had seen all parts but one. So the
# parts left out of the second stage have had their say in what teaches it: its own scores on them
# flatter, by far where a part is unlike the others. Hence whole chains without a part.


def learn_stages(problem, settings, random_state, progress=None):
    """Learn as many stages as are asked for, or as pay.

    Parameters
    ----------
    problem : Problem
    settings : Settings
    random_state : RandomState
    progress : Progress, default=None

    Returns
    -------
    chain : Chain
    scores : list of dict
        Of each stage, what was measured on rows left out.
    """
    context, cache = context_of(problem, settings), Described(problem)
    columns = cache.rows()
    n_folds, tried = len(np.unique(problem.rows.folds)), None
    if n_folds < 2:
        n_stages = 1  # nothing can be left out
    elif settings.n_stages == "auto":
        n_stages, tried = _paying(problem, settings, random_state, context, cache, columns)
    else:
        n_stages = int(settings.n_stages)
    alone = n_stages == 1 and settings.readout is not None and tried is None
    chain, scores = learn_chain(
        problem, settings, n_stages, random_state, context, cache, columns, alone, progress
    )
    for own, other in zip(scores, tried or (), strict=False):
        own.update(other)
    return chain, scores


def _paying(problem, settings, random_state, context, cache, columns):
    """Number of stages that pay, and losses and scores of the stages on what no stage has seen."""
    trials = [_trial(problem, settings, random_state, context, cache, columns)]
    spaces = [problem.samples.space(i) for i in range(len(problem.samples))]
    slabs = any(region.low != (0,) * len(region.low) for region in problem.regions)
    if slabs and len(spaces[0]) > 1:  # the same along another axis, along which images differ too
        n_folds = len(np.unique(problem.rows.folds))
        anew = cut_anew(problem.rows, spaces, n_folds, problem.describer.halo, 1)
        other = replace(problem, rows=anew[0], regions=anew[1])
        cache.forget()  # one of these at a time: they are the most of what a fit holds
        mine = Described(other)
        trials.append(_trial(other, settings, random_state, context, mine, columns))
    if any(not trial for trial in trials):
        return 1, None
    stages = [
        tuple(np.concatenate([trial[s][k] for trial in trials]) for k in (0, 1))
        for s in range(min(map(len, trials)))
    ]
    n_stages = 1
    while n_stages < len(stages) and pays(stages[n_stages - 1][0], *stages[n_stages]):
        n_stages += 1
    scores = [
        {name: float(np.mean([trial[s][k] for trial in trials]))
         for name, k in (("loss", 2), ("score", 3))}
        for s in range(n_stages)
    ]  # fmt: skip
    return n_stages, scores


def _held(problem):
    """Fold that is left out, without which there is still every class; None if there is none."""
    rows = problem.rows
    folds = np.unique(rows.folds)
    middle = folds[len(folds) // 2]  # of slabs: not one that has a border of the image
    for fold in sorted(folds, key=lambda k: abs(k - middle)):
        keep = (rows.folds != fold) & (rows.near != fold)
        weight = np.ones(len(rows)) if rows.weight is None else rows.weight
        if len(np.unique(rows.folds[keep])) < 2 or not weight[rows.folds == fold].sum() > 0:
            continue
        there = keep & (weight > 0)
        if problem.n_classes is None:
            if there.any():
                return fold
        elif len(np.unique(rows.targets[there])) == problem.n_classes:
            return fold
    return None


def _trial(problem, settings, random_state, context, cache, columns):
    """Errors and weights of units left out, their loss and score, by stages while these pay."""
    rows, fold = problem.rows, _held(problem)
    if fold is None:
        return []
    random_state = deepcopy(random_state)  # the chain itself draws what it would without trials
    keep, held = (rows.folds != fold) & (rows.near != fold), rows.folds == fold
    part, left = replace(problem, rows=rows.part(keep)), rows.part(held)
    weight = np.ones(len(left)) if left.weight is None else left.weight
    units, found = left.samples(), []
    for _, _, fit, maps in grown(
        part, settings, MOST_STAGES, random_state, context, cache, columns[keep]
    ):
        table = seen(columns[held], context, problem.samples, left.positions, maps)
        values = fit.whole.values(table)
        errors, *measured = judged(values, left.targets, weight, problem.n_classes)
        now = means_of_folds(errors, weight, units)
        if found and not pays(found[-1][0], *now):
            break
        found.append((*now, *measured))
    return found
