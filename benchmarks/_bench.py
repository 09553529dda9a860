"""What a benchmark is, and how it is run: contenders in turn, figures, ratios, verdicts, a table.

A benchmark file holds a `Benchmark` named ``BENCHMARK``: the work, its sizes, and what is asked.
"""

import cProfile
import pstats
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from _common import table
from _timing import measure

AGREE = "results agree"  # what the verdict on that is called


@dataclass(frozen=True)
class Asked:
    """What is asked of a benchmark: a figure, and how small or how large it may be."""

    contender: str
    limit: float
    figure: str = "seconds"
    where: Callable = lambda **case: True
    label: str = ""

    @property
    def what(self):
        """What the summary calls it."""
        return self.label or f"{self.contender}, {self.figure}"


class Ratio(Asked):
    """Asked: another contender's figure over that of the first, median over the rounds."""

    worst = staticmethod(min)

    @property
    def asked(self):
        """The limit as text."""
        return f"≥ {self.limit:g}"

    def measure(self, figures):
        """Return the median ratio, or None where the peer is missing."""
        ratio = ratios(figures, self.figure).get(self.contender)
        return None if ratio is None else median(ratio)

    def met(self, measured):
        """Whether that is enough."""
        return measured >= self.limit


class AtMost(Asked):
    """Asked: that a figure be no larger."""

    worst = staticmethod(max)

    @property
    def asked(self):
        """The limit as text."""
        return f"≤ {self.limit:g}" if np.isfinite(self.limit) else "–"

    def met(self, measured):
        """Whether that is little enough."""
        return measured <= self.limit


class Limit(AtMost):
    """Asked: the median of one contender's own figure."""

    def measure(self, figures):
        """Return the median."""
        return median(figures[self.contender][self.figure])


class Exponent(AtMost):
    """Asked: how time grows with size, where contenders are named by their sizes."""

    def __init__(self, limit, where=lambda **case: True, label="exponent of time"):
        super().__init__(None, limit, where=where, label=label)

    def measure(self, figures):
        """Return the exponent."""
        return exponent(list(figures), [median(own["seconds"]) for own in figures.values()])


@dataclass(frozen=True)
class Benchmark:
    """A benchmark.

    Attributes
    ----------
    title : str
        What is done, in a line.
    setup : callable
        ``setup(threads=, **case)`` returns contenders by name, each a callable of the number of
        the round, or None for a missing peer. The first is what the others are divided by.
    cases, quick : list of dict
        Parameters of the full run, and of a smoke run.
    judged : list of Ratio, Limit or Exponent
        What is asked.
    unit, scale : str, callable
        Times are shown as seconds times ``scale(**case)``.
    agree : float or None
        How far results may lie from the first contender's, relative to its largest entry; None if
        they are not to be compared.
    check : callable or None
        ``check(contenders, **case)`` returns further columns: a dict by contender of dicts.
    most_rounds : int or None
        Rounds are no more than these.
    warm_up : bool
        Whether every contender is called once untimed. Where it is not, contenders return
        `Figures`, and what is to agree is in them.
    """

    title: str
    setup: Callable
    cases: list
    quick: list
    judged: list = field(default_factory=list)
    unit: str = "ms"
    scale: Callable = lambda **case: 1e3
    agree: float | None = None
    check: Callable | None = None
    most_rounds: int | None = None
    warm_up: bool = True


@dataclass(frozen=True)
class Verdict:
    """One line of the summary."""

    what: str
    asked: str
    measured: str
    met: bool


def ratios(figures, figure="seconds"):
    """Each contender's figure over the first one's, round by round, where both have it."""
    first = next(iter(figures.values()))
    return {
        name: own[figure] / first[figure]
        for name, own in figures.items()
        if figure in own and figure in first
    }


def exponent(sizes, seconds):
    """Slope of log time over log size, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def difference(result, reference):
    """Largest difference of two results, relative to the reference's largest entry.

    Results are arrays or lists of arrays; where one of them is a part, so much is compared.
    """
    if isinstance(reference, list):
        pairs = zip(result, reference, strict=False)
        return float(np.max([difference(a, b) for a, b in pairs]))
    a, b = np.atleast_1d(result), np.atleast_1d(reference)
    a, b = a[: len(b)], b[: len(a)]
    apart = np.subtract(a, b, dtype=np.float64)
    scale = float(np.abs(b).max(initial=0.0)) or 1.0
    return float(np.abs(apart, out=apart).max(initial=0.0)) / scale


def differences(results):
    """Yield, for (contender, result) pairs, how far each lies from the first; one is held."""
    results = iter(results)
    _, reference = next(results, (None, None))
    for name, result in results:
        yield name, difference(result, reference)


def run(benchmark, rounds, threads, quick=False, note=lambda text: None):
    """Run all cases of a benchmark.

    Returns
    -------
    text : str
        The table, in Markdown.
    verdicts : list of Verdict
        What is asked, and what was measured in the worst case.
    """
    rounds = min(rounds, benchmark.most_rounds or rounds)
    rows, judged, missing, all_apart = [], {}, set(), []
    for case in benchmark.quick if quick else benchmark.cases:
        note(", ".join(f"{key}={value}" for key, value in case.items()))
        contenders = benchmark.setup(threads=threads, **case)
        missing |= {name for name, call in contenders.items() if call is None}
        contenders = {name: call for name, call in contenders.items() if call is not None}
        apart, checked, warm_up = {}, {}, benchmark.warm_up
        if benchmark.agree is not None and warm_up:
            apart = dict(differences((name, call(0)) for name, call in contenders.items()))
            warm_up = False  # those were the untimed calls
        if benchmark.check:
            checked, warm_up = benchmark.check(contenders, **case), False
        figures = measure(contenders, rounds, warm_up)
        told = {name: own.pop("result") for name, own in figures.items() if "result" in own}
        apart |= dict(differences(told.items()))
        all_apart += apart.values()
        asked = {}
        for item in benchmark.judged:
            measured = item.measure(figures) if item.where(**case) else None
            if measured is not None:
                judged.setdefault(item, []).append((measured, case))
                asked.setdefault(item.contender, []).append(item.asked)
        rows += _rows(benchmark, case, contenders, figures, apart, checked, asked)
    verdicts = [_verdict(item, found) for item, found in judged.items()]
    if all_apart and benchmark.agree is not None:
        worst_apart = float(np.max(all_apart))  # NaN where any is
        verdicts.append(
            Verdict(
                AGREE, f"≤ {benchmark.agree:g}", f"{worst_apart:.1g}",
                worst_apart <= benchmark.agree,
            )
        )  # fmt: skip
    keys = list(dict.fromkeys(key for row in rows for key in row))
    text = table(keys, [[row.get(key, "") for key in keys] for row in rows])
    text += f"\n\n{rounds} round{'s'[: rounds != 1]}."
    if missing:
        text += f" Left out, not installed: {'; '.join(sorted(missing))}."
    return text, verdicts


def _rows(benchmark, case, contenders, figures, apart, checked, asked):
    scale = benchmark.scale(**case)
    ratio = ratios(figures)
    others = [key for key in next(iter(figures.values())) if key != "seconds"]
    rows = []
    for name, own in figures.items():
        remark = getattr(contenders[name], "note", "")
        row = {key.replace("_", " "): value for key, value in case.items()}
        row["contender"] = f"{name} ({remark})" if remark else str(name)
        row[f"median ({benchmark.unit})"] = f"{scale * median(own['seconds']):.3g}"
        row["least"] = f"{scale * own['seconds'].min():.3g}"
        row["ratio"] = f"{median(ratio[name]):.2f}"
        row["least ratio"] = f"{ratio[name].min():.2f}"
        for key in others:
            row[key] = f"{median(own[key]):.4g}" if key in own else ""
        if benchmark.agree is not None:
            row["differs by"] = f"{apart[name]:.0e}" if name in apart else ""
        row |= checked.get(name, {})
        row["asked"] = "; ".join(asked.get(name, []))
        rows.append(row)
    if not any(row["asked"] for row in rows):
        rows = [{key: row[key] for key in row if key != "asked"} for row in rows]
    return rows


def _verdict(item, found):
    value, case = item.worst(found, key=lambda pair: pair[0])
    measured = f"{value:.3g}"
    if len(found) > 1:
        n_met = sum(item.met(measured) for measured, _ in found)
        at = ", ".join(f"{key} {value}" for key, value in case.items()).replace("_", " ")
        measured += f" at {at}; met in {n_met} of {len(found)}"
    return Verdict(item.what, item.asked, measured, item.met(value))


def profile(benchmark, threads, quick=False, most=15):
    """Print where the first contender's time goes, function by function (of its first thread)."""
    for case in benchmark.quick if quick else benchmark.cases:
        call = next(iter(benchmark.setup(threads=threads, **case).values()))
        call(0)
        recorded = cProfile.Profile()
        recorded.runcall(call, 0)
        print(case)
        pstats.Stats(recorded).strip_dirs().sort_stats("tottime").print_stats(most)


def progress(name):
    """Return a function that tells on stderr where a run stands."""
    return lambda text: print(f"{name}: {text}", file=sys.stderr, flush=True)
