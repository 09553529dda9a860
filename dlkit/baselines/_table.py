"""The table: what every contender reached, what it took, and the code that makes it."""

from html import escape

import numpy as np

from ..forecasting._origins import cloned
from ._paired import paired, standard_error
from ._source import imports, source

__all__ = ["BaselineTable"]

COLUMNS = (
    "rank", "model", "score", "sd", "vs naive", "p naive", "vs best", "p best",
    "fit s", "predict s", "peak MB", "expected s", "status",
)  # fmt: skip


WIDE = 90  # letters of a status that are printed


class BaselineTable:
    """What :func:`dlkit.compare_baselines` returns.

    Attributes
    ----------
    task : str
        What was compared: kind of samples and of targets.
    scoring : str
        Name of the score.
    names : list of str
        Contenders, best first; behind those with a score on all folds stand the others.
    oof_predictions_ : dict of str to ndarray
        Predictions of each sample by models that were not trained on the sample, by contender; NaN,
        or None, for samples that no fold tested. For forecasts a list by origin of lists by series
        of arrays of shape (n_steps, n_channels).
    scores_ : dict of str to ndarray of shape (n_folds,)
        Scores fold by fold; NaN where a fold was not done.
    expected_seconds_ : dict of str to float
        Seconds that a fit was expected to take, before it ran.
    seconds_ : dict of str to ndarray of shape (n_folds,)
        Seconds that each fit and its predictions took; features that contenders share count for
        each.
    warnings_ : dict of str to list of str
        What contenders warned of, each once; of a failure, where it was raised.
    folds_ : list
        The folds: pairs of numbers of training and test samples; for forecasts the steps between
        origin and end.

    References
    ----------
    .. [1] Nadeau & Bengio (2003), Inference for the generalization error, Machine Learning 52,
       section 3.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from dlkit import compare_baselines
    >>> X, y = load_iris(return_X_y=True)
    >>> table = compare_baselines(X, y, models=[], cv=2, verbose=0)
    >>> table.task, table.scoring, table.names
    ('rows, classification', 'accuracy', ['ridge', 'naive'])
    >>> table.scores_["naive"].round(2).tolist()
    [0.33, 0.33]
    >>> type(table.best()).__name__  # unfitted
    'Pipeline'
    """

    def __init__(self, problem, rows, seconds):
        self._problem = problem
        self._rows = {row.name: row for row in _ranked(rows, problem)}
        self.task = f"{problem.kind}, {problem.target}"
        self.scoring = problem.score_name
        self.seconds = seconds
        self.names = list(self._rows)
        self.folds_ = problem.folds
        k = len(problem.folds)
        self.scores_ = {
            name: np.array([row.scores.get(i, np.nan) for i in range(k)])
            for name, row in self._rows.items()
        }
        self.seconds_ = {
            name: np.array([row.fits[i].total if i in row.fits else np.nan for i in range(k)])
            for name, row in self._rows.items()
        }
        self.expected_seconds_ = {
            name: row.expected.total if row.expected else np.nan for name, row in self._rows.items()
        }
        self.warnings_ = {name: list(row.notes) for name, row in self._rows.items()}
        self.oof_predictions_ = {
            name: _gather(problem, row) for name, row in self._rows.items() if row.fits
        }

    @property
    def records(self):
        """Rows of the table, a dict each: what ``frame`` is made of."""
        sound = [row for row in self._rows.values() if row.status == "ok"]
        naive = self._rows.get("naive")
        found = []
        for row in self._rows.values():
            scores = np.array(list(row.scores.values()))
            fits = list(row.fits.values())
            record = {
                "rank": sound.index(row) + 1 if row in sound else None,
                "model": row.name,
                "score": scores.mean() if len(scores) else np.nan,
                "sd": scores.std(ddof=1) if len(scores) > 1 else np.nan,
            }
            for what, other in (("naive", naive), ("best", sound[0] if sound else None)):
                gap, p = np.nan, np.nan
                if other is not None and other is not row:
                    gap, p = paired(row.scores, other.scores, self._ratio())
                record |= {f"vs {what}": gap, f"p {what}": p}
            record |= {
                "fit s": _mean(fit.seconds["map"] + fit.seconds["fit"] for fit in fits),
                "predict s": _mean(fit.seconds["apply"] + fit.seconds["predict"] for fit in fits),
                "peak MB": max((fit.peak / 1e6 for fit in fits), default=np.nan),
                "expected s": row.expected.total if row.expected else np.nan,
                "status": row.status,
            }
            found.append(record)
        return found

    @property
    def frame(self):
        """The table as a pandas DataFrame, whose index is the rank."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "frame needs pandas: install it, or use records, a list of dicts."
            ) from error
        frame = pd.DataFrame(self.records, columns=list(COLUMNS))
        frame["rank"] = frame["rank"].astype("Int64")
        return frame.set_index("rank")

    def estimator(self, name):
        """Return an unfitted copy of a contender.

        Parameters
        ----------
        name : str
            A row's name.

        Returns
        -------
        estimator : estimator
        """
        estimator = cloned(self._row(name).contender.estimator)
        return estimator

    @property
    def choice(self):
        """Name of the contender that :meth:`best` returns."""
        first = self._rows[self.names[0]] if self.names else None
        if first is None or first.status != "ok":
            raise ValueError("No contender has a score on all folds: see status in the table.")
        for row in self._rows.values():
            if row.contender.favoured and row.status == "ok":
                sign = self._problem.sign
                gaps = [sign * (first.scores[i] - row.scores[i]) for i in row.scores]
                error = standard_error(gaps, self._ratio()) if len(gaps) > 1 else 0.0
                if np.mean(gaps) <= error:
                    return row.name
        return first.name

    def best(self):
        """Return an unfitted copy of the contender to take.

        That is the one of rank 1; but where "vote" is less than a standard error behind, by the
        paired test, it is the vote. The first of many on few samples is often so by chance, and
        errors of a vote even out.

        Returns
        -------
        estimator : estimator
        """
        return self.estimator(self.choice)

    def explain(self, name=None):
        """Print the code that makes a contender, of all if no name is given.

        Parameters
        ----------
        name : str, default=None
            A row's name.
        """
        names = self.names if name is None else [name]
        models = [self._row(one).contender.estimator for one in names]
        print("\n".join(imports(*models)) + "\n")
        for one, model in zip(names, models, strict=True):
            print(f"model = {source(model)}" + (f"  # {one}" if name is None else ""))

    def plot(self, *, ax=None):
        """Draw scores with their deviations, and each fold's.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; a new figure if None.

        Returns
        -------
        ax : matplotlib Axes
        """
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise ImportError('plot needs matplotlib: pip install "dlkit-learn[plots]".') from error
        names = [name for name in self.names if self._rows[name].fits][::-1]
        if ax is None:
            _, ax = plt.subplots(figsize=(6, 0.8 + 0.35 * len(names)), layout="constrained")
        for i, name in enumerate(names):
            scores = self.scores_[name][np.isfinite(self.scores_[name])]
            whole = self._rows[name].status == "ok"
            ax.plot(scores, np.full(len(scores), i), "|", color="0.6", markersize=8)
            spread = scores.std(ddof=1) if len(scores) > 1 else 0.0
            ax.errorbar(
                scores.mean(), i, xerr=spread, fmt="o", color="C0" if whole else "0.6", capsize=3
            )
        ax.set_yticks(range(len(names)), names)
        ax.set_xlabel(self.scoring + (" (less is better)" if self._problem.sign < 0 else ""))
        return ax

    def __repr__(self):
        return f"{self._title()}\n{_text(self._cells())}{self._footer()}"

    def _repr_html_(self):
        head, *body = self._cells()
        head = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body
        )
        caption = f"<caption>{escape(self._title())}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def __len__(self):
        return len(self._rows)

    def _row(self, name):
        if name not in self._rows:
            raise KeyError(f"There is no contender {name!r}: there are {self.names}.")
        return self._rows[name]

    def _ratio(self):
        if self._problem.kind == "forecast":
            return self._problem.n_steps / self._problem.size
        train, test = self._problem.folds[0]
        return len(test) / len(train)

    def _title(self):
        less = ", less is better" if self._problem.sign < 0 else ""
        folds = "origins" if self._problem.kind == "forecast" else "folds"
        return (
            f"{self.task}: {self.scoring} over {len(self.folds_)} {folds}{less}; "
            f"{self.seconds:.1f} s"
        )

    def _footer(self):
        warned = [name for name, notes in self.warnings_.items() if notes]
        lines = [f"warnings_ has more on {', '.join(warned)}"] if warned else []
        first = self._rows[self.names[0]] if self.names else None
        if first is not None and first.status == "ok" and self.choice != first.name:
            lines += [f"best() takes {self.choice}, which is within a standard error of the first"]
        return "".join(f"\n{line}" for line in lines)

    def _cells(self):
        rows = [
            ("", "model", self.scoring, "vs naive", "vs best", "fit s", "predict s", "MB", "status")
        ]
        for one in self.records:
            score = _number(one["score"])
            if np.isfinite(one["sd"]):
                score += f" ± {one['sd']:.2g}"
            rows.append(
                (
                    "" if one["rank"] is None else str(one["rank"]),
                    one["model"],
                    score,
                    _gap(one["vs naive"], one["p naive"]),
                    _gap(one["vs best"], one["p best"]),
                    _number(one["fit s"], "3g"),
                    _number(one["predict s"], "3g"),
                    _number(one["peak MB"], "0f"),
                    _brief(one["status"]),
                )
            )
        return rows


def _brief(status):
    """A status that leaves the table its width; ``frame`` and ``records`` have the whole."""
    return status if len(status) <= WIDE else f"{status[: WIDE - 1].rstrip()}…"


def _ranked(rows, problem):
    """Rows with all folds by score, then those with some, then the others."""

    def place(row):
        scores = list(row.scores.values())
        mean = -problem.sign * np.mean(scores) if scores else np.inf
        return row.status != "ok", not scores, mean

    return sorted(rows, key=place)


def _gather(problem, row):
    """Predictions of all samples, by fold put together."""
    if problem.kind == "forecast":
        return [
            row.fits[i].prediction if i in row.fits else None for i in range(len(problem.folds))
        ]
    parts = [(problem.folds[i][1], np.asarray(fit.prediction)) for i, fit in row.fits.items()]
    first = parts[0][1]
    shape = (len(problem.y), *first.shape[1:])
    if first.dtype.kind in "fiub" and problem.target == "regression":
        whole = np.full(shape, np.nan)
    else:
        tested = np.unique(np.concatenate([test for test, _ in parts]))
        kind = np.result_type(*[part.dtype for _, part in parts])
        whole = np.full(shape, None, dtype=object)
        if len(tested) == len(problem.y):
            whole = np.empty(shape, dtype=kind)
    for test, part in parts:
        whole[test] = part
    return whole


def _mean(values):
    values = list(values)
    return float(np.mean(values)) if values else np.nan


def _number(value, form="4g"):
    return f"{value:.{form}}" if np.isfinite(value) else ""


def _gap(gap, p):
    if not np.isfinite(gap):
        return ""
    chance = "" if not np.isfinite(p) else " (p<.001)" if p < 1e-3 else f" (p={p:.3f})"
    return f"{gap if abs(gap) > 1e-12 else 0.0:+.3g}{chance}"


def _text(cells):
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
