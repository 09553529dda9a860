"""Loops of a memory with pointers: which rows are written, and what a reading pointer does.

A memory is a ring of ``n_slots`` rows. ``writes[t]`` says whether the input of step t is written,
before the memory is read. ``row`` numbers are steps; −1 is an empty slot. Actions are numbered
0 stay, 1 step, 2 reset, 3 jump behind the input most like the current one, 4 the same of the input
before.
"""

import numpy as np

from .compiled import compiled, inner


@inner
def _distance(X, a, b, width):
    """Squared distance of the windows of ``width`` steps that end at steps a and b."""
    total = 0.0
    for back in range(width):
        for c in range(X.shape[1]):
            one = X[a - back, c] if a >= back else 0.0
            other = X[b - back, c] if b >= back else 0.0
            total += (one - other) * (one - other)
    return total


@inner
def _match(X, t, width, slots, n_written, fill):
    """Slot of the written row before step t whose window is most like t's; −1 if there is none."""
    best, found = np.inf, -1
    for slot in range(fill):
        at = slots[slot]
        if 0 <= at < t:
            distance = _distance(X, t, at, width)
            if distance < best or (distance == best and at > slots[found]):
                best, found = distance, slot
    return found


@compiled
def rows_by_time(writes, n_slots, rows):
    """Fill ``rows`` (T + 1, n_slots): which step each slot holds before step t; −1 is empty."""
    n_written = 0
    for slot in range(n_slots):
        rows[0, slot] = -1
    for t in range(writes.size):
        for slot in range(n_slots):
            rows[t + 1, slot] = rows[t, slot]
        if writes[t]:
            rows[t + 1, n_written % n_slots] = t
            n_written += 1


@compiled
def matches(X, rows, width, jumps):
    """Fill ``jumps`` (T, 2): the slot that actions 3 and 4 go to at each step; −1 if to none."""
    n_slots = rows.shape[1]
    for t in range(X.shape[0]):
        found = _match(X, t, width, rows[t + 1], 0, n_slots)
        jumps[t, 0] = -1 if found < 0 else (found + 1) % n_slots
        found = -1 if t == 0 else _match(X, t - 1, width, rows[t], 0, n_slots)
        jumps[t, 1] = -1 if found < 0 else (found + 1) % n_slots


@inner
def _target(action, k, n_slots, jumps, t):
    """Slot that an action leads to from slot k; −1 if nowhere."""
    if action == 0:
        return k
    if action == 1:
        return (k + 1) % n_slots
    if action == 2:
        return 0
    return jumps[t, action - 3]


@inner
def _choose(scores, on_rows, k, slots, found):
    """Fill ``found`` with the scores of all actions, for a pointer at slot k."""
    held, ahead, first = slots[k], slots[(k + 1) % slots.size], slots[0]
    for a in range(scores.size):
        found[a] = scores[a]
        if held >= 0:
            found[a] += on_rows[held, 0, a]
        if ahead >= 0:
            found[a] += on_rows[ahead, 1, a]
        if first >= 0:
            found[a] += on_rows[first, 2, a]


@compiled
def decide_writes(scores, on_first, n_slots, writes):
    """Fill ``writes`` (T,): whether each input is written, given the row in the first slot."""
    first, n_written = -1, 0
    for t in range(scores.size):
        score = scores[t]
        if first >= 0:
            score += on_first[first]
        writes[t] = score > 0
        if writes[t]:
            if n_written % n_slots == 0:
                first = t
            n_written += 1


@compiled
def align(costs, blank, rows, jumps, scores, on_rows, weight, prior, path, actions):
    """Find the cheapest way of a reading pointer, by dynamic programming from the end.

    Parameters
    ----------
    costs : ndarray of shape (T, T)
        Of reading, at step t, the row of another step.
    blank : ndarray of shape (T,)
        Of reading an empty slot.
    rows : ndarray of shape (T + 1, n_slots)
        As of `rows_by_time`.
    jumps : ndarray of shape (T, 2)
        As of `matches`.
    scores : ndarray of shape (T, n_actions)
        Scores of the actions from the input and the state of a step.
    on_rows : ndarray of shape (T, 3, n_actions)
        What a row adds to them: as the row read last, as the one that follows it, as the first.
    weight : float
        Factor on −log softmax of the scores, 0 for no scores.
    prior : ndarray of shape (n_actions,)
        Cost of each action.
    path, actions : ndarray of shape (T,), int64
        Take the slot read at each step, and the action that led to it.
    """
    n_steps, n_slots = costs.shape[0], rows.shape[1]
    n_actions = prior.size
    later, now = np.zeros(n_slots), np.zeros(n_slots)
    best = np.zeros((n_steps, n_slots), dtype=np.int8)
    found = np.zeros(n_actions)
    for t in range(n_steps - 1, -1, -1):
        # the pointer is at most t + 1 slots from the first before it wraps
        for k in range(min(n_slots, t + 1)):
            total = 0.0
            if weight > 0:
                _choose(scores[t], on_rows, k, rows[t], found)
                top = found.max()
                for a in range(n_actions):
                    total += np.exp(found[a] - top)
                total = np.log(total) + top
            now[k] = np.inf
            for a in range(n_actions):
                to = _target(a, k, n_slots, jumps, t)
                if to < 0:
                    continue
                read = rows[t + 1, to]
                cost = (blank[t] if read < 0 else costs[t, read]) + later[to] + prior[a]
                if weight > 0:
                    cost += weight * (total - found[a])
                if cost < now[k]:
                    now[k], best[t, k] = cost, a
        later, now = now, later
    k = 0
    for t in range(n_steps):
        actions[t] = best[t, k]
        k = _target(actions[t], k, n_slots, jumps, t)
        path[t] = k
    return later[0]


@compiled
def run_pointer(X, writes, n_slots, width, scores, on_rows, reads):
    """Let the scores move the pointer; ``reads`` (T,) takes the step whose row is read, or −1.

    Returns how many rows were overwritten.
    """
    n_actions = scores.shape[1]
    slots = np.full(n_slots, -1, dtype=np.int64)
    found = np.zeros(n_actions)
    jumps = np.zeros((1, 2), dtype=np.int64)
    k = n_written = 0
    for t in range(X.shape[0]):
        _choose(scores[t], on_rows, k, slots, found)
        fill = min(n_written, n_slots)
        if n_actions > 4:
            at = -1 if t == 0 else _match(X, t - 1, width, slots, n_written, fill)
            jumps[0, 1] = -1 if at < 0 else (at + 1) % n_slots
        if writes[t]:
            slots[n_written % n_slots] = t
            n_written += 1
        if n_actions > 3:
            at = _match(X, t, width, slots, n_written, min(n_written, n_slots))
            jumps[0, 0] = -1 if at < 0 else (at + 1) % n_slots
        best, to = 0, k
        for a in range(1, n_actions):
            at = _target(a, k, n_slots, jumps, 0)
            if at >= 0 and found[a] > found[best]:
                best, to = a, at
        k = to
        reads[t] = slots[k]
    return max(n_written - n_slots, 0)


@compiled
def needed(costs, blank, tolerance, marks):
    """Mark the inputs that some step needs: the earliest of the best, if better than no row."""
    for t in range(costs.shape[0]):
        best, found = blank[t] - tolerance, -1
        for i in range(t + 1):
            if costs[t, i] < best - tolerance or (found < 0 and costs[t, i] < best):
                best, found = costs[t, i], i
        if found >= 0:
            marks[found] = True
