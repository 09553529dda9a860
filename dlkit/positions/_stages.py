"""Auto-context: stages, each of which sees the probabilities around that the one before found."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.base import clone

from .. import _budgets
from .._threads import in_order, one_blas_thread
from ..readout import LogisticReadoutClassifier, Moments, class_indicators
from ._chain import Chain, Expansion, Last, Stage, by_rows, calibrated, joined
from ._context import Context, intensities_at

__all__ = [
    "Problem",
    "Settings",
    "context_of",
    "grown",
    "judged",
    "learn_chain",
    "seen",
]

# Penalties that are compared, in mean squares of a feature over all rows.
PENALTIES = np.array([1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1])
LOGISTIC = 0.25  # alpha of the logistic readout, in alphas of the ridge readout: p (1 − p) at most
SHRUNK = 0.9  # slope of labels on scores left out, by that on scores learned from: below, it shows
LEFT_OUT = 3  # parts that probabilities are tempered by, at most


@dataclass(frozen=True)
class Problem:
    """What a chain is learned from.

    Attributes
    ----------
    samples : Samples
    rows : Rows
    regions : list of Region
    n_classes : int or None
        None: targets are numbers.
    describer : Describer
    """

    samples: object
    rows: object
    regions: list
    n_classes: int | None
    describer: object


@dataclass
class Settings:
    """What the user says of stages."""

    n_units: int
    n_links: int
    n_stages: object
    context_size: int
    context_rings: tuple
    readout: object
    method: str


def context_of(problem, settings):
    """What stages see of the maps of the stage before."""
    samples, positions = problem.samples, problem.rows.positions
    return Context.of(
        samples, settings.context_size, settings.context_rings, problem.n_classes or 1,
        np.concatenate([intensities_at(samples, i, p) for i, p in enumerate(positions)]),
    )  # fmt: skip


def seen(columns, context, samples, positions, maps):
    """Columns of positions beside what the last stage found around them, if there was one."""
    if maps is None:
        return columns
    around = [context.at(samples, i, p, maps[i]) for i, p in enumerate(positions)]
    return np.concatenate([columns, np.concatenate(around)], axis=1)


def grown(problem, settings, most, random_state, context, cache, columns):
    """Yield stages, each taught with what the one before found in what it had not seen.

    Parameters
    ----------
    problem : Problem
    settings : Settings
    most : int
        Stages at most.
    random_state : RandomState
    context : Context
    cache : Described
    columns : ndarray of shape (n_rows, p)
        Columns of the rows.

    Yields
    ------
    expansion : Expansion
    table : ndarray
        What the stage saw of the rows.
    fit : Fit
    maps : list of ndarray or None
        What the stage saw around.
    """
    maps, penalty = None, None
    for s in range(most):
        table = seen(columns, context, problem.samples, problem.rows.positions, maps)
        expansion = Expansion.draw(
            table, problem.rows.weight, settings.n_units, settings.n_links, random_state
        )
        fit = _fit_stage(expansion, table, problem, penalty)
        yield expansion, table, fit, maps
        penalty = fit.penalty
        if s + 1 < most:
            fit.features = None  # maps and the next stage's features need the memory
            maps = _left_out_maps(problem, cache, fit, maps, context)


def learn_chain(
    problem, settings, n_stages, random_state, context, cache, columns, alone=False, progress=None
):
    """Learn a number of stages; ``alone`` the readout that the user named, nothing before it.

    Returns
    -------
    chain : Chain
    scores : list of dict
        Of each stage, what was measured on rows left out.
    """
    stages, scores = [], []
    if alone:
        draw = settings.n_units, settings.n_links, random_state
        stages.append((Expansion.draw(columns, problem.rows.weight, *draw), columns, None))
    else:
        for expansion, table, fit, _ in grown(
            problem, settings, n_stages, random_state, context, cache, columns
        ):
            stages.append((expansion, table, fit))
            scores.append({"loss": fit.loss, "score": fit.score, "alpha": fit.alpha})
            if progress is not None:
                progress.advance(1)
    expansion, table, fit = stages[-1]
    final = _finished(problem, settings, expansion, table, fit)
    chain = [one.whole for _, _, one in stages[:-1]] + [final]
    return Chain(problem.describer, chain, context), scores


@dataclass
class Fit:
    """A stage learned on all rows, and on those of all folds but one."""

    whole: Stage
    parts: dict
    penalty: int
    alpha: float
    loss: float
    score: float
    slope: float
    features: np.ndarray | None  # of the rows; None where they are too many to keep


def _targets(problem):
    rows = problem.rows
    if problem.n_classes is None:
        return rows.targets[:, None]
    return class_indicators(rows.targets, np.arange(problem.n_classes)).reshape(len(rows), -1)


def _fit_stage(expansion, table, problem, penalty):
    """Ridge regressions on all rows and without each fold, by subtraction; the best penalty."""
    rows, Y = problem.rows, _targets(problem).astype(np.float64)
    folds = np.unique(rows.folds)
    n_bytes = len(rows) * (table.nbytes // len(table) + expansion.row_bytes)
    features = expansion(table) if n_bytes <= _budgets.POSITION_BYTES else None

    def features_of(mine):
        return expansion(table[mine]) if features is None else features[mine]

    total, apart = _sums(features_of, Y, rows, folds)
    size = float(np.trace(total.copy().products(True)[0])) / total.n_features or 1.0
    tried = range(len(PENALTIES))
    if penalty is not None:
        tried = range(max(penalty - 1, 0), min(penalty + 2, len(PENALTIES)))
    scores = {j: np.empty(Y.shape) for j in tried}
    solutions = {}

    def leave_out(k):
        rest = total
        if len(folds) > 1:
            rest = total.copy().subtract(apart[k])
            if not rest.weight_sum > 1e-9 * total.weight_sum:
                rest = total
        mine = np.flatnonzero(rows.folds == k)
        F = features_of(mine)
        for j, solution in _path(rest, size, tried):
            scores[j][mine] = F @ solution[0].astype(F.dtype) + solution[1]
            solutions[j, k] = solution

    with one_blas_thread() as threads:
        for _ in in_order(leave_out, folds, threads):
            pass
        weight = np.ones(len(rows)) if rows.weight is None else rows.weight
        errors = {j: float(weight @ np.square(scores[j] - Y).sum(axis=1)) for j in tried}
        best = min(errors, key=errors.get)
        whole = next(_path(total, size, [best]))[1]
    calibration, loss, score = _judged(problem, scores[best], weight)
    dtype = table.dtype

    def stage(solution):
        folded = None
        if calibration is not None:
            folded = tuple(a.astype(dtype) for a in calibration)
        return Stage(expansion, solution[0].astype(dtype), solution[1].astype(dtype), folded)

    return Fit(
        stage(whole),
        {k: stage(solutions[best, k]) for k in folds},
        best,
        float(PENALTIES[best] * size),
        loss,
        score,
        _slope(scores[best], Y, weight),
        features,
    )


def _sums(features_of, Y, rows, folds):
    """Moments of all rows; by fold, those of its rows and of the rows that see into them."""
    total, apart = Moments(), {k: Moments() for k in folds}
    for k, near in np.unique(np.stack([rows.folds, rows.near]), axis=1).T:
        mine = np.flatnonzero((rows.folds == k) & (rows.near == near))
        weight = None if rows.weight is None else rows.weight[mine]
        part = Moments().take_in(features_of(mine), Y[mine], weight)
        for of in (total, apart[k], apart.get(near)):
            if of is not None:
                of.add_in(part)
    return total, apart


def _slope(scores, Y, weight):
    """Slope of a regression of indicators, or numbers, on scores of them; 1.0 of blank scores."""
    scores = scores - np.average(scores, axis=0, weights=weight)
    size = weight @ np.square(scores).sum(axis=1)
    return float(weight @ (scores * Y).sum(axis=1) / size) if size > 0 else 1.0


def _path(moments, size, penalties):
    """Yield number, coefficients and intercept for some penalties."""
    XX, XY, _ = moments.products(True)
    x_mean, y_mean = moments.x_mean, moments.y_mean
    diagonal = np.einsum("ii->i", XX)
    kept = diagonal.copy()
    for j in penalties:
        diagonal[:] = kept + PENALTIES[j] * size
        factor = cho_factor(XX, lower=True, check_finite=False)
        coef = cho_solve(factor, XY, check_finite=False)
        yield j, (coef, y_mean - x_mean @ coef)


def _judged(problem, scores, weight):
    """Calibration, loss and score of what was predicted of rows left out."""
    targets, calibration, values = problem.rows.targets, None, scores
    if problem.n_classes is not None:
        readout = LogisticReadoutClassifier(alpha=1.0, tol=1e-5).fit(scores, targets, weight)
        coef, intercept = np.atleast_2d(readout.coef_).T, np.atleast_1d(readout.intercept_)
        calibration = np.array(coef), np.array(intercept)
        values = calibrated(scores.copy(), calibration)
    _, loss, score = judged(values, targets, weight, problem.n_classes)
    return calibration, loss, score


def judged(values, targets, weight, n_classes):
    """Errors of rows, and mean loss and score, of probabilities or numbers (n_rows, C).

    Errors are squares, those of probabilities too (Brier): no single row can outweigh the others.
    """
    if n_classes is None:
        squares = np.square(targets - np.average(targets, weights=weight))
        errors = np.square(targets - values[:, 0]) / (np.average(squares, weights=weight) or 1.0)
        loss = float(np.average(errors, weights=weight))
        return errors, loss, 1 - loss
    errors = np.square(values - (targets[:, None] == np.arange(n_classes))).sum(axis=1)
    own = np.maximum(values[np.arange(len(values)), targets], 1e-12).astype(np.float64)
    score = float(weight @ (values.argmax(axis=1) == targets) / weight.sum())
    return errors.astype(np.float64), float(-np.average(np.log(own), weights=weight)), score


def _finished(problem, settings, expansion, table, fit):
    """The last stage: the readout fitted on all rows."""
    rows = problem.rows
    if settings.readout is None and problem.n_classes is None:
        return fit.whole
    given = {} if rows.weight is None else {"sample_weight": rows.weight}
    if settings.readout is not None:
        readout = clone(settings.readout).fit(expansion(table), rows.targets, **given)
        return Last(expansion, readout, settings.method)
    features = expansion(table) if fit.features is None else fit.features
    readout = LogisticReadoutClassifier(alpha=LOGISTIC * fit.alpha, tol=1e-5)
    readout.fit(features, rows.targets, **given)
    # as a stage of its own kind: its sums are in the dtype of the columns
    coef, intercept = np.atleast_2d(readout.coef_).T, np.atleast_1d(readout.intercept_)
    scaled = _temper(problem, features, fit) * np.eye(len(intercept)), np.zeros(len(intercept))
    parts = (a.astype(table.dtype) for a in (coef, intercept, *scaled))
    coef, intercept, *scaled = parts
    return Stage(expansion, coef, intercept, tuple(scaled))


def _temper(problem, features, fit):
    """What scores of the last stage are multiplied by, so that probabilities hold on other images.

    That of the greatest likelihood on parts left out, where the ridge regression says that scores
    of what was learned from are larger than those of what was not; otherwise, or if probabilities
    are too low, 1.0. Labels do not depend on it.
    """
    rows, folds = problem.rows, np.unique(problem.rows.folds)
    weight = np.ones(len(rows)) if rows.weight is None else rows.weight
    known = features @ fit.whole.coef
    if len(folds) < 2 or fit.slope >= SHRUNK * _slope(known, _targets(problem), weight):
        return 1.0
    # parts in the middle: of slabs, not those that have a border of the image
    order = np.argsort(np.abs(np.arange(len(folds)) - (len(folds) - 1) / 2), kind="stable")
    scores, there = [], []
    for k in folds[order[:LEFT_OUT]]:
        rest, left = (rows.folds != k) & (rows.near != k) & (weight > 0), rows.folds == k
        if not left.any() or len(np.unique(rows.targets[rest])) < problem.n_classes:
            continue
        readout = LogisticReadoutClassifier(alpha=LOGISTIC * fit.alpha, tol=1e-3)
        found = readout.fit(features[rest], rows.targets[rest], weight[rest])
        found = found.decision_function(features[left])
        scores.append(found if found.ndim == 2 else np.stack([-found / 2, found / 2], axis=1))
        there.append(np.flatnonzero(left))
    if not scores or not weight[np.concatenate(there)].sum() > 0:
        return 1.0
    scores, there = np.concatenate(scores).astype(np.float64), np.concatenate(there)
    targets, weight = rows.targets[there], weight[there]

    def loss(scale):
        own = log_softmax(scale * scores, axis=1)[np.arange(len(scores)), targets]
        return -np.average(own, weights=weight)

    with np.errstate(under="ignore"):
        return float(minimize_scalar(loss, bounds=(0.01, 1.0), method="bounded").x)


def _left_out_maps(problem, cache, fit, maps, context):
    """Values at all positions, each from a stage that has not seen its region."""
    samples, found = problem.samples, []
    width = len(fit.whole.intercept)
    n_values = width if problem.n_classes is None else problem.n_classes
    for i in range(len(samples)):
        found.append(np.empty((*samples.space(i), n_values), samples.dtype))
    for region in problem.regions:
        stage = fit.parts.get(region.fold, fit.whole)
        for low, high in cache.boxes(region):
            columns = cache.box(region.sample, low, high)
            if maps is not None:
                i = region.sample
                columns = joined(columns, context, samples, i, (low, high), maps[i], low)
            inside = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
            found[region.sample][inside] = by_rows(stage, columns)
    return found
