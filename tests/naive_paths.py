"""Slow, obvious twins of what is around a reservoir: delays, directions, contexts, layers."""

from itertools import combinations_with_replacement

import numpy as np

from . import naive, naive_cells


def nvar(sequence, n_delays, stride, orders, constant, before=None):
    """Features of each step of one (T, C) sequence: 1, delayed inputs, their products."""
    u = np.asarray(sequence, dtype=float)
    past = np.zeros(((n_delays - 1) * stride, u.shape[1])) if before is None else before
    u, rows = np.vstack([past, u]), []
    for t in range(len(past), len(u)):
        linear = np.concatenate([u[t - d * stride] for d in range(n_delays)])
        row = [1.0] if constant else []
        row += list(linear)
        for order in sorted(orders):
            if order > 1:
                for chosen in combinations_with_replacement(range(len(linear)), order):
                    row.append(np.prod(linear[list(chosen)]))
        rows.append(row)
    return np.array(rows)


def both_directions(states, sequence):
    """States at each step of a pass forward, and of one backward: ``states(sequence)`` gives one.

    Returns both in the order of the pass itself.
    """
    return states(sequence), states(sequence[::-1])


def loop(reservoir, given, to, coef, intercept, x, y, passthrough, hard=False, own=None):
    """Outputs and rows of one series whose last output ``y`` enters channels ``to``."""
    outputs, rows = [], []
    for t, u in enumerate(np.array(given, dtype=float)):
        if own is None or own[t]:
            u[to] = y
        r = reservoir
        x = naive.states(r.matrix, r.w_in, r.bias, r.leak_rate, r.activation, u[None], x)[-1]
        row = np.concatenate([x, u]) if passthrough else x
        y = row @ coef + intercept
        outputs.append(y)
        rows.append(row)
        if hard:
            y = np.sign(y) if len(y) == 1 else np.where(np.arange(len(y)) == y.argmax(), 1, -1)
    return np.array(outputs), np.array(rows)


def deep_states(reservoir, sequence, start=None):
    """States of all layers at each step of one sequence, in order; layers run one after another."""
    u, found, unit = np.asarray(sequence, dtype=float), [], 0
    for layer in reservoir.layers:
        heard = found if reservoir.skips else found[-1:]
        if not found or reservoir.inputs:
            heard = [u, *heard]
        begin = None if start is None else start[unit : unit + layer.n_units]
        found.append(naive_cells.states(layer, np.hstack(heard), begin))
        unit += layer.n_units
    return np.hstack(found)


def strips(image, direction, strip, stride, step):
    """Sequences that one (H, W, C) image is cut into along a direction, from above or the left."""
    if direction in ("down", "up"):
        image = image.transpose(1, 0, 2)
    if direction in ("left", "up"):
        image = image[:, ::-1]
    across, along, n_channels = image.shape
    found = []
    for top in range(0, across - strip + 1, stride):
        steps = []
        for start in range(0, along, step):
            pixels = np.zeros((step, n_channels, strip))
            for i in range(min(step, along - start)):
                pixels[i] = image[top : top + strip, start + i].T
            steps.append(pixels.ravel())
        found.append(np.array(steps))
    return found


def scan(reservoir, image, direction, strip, stride, step, shape, pooling):
    """Cells of one (H, W, C) image, (cells down, cells to the right, units), one step at a time."""
    r = reservoir
    each = strips(image, direction, strip, stride, step)
    run = deep_states if hasattr(r, "layers") else naive_cells.states
    maps = np.array([run(r, sequence) for sequence in each])
    if hasattr(r, "layers"):
        maps = maps[:, :, r.n_units - r.n_features :]
    backward = direction in ("left", "up")
    maps = maps[:, ::-1] if backward else maps
    n_strips, n_steps = maps.shape[:2]
    rows, columns = shape if direction in ("right", "left") else shape[::-1]
    rows, columns = min(rows, n_strips), min(columns, n_steps)
    cells = []
    for a in range(rows):
        for b in range(columns):
            part = maps[
                a * n_strips // rows : (a + 1) * n_strips // rows,
                b * n_steps // columns : (b + 1) * n_steps // columns,
            ]
            last = part[:, 0 if backward else -1]
            cells.append(last.mean(axis=0) if pooling == "last" else part.mean(axis=(0, 1)))
    cells = np.array(cells).reshape(rows, columns, -1)
    return cells.transpose(1, 0, 2) if direction in ("down", "up") else cells


def scanned(model, image):
    """Features of an image under a fitted `ImageScanFeatures`, or its map."""
    grid = np.broadcast_to(4 if model.grid is None else model.grid, 2)
    if model.grid is None and model.output == "map":
        grid = [-(-n // model.step) for n in image.shape[:2]]
    found = []
    for direction, reservoir in zip(model.directions, model.reservoirs_, strict=True):
        strip = model.strip or image.shape[0 if direction in ("right", "left") else 1]
        cells = scan(
            reservoir, image, direction, strip, model.strip_stride or strip, model.step,
            tuple(grid), model.pooling,
        )  # fmt: skip
        if model.output == "map":
            down = [a * cells.shape[0] // grid[0] for a in range(grid[0])]
            right = [b * cells.shape[1] // grid[1] for b in range(grid[1])]
            cells = cells[down][:, right]
        found.append(cells)
    if model.output == "map":
        return np.concatenate(found, axis=2)
    return np.concatenate([cells.ravel() for cells in found])
