"""Loops over the rows of a tile: patches gathered, responses encoded, features pooled.

A tile is a table with a row for each of some positions. A position is a number in a lattice: whole
numbers (sample, i₁, …, i_d) counted in C order, of which axis a advances ``steps[a]`` entries of
the flat input. Tiles of equal form share a table of positions, to which a ``shift`` is added; rows
whose entry is negative, or whose position is not below ``limit``, only fill the tile.
"""

import math

import numpy as np

from .compiled import compiled

# Sums over a row may be taken in any order, so that they vectorise; NaN never gets this far.
SUMS = {"reassoc", "contract", "nsz"}
LEAST, MOST = 1e-30, 1e37  # sums of squares that keep their digits, in float32 too


@compiled
def gather(x, positions, shift, limit, shape, steps, origin, runs, length, patches):
    """Copy the patches at ``positions`` into rows.

    Parameters
    ----------
    x : ndarray of shape (size,)
        The samples, flat.
    positions : ndarray of shape (n_rows,), int64
        Of the patches.
    shift, limit : int
        What is added to the positions, and what they must stay below.
    shape, steps : ndarray of shape (1 + d,), int64
        The lattice, and what a step along each of its axes is in ``x``.
    origin : int
        Where position zero begins in ``x``.
    runs : ndarray, int64
        Where each run of ``length`` neighbouring entries begins in a patch, from its start.
    length : int
        Entries of a run.
    patches : ndarray of shape (n_rows, P + 1)
        Takes the patches, and a one behind each (zeros in rows that only fill).
    """
    n_entries = len(runs) * length
    for i in range(len(positions)):
        row = patches[i]
        position = positions[i] + shift
        if position < shift or position >= limit:
            for k in range(n_entries + 1):
                row[k] = 0
            continue
        start = origin
        for a in range(len(shape) - 1, -1, -1):
            rest = position // shape[a]
            start += (position - rest * shape[a]) * steps[a]
            position = rest
        for r in range(len(runs)):
            first, to = start + runs[r], r * length
            for k in range(length):
                row[to + k] = x[first + k]
        row[n_entries] = 1


@compiled(fastmath=SUMS)
def normalise(patches, root):
    """Contrast of patches, (x − mean) / √(variance + root²); what stands behind is left alone.

    Not in the same loop that copies them: what was stored in small pieces the moment before is slow
    to load in large ones. The mean is taken about the first entry, so that an offset costs no
    digits. Where squares overflow or vanish, entries are taken relative to the largest of them.
    Returns whether all entries lie so near that their differences are numbers.
    """
    n_entries = patches.shape[1] - 1
    sound = True
    for i in range(len(patches)):
        row = patches[i, :n_entries]
        first = row[0]
        total = first - first
        for j in range(n_entries):
            d = row[j] - first
            row[j] = d
            total += d
        mean = total / row.dtype.type(n_entries)
        squares = total - total
        for j in range(n_entries):
            d = row[j] - mean
            row[j] = d
            squares += d * d
        if LEAST < squares < MOST:
            scale = row.dtype.type(1 / math.sqrt(np.float64(squares) / n_entries + root * root))
            for j in range(n_entries):
                row[j] *= scale
            continue
        peak = 0.0
        for j in range(n_entries):
            peak = max(peak, abs(np.float64(row[j])))
        if squares != squares or peak == math.inf:
            sound = False
        if peak == 0:
            continue
        relative = 0.0
        for j in range(n_entries):
            d = np.float64(row[j]) / peak
            relative += d * d
        norm = math.hypot(peak * math.sqrt(relative / n_entries), root)
        for j in range(n_entries):
            row[j] = np.float64(row[j]) / norm
    return sound


@compiled(fastmath=SUMS)
def row_norms(z, first, last, norms):
    """Sums of squares of rows over some columns."""
    for i in range(len(z)):
        row = z[i, first:last]
        total = z.dtype.type(0)
        for j in range(len(row)):
            total += row[j] * row[j]
        norms[i] = total


# Encoders: responses z of shape (n_rows, at least K), in place.


@compiled
def encode_threshold(z, n_kernels, norms, threshold):
    """Soft threshold: max(0, z − t)."""
    t = z.dtype.type(threshold)
    for i in range(len(z)):
        row = z[i]
        for j in range(n_kernels):
            v = row[j] - t
            row[j] = v if v > 0 else v - v


@compiled
def encode_abs(z, n_kernels, norms, threshold):
    """|z|."""
    for i in range(len(z)):
        row = z[i]
        for j in range(n_kernels):
            row[j] = abs(row[j])


@compiled
def encode_split(z, n_kernels, norms, threshold):
    """max(0, z − t) and, in the columns behind, max(0, −z − t)."""
    t = z.dtype.type(threshold)
    for i in range(len(z)):
        positive, negative = z[i, :n_kernels], z[i, n_kernels : 2 * n_kernels]
        for j in range(n_kernels):
            v = positive[j]
            up, down = v - t, -v - t
            positive[j] = up if up > 0 else up - up
            negative[j] = down if down > 0 else down - down


@compiled(fastmath=SUMS)
def encode_triangle(z, n_kernels, norms, threshold):
    """max(0, mean distance − distance), from z = |d|² − 2 d·w and norms = |w|²."""
    for i in range(len(z)):
        row = z[i]
        q = norms[i]
        total = q - q
        for j in range(n_kernels):
            v = row[j] + q
            v = math.sqrt(v if v > 0 else q - q)
            row[j] = v
            total += v
        mean = total / row.dtype.type(n_kernels)
        for j in range(n_kernels):
            v = mean - row[j]
            row[j] = v if v > 0 else q - q


@compiled
def encode_hard(z, n_kernels, norms, threshold):
    """One at the nearest centroid, from z = |d|² − 2 d·w; the first of several."""
    for i in range(len(z)):
        row = z[i]
        best = 0
        for j in range(1, n_kernels):
            if row[j] < row[best]:
                best = j
        for j in range(n_kernels):
            row[j] = 0
        row[best] = 1


@compiled(fastmath=SUMS)
def encode_energy(z, n_kernels, norms, threshold):
    """sqrt(z₁² + z₂²) of pairs: kernels of the first half with those of the second."""
    half, one = n_kernels // 2, z.dtype.type(1)
    for i in range(len(z)):
        even, odd = z[i, :half], z[i, half:n_kernels]
        for j in range(half):
            a, b = abs(even[j]), abs(odd[j])
            high, low = (a if a > b else b), (b if a > b else a)
            ratio = low / (high if high > 0 else one)  # whose square does not overflow
            even[j] = high * math.sqrt(one + ratio * ratio)


@compiled
def pool(
    z,
    n_columns,
    positions,
    shift,
    limit,
    shape,
    tables,
    starts,
    n_cells,
    buffer,
    sums,
    squares,
    peaks,
    above,
):
    """Add the rows of a tile to the cells they lie in.

    Parameters
    ----------
    z : ndarray of shape (n_rows, at least n_columns)
        Encoded responses.
    n_columns : int
        Columns to pool.
    positions : ndarray of shape (n_rows,), int64
        Of the rows, in order.
    shift, limit : int
        What is added to the positions, and what they must stay below.
    shape : ndarray of shape (1 + d,), int64
        The lattice.
    tables : ndarray, int64
        For each axis of the lattice but the first, what each index adds to the number of the cell.
    starts : ndarray of shape (1 + d,), int64
        Where the table of each axis begins.
    n_cells : int
        Cells of a sample.
    buffer : ndarray of shape (3, n_columns)
        Space for sums within a run of rows of one cell; of float64 where squares might overflow or
        vanish.
    sums, squares, above : ndarray of shape (n_samples * n_cells, n_columns), float64
        Sum, sum of squares, number above zero; without rows where they are not asked for.
    peaks : ndarray of shape (n_samples * n_cells, n_columns)
        Maximum, likewise.
    """
    total, power, count = buffer[0], buffer[1], buffer[2]
    zero = total[0] - total[0]
    one = zero + 1
    n_rows, axis = len(positions), len(shape) - 1
    i = 0
    while i < n_rows:
        if positions[i] < 0 or positions[i] + shift >= limit:
            i += 1
            continue
        # a run: rows of one cell, one behind the other along the last axis
        position = positions[i] + shift
        length = shape[axis]
        first = starts[axis] + position % length
        end = starts[axis] + length
        cell = tables[first]
        position //= length
        for a in range(axis - 1, 0, -1):
            rest = position // shape[a]
            cell += tables[starts[a] + position - rest * shape[a]]
            position = rest
        cell += position * n_cells
        most = min(min(end - first, n_rows - i), limit - shift - positions[i])
        n_run = 1
        while (
            n_run < most
            and tables[first + n_run] == tables[first]
            and positions[i + n_run] == positions[i] + n_run
        ):
            n_run += 1
        last = i + n_run
        if len(sums):
            for j in range(n_columns):
                total[j] = zero
            for r in range(i, last):
                row = z[r]
                for j in range(n_columns):
                    total[j] += row[j]
            target = sums[cell]
            for j in range(n_columns):
                target[j] += total[j]
        if len(squares):
            for j in range(n_columns):
                power[j] = zero
            for r in range(i, last):
                row = z[r]
                for j in range(n_columns):
                    v = power.dtype.type(row[j])
                    power[j] += v * v
            target = squares[cell]
            for j in range(n_columns):
                target[j] += power[j]
        if len(above):
            for j in range(n_columns):
                count[j] = zero
            for r in range(i, last):
                row = z[r]
                for j in range(n_columns):
                    count[j] += one if row[j] > 0 else zero
            target = above[cell]
            for j in range(n_columns):
                target[j] += count[j]
        if len(peaks):
            peak = peaks[cell]
            for r in range(i, last):
                row = z[r]
                for j in range(n_columns):
                    peak[j] = row[j] if row[j] > peak[j] else peak[j]
        i = last


@compiled
def place(z, n_columns, positions, shift, limit, shape, steps, origin, out, column):
    """Copy the rows of a tile to the rows of a map that they belong to."""
    for i in range(len(positions)):
        position = positions[i] + shift
        if position < shift or position >= limit:
            continue
        to = origin
        for a in range(len(shape) - 1, -1, -1):
            rest = position // shape[a]
            to += (position - rest * shape[a]) * steps[a]
            position = rest
        row, target = z[i], out[to]
        for j in range(n_columns):
            target[column + j] = row[j]
