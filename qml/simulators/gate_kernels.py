"""What gates do to the states of a block, planes ``re`` and ``im`` of shape (2**n_wires, LANES)."""

from qml.simulators import simd
from qml.simulators.jit import lean
from qml.simulators.simd import LANES


@lean
def apply_shared(re, im, bit, control, value, m):
    """Apply one 2x2 matrix for all samples to the pairs whose control bits have the value."""
    ar, ai, br, bi, cr, ci, dr, di = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) != value:
                continue
            simd.update_shared(re, im, k, k + bit, ar, ai, br, bi, cr, ci, dr, di)


@lean
def apply_lanes(re, im, bit, control, value, m):
    """Apply a 2x2 matrix a sample, shape (8, LANES)."""
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                simd.update_lanes(re, im, k, k + bit, m)


@lean
def undo_lanes(re, im, lre, lim, bit, control, value, m, gathered):
    """Gather the overlaps of lambda and psi, see ``simd``, shape (4, LANES), and apply an adjoint a sample to both."""
    gathered[:] = 0
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                simd.undo_lanes(re, im, lre, lim, k, k + bit, m, gathered)


@lean
def undo_shared(re, im, lre, lim, bit, control, value, m, gathered):
    """Gather the overlaps of lambda and psi, see ``simd``, shape (4, LANES), and apply one adjoint to both."""
    ar, ai, br, bi, cr, ci, dr, di = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
    gathered[:] = 0
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                simd.undo_shared(re, im, lre, lim, k, k + bit, ar, ai, br, bi, cr, ci, dr, di, gathered)


@lean
def odd(k):
    """Whether an index has an odd number of one bits."""
    odd = 0
    while k:
        k &= k - 1
        odd ^= 1
    return odd


@lean
def apply_parity(re, im, mask, cos, sin):
    """Multiply by exp(-i angle/2) where the masked bits have even parity, by its conjugate elsewhere."""
    for k in range(re.shape[0]):
        sign = re.dtype.type(-1) if odd(k & mask) else re.dtype.type(1)
        for l in range(LANES):
            xr = re[k, l]
            xi = im[k, l]
            s = sign * sin[l]
            re[k, l] = cos[l] * xr + s * xi
            im[k, l] = cos[l] * xi - s * xr


@lean
def parity_gradient(re, im, lre, lim, mask, out):
    """Gather 2 Re <lambda| (-i/2 Z...Z) |psi> a sample, with both states after the gate."""
    out[:] = 0
    for k in range(re.shape[0]):
        sign = re.dtype.type(-1) if odd(k & mask) else re.dtype.type(1)
        for l in range(LANES):
            out[l] += sign * (lre[k, l] * im[k, l] - lim[k, l] * re[k, l])


@lean
def permute(re, im, cycles, re_kept, im_kept):
    """Move every amplitude along its cycle, in place.

    Args:
        re: Real parts.
        im: Imaginary parts.
        cycles: See ``Permutation.cycles``, with a last entry of ~2**n_wires.
        re_kept: Room, its first row.
        im_kept: Likewise.
    """
    place = -1  # where the next amplitude belongs
    for entry in cycles:
        if entry >= 0:
            simd.copy_row(re, entry, re, place)
            simd.copy_row(im, entry, im, place)
            place = entry
            continue
        if place >= 0:
            simd.copy_row(re_kept, 0, re, place)
            simd.copy_row(im_kept, 0, im, place)
        place = ~entry
        if place == re.shape[0]:
            return
        simd.copy_row(re, place, re_kept, 0)
        simd.copy_row(im, place, im_kept, 0)


@lean
def apply_dense(re, im, matrix_re, matrix_im, sign, offsets, bases, old):
    """Apply a constant unitary on several wires, or its conjugate for sign -1; ``old`` is room, (2, size, LANES)."""
    size = offsets.shape[0]
    for b in range(bases.shape[0]):
        for a in range(size):
            for l in range(LANES):
                old[0, a, l] = re[bases[b] + offsets[a], l]
                old[1, a, l] = im[bases[b] + offsets[a], l]
        for a in range(size):
            k = bases[b] + offsets[a]
            for l in range(LANES):
                re[k, l] = 0
                im[k, l] = 0
            for c in range(size):
                mr = matrix_re[a, c]
                mi = sign * matrix_im[a, c]
                for l in range(LANES):
                    re[k, l] += mr * old[0, c, l] - mi * old[1, c, l]
                    im[k, l] += mr * old[1, c, l] + mi * old[0, c, l]
