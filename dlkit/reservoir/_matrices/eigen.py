"""The leading eigenvalue and the largest singular value of a matrix, and how sure they are.

The spectrum of a matrix is that of the strongly connected components of its graph. A component
of one unit is its self-link; one that is a simple cycle has the roots of the product of its
weights; a small one goes to LAPACK; a large one to a Krylov space behind a filter, then to ARPACK,
then to LAPACK, each where the one before leaves a doubt. The filter is made for random matrices,
whose eigenvalues fill a disc evenly: no polynomial of degree p singles out the rim of a disc better
than the power p. With 500 units and 10 links it takes a quarter of ARPACK's time, and a third under
a leak rate.

Every figure is found twice. Krylov spaces and ARPACK run on W and on its transpose, from
different random starts: a run that missed the leading pair (random matrices have no gap at the
rim of their spectrum) disagrees with the other, and the two-sided Rayleigh quotient has the
product of both errors, so that neither need be run to full precision. LAPACK runs on W and on
its transpose with every entry changed in its last bit: where that changes the modulus, the
modulus is rounding error, as it is for a nilpotent matrix behind a rotation.
"""

import inspect

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import ArpackError, LinearOperator, eigs, eigsh, splu
from sklearn.utils import check_random_state

from ..._threads import blas_for
from .hadamard import HadamardMatrix

__all__ = ["frobenius_norm", "largest_singular_value", "leading_eigenvalue"]

# Up to these sizes LAPACK is the fastest, and faster than ARPACK.
_SMALL_SIZE = 64
_LAPACK_SIZE = 128

# Of the Krylov spaces: the dimension over N^(1/3), for sparse and other matrices, and the powers
# taken beforehand times the dimension over N, first and in addition where doubt is left. Of N
# eigenvalues even on a disc, m are within m / 2N of its rim; the first powers weaken all others
# by e^-8 at least.
_DIMENSION = (5, 8)
_POWERS = (16, 24)
_AGREEMENT = 1e-7  # of the values found on either side alone, which thus keep the promise alone

# Eigenvalues, basis size and tolerance of ARPACK, in the order tried.
_SETTINGS = ((6, 60, 1e-5), (12, 120, 1e-10))
_SYMMETRIC_SETTINGS = ((4, 40, 1e-8), (8, 80, 1e-10))
_ACCEPTED = 1e-7  # estimated relative error; the true one was below 1e-9 wherever measured

_WINDOW = 1e-4  # eigenvalues that near to the leading one in modulus could be it
_FADED = 10.0  # what the filter weakened by less than exp(-10), a Krylov space still shows

# Source of the vectors ARPACK draws itself, where a start lies in an invariant subspace.
_ARPACK_RNG = {"rng": 0} if "rng" in inspect.signature(eigs).parameters else {}


def leading_eigenvalue(W, random_state, shift=0.0):
    """Find the eigenvalue of W that maximises ``|eigenvalue + shift|``, for ``shift >= 0``.

    Parameters
    ----------
    W : csr_array without stored zeros, or ndarray, of shape (N, N), float64
    random_state : int or RandomState
        Of the start vectors.
    shift : float, default=0.0

    Returns
    -------
    eigenvalue : complex
    doubt : float
        Relative difference between two evaluations of ``|eigenvalue + shift|``: zero where it
        is known in closed form, some 1e-15 to 1e-9 as a rule, more where rounding errors decide.
    """
    if isinstance(W, HadamardMatrix):
        return (W.rightmost() if shift else complex(W.scale)), 0.0
    scale = abs(W).max()
    if scale == 0:
        return 0j, 0.0
    W, shift = W / scale, shift / scale
    rng = check_random_state(random_state)
    best, modulus, doubt = 0j, -1.0, 0.0
    for block in _components(W):
        size = block.shape[0]
        if modulus >= 0 and modulus >= min(_sums(block)) + shift:
            continue  # no eigenvalue is larger than the sums of the rows or of the columns
        if size == 1:
            value, error = complex(block[0, 0]), 0.0
        elif _weights(block).size == size:
            value, error = _cycle(_weights(block)), 0.0
        elif size <= _SMALL_SIZE:
            value, error = _lapack(block, shift, rng)
        else:
            block = _storage(block)
            with blas_for(200 * _weights(block).size):
                found = (
                    _rotation(block, shift, rng)
                    or _perron(block)
                    or _krylov(block, shift, rng)
                    or _arpack_twice(block, shift, rng)
                )
            value, error = found or _lapack(block, shift, rng)
        if abs(value + shift) > modulus:
            best, modulus, doubt = value, abs(value + shift), error
    return complex(best * scale), float(doubt)


def largest_singular_value(W, random_state):
    """Find the spectral norm of W, given as in `leading_eigenvalue`."""
    if isinstance(W, HadamardMatrix):
        return abs(W.scale)
    scale = abs(W).max()
    if scale == 0:
        return 0.0
    W = W / scale
    # The norm of any column or row is a lower bound, and exact for a ring or a diagonal.
    squares = W.power(2) if sparse.issparse(W) else W * W
    low = np.sqrt(max(squares.sum(axis=0).max(), squares.sum(axis=1).max()))
    high = np.sqrt(np.prod(_sums(W)))
    if high <= low * (1 + 1e-14):
        return float(scale * low)
    if W.shape[0] > _LAPACK_SIZE:
        W = _storage(W)
        rng = check_random_state(random_state)
        factor = _common_factor(W, rng)
        if factor is not None:
            return float(scale * factor)
        gram = LinearOperator(W.shape, matvec=lambda v: W.T @ (W @ v), dtype=np.float64)
        runs = [_arpack(eigsh, gram, setting, rng) for setting in _SYMMETRIC_SETTINGS]
        if None not in runs:
            first, second = (np.sqrt(values.max()) for values, _ in runs)
            if abs(first - second) <= 1e-9 * second:
                return float(scale * max(first, second))
    return float(scale * linalg.norm(_dense(W), 2, check_finite=False))


def frobenius_norm(W):
    """Root of the sum of squares."""
    if isinstance(W, HadamardMatrix):
        return abs(W.scale) * W.shape[0] ** 0.5
    return float(linalg.norm(_weights(W), check_finite=False))


def _components(W):
    """Yield the diagonal blocks of W, one for each strongly connected component of its graph.

    Of the components of one unit, only those with the largest and the smallest self-link.
    """
    if not sparse.issparse(W) and W.all():
        yield W
        return
    graph = sparse.csr_array(W)
    n_blocks, labels = connected_components(graph, connection="strong")
    if n_blocks == 1:
        yield W
        return
    sizes = np.bincount(labels)
    members = np.split(np.argsort(labels, kind="stable"), np.cumsum(sizes)[:-1])
    for block in sorted((m for m in members if len(m) > 1), key=len, reverse=True):
        yield graph[block][:, block]
    loops = graph.diagonal()[sizes[labels] == 1]
    if loops.size:
        yield np.array([[loops.max()]])
        yield np.array([[loops.min()]])


def _cycle(weights):
    """Find the rightmost eigenvalue of a simple cycle, a root of the product of its weights."""
    modulus = np.exp(np.log(np.abs(weights)).mean())
    if np.prod(np.sign(weights)) > 0:
        return complex(modulus)
    return complex(modulus * np.exp(1j * np.pi / len(weights)))


def _lapack(W, shift, rng):
    W = _dense(W)
    last_bits = np.finfo(np.float64).eps * (2.0 * rng.randint(0, 2, W.shape) - 1.0)
    with blas_for(20 * len(W) ** 3):
        values = linalg.eigvals(W, check_finite=False)
        again = linalg.eigvals(W.T * (1.0 + last_bits), check_finite=False)
    moduli = np.abs(values + shift)
    first = moduli.max()
    second = np.abs(again + shift).max()
    return values[moduli.argmax()], abs(first - second) / max(first, second, 1e-300)


def _rotation(W, shift, rng):
    """Find the rightmost eigenvalue of a multiple of an orthogonal matrix, or None.

    All its eigenvalues have the same modulus, where ARPACK finds no hold.
    """
    modulus = _common_factor(W, rng)
    if modulus is None:
        return None
    if shift == 0:
        return complex(modulus), 0.0
    last = W.shape[0] - 1
    right = linalg.eigvalsh((_dense(W) + _dense(W).T) / 2, subset_by_index=[last, last])[0]
    return complex(right, np.sqrt(max(0.0, modulus**2 - right**2))), 0.0


def _common_factor(W, rng):
    """Find c where W is c times an orthogonal matrix, else None; on one random vector."""
    x = rng.standard_normal(W.shape[0])
    x /= linalg.norm(x)
    Wx = W @ x
    factor = linalg.norm(Wx)
    return factor if linalg.norm(W.T @ Wx - factor**2 * x) <= 1e-12 * factor**2 else None


def _perron(W):
    """Find the Perron root of a very sparse non-negative matrix, or None, by Noda's iteration.

    Inverse iteration with the upper one of Collatz's bounds, ``min Wx / x <= root <= max Wx / x``,
    as shift: it converges quadratically from any positive start, where a cycle with jumps has
    its eigenvalues too close together for ARPACK. Noda (1971), Numerische Mathematik 17.
    """
    size = W.shape[0]
    if not sparse.issparse(W) or W.data.min() < 0 or W.nnz > 2 * size:
        return None
    x = np.ones(size)
    for _ in range(100):
        bounds = (W @ x) / x
        low, high = bounds.min(), bounds.max()
        if high - low <= 1e-12 * high:
            return complex(high), (high - low) / high
        shifted = sparse.csc_array((1 + 1e-14) * high * sparse.eye_array(size) - W)
        try:
            x = splu(shifted).solve(x)
        except RuntimeError:  # singular to the last bit
            return None
        x /= x[np.abs(x).argmax()]
        if not x.min() > 0:
            return None
    return None


def _krylov(W, shift, rng):
    """Find the leading eigenvalue from a Krylov space of either side, or None.

    Arnoldi (1951), Quarterly of Applied Mathematics 9, from starts filtered by powers of W.
    """
    size = W.shape[0]
    m = int(_DIMENSION[W.size > 30 * size] * size ** (1 / 3))
    # With all of a large shift the filter would not tell the right-hand eigenvalues apart; the
    # Frobenius norm over the root of N is the radius of a random matrix.
    part = min(shift, 0.5 * frobenius_norm(W) / np.sqrt(size))
    sides = (W, W.T.tocsr() if sparse.issparse(W) else W.T)
    starts = rng.standard_normal((2, size))
    n_powers = 0
    for factor in _POWERS:
        more = int(factor * size / m)
        n_powers += more
        starts = [_filtered(A, x, part, more) for A, x in zip(sides, starts, strict=True)]
        if not all(map(np.any, starts)):
            return None
        (right_values, xs), (left_values, zs) = (
            _ritz(*_arnoldi(A, x, m), shift) for A, x in zip(sides, starts, strict=True)
        )
        # Under the filter's shift, an eigenvalue that leads this one has at least this modulus:
        # enough that the filter cannot have hidden it?
        least = abs(right_values[0] + shift) - (shift - part)
        if least <= np.abs(right_values + part).max() * np.exp(-_FADED / n_powers):
            return None
        value, error = _two_sided(W, shift, right_values, xs, left_values, zs, _AGREEMENT)
        if error <= _ACCEPTED:
            return value, error
    return None


def _filtered(W, x, shift, n_powers):
    """``(W + shift)^n_powers x`` at unit norm; zeros where it vanishes."""
    for step in range(n_powers):
        x = W @ x + shift * x if shift else W @ x
        if step % 8 == 7 or step == n_powers - 1:
            x /= max(linalg.norm(x, check_finite=False), 1e-300)
    return x


def _arnoldi(W, x, m):
    """Orthonormal basis of a Krylov space, a vector a row, and W in that basis.

    Both have m rows, or fewer where the space is invariant.
    """
    basis, h = np.empty((m + 1, len(x))), np.zeros((m, m + 1))
    basis[0] = x
    for k in range(1, m + 1):
        before, w = basis[:k], W @ basis[k - 1]
        size = np.sqrt(w @ w)
        for _ in range(2):  # Gram-Schmidt, twice
            taken = before @ w
            w -= taken @ before
            h[k - 1, :k] += taken
        left = np.sqrt(w @ w)
        if not left > 1e-14 * size:
            return h[:k, :k].T, before
        h[k - 1, k] = left
        np.divide(w, left, out=basis[k])
    return h[:, :m].T, basis[:m]


def _ritz(h, basis, shift):
    """Find the Ritz values, leading ones first, and the vectors of those that may be leading."""
    values, coefficients = linalg.eig(h, check_finite=False)
    order = np.argsort(-np.abs(values + shift), kind="stable")
    values = values[order]
    moduli = np.abs(values + shift)
    leading = order[moduli >= (1 - 2 * _WINDOW) * moduli[0]]
    return values, basis.T @ coefficients[:, leading]


def _arpack_twice(W, shift, rng):
    size = W.shape[0]
    if size <= _LAPACK_SIZE:
        return None
    shifted = W
    if shift:
        shifted = W + shift * (sparse.eye_array(size) if sparse.issparse(W) else np.eye(size))
    for setting in _SETTINGS:
        right = _arpack(eigs, shifted, setting, rng)
        left = right and _arpack(eigs, shifted.T, setting, rng)
        if not left:
            break  # no gap at all, as in an orthogonal matrix: no setting will do
        value, error = _two_sided(shifted, 0.0, *right, *left, _WINDOW)
        if error <= _ACCEPTED:
            return value - shift, error
    return None


def _arpack(solver, matrix, setting, rng):
    k, basis, tol = setting
    size = matrix.shape[0]
    start = rng.standard_normal(size)
    restarts = 20 + size // 20  # several times what random matrices take, less than LAPACK would
    try:
        return solver(matrix, k, ncv=basis, tol=tol, v0=start, maxiter=restarts, **_ARPACK_RNG)
    except ArpackError:
        return None


def _two_sided(W, shift, right_values, right, left_values, left, agreement):
    """Find the leading eigenvalue from approximate right and left eigenvectors.

    The quotient ``z W x / z x`` has an error of the second order, the product of both residuals.
    """
    moduli = np.abs(right_values + shift)
    top = moduli.max()
    if abs(top - np.abs(left_values + shift).max()) >= agreement * top:
        return 0j, np.inf  # one of the runs missed the leading pair
    best, largest, error = 0j, 0.0, 0.0
    # All that could be the leading one within the error of their values, one of each pair.
    for i in np.flatnonzero((moduli >= (1 - _WINDOW) * top) & (right_values.imag >= 0)):
        distances = np.abs(left_values - right_values[i])
        partner = distances.argmin()
        if distances[partner] >= agreement * top:
            return 0j, np.inf
        x, z = right[:, i], left[:, partner]
        overlap = abs(z @ x)
        # The distance to the next eigenvalue, as far as one knows.
        gap = np.abs(np.delete(right_values, i) - right_values[i]).min(initial=1e-3 * top)
        if overlap * gap <= 1e-16 * top:
            return 0j, np.inf
        Wx, Wz = _product(W, x), _product(W.T, z)
        value = (z @ Wx) / (z @ x)
        residuals = linalg.norm(Wx - value * x) * linalg.norm(Wz - value * z)
        error = max(error, residuals / (overlap * gap * top))
        error = max(error, np.finfo(np.float64).eps * frobenius_norm(W) / (overlap * top))
        if abs(value + shift) > largest:
            best, largest = value, abs(value + shift)
    return best, error


def _product(W, x):
    """``W x`` with a complex vector, without a complex copy of W."""
    return W @ x.real + 1j * (W @ x.imag)


def _weights(W):
    """List the weights that are not zero."""
    return W.data if sparse.issparse(W) else W[W != 0]


def _sums(W):
    """Find the largest sum of moduli of a row, and of a column."""
    W = abs(W)
    return W.sum(axis=1).max(), W.sum(axis=0).max()


def _dense(W):
    return W.toarray() if sparse.issparse(W) else W


def _storage(W):
    """Store W, sparse below a tenth of all weights, such that its products are fastest."""
    if 10 * _weights(W).size < W.shape[0] ** 2:
        return sparse.csr_array(W)
    return _dense(W)
