"""Which task comes next, what time and memory allow, and what becomes of each contender."""

import sys
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, field
from time import monotonic, sleep

import numpy as np

from ._predict import crowd, expect
from ._work import run_fold, run_trial

__all__ = ["Row", "Schedule"]

TICK = 0.05  # seconds between looks at the clock and at memory
PATIENCE = 4.0  # times the expected seconds, before a contender of the user's is ended
GRACE = 3.0  # seconds that it has in any case
SHARE = 0.25  # of what is left, for its trial
LATE = 0.05  # of the budget, kept to end what runs


@dataclass
class Row:
    """What became of a contender.

    Attributes
    ----------
    contender : Contender
    fits : dict of int to Fit
        By the number of the fold.
    expected : Expected or None
        Of one fit.
    status : str
        "" while nothing is decided, "ok", or why there is no score.
    notes : list of str
        Warnings, each once.
    """

    contender: object
    fits: dict = field(default_factory=dict)
    expected: object = None
    status: str = ""
    notes: list = field(default_factory=list)

    @property
    def name(self):
        """Name of the contender."""
        return self.contender.name

    @property
    def scores(self):
        """Scores by the number of the fold, as far as they are known."""
        return {number: fit.score for number, fit in self.fits.items()}

    def take(self, number, fit):
        """Take in the fit of a fold."""
        self.notes += [note for note in fit.notes if note not in self.notes]
        if fit.error:
            self.status = f"failed: {fit.error}"
        else:
            self.fits[number] = fit


@dataclass
class _Bundle:
    """Contenders that share features, and what is left to do for them."""

    rows: list
    todo: list = field(default_factory=list)
    tried: bool = False
    at_work: int = 0
    cut: str = ""  # why some folds are not done

    @property
    def own(self):
        return all(row.contender.own for row in self.rows)

    @property
    def open(self):
        return [row for row in self.rows if not row.status]

    def seconds(self, crowd):
        """Expected seconds of a fold: of those that are done, or of the trial."""
        done = [row.fits for row in self.open]
        if done and all(done):
            last = [next(reversed(fits.values())) for fits in done]
            shared = max(fit.seconds["map"] + fit.seconds["apply"] for fit in last)
            return shared + sum(fit.seconds["fit"] + fit.seconds["predict"] for fit in last)
        known = [row.expected for row in self.open if row.expected]
        cpu = max((each.map for each in known), default=0.0) + sum(each.own for each in known)
        return cpu * max([crowd, *(each.crowd for each in known)])


def bundles(contenders):
    """Contenders that share features, together; in order."""
    found = []
    for each in contenders:
        if found and each.features is not None and found[-1][0].features is each.features:
            found[-1].append(each)
        else:
            found.append([each])
    return found


class Schedule:
    """Runs contenders until all are done or the budget is.

    Parameters
    ----------
    problem : Problem
    budget, memory : float
        Seconds from ``began`` on, and bytes.
    began : float
        Of the clock `time.monotonic`.
    verbose : int
    """

    def __init__(self, problem, budget, memory, began, verbose):
        self.problem = problem
        self.budget, self.memory, self.began = budget, memory, began
        self.verbose = verbose
        self.bundles, self.slots = [], []
        self.late = []  # lists of rows that share features, whose folds do not all fit
        self.crowd = 1.0  # seconds of the clock for each of the processor, of late
        self.running = {}

    @property
    def left(self):
        """Seconds left."""
        return self.budget * (1 - LATE * (len(self.slots) > 0)) - (monotonic() - self.began)

    def run(self, rows, slots):
        """Run contenders; what is left at the end has a status that says why.

        Parameters
        ----------
        rows : list of Row
            In the order in which they are to be tried.
        slots : list of Slot
            Where they run.
        """
        by_id = {id(row.contender): row for row in rows}
        groups = bundles([row.contender for row in rows])
        self.bundles = [_Bundle([by_id[id(one)] for one in group]) for group in groups]
        self.slots = list(slots)
        try:
            while self._step():
                pass
        except KeyboardInterrupt:
            self._close("interrupted")
            self.say("interrupted: what is known so far is returned")
        finally:
            for slot in self.slots:
                slot.end()

    def _step(self):
        if self.left <= 0:
            self._close(f"stopped: the budget of {self.budget:g} s is spent")
            return False
        busy = {slot for slot, *_ in self.running.values()}
        for i, slot in enumerate(self.slots):
            if slot in busy:
                continue
            try:
                ready = slot.ready
            except Exception as error:  # no process can be started here
                self.say(f"contenders run in this process, {_reason(error)}")
                self.slots[i] = slot = slot.here()
                ready = True
            if ready and not self._begin(slot):
                break
        if not self.running:
            waiting = any(bundle.todo or not bundle.tried for bundle in self.bundles)
            if not waiting:
                return False

            sleep(min(TICK, max(self.left, 0)))
            return True
        done, _ = wait(self.running, min(TICK, max(self.left, 0)), return_when=FIRST_COMPLETED)
        for future in done:
            self._finish(future)
        self._look_after()
        return True

    def _begin(self, slot):
        """Give a slot its next task; returns whether there was one."""
        for bundle in self.bundles:
            if not bundle.todo or not bundle.open:
                continue
            seconds = bundle.seconds(self.crowd)
            if seconds > self.left:
                self._skip(bundle, seconds)
                continue
            self._begin_fold(slot, bundle, seconds)
            return True
        for bundle in self.bundles:
            if bundle.tried:
                continue
            bundle.tried = True
            limit = np.inf if bundle.own else max(GRACE, SHARE * self.left)
            future = slot.run(run_trial, [row.contender for row in bundle.rows])
            self._note(future, slot, bundle, None, limit)
            return True
        return self._begin_late(slot)

    def _begin_fold(self, slot, bundle, seconds):
        number = bundle.todo.pop(0)
        limit = np.inf if bundle.own else max(GRACE, PATIENCE * seconds)
        contenders = [row.contender for row in bundle.open]
        self._note(slot.run(run_fold, contenders, number), slot, bundle, number, limit)

    def _begin_late(self, slot):
        """Give a slot one fold of contenders whose folds do not all fit, but one does."""
        while self.late:
            rows = self.late.pop(0)
            while rows:
                said = [row.status for row in rows]
                for row in rows:
                    row.status = ""
                bundle = _Bundle(list(rows), [0], tried=True)
                bundle.cut = f"all take {said[0].removeprefix('skipped: ')}"
                seconds = bundle.seconds(self.crowd)
                if seconds <= self.left:
                    self.bundles.append(bundle)
                    self._begin_fold(slot, bundle, seconds)
                    return True
                for row, status in zip(rows, said, strict=True):
                    row.status = status
                rows = rows[1:]  # the first is the costliest
        return False

    def _note(self, future, slot, bundle, number, limit):
        bundle.at_work += 1
        names = [row.name for row in bundle.open]
        self.running[future] = slot, bundle, number, monotonic(), limit, names

    def _finish(self, future):
        slot, bundle, number, *_, names = self.running.pop(future)
        bundle.at_work -= 1
        rows = [row for row in bundle.rows if row.name in names]
        try:
            found = future.result()
        except Exception as error:  # the process ended, or something could not be sent
            reason = f"failed: {_reason(error)}"
            for row in rows:
                row.status = row.status or reason
            bundle.todo.clear()
            slot.end()
            slot.start()
        else:
            if number is None:
                self._admit(bundle, found, slot)
            else:
                for row, fit in zip(rows, found, strict=True):
                    if not row.status:
                        row.take(number, fit)
                    here = crowd(fit) if row.contender.own and not fit.error else None
                    self.crowd += 0.5 * (max(here, 1.0) - self.crowd) if here else 0.0
        for row in rows:
            if row.status.startswith("failed"):
                self.tell(row)
        if not bundle.open:
            bundle.todo.clear()
        if number is not None and not bundle.todo and not bundle.at_work:
            for row in bundle.open:
                done, folds = len(row.fits), len(self.problem.folds)
                row.status = "ok" if done == folds else f"{done} of {folds} folds: {bundle.cut}"
                self.tell(row)

    def _admit(self, bundle, trials, slot):
        """Say what the folds will take, and which contenders of a bundle time allows."""
        folds = len(self.problem.folds)
        for i, row in enumerate(bundle.rows):
            fits = [trial[i] for trial in trials]
            sound = [fit for fit in fits if not fit.error]
            if sound:
                row.expected = expect(self.problem, row.contender, sound, slot.speed)
            if row.expected and row.expected.peak > self._share:
                self._close_row(row, f"skipped: about {_bytes(row.expected.peak)} of memory")
        capacity = self.left * max(len(self.slots), 1) - self._owed()
        each = max(1, -(-folds // max(len(self.slots), 1)))  # folds one after another
        late = []
        while bundle.open:
            seconds = bundle.seconds(self.crowd)
            if seconds * folds <= capacity and seconds * each <= self.left:
                break
            costly = max(bundle.open, key=lambda row: row.expected.own if row.expected else 0)
            alone = costly.expected.total * folds if costly.expected else 0
            self._close_row(
                costly, f"skipped: about {_seconds(alone)}, {_seconds(max(self.left, 0))} left"
            )
            late += [costly] if costly.expected else []
        self.late += [late] if late else []
        if bundle.open:
            bundle.todo = list(range(folds))

    @property
    def _share(self):
        return self.memory / max(len(self.slots), 1)

    def _owed(self):
        """Seconds that folds which are waiting, or at work, still take."""
        owed, now = 0.0, monotonic()
        for bundle in self.bundles:
            owed += len(bundle.todo) * bundle.seconds(self.crowd)
        for _, bundle, number, since, *_ in self.running.values():
            if number is not None:
                owed += max(0.0, bundle.seconds(self.crowd) - (now - since))
        return owed

    def _look_after(self):
        """End what takes too long or too much memory."""
        now = monotonic()
        for future, (slot, _, number, since, limit, _) in list(self.running.items()):
            took = now - since
            if took > limit:
                what = "its trial" if number is None else "a fold"
                self._end(future, f"stopped: {what} took more than {_seconds(limit)}")
            elif slot.grown > self._share:
                self._end(future, f"stopped: more than {_bytes(self._share)} of memory")

    def _end(self, future, reason):
        slot, bundle, *_ = self.running.pop(future)
        bundle.at_work -= 1
        slot.end()
        slot.start()
        for other, (_, same, *_) in list(self.running.items()):
            if same is bundle:
                self._end(other, reason)
        bundle.todo.clear()
        for row in bundle.open:
            self._close_row(row, reason)

    def _skip(self, bundle, seconds):
        bundle.todo.clear()
        bundle.cut = f"a fold takes about {_seconds(seconds)}, {_seconds(max(self.left, 0))} left"
        if bundle.at_work:
            return  # what is at work may still end in time
        for row in bundle.open:
            done, folds = len(row.fits), len(self.problem.folds)
            begun = f"{done} of {folds} folds" if done else "skipped"
            self._close_row(row, f"{begun}: {bundle.cut}")

    def _close(self, reason):
        folds = len(self.problem.folds)
        for bundle in self.bundles:
            bundle.todo.clear()
            for row in bundle.open:
                done = len(row.fits)
                seconds = row.expected.total * (folds - done) if row.expected else None
                more = f" (about {_seconds(seconds)} more)" if seconds else ""
                begun = f"{done} of {folds} folds: " if done else ""
                self._close_row(row, f"{begun}{reason}{more}")
        self.running.clear()

    def _close_row(self, row, reason):
        row.status = reason
        self.tell(row)

    def tell(self, row):
        """Print what became of a contender."""
        took = f"{monotonic() - self.began:5.1f} s"
        if row.status != "ok":
            self.say(f"{took}  {row.name}: {row.status}")
            return
        scores = np.array(list(row.scores.values()))
        fit = np.mean([fit.total for fit in row.fits.values()])
        self.say(
            f"{took}  {row.name}: {self.problem.score_name} {scores.mean():.4g} ± "
            f"{scores.std():.2g}, {_seconds(fit)} a fold"
        )

    def say(self, text):
        """Print a line of progress."""
        if self.verbose:
            print(f"[compare_baselines] {text}", file=sys.stdout, flush=True)


def _reason(error):
    name = type(error).__name__
    if "Terminated" in name or "Broken" in name:
        return f"{name}: its process ended (out of memory, or a crash in compiled code)"
    return f"{name}: {' '.join(str(error).split())[:300]}"


def _seconds(seconds):
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def _bytes(size):
    return f"{size / 1e9:.2g} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
