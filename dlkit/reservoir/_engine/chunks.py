"""Long series in chunks side by side, with verified seams.

A reservoir with fading memory forgets where it began. So all chunks of a series run at the same
time, the first from the true state, the others from rest. Then each runs again from the end of the
one before, until its state agrees with what was written at that step: from there on that was right.
A chunk that never comes to agree has a new end, and the next one runs again from it; what is then
still open runs one after another. Every seam is checked, and the answer is the sequential one, to
``TOLERANCE`` of the largest entry of the state; a reservoir that does not forget costs only time.
"""

import numpy as np

from ..._jit import reservoir as loops

# A difference of this share of the largest entry closes a seam. It then decays further; in
# rounding, two runs of a reservoir near criticality stay some 100 ulp apart for ever.
TOLERANCE = {np.dtype(np.float64): 1e-13, np.dtype(np.float32): 5e-7}
# Time of a step in one of sixteen full lanes, to that of a step of a lone lane.
LANE_COST = 0.25
# Steps times units from which more threads pay: they make more seams, and share the memory's speed.
WORTH_THREADS = 2e7
# So many links take as long as all else that a unit's step takes.
LINKS_OF_A_UNIT = 25
# Steps that a chunk has at least, unless the user wants so many chunks.
SHORTEST = 16
# Runs over chunks side by side before what is left runs one after another.
PASSES = 4


def plan_chunks(starts, stops, memory, n_lanes, threads, few, n_units, links_each):
    """Decide into how many chunks to cut each job, by the time it will take.

    Parameters
    ----------
    starts, stops : ndarray of shape (n_jobs,)
        The jobs' rows.
    memory : ndarray of shape (n_jobs,)
        How many steps a chunk's second run will take.
    n_lanes : int or None
        Chunks of all jobs together; None to find the best number.
    threads : int
        Threads there are.
    few : int
        Below as many jobs, they run one after another.
    n_units, links_each : int
        Units of the reservoir, and links of a unit.

    Returns
    -------
    chunks : ndarray of shape (n_jobs,) or None
        Chunks for each job; None to leave them whole.
    """
    lengths = stops - starts
    total = lengths.sum()
    if n_lanes is not None:
        chunks = _shares(lengths, n_lanes)
        return chunks if len(lengths) < n_lanes and chunks.max() > 1 else None
    if len(lengths) >= loops.LANES or not np.isfinite(memory).all():
        return None
    # whole: by lanes where there are enough, of which some stand idle; else one after another
    whole = lengths.max() * LANE_COST * loops.LANES if len(lengths) >= few else total
    best, chosen = 0.8 * whole, None
    work = total * n_units * (1 + links_each / LINKS_OF_A_UNIT)
    for side_by_side in range(1, (threads if work >= WORTH_THREADS else 1) + 1):
        chunks = _shares(lengths, loops.LANES * side_by_side)
        again = ((chunks - 1) * memory).sum()
        time = (total + again) * LANE_COST / side_by_side
        long_enough = (lengths / chunks >= np.maximum(memory, SHORTEST))[chunks > 1]
        if len(long_enough) and long_enough.all() and time < best:
            best, chosen = time, chunks
    return chosen


def _shares(lengths, n):
    """Chunks for each length that make ``n`` or a few less, all of about one size."""
    return np.minimum(np.maximum(lengths * n // lengths.sum(), 1), lengths)


def run_chunks(lanes, jobs, states, out, chunks, threads):
    """Run jobs in chunks.

    Parameters
    ----------
    lanes : Lanes
        The engine.
    jobs : Jobs
        Jobs whose states are written to ``out``; no sums.
    states : ndarray of shape (n_jobs, n_state)
        Where each begins, overwritten by where it ends.
    out : ndarray of shape (n_rows, n_columns) or wider
        Takes the states, and what else is carried.
    chunks : ndarray of shape (n_jobs,)
        Chunks to make of each job.
    threads : int
        Number of threads.

    Returns
    -------
    steps : int or None
        The most that a second run took to agree with the first; None if one did not.
    """
    parent = np.repeat(np.arange(len(chunks)), chunks)
    number = np.arange(len(parent)) - np.repeat(np.cumsum(chunks) - chunks, chunks)
    length = (jobs.stops - jobs.cursor)[parent]
    starts = jobs.cursor[parent] + number * length // chunks[parent]
    stops = jobs.cursor[parent] + (number + 1) * length // chunks[parent]
    first = number == 0
    resting = lanes.rest_after(states[parent], starts - jobs.cursor[parent])
    ends = np.where(first[:, None], states[parent], resting)

    def run(mine, tolerance):
        """Run these chunks from ``ends``; which of them went to the last step, and how far."""
        part = jobs._replace(
            cursor=starts[mine], stops=stops[mine], setting=jobs.setting[parent[mine]],
            to=jobs.to[parent[mine]], begin=starts[mine], tolerance=tolerance,
        )  # fmt: skip
        begun = ends[mine - (tolerance > 0)]
        lanes.run_jobs(part, begun, out, threads)
        through = part.cursor == stops[mine]
        ends[mine[through]] = begun[through]
        return mine[through], part.cursor - starts[mine]

    everyone = np.arange(len(parent))
    run(everyone, 0.0)
    tolerance = TOLERANCE[states.dtype]
    again, steps = everyone[~first], 0
    for _ in range(PASSES):
        if not len(again):
            break
        open_ones, taken = run(again, tolerance)
        steps = max(steps, int(taken.max()))
        again = np.intersect1d(open_ones + 1, everyone[~first])
    closed = not len(again)
    last = -1
    for chunk in again:
        # in order; one that goes through takes its successor with it
        while chunk > last and chunk < len(parent) and not first[chunk]:
            went_through, _ = run(np.array([chunk]), tolerance)
            last = chunk
            if not len(went_through):
                break
            chunk += 1
    states[:] = ends[np.cumsum(chunks) - 1]
    jobs.cursor[:] = jobs.stops
    return steps if closed else None
