"""Batched state-vector kernels: the arithmetic, and nothing else.

Layout: samples are cut into blocks of ``LANES``; a block's state is two planes ``[re | im][2**n_wires][LANES]``, so
the innermost loop runs over samples and becomes vector instructions.  One block runs the whole circuit while its
state stays in the cache.  The backward pass is the adjoint method (Jones and Gacon 2020, arXiv:2009.02823): the final
state is un-computed gate by gate, so memory does not grow with depth.  For a one-wire gate only the overlaps
v_P = Im <lambda|P|psi> with P = I, X, Y, Z on its wire are gathered: dL/dangle of the rotation about P is v_P itself,
and undoing a rotation turns (v_X, v_Y, v_Z) like a vector in space, so a product of rotations costs little more.

The kernels check nothing: ``engine`` and ``trace`` do.  They are compiled once a machine and dtype (Numba's cache),
never once a circuit, since circuits are data here.  They hold no lock and start no thread; several threads may run
the same call, and ``sharing`` says who takes which block.
"""

import numba as nb
import numpy as np

from qml.simulators.program import CONSTANT, DENSE, ONE_WIRE, PARITY, PERMUTE, PHASE, RX, RY, RZ
from qml.simulators.sharing import end, start, take, tell
from qml.simulators.simd import LANES, undo_lanes, undo_shared, update_lanes, update_shared

# No fast-math: a result must not depend on what the optimiser chose in the process that compiled the kernel.
_options = {"cache": True, "nogil": True, "error_model": "numpy"}
allocating = nb.njit(**_options)
# What allocates nothing is compiled without reference counts: counting costs more than a gate on four wires.
_jit = nb.njit(**_options, _nrt=False)


@_jit
def _element(kind, cos, sin, constant, out):
    """Write one-wire matrices as (re, im) rows of their entries, shape (8, n), from half-angle cosines and sines."""
    n = out.shape[1]
    out[:] = 0
    if kind == RX:
        for l in range(n):
            out[0, l] = cos[l]
            out[3, l] = -sin[l]
            out[5, l] = -sin[l]
            out[6, l] = cos[l]
    elif kind == RY:
        for l in range(n):
            out[0, l] = cos[l]
            out[2, l] = -sin[l]
            out[4, l] = sin[l]
            out[6, l] = cos[l]
    elif kind == RZ:
        for l in range(n):
            out[0, l] = cos[l]
            out[1, l] = -sin[l]
            out[6, l] = cos[l]
            out[7, l] = sin[l]
    elif kind == PHASE:
        for l in range(n):
            out[0, l] = 1
            out[6, l] = cos[l] * cos[l] - sin[l] * sin[l]
            out[7, l] = 2 * sin[l] * cos[l]
    else:
        for j in range(8):
            for l in range(n):
                out[j, l] = constant[j]


@_jit
def _multiply(a, b):
    """Replace b by the products a b of 2x2 matrices, shape (8, n)."""
    for l in range(b.shape[1]):
        for j in range(2):
            ur = b[2 * j, l]
            ui = b[2 * j + 1, l]
            vr = b[2 * j + 4, l]
            vi = b[2 * j + 5, l]
            for i in range(2):
                xr = a[4 * i, l]
                xi = a[4 * i + 1, l]
                yr = a[4 * i + 2, l]
                yi = a[4 * i + 3, l]
                b[4 * i + 2 * j, l] = xr * ur - xi * ui + (yr * vr - yi * vi)
                b[4 * i + 2 * j + 1, l] = xr * ui + xi * ur + (yr * vi + yi * vr)


@_jit
def fuse(t, start, stop, cos, sin, step, out):
    """Write the product of elements [start, stop), the first acting first, shape (8, 1).

    Args:
        t: The tables.
        start: First element.
        stop: One past the last.
        cos: Of half of every angle.
        sin: Likewise.
        step: Room for one matrix, shape (8, 1).
        out: Shape (8, 1).
    """
    for e in range(start, stop):
        kind = t.elements[e, 0]
        index = t.elements[e, 1]
        p = 0 if kind == CONSTANT else index
        target = out if e == start else step
        _element(kind, cos[p : p + 1], sin[p : p + 1], t.constants[index * (kind == CONSTANT)], target)
        if e > start:
            _multiply(step, out)


@_jit
def _slope(kind, overlaps, l):
    """Return dL/dangle of a gate from the overlaps after it.

    With v_P = Im <lambda|P|psi> and the gate exp(-i angle/2 P), dL/dangle = 2 Re <lambda|(-i/2) P|psi> = v_P.
    """
    if kind == PHASE:  # diag(1, exp(i angle))
        return overlaps[3, l] - overlaps[0, l]
    return overlaps[kind, l]  # RX, RY and RZ are 1, 2 and 3, as X, Y and Z are


@_jit
def _turn(kind, cos, sin, turn, overlaps):
    """Undo gates on the overlaps v_P = Im <lambda|P|psi>, P = I, X, Y, Z, shape (4, n): a rotation of (X, Y, Z)."""
    for l in range(overlaps.shape[1]):
        x = overlaps[1, l]
        y = overlaps[2, l]
        z = overlaps[3, l]
        c = cos[l] * cos[l] - sin[l] * sin[l]
        s = 2 * sin[l] * cos[l]
        if kind == RX:
            overlaps[2, l] = c * y + s * z
            overlaps[3, l] = c * z - s * y
        elif kind == RY:
            overlaps[3, l] = c * z + s * x
            overlaps[1, l] = c * x - s * z
        elif kind == CONSTANT:
            for p in range(3):
                overlaps[1 + p, l] = turn[0, p] * x + turn[1, p] * y + turn[2, p] * z
        else:
            overlaps[1, l] = c * x + s * y
            overlaps[2, l] = c * y - s * x


@_jit
def chain(t, start, stop, cos, sin, overlaps, gradient):
    """Add dL/dangle of elements [start, stop) from the overlaps after their product, shape (4, 1), which it uses up.

    Args:
        t: The tables.
        start: First element.
        stop: One past the last.
        cos: Of half of every angle.
        sin: Likewise.
        overlaps: v_P = Im <lambda|P|psi> for P = I, X, Y, Z.
        gradient: Of every angle.
    """
    for e in range(stop - 1, start - 1, -1):
        kind = t.elements[e, 0]
        index = t.elements[e, 1]
        p = 0 if kind == CONSTANT else index
        if kind != CONSTANT:
            gradient[index] += _slope(kind, overlaps, 0)
        if e > start:
            _turn(kind, cos[p : p + 1], sin[p : p + 1], t.turns[index * (kind == CONSTANT)], overlaps)


@_jit
def overlaps_of(first, second, x, y, out):
    """Write v_P = Im <lambda|P|psi>, shape (4,), from the sums that the undo functions gather."""
    out[0] = first + second
    out[1] = x
    out[2] = y
    out[3] = first - second


@_jit
def half_angles(angle, cos, sin):
    """Write cos(angle/2) and sin(angle/2) of any number of angles, padded to a multiple of LANES."""
    for first in range(0, angle.shape[0], LANES):
        _half_angle(angle[first : first + LANES], cos[first : first + LANES], sin[first : first + LANES])


@_jit
def padded(count):
    """Return the next multiple of LANES, and at least one."""
    return max(1, (count + LANES - 1) // LANES) * LANES


@_jit
def _shared(t, weights, n_samplewise, angles, step, cos, sin, matrices):
    """Write what is the same for all samples.

    Args:
        t: The tables.
        weights: Shape (n_weights,).
        n_samplewise: Number of per-sample variables.
        angles: Room, shape (padded n_angles,).
        step: Room for two matrices, shape (16, 1).
        cos: Of half of every angle that depends on weights only, shape (padded n_angles,).
        sin: Likewise.
        matrices: Fused matrices of the operations made of them, shape (n_operations, 8).
    """
    angles[:] = 0
    for p in range(t.angle_constant.shape[0]):
        if t.angle_lane[p] >= 0:
            continue
        total = t.angle_constant[p]
        for k in range(t.angle_start[p], t.angle_start[p + 1]):
            value = t.angle_coefficient[k] * weights[t.angle_first[k] - n_samplewise]
            if t.angle_second[k] >= 0:
                value *= weights[t.angle_second[k] - n_samplewise]
            total += value
        angles[p] = total
    half_angles(angles, cos, sin)
    matrix = step[8:]
    for o in range(t.operations.shape[0]):
        if t.operations[o, 0] == ONE_WIRE and not t.lane_operation[o]:
            fuse(t, t.operations[o, 4], t.operations[o, 5], cos, sin, step[:8], matrix)
            for j in range(8):
                matrices[o, j] = matrix[j, 0]


@_jit
def weight_gradients(t, weights, n_samplewise, cos, sin, overlaps, angle_gradient, weight_gradient, out):
    """Write the gradient of the weights from what each block left; the first of each array is used as the sum.

    Blocks are summed in their order, so that the result does not depend on the number of threads.

    Args:
        t: The tables.
        weights: Shape (n_weights,).
        n_samplewise: Number of per-sample variables.
        cos: Of half of every angle that depends on weights only.
        sin: Likewise.
        overlaps: Of the operations that are the same for all samples, shape (n_blocks, n_operations, 4, 1).
        angle_gradient: Of angles that depend on weights only, shape (n_blocks, n_angles).
        weight_gradient: Of weights in angles that depend on inputs too, shape (n_blocks, n_weights).
        out: Shape (n_weights,).
    """
    out[:] = 0
    if overlaps.shape[0] == 0:
        return
    for block in range(1, overlaps.shape[0]):
        for o in range(overlaps.shape[1]):
            for j in range(4):
                overlaps[0, o, j, 0] += overlaps[block, o, j, 0]
        for p in range(angle_gradient.shape[1]):
            angle_gradient[0, p] += angle_gradient[block, p]
        for w in range(weight_gradient.shape[1]):
            weight_gradient[0, w] += weight_gradient[block, w]
    gradient = angle_gradient[0]
    total = weight_gradient[0]
    for o in range(t.operations.shape[0]):
        if t.lane_operation[o]:
            continue
        if t.operations[o, 0] == PARITY:
            gradient[t.operations[o, 2]] += overlaps[0, o, 0, 0]
        elif t.operations[o, 0] == ONE_WIRE:
            chain(t, t.operations[o, 4], t.operations[o, 5], cos, sin, overlaps[0, o], gradient)
    for p in range(t.angle_lane.shape[0]):
        if t.angle_lane[p] >= 0 or gradient[p] == 0:
            continue
        for k in range(t.angle_start[p], t.angle_start[p + 1]):
            i = t.angle_first[k] - n_samplewise
            j = t.angle_second[k] - n_samplewise
            g = gradient[p] * t.angle_coefficient[k]
            if t.angle_second[k] < 0:
                total[i] += g
            else:
                total[i] += g * weights[j]
                total[j] += g * weights[i]
    for w in range(out.shape[0]):
        out[w] = total[w]


@_jit
def _variable(inputs, weights, index, block, out):
    """Write one variable for the samples of a block; lanes past the last sample repeat it."""
    n_samples, n_samplewise = inputs.shape
    if index >= n_samplewise:
        out[:] = weights[index - n_samplewise]
        return
    first = block * LANES
    valid = min(LANES, n_samples - first)
    for l in range(valid):
        out[l] = inputs[first + l, index]
    for l in range(valid, LANES):
        out[l] = out[valid - 1]


@_jit
def _lane_angles(t, inputs, weights, block, room, cos, sin):
    """Write cosine and sine of half of each angle that depends on inputs, shape (n_lane, LANES)."""
    angle, one, two = room[0], room[1], room[2]
    for p in range(t.angle_constant.shape[0]):
        row = t.angle_lane[p]
        if row < 0:
            continue
        angle[:] = t.angle_constant[p]
        for k in range(t.angle_start[p], t.angle_start[p + 1]):
            c = t.angle_coefficient[k]
            _variable(inputs, weights, t.angle_first[k], block, one)
            if t.angle_second[k] < 0:
                for l in range(LANES):
                    angle[l] += c * one[l]
                continue
            _variable(inputs, weights, t.angle_second[k], block, two)
            for l in range(LANES):
                angle[l] += c * one[l] * two[l]
        _half_angle(angle, cos[row], sin[row])


@_jit
def _half_angle(angle, cos, sin):
    """Write cos(angle/2) and sin(angle/2) for all lanes, in vector instructions.

    Reduction to [-pi/4, pi/4] in three parts of pi/2, then the polynomials of Cephes' sin and cos (Moshier 1989);
    the error is below 1e-15 up to angles of 1e6 (test_kernels.py).
    """
    for l in range(LANES):
        x = angle[l] * 0.5
        quarter = np.floor(x * 0.6366197723675814 + 0.5)
        r = (
            (x - quarter * 1.57079625129699707031) - quarter * 7.54978941586159635335e-8
        ) - quarter * 5.39030285815811905290e-15
        z = r * r
        s = 1.58962301576546568060e-10
        s = s * z - 2.50507477628578072866e-8
        s = s * z + 2.75573136213857245213e-6
        s = s * z - 1.98412698295895385996e-4
        s = s * z + 8.33333333332211858878e-3
        s = s * z - 1.66666666666666307295e-1
        s = r + r * z * s
        c = -1.13585365213876817300e-11
        c = c * z + 2.08757008419747316778e-9
        c = c * z - 2.75573141792967388112e-7
        c = c * z + 2.48015872888517045348e-5
        c = c * z - 1.38888888888730564116e-3
        c = c * z + 4.16666666666665929218e-2
        c = 1 - 0.5 * z + z * z * c
        turns = quarter - 4 * np.floor(quarter * 0.25)  # 0, 1, 2 or 3
        odd = (turns == 1.0) | (turns == 3.0)
        cos_sign = -1.0 if (turns == 1.0) | (turns == 2.0) else 1.0
        sin_sign = -1.0 if turns >= 2.0 else 1.0
        cos[l] = cos_sign * (s if odd else c)
        sin[l] = sin_sign * (c if odd else s)


@_jit
def _lane_angle_gradients(t, inputs, weights, block, one, own, gradient, input_gradient, weight_gradient):
    """Write gradients of inputs, and add those of weights, from those of per-sample angles, shape (n_lane, LANES).

    ``one`` is room for a variable, ``own`` for the gradient of the inputs, shape (n_samplewise, LANES).
    """
    n_samples, n_samplewise = inputs.shape
    first = block * LANES
    valid = min(LANES, n_samples - first)
    own[:] = 0
    for p in range(t.angle_lane.shape[0]):
        row = t.angle_lane[p]
        if row < 0:
            continue
        for k in range(t.angle_start[p], t.angle_start[p + 1]):
            c = t.angle_coefficient[k]
            for factor in range(2):
                index = t.angle_first[k] if factor == 0 else t.angle_second[k]
                other = t.angle_second[k] if factor == 0 else t.angle_first[k]
                if index < 0:
                    continue
                if other < 0:
                    one[:] = 1
                else:
                    _variable(inputs, weights, other, block, one)
                if index < n_samplewise:
                    for l in range(LANES):
                        own[index, l] += gradient[row, l] * c * one[l]
                else:
                    total = 0.0
                    for l in range(valid):
                        total += gradient[row, l] * one[l]
                    weight_gradient[index - n_samplewise] += total * c
    if input_gradient.shape[0] > 0:
        for l in range(valid):
            for i in range(n_samplewise):
                input_gradient[first + l, i] = own[i, l]


@_jit
def _apply_shared(re, im, bit, control, value, m):
    """Apply one 2x2 matrix for all samples to the pairs whose control bits have the value."""
    ar, ai, br, bi, cr, ci, dr, di = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) != value:
                continue
            update_shared(re, im, k, k + bit, ar, ai, br, bi, cr, ci, dr, di)


@_jit
def _apply_lanes(re, im, bit, control, value, m):
    """Apply a 2x2 matrix a sample, shape (8, LANES)."""
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                update_lanes(re, im, k, k + bit, m)


@_jit
def _undo_lanes(re, im, lre, lim, bit, control, value, m, gathered):
    """Gather the overlaps of lambda and psi, see ``simd``, shape (4, LANES), and apply an adjoint a sample to both."""
    gathered[:] = 0
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                undo_lanes(re, im, lre, lim, k, k + bit, m, gathered)


@_jit
def _undo_shared(re, im, lre, lim, bit, control, value, m, gathered):
    """Gather the overlaps of lambda and psi, see ``simd``, shape (4, LANES), and apply one adjoint to both."""
    ar, ai, br, bi, cr, ci, dr, di = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
    gathered[:] = 0
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                undo_shared(re, im, lre, lim, k, k + bit, ar, ai, br, bi, cr, ci, dr, di, gathered)


@_jit
def _odd(k):
    """Whether an index has an odd number of one bits."""
    odd = 0
    while k:
        k &= k - 1
        odd ^= 1
    return odd


@_jit
def _apply_parity(re, im, mask, cos, sin):
    """Multiply by exp(-i angle/2) where the masked bits have even parity, by its conjugate elsewhere."""
    for k in range(re.shape[0]):
        sign = re.dtype.type(-1) if _odd(k & mask) else re.dtype.type(1)
        for l in range(LANES):
            xr = re[k, l]
            xi = im[k, l]
            s = sign * sin[l]
            re[k, l] = cos[l] * xr + s * xi
            im[k, l] = cos[l] * xi - s * xr


@_jit
def _parity_gradient(re, im, lre, lim, mask, out):
    """Gather 2 Re <lambda| (-i/2 Z...Z) |psi> a sample, with both states after the gate."""
    out[:] = 0
    for k in range(re.shape[0]):
        sign = re.dtype.type(-1) if _odd(k & mask) else re.dtype.type(1)
        for l in range(LANES):
            out[l] += sign * (lre[k, l] * im[k, l] - lim[k, l] * re[k, l])


@_jit
def _permute(re, im, re_out, im_out, permutation):
    for k in range(re.shape[0]):
        j = permutation[k]
        for l in range(LANES):
            re_out[k, l] = re[j, l]
            im_out[k, l] = im[j, l]


@_jit
def _apply_dense(re, im, matrix_re, matrix_im, sign, offsets, bases, old):
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


@_jit
def _lane_half_angle(t, e, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin):
    """Write half-angle cosine and sine of an element for every lane; anything for a constant."""
    if t.elements[e, 0] == CONSTANT:
        return
    p = t.elements[e, 1]
    row = t.angle_lane[p]
    for l in range(LANES):
        cos[l] = lane_cos[row, l] if row >= 0 else shared_cos[p]
        sin[l] = lane_sin[row, l] if row >= 0 else shared_sin[p]


@_jit
def _lane_matrices(t, o, shared_cos, shared_sin, lane_cos, lane_sin, room, out):
    """Write the fused matrix of each sample, shape (8, LANES); room has shape (18, LANES)."""
    start = t.operations[o, 4]
    stop = t.operations[o, 5]
    if stop - start == 1:
        row = t.angle_lane[t.elements[start, 1]]
        _element(t.elements[start, 0], lane_cos[row], lane_sin[row], t.constants[0], out)
        return
    cos, sin, step, matrix = room[0], room[1], room[2:10], room[10:18]
    cos[:] = 1
    sin[:] = 0
    for e in range(start, stop):
        kind = t.elements[e, 0]
        target = matrix if e == start else step
        _lane_half_angle(t, e, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin)
        _element(kind, cos, sin, t.constants[t.elements[e, 1] * (kind == CONSTANT)], target)
        if e > start:
            _multiply(step, matrix)
    for j in range(8):
        for l in range(LANES):
            out[j, l] = matrix[j, l]


@_jit
def _lane_gradients(t, o, shared_cos, shared_sin, lane_cos, lane_sin, gathered, room, gradient, shared_gradient):
    """Add the gradients of a per-sample operation's angles, per-sample ones and shared ones, from what was gathered."""
    start = t.operations[o, 4]
    stop = t.operations[o, 5]
    cos, sin, overlaps = room[0], room[1], room[2:6]
    cos[:] = 1
    sin[:] = 0
    for l in range(LANES):
        overlaps[0, l] = gathered[0, l] + gathered[1, l]
        overlaps[1, l] = gathered[2, l]
        overlaps[2, l] = gathered[3, l]
        overlaps[3, l] = gathered[0, l] - gathered[1, l]
    for e in range(stop - 1, start - 1, -1):
        kind = t.elements[e, 0]
        index = t.elements[e, 1]
        row = t.angle_lane[index] if kind != CONSTANT else 0
        if kind != CONSTANT and row >= 0:
            for l in range(LANES):
                gradient[row, l] += _slope(kind, overlaps, l)
        elif kind != CONSTANT:
            for l in range(LANES):
                shared_gradient[index] += _slope(kind, overlaps, l)
        if e > start:
            _lane_half_angle(t, e, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin)
            _turn(kind, cos, sin, t.turns[index * (kind == CONSTANT)], overlaps)


@_jit
def _adjoint(m, out):
    """Write the conjugate transpose of a 2x2 matrix, shape (8,)."""
    out[0] = m[0]
    out[1] = -m[1]
    out[2] = m[4]
    out[3] = -m[5]
    out[4] = m[2]
    out[5] = -m[3]
    out[6] = m[6]
    out[7] = -m[7]


@_jit
def _lane_adjoints(m, out):
    """Write the conjugate transposes of 2x2 matrices, shape (8, LANES)."""
    for l in range(LANES):
        out[0, l] = m[0, l]
        out[1, l] = -m[1, l]
        out[2, l] = m[4, l]
        out[3, l] = -m[5, l]
        out[4, l] = m[2, l]
        out[5, l] = -m[3, l]
        out[6, l] = m[6, l]
        out[7, l] = -m[7, l]


@_jit
def _parity_angle(t, o, sign, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin):
    """Write half-angle cosine, and sine times a sign, of a parity rotation for every lane."""
    p = t.operations[o, 2]
    row = t.angle_lane[p]
    for l in range(LANES):
        cos[l] = lane_cos[row, l] if row >= 0 else shared_cos[p]
        sin[l] = sign * (lane_sin[row, l] if row >= 0 else shared_sin[p])


@allocating
def forward(
    n_blocks,
    work,
    bell,
    leads,
    handle,
    permutations,
    diagonal,
    inputs,
    weights,
    initial,
    saved,
    out,
    state_out,
):
    """Run this thread's share of all blocks: write outputs, and final states where ``saved`` has room for them.

    Args:
        n_blocks: Blocks of samples.
        work: What the threads of this call share, see ``sharing``; empty for one thread.
        bell: Of these threads.
        leads: Whether this thread made the call.
        handle: Of the tables of the circuit, see ``tables``.
        permutations: Where each basis state comes from, shape (n_permutations, 2**n_wires).
        diagonal: Diagonal part of each observable, shape (n_rows, 2**n_wires).
        inputs: Per-sample variables, shape (n_samples, n_inputs + n_extra).
        weights: Shape (n_weights,).
        initial: First states (re, im), shape (n_samples, 2, 2**n_wires); empty for the all-zeros state.
        saved: Final states for the backward pass, shape (n_blocks, 2, 2**n_wires, LANES), or (0, ...).
        out: Expectation values or probabilities, shape (n_samples, n_outputs).
        state_out: States (re, im), shape (n_samples, 2, 2**n_wires), or empty.

    Returns:
        Whether all blocks are done, see ``sharing.end``.
    """
    start(work, bell, leads)
    t = handle.tables
    n_states = saved.shape[2]
    dtype = saved.dtype
    shared = np.empty((3, padded(t.angle_constant.shape[0])))
    matrices = np.empty((t.operations.shape[0], 8))
    own = np.empty((2, n_states if saved.shape[0] == 0 else 0, LANES), dtype)
    spare = np.empty((2, n_states, LANES), dtype)
    lanes = np.empty((2, t.n_lane, LANES))
    room = np.empty((18, LANES))
    lines = np.empty((12, LANES), dtype)
    old = np.empty((2, t.dense_re.shape[1], LANES), dtype)
    total = np.empty((out.shape[1], LANES), dtype)
    _shared(t, weights, inputs.shape[1], shared[0], np.empty((16, 1)), shared[1], shared[2], matrices)
    first, last = take(work, n_blocks, 0)
    while first < last:
        _forward(
            first,
            last,
            t,
            permutations,
            diagonal,
            inputs,
            weights,
            initial,
            saved,
            out,
            state_out,
            own,
            spare,
            shared,
            matrices,
            lanes,
            room,
            lines,
            old,
            total,
        )
        tell(work, first, last)
        first, last = take(work, n_blocks, last)
    return end(work, bell, n_blocks, leads)


@_jit
def _forward(
    first_block,
    last_block,
    t,
    permutations,
    diagonal,
    inputs,
    weights,
    initial,
    saved,
    out,
    state_out,
    own,
    spare,
    shared,
    matrices,
    lanes,
    room,
    lines,
    old,
    total,
):
    """Run blocks [first_block, last_block) in the room that ``forward`` gives."""
    n_states = saved.shape[2]
    n_samples = inputs.shape[0]
    n_operations = t.operations.shape[0]
    shared_cos, shared_sin = shared[1], shared[2]
    lane_cos, lane_sin = lanes[0], lanes[1]
    cos, sin, weight, matrix, lane_matrix = lines[0], lines[1], lines[2], lines[3], lines[4:12]
    swapped = operations_swapped(t.operations)
    for block in range(first_block, last_block):
        valid = min(LANES, n_samples - block * LANES)
        # Permutations swap buffers: the last of them has to leave the result at home.
        home = saved[block] if saved.shape[0] > 0 else own
        state = spare if swapped else home
        other = home if swapped else spare
        _lane_angles(t, inputs, weights, block, room, lane_cos, lane_sin)
        state[:] = 0
        if initial.shape[0] > 0:
            for l in range(valid):
                for k in range(n_states):
                    state[0, k, l] = initial[block * LANES + l, 0, k]
                    state[1, k, l] = initial[block * LANES + l, 1, k]
        else:
            state[0, 0, :] = 1
        for o in range(n_operations):
            kind = t.operations[o, 0]
            a, b, c = t.operations[o, 1], t.operations[o, 2], t.operations[o, 3]
            if kind == ONE_WIRE:
                if t.lane_operation[o]:
                    _lane_matrices(t, o, shared_cos, shared_sin, lane_cos, lane_sin, room, lane_matrix)
                    _apply_lanes(state[0], state[1], a, b, c, lane_matrix)
                else:
                    for j in range(8):
                        matrix[j] = matrices[o, j]
                    _apply_shared(state[0], state[1], a, b, c, matrix)
            elif kind == PARITY:
                _parity_angle(t, o, 1, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin)
                _apply_parity(state[0], state[1], a, cos, sin)
            elif kind == PERMUTE:
                _permute(state[0], state[1], other[0], other[1], permutations[a])
                state, other = other, state
            elif kind == DENSE:
                _apply_dense(
                    state[0],
                    state[1],
                    t.dense_re[a, :b, :b],
                    t.dense_im[a, :b, :b],
                    1,
                    t.dense_offsets[a, :b],
                    t.dense_bases[a, :c],
                    old,
                )
        re = state[0]
        im = state[1]
        if state_out.shape[0] > 0:
            for l in range(valid):
                for k in range(n_states):
                    state_out[block * LANES + l, 0, k] = re[k, l]
                    state_out[block * LANES + l, 1, k] = im[k, l]
            continue
        total[:] = 0
        if t.outcome.shape[0] > 0:
            for k in range(n_states):
                for l in range(LANES):
                    total[t.outcome[k], l] += re[k, l] * re[k, l] + im[k, l] * im[k, l]
        else:
            for k in range(n_states):
                for l in range(LANES):
                    weight[l] = re[k, l] * re[k, l] + im[k, l] * im[k, l]
                for q in range(diagonal.shape[0]):
                    d = diagonal[q, k]
                    for l in range(LANES):
                        total[q, l] += d * weight[l]
            for term in range(t.terms.shape[0]):
                q = t.terms[term, 0]
                flip = t.terms[term, 1]
                for k in range(n_states):
                    j = k ^ flip
                    w = -t.coefficients[term] if _odd(k & t.terms[term, 2]) else t.coefficients[term]
                    if t.terms[term, 3] >= 2:
                        w = -w
                    if t.terms[term, 3] % 2 == 0:
                        for l in range(LANES):
                            total[q, l] += w * (re[j, l] * re[k, l] + im[j, l] * im[k, l])
                    else:
                        for l in range(LANES):
                            total[q, l] -= w * (re[j, l] * im[k, l] - im[j, l] * re[k, l])
        for l in range(valid):
            for q in range(out.shape[1]):
                out[block * LANES + l, q] = total[q, l]


@_jit
def operations_swapped(operations):
    """Whether a pass over all operations swaps the two state buffers an odd number of times."""
    odd = False
    for o in range(operations.shape[0]):
        if operations[o, 0] == PERMUTE:
            odd = not odd
    return odd


@allocating
def backward(
    n_blocks,
    work,
    bell,
    leads,
    handle,
    inverses,
    diagonal,
    inputs,
    weights,
    saved,
    output_gradient,
    state_gradient,
    wanted,
    stop_at,
    overlaps,
    angle_gradient,
    weight_gradient,
    input_gradient,
    initial_gradient,
    total,
):
    """Un-compute this thread's share of all blocks and gather gradients.

    Args:
        n_blocks: As in ``forward``, and so are work, bell and leads.
        work: See ``forward``.
        bell: See ``forward``.
        leads: See ``forward``.
        handle: Of the tables of the circuit, see ``tables``.
        inverses: Inverse permutations, shape (n_permutations, 2**n_wires).
        diagonal: As in ``forward``, and so are inputs and weights.
        inputs: See ``forward``.
        weights: See ``forward``.
        saved: Final states of the forward pass; read only.
        output_gradient: Shape (n_samples, n_outputs).
        state_gradient: dL/d(re, im) of the final state, shape (n_samples, 2, 2**n_wires), or empty.
        wanted: Whether an operation has an angle whose gradient is asked for, shape (n_operations,).
        stop_at: First operation with a wanted gradient; those before it are left alone.
        overlaps: Of shared operations, zeros of shape (n_blocks, n_operations, 4, 1); written, see ``overlaps_of``.
        angle_gradient: Gradients of weights-only angles that sit in per-sample operations,
            shape (n_blocks, n_angles); added to.
        weight_gradient: From angles that mix inputs and weights, shape (n_blocks, n_weights); added to.
        input_gradient: Shape (n_samples, n_inputs + n_extra), or empty; written.
        initial_gradient: dL/d(re, im) of the first state, shape (n_samples, 2, 2**n_wires), or empty; written.
        total: Gradient of the weights, shape (n_weights,), or empty; written if all blocks are done.

    Returns:
        Whether all blocks are done, see ``sharing.end``.
    """
    start(work, bell, leads)
    t = handle.tables
    n_states = saved.shape[2]
    dtype = saved.dtype
    shared = np.empty((3, padded(t.angle_constant.shape[0])))
    matrices = np.empty((t.operations.shape[0], 8))
    states = np.empty((3, 2, n_states, LANES), dtype)
    lanes = np.empty((3, t.n_lane, LANES))
    room = np.empty((18, LANES))
    own_inputs = np.empty((inputs.shape[1], LANES))
    lines = np.empty((26, LANES), dtype)
    old = np.empty((2, t.dense_re.shape[1], LANES), dtype)
    g = np.empty((output_gradient.shape[1], LANES), dtype)
    _shared(t, weights, inputs.shape[1], shared[0], np.empty((16, 1)), shared[1], shared[2], matrices)
    first, last = take(work, n_blocks, 0)
    while first < last:
        _backward(
            first,
            last,
            t,
            inverses,
            diagonal,
            inputs,
            weights,
            saved,
            output_gradient,
            state_gradient,
            wanted,
            stop_at,
            overlaps,
            angle_gradient,
            weight_gradient,
            input_gradient,
            initial_gradient,
            states,
            shared,
            matrices,
            lanes,
            room,
            own_inputs,
            lines,
            old,
            g,
        )
        tell(work, first, last)
        first, last = take(work, n_blocks, last)
    done = end(work, bell, n_blocks, leads)
    if done and total.shape[0] > 0:
        weight_gradients(
            t, weights, inputs.shape[1], shared[1], shared[2], overlaps, angle_gradient, weight_gradient, total
        )
    return done


@_jit
def _backward(
    first_block,
    last_block,
    t,
    inverses,
    diagonal,
    inputs,
    weights,
    saved,
    output_gradient,
    state_gradient,
    wanted,
    stop_at,
    overlaps,
    angle_gradient,
    weight_gradient,
    input_gradient,
    initial_gradient,
    states,
    shared,
    matrices,
    lanes,
    room,
    own_inputs,
    lines,
    old,
    g,
):
    """Un-compute blocks [first_block, last_block) in the room that ``backward`` gives."""
    n_states = saved.shape[2]
    n_samples = inputs.shape[0]
    dtype = saved.dtype
    shared_cos, shared_sin = shared[1], shared[2]
    lane_cos, lane_sin, lane_gradient = lanes[0], lanes[1], lanes[2]
    cos, sin, line, matrix, adjoint, sums = lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]
    gathered, lane_matrix, lane_adjoint = lines[6:10], lines[10:18], lines[18:26]
    for block in range(first_block, last_block):
        valid = min(LANES, n_samples - block * LANES)
        _lane_angles(t, inputs, weights, block, room, lane_cos, lane_sin)
        lane_gradient[:] = 0
        psi, lam, other = states[0], states[1], states[2]
        for plane in range(2):
            for k in range(n_states):
                for l in range(LANES):
                    psi[plane, k, l] = saved[block, plane, k, l]
        lam[:] = 0
        if state_gradient.shape[0] > 0:
            # dL = Re <g|dpsi>, and the pass below computes 2 Re <lambda|dpsi>.
            for l in range(valid):
                for k in range(n_states):
                    lam[0, k, l] = state_gradient[block * LANES + l, 0, k] * 0.5
                    lam[1, k, l] = state_gradient[block * LANES + l, 1, k] * 0.5
        else:
            g[:] = 0
            for l in range(valid):
                for q in range(output_gradient.shape[1]):
                    g[q, l] = output_gradient[block * LANES + l, q]
            if t.outcome.shape[0] > 0:
                for k in range(n_states):
                    for l in range(LANES):
                        lam[0, k, l] = g[t.outcome[k], l] * psi[0, k, l]
                        lam[1, k, l] = g[t.outcome[k], l] * psi[1, k, l]
            else:
                for k in range(n_states):
                    line[:] = 0
                    for q in range(diagonal.shape[0]):
                        d = diagonal[q, k]
                        for l in range(LANES):
                            line[l] += d * g[q, l]
                    for l in range(LANES):
                        lam[0, k, l] = line[l] * psi[0, k, l]
                        lam[1, k, l] = line[l] * psi[1, k, l]
                for term in range(t.terms.shape[0]):
                    q = t.terms[term, 0]
                    for k in range(n_states):
                        j = k ^ t.terms[term, 1]
                        w = -t.coefficients[term] if _odd(k & t.terms[term, 2]) else t.coefficients[term]
                        if t.terms[term, 3] >= 2:
                            w = -w
                        if t.terms[term, 3] % 2 == 0:
                            for l in range(LANES):
                                lam[0, j, l] += w * g[q, l] * psi[0, k, l]
                                lam[1, j, l] += w * g[q, l] * psi[1, k, l]
                        else:
                            for l in range(LANES):
                                lam[0, j, l] -= w * g[q, l] * psi[1, k, l]
                                lam[1, j, l] += w * g[q, l] * psi[0, k, l]
        for o in range(t.operations.shape[0] - 1, stop_at - 1, -1):
            kind = t.operations[o, 0]
            a, b, c = t.operations[o, 1], t.operations[o, 2], t.operations[o, 3]
            if kind == ONE_WIRE:
                if t.lane_operation[o]:
                    _lane_matrices(t, o, shared_cos, shared_sin, lane_cos, lane_sin, room, lane_matrix)
                    _lane_adjoints(lane_matrix, lane_adjoint)
                    _undo_lanes(psi[0], psi[1], lam[0], lam[1], a, b, c, lane_adjoint, gathered)
                    if wanted[o]:
                        _lane_gradients(
                            t,
                            o,
                            shared_cos,
                            shared_sin,
                            lane_cos,
                            lane_sin,
                            gathered,
                            room,
                            lane_gradient,
                            angle_gradient[block],
                        )
                else:
                    for j in range(8):
                        matrix[j] = matrices[o, j]
                    _adjoint(matrix, adjoint)
                    if wanted[o]:
                        _undo_shared(psi[0], psi[1], lam[0], lam[1], a, b, c, adjoint, gathered)
                        for j in range(4):
                            step = dtype.type(0)
                            for l in range(LANES):
                                step += gathered[j, l]
                            sums[j] = step
                        overlaps_of(sums[0], sums[1], sums[2], sums[3], overlaps[block, o, :, 0])
                    else:
                        _apply_shared(psi[0], psi[1], a, b, c, adjoint)
                        _apply_shared(lam[0], lam[1], a, b, c, adjoint)
            elif kind == PARITY:
                if wanted[o]:
                    _parity_gradient(psi[0], psi[1], lam[0], lam[1], a, line)
                    if t.lane_operation[o]:
                        for l in range(valid):
                            lane_gradient[t.angle_lane[b], l] += line[l]
                    else:
                        step = dtype.type(0)
                        for l in range(LANES):
                            step += line[l]
                        overlaps[block, o, 0, 0] = step
                _parity_angle(t, o, -1, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin)
                _apply_parity(psi[0], psi[1], a, cos, sin)
                _apply_parity(lam[0], lam[1], a, cos, sin)
            elif kind == PERMUTE:
                _permute(psi[0], psi[1], other[0], other[1], inverses[a])
                psi, other = other, psi
                _permute(lam[0], lam[1], other[0], other[1], inverses[a])
                lam, other = other, lam
            elif kind == DENSE:
                # The conjugate transpose: the indices exchanged, and the sign of the imaginary part.
                back_re = t.dense_re[a, :b, :b].T
                back_im = t.dense_im[a, :b, :b].T
                offsets = t.dense_offsets[a, :b]
                bases = t.dense_bases[a, :c]
                _apply_dense(psi[0], psi[1], back_re, back_im, -1, offsets, bases, old)
                _apply_dense(lam[0], lam[1], back_re, back_im, -1, offsets, bases, old)
        if initial_gradient.shape[0] > 0:
            for l in range(valid):
                for k in range(n_states):
                    initial_gradient[block * LANES + l, 0, k] = 2 * lam[0, k, l]
                    initial_gradient[block * LANES + l, 1, k] = 2 * lam[1, k, l]
        _lane_angle_gradients(
            t, inputs, weights, block, room[0], own_inputs, lane_gradient, input_gradient, weight_gradient[block]
        )


@allocating
def sum_blocks(handle, inputs, weights, overlaps, angle_gradient, weight_gradient, total):
    """Write the gradient of the weights that ``backward`` left to be written, all blocks being done by now."""
    t = handle.tables
    shared = np.empty((3, padded(t.angle_constant.shape[0])))
    matrices = np.empty((t.operations.shape[0], 8))
    _shared(t, weights, inputs.shape[1], shared[0], np.empty((16, 1)), shared[1], shared[2], matrices)
    weight_gradients(
        t, weights, inputs.shape[1], shared[1], shared[2], overlaps, angle_gradient, weight_gradient, total
    )
