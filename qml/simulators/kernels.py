"""Batched state-vector kernels: the arithmetic, and nothing else.

Layout: samples are cut into blocks of ``LANES``; a block's state is two planes ``[re | im][2**n_wires][LANES]``, so
the innermost loop runs over samples and becomes vector instructions.  One block runs the whole circuit while its
state stays in the cache.  The backward pass is the adjoint method (Jones and Gacon 2020, arXiv:2009.02823): the final
state is un-computed gate by gate, so memory does not grow with depth, and for a one-wire gate U only the 2x2 matrix
C_ab = sum conj(lambda_a) psi_b is gathered; dL/dangle = 2 Re sum_ab (dU/dangle)_ab C_ab.

The kernels check nothing: ``engine`` and ``trace`` do.  They are compiled once a machine and dtype (Numba's cache),
never once a circuit, since circuits are data here.  They hold no lock and start no thread.
"""

import math

import numba as nb
import numpy as np

from qml.simulators.program import CONSTANT, DENSE, ONE_WIRE, PARITY, PERMUTE, RX, RY, RZ
from qml.simulators.simd import LANES, undo_lanes, undo_shared, update_lanes, update_shared

# No fast-math: a result must not depend on what the optimiser chose in the process that compiled the kernel.
_jit = nb.njit(cache=True, nogil=True, error_model="numpy")


@_jit
def _element(kind, angle, constant, out):
    """Write a one-wire matrix as out[0:8] = (re, im) of its entries in row order."""
    out[:] = 0
    half = angle * 0.5
    c = math.cos(half)
    s = math.sin(half)
    if kind == CONSTANT:
        for j in range(8):
            out[j] = constant[j]
    elif kind == RX:
        out[0] = c
        out[3] = -s
        out[5] = -s
        out[6] = c
    elif kind == RY:
        out[0] = c
        out[2] = -s
        out[4] = s
        out[6] = c
    elif kind == RZ:
        out[0] = c
        out[1] = -s
        out[6] = c
        out[7] = s
    else:
        out[0] = 1
        out[6] = math.cos(angle)
        out[7] = math.sin(angle)


@_jit
def _element_derivative(kind, angle, out):
    """Write d(matrix)/d(angle) in the layout of ``_element``."""
    out[:] = 0
    half = angle * 0.5
    c = math.cos(half) * 0.5
    s = math.sin(half) * 0.5
    if kind == RX:
        out[0] = -s
        out[3] = -c
        out[5] = -c
        out[6] = -s
    elif kind == RY:
        out[0] = -s
        out[2] = -c
        out[4] = c
        out[6] = -s
    elif kind == RZ:
        out[0] = -s
        out[1] = -c
        out[6] = -s
        out[7] = c
    else:
        out[6] = -math.sin(angle)
        out[7] = math.cos(angle)


@_jit
def _multiply(a, b, out):
    """Write the product a b of two 2x2 matrices; out must not be a or b."""
    for i in range(2):
        for j in range(2):
            re = 0.0
            im = 0.0
            for k in range(2):
                ar = a[4 * i + 2 * k]
                ai = a[4 * i + 2 * k + 1]
                br = b[4 * k + 2 * j]
                bi = b[4 * k + 2 * j + 1]
                re += ar * br - ai * bi
                im += ar * bi + ai * br
            out[4 * i + 2 * j] = re
            out[4 * i + 2 * j + 1] = im


@_jit
def _fuse(elements, start, stop, angle, constants, out):
    """Write the product of elements [start, stop), the first acting first."""
    step = np.empty(8)
    product = np.empty(8)
    _element(elements[start, 0], angle[start - start], constants[elements[start, 1] * (elements[start, 0] == 0)], out)
    for e in range(start + 1, stop):
        _element(elements[e, 0], angle[e - start], constants[elements[e, 1] * (elements[e, 0] == 0)], step)
        _multiply(step, out, product)
        out[:] = product


@_jit
def _chain(elements, start, stop, angle, constants, cross, out):
    """Write dL/dangle of each element from the cross matrix C of their product.

    With U = A E B, dL/dangle = 2 Re sum_cd (dE)_cd D_cd, where D_cd = sum_ab A_ac C_ab B_db.
    """
    count = stop - start
    before = np.empty((count + 1, 8))
    after = np.empty((count + 1, 8))
    matrix = np.empty((count, 8))
    before[0] = 0
    before[0, 0] = 1
    before[0, 6] = 1
    after[count] = before[0]
    for e in range(count):
        kind = elements[start + e, 0]
        _element(kind, angle[e], constants[elements[start + e, 1] * (kind == 0)], matrix[e])
        _multiply(matrix[e], before[e], before[e + 1])
    for e in range(count - 1, -1, -1):
        _multiply(after[e + 1], matrix[e], after[e])
    derivative = np.empty(8)
    left = np.empty(8)
    full = np.empty(8)
    for e in range(count):
        kind = elements[start + e, 0]
        out[e] = 0
        if kind == CONSTANT:
            continue
        _element_derivative(kind, angle[e], derivative)
        _multiply(after[e + 1], derivative, left)
        _multiply(left, before[e], full)
        total = 0.0
        for j in range(4):
            total += full[2 * j] * cross[2 * j] - full[2 * j + 1] * cross[2 * j + 1]
        out[e] = 2 * total


@_jit
def shared_angles(constant, start, coefficient, first, second, lane, weights, n_samplewise, out):
    """Write every angle that depends on weights only."""
    for p in range(constant.shape[0]):
        if lane[p] >= 0:
            continue
        total = constant[p]
        for t in range(start[p], start[p + 1]):
            value = coefficient[t] * weights[first[t] - n_samplewise]
            if second[t] >= 0:
                value *= weights[second[t] - n_samplewise]
            total += value
        out[p] = total


@_jit
def shared_angle_gradients(start, coefficient, first, second, lane, weights, n_samplewise, gradient, out):
    """Add the gradients of weights-only angles to the weights' gradient."""
    for p in range(lane.shape[0]):
        if lane[p] >= 0 or gradient[p] == 0:
            continue
        for t in range(start[p], start[p + 1]):
            i = first[t] - n_samplewise
            j = second[t] - n_samplewise
            g = gradient[p] * coefficient[t]
            if second[t] < 0:
                out[i] += g
            else:
                out[i] += g * weights[j]
                out[j] += g * weights[i]


@_jit
def shared_matrices(operations, elements, constants, lane_operation, angles, out):
    """Write the fused matrix of every one-wire operation whose angles depend on weights only."""
    angle = np.empty(elements.shape[0] + 1)
    for o in range(operations.shape[0]):
        if operations[o, 0] != ONE_WIRE or lane_operation[o]:
            continue
        start = operations[o, 4]
        stop = operations[o, 5]
        for e in range(start, stop):
            angle[e - start] = angles[elements[e, 1]] if elements[e, 0] != CONSTANT else 0.0
        _fuse(elements, start, stop, angle, constants, out[o])


@_jit
def shared(
    constant,
    start,
    coefficient,
    first,
    second,
    lane,
    weights,
    n_samplewise,
    operations,
    elements,
    constants,
    lane_operation,
    angles,
    matrices,
):
    """Write what is the same for all samples: the angles, and the fused matrices of operations made of them."""
    shared_angles(constant, start, coefficient, first, second, lane, weights, n_samplewise, angles)
    shared_matrices(operations, elements, constants, lane_operation, angles, matrices)


@_jit
def weight_gradients(
    constant,
    start,
    coefficient,
    first,
    second,
    lane,
    weights,
    n_samplewise,
    operations,
    elements,
    constants,
    lane_operation,
    angles,
    cross,
    angle_gradient,
    weight_gradient,
    out,
):
    """Write the gradient of the weights from what each block left; the first of each array is used as the sum.

    Blocks are summed in their order, so that the result does not depend on the number of threads.

    Args:
        cross: Cross matrices, shape (n_blocks, n_operations, 8).
        angle_gradient: Of angles that depend on weights only, shape (n_blocks, n_angles).
        weight_gradient: Of weights in angles that depend on inputs too, shape (n_blocks, n_weights).
        out: Shape (n_weights,).
    """
    for block in range(1, cross.shape[0]):
        cross[0] += cross[block]
        angle_gradient[0] += angle_gradient[block]
        weight_gradient[0] += weight_gradient[block]
    if cross.shape[0] > 0:
        shared_gradients(operations, elements, constants, lane_operation, angles, cross[0], angle_gradient[0])
        shared_angle_gradients(
            start, coefficient, first, second, lane, weights, n_samplewise, angle_gradient[0], weight_gradient[0]
        )
        out[:] = weight_gradient[0]
    else:
        out[:] = 0


@_jit
def shared_gradients(operations, elements, constants, lane_operation, angles, cross, out):
    """Turn summed cross matrices, shape (n_operations, 8), into gradients of the angles."""
    angle = np.empty(elements.shape[0] + 1)
    gradient = np.empty(elements.shape[0] + 1)
    for o in range(operations.shape[0]):
        if lane_operation[o]:
            continue
        if operations[o, 0] == PARITY:
            out[operations[o, 2]] += cross[o, 0]
        elif operations[o, 0] == ONE_WIRE:
            start = operations[o, 4]
            stop = operations[o, 5]
            for e in range(start, stop):
                angle[e - start] = angles[elements[e, 1]] if elements[e, 0] != CONSTANT else 0.0
            _chain(elements, start, stop, angle, constants, cross[o], gradient)
            for e in range(start, stop):
                if elements[e, 0] != CONSTANT:
                    out[elements[e, 1]] += gradient[e - start]


@_jit
def _variable(inputs, weights, index, block, out):
    """Write one variable for the samples of a block; lanes past the last sample repeat it."""
    n_samples, n_samplewise = inputs.shape
    if index < 0:
        out[:] = 1
    elif index >= n_samplewise:
        out[:] = weights[index - n_samplewise]
    else:
        for l in range(LANES):
            out[l] = inputs[min(block * LANES + l, n_samples - 1), index]


@_jit
def _lane_angles(constant, start, coefficient, first, second, lane, inputs, weights, block, cos, sin):
    """Write cosine and sine of half of each angle that depends on inputs, shape (n_lane, LANES)."""
    angle = np.empty(LANES)
    one = np.empty(LANES)
    two = np.empty(LANES)
    for p in range(constant.shape[0]):
        row = lane[p]
        if row < 0:
            continue
        angle[:] = constant[p]
        for t in range(start[p], start[p + 1]):
            _variable(inputs, weights, first[t], block, one)
            _variable(inputs, weights, second[t], block, two)
            for l in range(LANES):
                angle[l] += coefficient[t] * one[l] * two[l]
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
def _lane_angle_gradients(
    start, coefficient, first, second, lane, inputs, weights, block, gradient, input_gradient, weight_gradient
):
    """Add gradients of per-sample angles, shape (n_lane, LANES), to those of inputs and weights."""
    n_samples, n_samplewise = inputs.shape
    one = np.empty(LANES)
    two = np.empty(LANES)
    valid = min(LANES, n_samples - block * LANES)
    for p in range(lane.shape[0]):
        row = lane[p]
        if row < 0:
            continue
        for t in range(start[p], start[p + 1]):
            _variable(inputs, weights, first[t], block, one)
            _variable(inputs, weights, second[t], block, two)
            for factor in range(2):
                index = first[t] if factor == 0 else second[t]
                other = two if factor == 0 else one
                if index < 0:
                    continue
                if index < n_samplewise:
                    for l in range(valid):
                        input_gradient[block * LANES + l, index] += gradient[row, l] * coefficient[t] * other[l]
                else:
                    total = 0.0
                    for l in range(valid):
                        total += gradient[row, l] * other[l]
                    weight_gradient[index - n_samplewise] += total * coefficient[t]


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
def _undo_lanes(re, im, lre, lim, bit, control, value, m, cross):
    """Apply an adjoint a sample to psi and lambda; gather C_ab = sum conj(lambda_a) psi_b, shape (8, LANES)."""
    cross[:] = 0
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                undo_lanes(re, im, lre, lim, k, k + bit, m, cross)


@_jit
def _undo_shared(re, im, lre, lim, bit, control, value, m, cross):
    """Apply one adjoint to psi and lambda; gather C_ab = sum conj(lambda_a) psi_b, shape (8, LANES)."""
    ar, ai, br, bi, cr, ci, dr, di = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
    cross[:] = 0
    for base in range(0, re.shape[0], 2 * bit):
        for k in range(base, base + bit):
            if (k & control) == value:
                undo_shared(re, im, lre, lim, k, k + bit, ar, ai, br, bi, cr, ci, dr, di, cross)


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
def _apply_dense(re, im, matrix_re, matrix_im, offsets, bases):
    """Apply a constant unitary on several wires."""
    size = offsets.shape[0]
    old_re = np.empty((size, LANES), re.dtype)
    old_im = np.empty((size, LANES), re.dtype)
    for b in range(bases.shape[0]):
        for a in range(size):
            for l in range(LANES):
                old_re[a, l] = re[bases[b] + offsets[a], l]
                old_im[a, l] = im[bases[b] + offsets[a], l]
        for a in range(size):
            k = bases[b] + offsets[a]
            for l in range(LANES):
                re[k, l] = 0
                im[k, l] = 0
            for c in range(size):
                mr = matrix_re[a, c]
                mi = matrix_im[a, c]
                for l in range(LANES):
                    re[k, l] += mr * old_re[c, l] - mi * old_im[c, l]
                    im[k, l] += mr * old_im[c, l] + mi * old_re[c, l]


@_jit
def _lane_matrices(elements, start, stop, constants, lane, shared, cos, sin, out):
    """Write the fused matrix of each sample, shape (8, LANES), from half-angle cosines and sines."""
    if stop - start == 1:
        row = lane[elements[start, 1]]
        _rotations(elements[start, 0], cos[row], sin[row], out)
        return
    angle = np.empty(stop - start)
    matrix = np.empty(8)
    for l in range(LANES):
        for e in range(start, stop):
            angle[e - start] = _angle_of(elements, e, lane, shared, cos, sin, l)
        _fuse(elements, start, stop, angle, constants, matrix)
        for j in range(8):
            out[j, l] = matrix[j]


@_jit
def _angle_of(elements, e, lane, shared, cos, sin, l):
    """Return an element's angle for one lane; up to a full turn of 4 pi, which changes no matrix."""
    if elements[e, 0] == CONSTANT:
        return 0.0
    row = lane[elements[e, 1]]
    if row < 0:
        return shared[elements[e, 1]]
    return 2 * math.atan2(sin[row, l], cos[row, l])


@_jit
def _rotations(kind, cos, sin, out):
    """Write one rotation a sample, shape (8, LANES)."""
    out[:] = 0
    if kind == RX:
        for l in range(LANES):
            out[0, l] = cos[l]
            out[3, l] = -sin[l]
            out[5, l] = -sin[l]
            out[6, l] = cos[l]
    elif kind == RY:
        for l in range(LANES):
            out[0, l] = cos[l]
            out[2, l] = -sin[l]
            out[4, l] = sin[l]
            out[6, l] = cos[l]
    elif kind == RZ:
        for l in range(LANES):
            out[0, l] = cos[l]
            out[1, l] = -sin[l]
            out[6, l] = cos[l]
            out[7, l] = sin[l]
    else:
        for l in range(LANES):
            out[0, l] = 1
            out[6, l] = cos[l] * cos[l] - sin[l] * sin[l]
            out[7, l] = 2 * sin[l] * cos[l]


@_jit
def _rotation_gradients(kind, cos, sin, cross, gradient):
    """Add 2 Re sum (dU/dangle)_ab C_ab of one rotation a sample."""
    if kind == RX:
        for l in range(LANES):
            gradient[l] += cos[l] * (cross[3, l] + cross[5, l]) - sin[l] * (cross[0, l] + cross[6, l])
    elif kind == RY:
        for l in range(LANES):
            gradient[l] += cos[l] * (cross[4, l] - cross[2, l]) - sin[l] * (cross[0, l] + cross[6, l])
    elif kind == RZ:
        for l in range(LANES):
            gradient[l] += cos[l] * (cross[1, l] - cross[7, l]) - sin[l] * (cross[0, l] + cross[6, l])
    else:
        for l in range(LANES):
            full_sin = 2 * sin[l] * cos[l]
            full_cos = cos[l] * cos[l] - sin[l] * sin[l]
            gradient[l] -= 2 * (full_sin * cross[6, l] + full_cos * cross[7, l])


@_jit
def _lane_gradients(elements, start, stop, constants, lane, shared, cos, sin, cross, n_valid, gradient, shared_out):
    """Turn a cross matrix a sample into gradients of per-sample and of shared angles."""
    if stop - start == 1:
        row = lane[elements[start, 1]]
        _rotation_gradients(elements[start, 0], cos[row], sin[row], cross, gradient[row])
        return
    angle = np.empty(stop - start)
    step = np.empty(stop - start)
    column = np.empty(8)
    for l in range(n_valid):
        for e in range(start, stop):
            angle[e - start] = _angle_of(elements, e, lane, shared, cos, sin, l)
        for j in range(8):
            column[j] = cross[j, l]
        _chain(elements, start, stop, angle, constants, column, step)
        for e in range(start, stop):
            if elements[e, 0] == CONSTANT:
                continue
            row = lane[elements[e, 1]]
            if row >= 0:
                gradient[row, l] += step[e - start]
            else:
                shared_out[elements[e, 1]] += step[e - start]


@_jit
def _adjoint(m, out):
    """Write the conjugate transpose of 2x2 matrices with any trailing shape."""
    out[0] = m[0]
    out[1] = -m[1]
    out[2] = m[4]
    out[3] = -m[5]
    out[4] = m[2]
    out[5] = -m[3]
    out[6] = m[6]
    out[7] = -m[7]


@_jit
def forward(
    first_block,
    last_block,
    inputs,
    weights,
    initial,
    operations,
    elements,
    constants,
    lane_operation,
    matrices,
    angle_constant,
    angle_start,
    angle_coefficient,
    angle_first,
    angle_second,
    angle_lane,
    n_lane,
    shared,
    permutations,
    dense_re,
    dense_im,
    dense_offsets,
    dense_bases,
    diagonal,
    terms,
    coefficients,
    outcome,
    saved,
    out,
    state_out,
):
    """Run blocks [first_block, last_block): write outputs, and final states where ``saved`` has room for them.

    Args:
        first_block: First block of samples.
        last_block: One past the last block.
        inputs: Per-sample variables, shape (n_samples, n_inputs + n_extra).
        weights: Shape (n_weights,).
        initial: First states (re, im), shape (n_samples, 2, 2**n_wires); empty for the all-zeros state.
        operations, elements, constants, permutations: Of the program; constants as (n, 8) reals.
        lane_operation: Whether an operation differs from sample to sample, shape (n_operations,).
        matrices: Fused matrices of the others, shape (n_operations, 8).
        angle_constant, angle_start, angle_coefficient, angle_first, angle_second, angle_lane: The parameter map.
        n_lane: Number of per-sample angles.
        shared: Angles that depend on weights only, shape (n_angles,).
        dense_re, dense_im, dense_offsets, dense_bases: Stacked dense unitaries, padded.
        diagonal, terms, coefficients, outcome: The measurement.
        saved: Final states for the backward pass, shape (n_blocks, 2, 2**n_wires, LANES), or (0, ...).
        out: Expectation values or probabilities, shape (n_samples, n_outputs).
        state_out: States (re, im), shape (n_samples, 2, 2**n_wires), or empty.
    """
    n_states = saved.shape[2]
    n_samples = inputs.shape[0]
    dtype = saved.dtype
    own = np.empty((2, n_states, LANES), dtype)
    spare = np.empty((2, n_states, LANES), dtype)
    lane_cos = np.empty((n_lane, LANES))
    lane_sin = np.empty((n_lane, LANES))
    lane_matrix = np.empty((8, LANES), dtype)
    matrix = np.empty(8, dtype)
    cos = np.empty(LANES, dtype)
    sin = np.empty(LANES, dtype)
    weight = np.empty(LANES, dtype)
    total = np.empty((out.shape[1], LANES), dtype)
    for block in range(first_block, last_block):
        valid = min(LANES, n_samples - block * LANES)
        state = saved[block] if saved.shape[0] > 0 else own
        home = state
        other = spare
        _lane_angles(
            angle_constant,
            angle_start,
            angle_coefficient,
            angle_first,
            angle_second,
            angle_lane,
            inputs,
            weights,
            block,
            lane_cos,
            lane_sin,
        )
        state[:] = 0
        if initial.shape[0] > 0:
            for l in range(valid):
                for k in range(n_states):
                    state[0, k, l] = initial[block * LANES + l, 0, k]
                    state[1, k, l] = initial[block * LANES + l, 1, k]
        else:
            state[0, 0, :] = 1
        for o in range(operations.shape[0]):
            kind = operations[o, 0]
            if kind == ONE_WIRE:
                if lane_operation[o]:
                    _lane_matrices(
                        elements,
                        operations[o, 4],
                        operations[o, 5],
                        constants,
                        angle_lane,
                        shared,
                        lane_cos,
                        lane_sin,
                        lane_matrix,
                    )
                    _apply_lanes(state[0], state[1], operations[o, 1], operations[o, 2], operations[o, 3], lane_matrix)
                else:
                    matrix[:] = matrices[o]
                    _apply_shared(state[0], state[1], operations[o, 1], operations[o, 2], operations[o, 3], matrix)
            elif kind == PARITY:
                p = operations[o, 2]
                if lane_operation[o]:
                    cos[:] = lane_cos[angle_lane[p]]
                    sin[:] = lane_sin[angle_lane[p]]
                else:
                    cos[:] = math.cos(shared[p] * 0.5)
                    sin[:] = math.sin(shared[p] * 0.5)
                _apply_parity(state[0], state[1], operations[o, 1], cos, sin)
            elif kind == PERMUTE:
                _permute(state[0], state[1], other[0], other[1], permutations[operations[o, 1]])
                state, other = other, state
            elif kind == DENSE:
                d = operations[o, 1]
                size = operations[o, 2]
                count = operations[o, 3]
                _apply_dense(
                    state[0],
                    state[1],
                    dense_re[d, :size, :size],
                    dense_im[d, :size, :size],
                    dense_offsets[d, :size],
                    dense_bases[d, :count],
                )
        # Permutations swap buffers; an odd number of them leaves the result in the spare one.
        if saved.shape[0] > 0 and operations_swapped(operations):
            home[:] = state
            state, other = home, spare
        re = state[0]
        im = state[1]
        if state_out.shape[0] > 0:
            for l in range(valid):
                for k in range(n_states):
                    state_out[block * LANES + l, 0, k] = re[k, l]
                    state_out[block * LANES + l, 1, k] = im[k, l]
            continue
        total[:] = 0
        if outcome.shape[0] > 0:
            for k in range(n_states):
                for l in range(LANES):
                    total[outcome[k], l] += re[k, l] * re[k, l] + im[k, l] * im[k, l]
        else:
            for k in range(n_states):
                for l in range(LANES):
                    weight[l] = re[k, l] * re[k, l] + im[k, l] * im[k, l]
                for q in range(diagonal.shape[0]):
                    d = diagonal[q, k]
                    for l in range(LANES):
                        total[q, l] += d * weight[l]
            for t in range(terms.shape[0]):
                q = terms[t, 0]
                flip = terms[t, 1]
                for k in range(n_states):
                    j = k ^ flip
                    c = -coefficients[t] if _odd(k & terms[t, 2]) else coefficients[t]
                    if terms[t, 3] >= 2:
                        c = -c
                    if terms[t, 3] % 2 == 0:
                        for l in range(LANES):
                            total[q, l] += c * (re[j, l] * re[k, l] + im[j, l] * im[k, l])
                    else:
                        for l in range(LANES):
                            total[q, l] -= c * (re[j, l] * im[k, l] - im[j, l] * re[k, l])
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


@_jit
def backward(
    first_block,
    last_block,
    inputs,
    weights,
    operations,
    elements,
    constants,
    lane_operation,
    matrices,
    angle_constant,
    angle_start,
    angle_coefficient,
    angle_first,
    angle_second,
    angle_lane,
    n_lane,
    shared,
    inverses,
    dense_re,
    dense_im,
    dense_offsets,
    dense_bases,
    diagonal,
    terms,
    coefficients,
    outcome,
    saved,
    output_gradient,
    state_gradient,
    wanted,
    stop_at,
    cross,
    shared_gradient,
    input_gradient,
    weight_gradient,
    initial_gradient,
):
    """Un-compute blocks [first_block, last_block) and gather gradients.

    Args:
        saved: Final states of the forward pass; read only.
        output_gradient: Shape (n_samples, n_outputs).
        state_gradient: dL/d(re, im) of the final state, shape (n_samples, 2, 2**n_wires), or empty.
        wanted: Whether an operation has an angle whose gradient is asked for, shape (n_operations,).
        stop_at: First operation with a wanted gradient; those before it are left alone.
        cross: Cross matrices of shared operations, a block each, shape (n_blocks, n_operations, 8); written.
        shared_gradient: Gradients of weights-only angles that sit in per-sample operations,
            shape (n_blocks, n_angles); added to.
        input_gradient: Shape (n_samples, n_inputs + n_extra); added to.
        weight_gradient: From angles that mix inputs and weights, shape (n_blocks, n_weights); added to.
        initial_gradient: dL/d(re, im) of the first state, shape (n_samples, 2, 2**n_wires), or empty.

    The other arguments are those of ``forward``.
    """
    n_states = saved.shape[2]
    n_samples = inputs.shape[0]
    dtype = saved.dtype
    psi_buffer = np.empty((2, n_states, LANES), dtype)
    lam_buffer = np.empty((2, n_states, LANES), dtype)
    spare = np.empty((2, n_states, LANES), dtype)
    lane_cos = np.empty((n_lane, LANES))
    lane_sin = np.empty((n_lane, LANES))
    angle_gradient = np.empty((n_lane, LANES))
    lane_matrix = np.empty((8, LANES), dtype)
    lane_adjoint = np.empty((8, LANES), dtype)
    matrix = np.empty(8, dtype)
    adjoint = np.empty(8, dtype)
    gathered = np.empty((8, LANES), dtype)
    line = np.empty(LANES, dtype)
    cos = np.empty(LANES, dtype)
    sin = np.empty(LANES, dtype)
    g = np.zeros((output_gradient.shape[1], LANES), dtype)
    for block in range(first_block, last_block):
        valid = min(LANES, n_samples - block * LANES)
        _lane_angles(
            angle_constant,
            angle_start,
            angle_coefficient,
            angle_first,
            angle_second,
            angle_lane,
            inputs,
            weights,
            block,
            lane_cos,
            lane_sin,
        )
        angle_gradient[:] = 0
        psi = psi_buffer
        lam = lam_buffer
        other = spare
        psi[:] = saved[block]
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
            if outcome.shape[0] > 0:
                for k in range(n_states):
                    for l in range(LANES):
                        lam[0, k, l] = g[outcome[k], l] * psi[0, k, l]
                        lam[1, k, l] = g[outcome[k], l] * psi[1, k, l]
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
                for t in range(terms.shape[0]):
                    q = terms[t, 0]
                    for k in range(n_states):
                        j = k ^ terms[t, 1]
                        c = -coefficients[t] if _odd(k & terms[t, 2]) else coefficients[t]
                        if terms[t, 3] >= 2:
                            c = -c
                        if terms[t, 3] % 2 == 0:
                            for l in range(LANES):
                                lam[0, j, l] += c * g[q, l] * psi[0, k, l]
                                lam[1, j, l] += c * g[q, l] * psi[1, k, l]
                        else:
                            for l in range(LANES):
                                lam[0, j, l] -= c * g[q, l] * psi[1, k, l]
                                lam[1, j, l] += c * g[q, l] * psi[0, k, l]
        for o in range(operations.shape[0] - 1, stop_at - 1, -1):
            kind = operations[o, 0]
            if kind == ONE_WIRE:
                bit = operations[o, 1]
                control = operations[o, 2]
                value = operations[o, 3]
                if lane_operation[o]:
                    start = operations[o, 4]
                    stop = operations[o, 5]
                    _lane_matrices(
                        elements, start, stop, constants, angle_lane, shared, lane_cos, lane_sin, lane_matrix
                    )
                    _adjoint(lane_matrix, lane_adjoint)
                    _undo_lanes(psi[0], psi[1], lam[0], lam[1], bit, control, value, lane_adjoint, gathered)
                    if wanted[o]:
                        _lane_gradients(
                            elements,
                            start,
                            stop,
                            constants,
                            angle_lane,
                            shared,
                            lane_cos,
                            lane_sin,
                            gathered,
                            valid,
                            angle_gradient,
                            shared_gradient[block],
                        )
                else:
                    matrix[:] = matrices[o]
                    _adjoint(matrix, adjoint)
                    if wanted[o]:
                        _undo_shared(psi[0], psi[1], lam[0], lam[1], bit, control, value, adjoint, gathered)
                        for j in range(8):
                            step = dtype.type(0)
                            for l in range(LANES):
                                step += gathered[j, l]
                            cross[block, o, j] = step
                    else:
                        _apply_shared(psi[0], psi[1], bit, control, value, adjoint)
                        _apply_shared(lam[0], lam[1], bit, control, value, adjoint)
            elif kind == PARITY:
                p = operations[o, 2]
                if wanted[o]:
                    _parity_gradient(psi[0], psi[1], lam[0], lam[1], operations[o, 1], line)
                    if lane_operation[o]:
                        for l in range(valid):
                            angle_gradient[angle_lane[p], l] += line[l]
                    else:
                        step = dtype.type(0)
                        for l in range(LANES):
                            step += line[l]
                        cross[block, o, 0] = step
                if lane_operation[o]:
                    cos[:] = lane_cos[angle_lane[p]]
                    sin[:] = lane_sin[angle_lane[p]]
                else:
                    cos[:] = math.cos(shared[p] * 0.5)
                    sin[:] = math.sin(shared[p] * 0.5)
                for l in range(LANES):
                    sin[l] = -sin[l]
                _apply_parity(psi[0], psi[1], operations[o, 1], cos, sin)
                _apply_parity(lam[0], lam[1], operations[o, 1], cos, sin)
            elif kind == PERMUTE:
                inverse = inverses[operations[o, 1]]
                _permute(psi[0], psi[1], other[0], other[1], inverse)
                psi, other = other, psi
                _permute(lam[0], lam[1], other[0], other[1], inverse)
                lam, other = other, lam
            elif kind == DENSE:
                d = operations[o, 1]
                size = operations[o, 2]
                count = operations[o, 3]
                # The conjugate transpose, made by exchanging the indices and the sign.
                back_re = dense_re[d, :size, :size].T
                back_im = -dense_im[d, :size, :size].T
                _apply_dense(psi[0], psi[1], back_re, back_im, dense_offsets[d, :size], dense_bases[d, :count])
                _apply_dense(lam[0], lam[1], back_re, back_im, dense_offsets[d, :size], dense_bases[d, :count])
        if initial_gradient.shape[0] > 0:
            for l in range(valid):
                for k in range(n_states):
                    initial_gradient[block * LANES + l, 0, k] = 2 * lam[0, k, l]
                    initial_gradient[block * LANES + l, 1, k] = 2 * lam[1, k, l]
        _lane_angle_gradients(
            angle_start,
            angle_coefficient,
            angle_first,
            angle_second,
            angle_lane,
            inputs,
            weights,
            block,
            angle_gradient,
            input_gradient,
            weight_gradient[block],
        )
