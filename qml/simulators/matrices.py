"""From variables to the matrices of gates, and from the overlaps of states back to gradients: the chain rule.

Angles are polynomials of inputs and weights, see ``program.Angles``.  Those of weights alone are the same for all
samples and are worked out once a call ("shared"); the others once a block of samples ("lane").  Of a one-wire gate
the backward pass gathers only the overlaps v_P = Im <lambda|P|psi> with P = I, X, Y, Z on its wire: dL/dangle of the
rotation about P is v_P itself, and undoing a rotation turns (v_X, v_Y, v_Z) like a vector in space, so a product of
rotations costs little more.
"""

import numpy as np

from qml.simulators.jit import inlined, lean
from qml.simulators.program import CONSTANT, ONE_WIRE, PARITY, PHASE, RX, RY, RZ
from qml.simulators.simd import LANES


@inlined
def _entries(kind, cos, sin, constant):
    """Return a one-wire matrix, (re, im) of its entries in row order, from cosine and sine of half its angle."""
    if kind == RX:
        return cos, 0.0, 0.0, -sin, 0.0, -sin, cos, 0.0
    if kind == RY:
        return cos, 0.0, -sin, 0.0, sin, 0.0, cos, 0.0
    if kind == RZ:
        return cos, -sin, 0.0, 0.0, 0.0, 0.0, cos, sin
    if kind == PHASE:
        return 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, cos * cos - sin * sin, 2 * sin * cos
    c = constant
    return c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]


@inlined
def _row_by_column(xr, xi, yr, yi, ur, ui, vr, vi):
    """Return x u + y v, its real and its imaginary part."""
    return xr * ur - xi * ui + (yr * vr - yi * vi), xr * ui + xi * ur + (yr * vi + yi * vr)


@inlined
def fuse(t, start, stop, cos, sin, out):
    """Write the product of elements [start, stop), the first acting first, shape (8,): (re, im) of its entries.

    Args:
        t: The tables.
        start: First element.
        stop: One past the last.
        cos: Of half of every angle.
        sin: Likewise.
        out: Shape (8,).
    """
    index = t.elements[start, 1]
    constant = t.elements[start, 0] == CONSTANT
    p = 0 if constant else index
    b = _entries(t.elements[start, 0], cos[p], sin[p], t.constants[index * constant])
    for e in range(start + 1, stop):
        index = t.elements[e, 1]
        constant = t.elements[e, 0] == CONSTANT
        p = 0 if constant else index
        a = _entries(t.elements[e, 0], cos[p], sin[p], t.constants[index * constant])
        b = (
            _row_by_column(a[0], a[1], a[2], a[3], b[0], b[1], b[4], b[5])
            + _row_by_column(a[0], a[1], a[2], a[3], b[2], b[3], b[6], b[7])
            + _row_by_column(a[4], a[5], a[6], a[7], b[0], b[1], b[4], b[5])
            + _row_by_column(a[4], a[5], a[6], a[7], b[2], b[3], b[6], b[7])
        )
    for j in range(8):
        out[j] = b[j]


@inlined
def chain(t, start, stop, cos, sin, overlaps, gradient):
    """Add dL/dangle of elements [start, stop) from the overlaps after their product.

    With v_P = Im <lambda|P|psi> and the gate exp(-i angle/2 P), dL/dangle = 2 Re <lambda|(-i/2) P|psi> = v_P.

    Args:
        t: The tables.
        start: First element.
        stop: One past the last.
        cos: Of half of every angle.
        sin: Likewise.
        overlaps: v_P for P = I, X, Y, Z.
        gradient: Of every angle.
    """
    one, x, y, z = overlaps[0], overlaps[1], overlaps[2], overlaps[3]
    for e in range(stop - 1, start - 1, -1):
        kind = t.elements[e, 0]
        index = t.elements[e, 1]
        if kind == CONSTANT:
            if e > start:
                turn = t.turns[index]
                x, y, z = (
                    turn[0, 0] * x + turn[1, 0] * y + turn[2, 0] * z,
                    turn[0, 1] * x + turn[1, 1] * y + turn[2, 1] * z,
                    turn[0, 2] * x + turn[1, 2] * y + turn[2, 2] * z,
                )
            continue
        if kind == RX:
            gradient[index] += x
        elif kind == RY:
            gradient[index] += y
        elif kind == RZ:
            gradient[index] += z
        else:  # diag(1, exp(i angle))
            gradient[index] += z - one
        if e == start:
            continue
        c = cos[index] * cos[index] - sin[index] * sin[index]
        s = 2 * sin[index] * cos[index]
        if kind == RX:
            y, z = c * y + s * z, c * z - s * y
        elif kind == RY:
            z, x = c * z + s * x, c * x - s * z
        else:
            x, y = c * x + s * y, c * y - s * x


@inlined
def _write(values, sign, row, out):
    """Write values times a sign to a row; row by row, for a loop over several is not vectorised."""
    for l in range(LANES):
        out[row, l] = sign * values[l]


@inlined
def _fill(value, row, out):
    """Write one value to a row."""
    for l in range(LANES):
        out[row, l] = value


@inlined
def _element(kind, cos, sin, constant, out):
    """Write a one-wire matrix a sample, shape (8, LANES), from half-angle cosines and sines."""
    if kind == CONSTANT:
        for j in range(8):
            _fill(constant[j], j, out)
        return
    for j in range(8):
        _fill(0, j, out)
    if kind == PHASE:
        _fill(1, 0, out)
        for l in range(LANES):
            out[6, l] = cos[l] * cos[l] - sin[l] * sin[l]
        for l in range(LANES):
            out[7, l] = 2 * sin[l] * cos[l]
        return
    _write(cos, 1, 0, out)
    _write(cos, 1, 6, out)
    if kind == RX:
        _write(sin, -1, 3, out)
        _write(sin, -1, 5, out)
    elif kind == RY:
        _write(sin, -1, 2, out)
        _write(sin, 1, 4, out)
    else:
        _write(sin, -1, 1, out)
        _write(sin, 1, 7, out)


@inlined
def _multiply(a, b):
    """Replace b by the products a b of matrices a sample, shape (8, LANES)."""
    for l in range(LANES):
        for j in range(2):
            ur = b[2 * j, l]
            ui = b[2 * j + 1, l]
            vr = b[2 * j + 4, l]
            vi = b[2 * j + 5, l]
            for i in range(2):
                re, im = _row_by_column(a[4 * i, l], a[4 * i + 1, l], a[4 * i + 2, l], a[4 * i + 3, l], ur, ui, vr, vi)
                b[4 * i + 2 * j, l] = re
                b[4 * i + 2 * j + 1, l] = im


@inlined
def _slopes(kind, overlaps, out):
    """Write dL/dangle of a gate a sample from the overlaps after it, see ``chain``."""
    if kind == PHASE:  # diag(1, exp(i angle))
        for l in range(LANES):
            out[l] = overlaps[3, l] - overlaps[0, l]
    else:
        for l in range(LANES):
            out[l] = overlaps[kind, l]  # RX, RY and RZ are 1, 2 and 3, as X, Y and Z are


@inlined
def _turn(kind, cos, sin, turn, overlaps):
    """Undo gates on the overlaps v_P = Im <lambda|P|psi>, P = I, X, Y, Z, shape (4, LANES): turn (X, Y, Z)."""
    for l in range(LANES):
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


@lean
def overlaps_of(first, second, x, y, out):
    """Write v_P = Im <lambda|P|psi>, shape (4,), from the sums that the undo functions gather."""
    out[0] = first + second
    out[1] = x
    out[2] = y
    out[3] = first - second


@lean
def half_angles(angle, cos, sin):
    """Write cos(angle/2) and sin(angle/2) of any number of angles, padded to a multiple of LANES."""
    for first in range(0, angle.shape[0], LANES):
        _half_angle(angle[first : first + LANES], cos[first : first + LANES], sin[first : first + LANES])


@lean
def _half_angle(angle, cos, sin):
    """Write cos(angle/2) and sin(angle/2) for all lanes, in vector instructions.

    Reduction to [-pi/4, pi/4] in three parts of pi/2, then the polynomials of Cephes' sin and cos (Moshier 1989);
    the error is below 1e-15 up to angles of 1e6 (test_matrices.py).
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


@lean
def padded(count):
    """Return the next multiple of LANES, and at least one."""
    return max(1, (count + LANES - 1) // LANES) * LANES


@lean
def shared_size(n_angles, n_operations):
    """Return how many numbers ``shared_matrices`` writes."""
    return 3 * padded(n_angles) + 8 * n_operations


@inlined
def shared_matrices(t, weights, n_samplewise, angles, cos, sin, matrices):
    """Write what is the same for all samples.

    Args:
        t: The tables.
        weights: Shape (n_weights,).
        n_samplewise: Number of per-sample variables.
        angles: Room, shape (padded n_angles,).
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
    for o in range(t.operations.shape[0]):
        if t.operations[o, 0] == ONE_WIRE and not t.lane_operation[o]:
            fuse(t, t.operations[o, 4], t.operations[o, 5], cos, sin, matrices[o])


@inlined
def weight_gradients(t, weights, n_samplewise, cos, sin, overlaps, angle_gradient, weight_gradient, out):
    """Write the gradient of the weights from what each block left; the first of each array is used as the sum.

    Blocks are summed in their order, so that the result does not depend on the number of threads.

    Args:
        t: The tables.
        weights: Shape (n_weights,).
        n_samplewise: Number of per-sample variables.
        cos: Of half of every angle that depends on weights only.
        sin: Likewise.
        overlaps: Of the operations that are the same for all samples, shape (n_blocks, n_operations, 4).
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
                overlaps[0, o, j] += overlaps[block, o, j]
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
            gradient[t.operations[o, 2]] += overlaps[0, o, 0]
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


@inlined
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


@inlined
def lane_angles(t, inputs, weights, block, room, cos, sin):
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


@inlined
def lane_angle_gradients(t, inputs, weights, block, one, own, gradient, input_gradient, weight_gradient):
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


@inlined
def _lane_half_angle(t, e, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin):
    """Write half-angle cosine and sine of an element for every lane; anything for a constant."""
    if t.elements[e, 0] == CONSTANT:
        return
    p = t.elements[e, 1]
    row = t.angle_lane[p]
    for l in range(LANES):
        cos[l] = lane_cos[row, l] if row >= 0 else shared_cos[p]
        sin[l] = lane_sin[row, l] if row >= 0 else shared_sin[p]


@inlined
def lane_matrices(t, o, shared_cos, shared_sin, lane_cos, lane_sin, room, out):
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


@inlined
def lane_gradients(t, o, shared_cos, shared_sin, lane_cos, lane_sin, gathered, room, gradient, shared_gradient):
    """Add the gradients of a per-sample operation's angles, per-sample ones and shared ones, from what was gathered."""
    start = t.operations[o, 4]
    stop = t.operations[o, 5]
    cos, sin, overlaps, slopes = room[0], room[1], room[2:6], room[6]
    cos[:] = 1
    sin[:] = 0
    for l in range(LANES):
        overlaps[0, l] = gathered[0, l] + gathered[1, l]
    for l in range(LANES):
        overlaps[3, l] = gathered[0, l] - gathered[1, l]
    _write(gathered[2], 1, 1, overlaps)
    _write(gathered[3], 1, 2, overlaps)
    for e in range(stop - 1, start - 1, -1):
        kind = t.elements[e, 0]
        index = t.elements[e, 1]
        row = t.angle_lane[index] if kind != CONSTANT else 0
        if kind != CONSTANT:
            _slopes(kind, overlaps, slopes)
            if row >= 0:
                for l in range(LANES):
                    gradient[row, l] += slopes[l]
            else:
                for l in range(LANES):
                    shared_gradient[index] += slopes[l]
        if e > start:
            _lane_half_angle(t, e, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin)
            _turn(kind, cos, sin, t.turns[index * (kind == CONSTANT)], overlaps)


@inlined
def adjoint_of(m, out):
    """Write the conjugate transpose of a 2x2 matrix, shape (8,)."""
    out[0] = m[0]
    out[1] = -m[1]
    out[2] = m[4]
    out[3] = -m[5]
    out[4] = m[2]
    out[5] = -m[3]
    out[6] = m[6]
    out[7] = -m[7]


@inlined
def lane_adjoints(m, out):
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


@inlined
def parity_angle(t, o, sign, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin):
    """Write half-angle cosine, and sine times a sign, of a parity rotation for every lane."""
    p = t.operations[o, 2]
    row = t.angle_lane[p]
    for l in range(LANES):
        cos[l] = lane_cos[row, l] if row >= 0 else shared_cos[p]
        sin[l] = sign * (lane_sin[row, l] if row >= 0 else shared_sin[p])
