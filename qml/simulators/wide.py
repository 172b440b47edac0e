"""State-vector kernels for few samples on many wires: the vector runs over amplitudes.

The lanes of ``kernels`` are samples; with one sample of 20 wires fifteen of sixteen would idle, and states of many
wires no longer fit the cache.  Here a sample's state is ``[re | im][2**n_wires / LANES][LANES]``: the four least
significant bits of an index are the lane.  A gate on any other bit is the same update of pairs of rows; a gate on one
of these four exchanges lanes within a row.  Otherwise the method is that of ``kernels``.
"""

import math

import numpy as np

from qml.simulators.kernels import (
    _adjoint,
    _apply_lanes,
    _apply_parity,
    _apply_shared,
    _chain,
    _fuse,
    _jit,
    _odd,
    _parity_gradient,
    _undo_lanes,
    _undo_shared,
    operations_swapped,
)
from qml.simulators.program import CONSTANT, DENSE, ONE_WIRE, PARITY, PERMUTE
from qml.simulators.simd import (
    LANES,
    undo_inside_1,
    undo_inside_2,
    undo_inside_4,
    undo_inside_8,
    update_inside_1,
    update_inside_2,
    update_inside_4,
    update_inside_8,
)

LOW = LANES - 1  # mask of the bits inside a row
_LANE_BITS = LOW.bit_length()
_CHUNK = 256  # rows that stay in the first cache


@_jit
def _sample_angles(constant, start, coefficient, first, second, inputs, weights, sample, out):
    """Write every angle of one sample."""
    n_samplewise = inputs.shape[1]
    for p in range(constant.shape[0]):
        total = constant[p]
        for t in range(start[p], start[p + 1]):
            i = first[t]
            j = second[t]
            value = coefficient[t] * (inputs[sample, i] if i < n_samplewise else weights[i - n_samplewise])
            if j >= 0:
                value *= inputs[sample, j] if j < n_samplewise else weights[j - n_samplewise]
            total += value
        out[p] = total


@_jit
def _sample_angle_gradients(
    start, coefficient, first, second, inputs, weights, sample, gradient, input_gradient, weight_gradient
):
    """Add one sample's gradients of all angles to those of inputs and weights."""
    n_samplewise = inputs.shape[1]
    for p in range(gradient.shape[0]):
        for t in range(start[p], start[p + 1]):
            i = first[t]
            j = second[t]
            g = gradient[p] * coefficient[t]
            vi = inputs[sample, i] if i < n_samplewise else weights[i - n_samplewise]
            vj = 1.0
            if j >= 0:
                vj = inputs[sample, j] if j < n_samplewise else weights[j - n_samplewise]
                if j < n_samplewise:
                    input_gradient[sample, j] += g * vi
                else:
                    weight_gradient[sample, j - n_samplewise] += g * vi
            if i < n_samplewise:
                input_gradient[sample, i] += g * vj
            else:
                weight_gradient[sample, i - n_samplewise] += g * vj


@_jit
def _gate_angles(elements, start, stop, angles, out):
    for e in range(start, stop):
        out[e - start] = 0.0 if elements[e, 0] == CONSTANT else angles[elements[e, 1]]


@_jit
def _lane_matrix(matrix, low_control, low_value, out):
    """Repeat a matrix in every lane whose control bits have the value; the identity elsewhere; shape (8, LANES)."""
    for l in range(LANES):
        acts = (l & low_control) == low_value
        for j in range(8):
            out[j, l] = matrix[j] if acts else (1.0 if j == 0 or j == 6 else 0.0)


@_jit
def _inside_matrix(matrix, bit, low_control, low_value, out):
    """Write (own, other) of a gate on a bit inside the lanes, as (re, im) rows, shape (4, LANES)."""
    for l in range(LANES):
        acts = (l & low_control) == low_value
        own = 6 if l & bit else 0
        other = 4 if l & bit else 2
        out[0, l] = matrix[own] if acts else 1.0
        out[1, l] = matrix[own + 1] if acts else 0.0
        out[2, l] = matrix[other] if acts else 0.0
        out[3, l] = matrix[other + 1] if acts else 0.0


@_jit
def _apply_inside(re, im, bit, control, value, m):
    """Apply a gate on a bit inside the lanes to the rows whose control bits have the value."""
    for k in range(re.shape[0]):
        if (k & control) != value:
            continue
        if bit == 1:
            update_inside_1(re, im, k, m)
        elif bit == 2:
            update_inside_2(re, im, k, m)
        elif bit == 4:
            update_inside_4(re, im, k, m)
        else:
            update_inside_8(re, im, k, m)


@_jit
def _undo_inside(re, im, lre, lim, bit, control, value, m, cross):
    """Undo such a gate on psi and lambda; gather its products, shape (4, LANES)."""
    cross[:] = 0
    for k in range(re.shape[0]):
        if (k & control) != value:
            continue
        if bit == 1:
            undo_inside_1(re, im, lre, lim, k, m, cross)
        elif bit == 2:
            undo_inside_2(re, im, lre, lim, k, m, cross)
        elif bit == 4:
            undo_inside_4(re, im, lre, lim, k, m, cross)
        else:
            undo_inside_8(re, im, lre, lim, k, m, cross)


@_jit
def _apply_gate(re, im, operation, matrix, lane_matrix, inside):
    """Apply a one-wire gate with any controls."""
    bit, control, value = operation[1], operation[2], operation[3]
    high, low, low_value = control // LANES, control & LOW, value & LOW
    if bit < LANES:
        _inside_matrix(matrix, bit, low, low_value, inside)
        _apply_inside(re, im, bit, high, value // LANES, inside)
    elif low:
        _lane_matrix(matrix, low, low_value, lane_matrix)
        _apply_lanes(re, im, bit // LANES, high, value // LANES, lane_matrix)
    else:
        _apply_shared(re, im, bit // LANES, high, value // LANES, matrix)


@_jit
def _undo_gate(re, im, lre, lim, operation, adjoint, lane_matrix, inside, gathered, cross):
    """Undo a one-wire gate on psi and lambda; write its cross matrix, shape (8,)."""
    bit, control, value = operation[1], operation[2], operation[3]
    high, low, low_value = control // LANES, control & LOW, value & LOW
    cross[:] = 0
    if bit < LANES:
        _inside_matrix(adjoint, bit, low, low_value, inside)
        _undo_inside(re, im, lre, lim, bit, high, value // LANES, inside, gathered[:4])
        for l in range(LANES):
            if (l & low) == low_value:
                own = 6 if l & bit else 0
                other = 4 if l & bit else 2
                cross[own] += gathered[0, l]
                cross[own + 1] += gathered[1, l]
                cross[other] += gathered[2, l]
                cross[other + 1] += gathered[3, l]
        return
    if low:
        _lane_matrix(adjoint, low, low_value, lane_matrix)
        _undo_lanes(re, im, lre, lim, bit // LANES, high, value // LANES, lane_matrix, gathered)
    else:
        _undo_shared(re, im, lre, lim, bit // LANES, high, value // LANES, adjoint, gathered)
    for l in range(LANES):
        if (l & low) == low_value:
            for j in range(8):
                cross[j] += gathered[j, l]


@_jit
def _signed_sines(angle, mask, cos, sin):
    """Write cos and sin of half an angle for each lane; the sine's sign is the parity of the lane's masked bits."""
    for l in range(LANES):
        cos[l] = math.cos(angle * 0.5)
        sin[l] = -math.sin(angle * 0.5) if _odd(l & mask) else math.sin(angle * 0.5)


@_jit
def _permute_flat(state, out, move, listed):
    """Write out[k] = state[p(k)] over single amplitudes.

    From one row to the next the lowest bits flip, up to the lowest that was clear: p changes by their columns.

    Args:
        move: Row of ``listed`` where p is a list, or -1; p(0); the column of each bit, the least significant first.
    """
    re = state[0].reshape(-1)
    im = state[1].reshape(-1)
    new_re = out[0].reshape(-1)
    new_im = out[1].reshape(-1)
    if move[0] >= 0:
        row = listed[move[0]]
        for k in range(row.shape[0]):
            new_re[k] = re[row[k]]
            new_im[k] = im[row[k]]
        return
    columns = move[2:]
    lane = np.zeros(LANES, np.int64)
    for l in range(LANES):
        for j in range(_LANE_BITS):
            if l >> j & 1:
                lane[l] ^= columns[j]
    flips = np.zeros(columns.shape[0] - _LANE_BITS + 1, np.int64)
    for j in range(_LANE_BITS, columns.shape[0]):
        flips[j - _LANE_BITS] = columns[j] ^ (flips[j - _LANE_BITS - 1] if j > _LANE_BITS else 0)
    start = move[1]
    for row in range(state.shape[1]):
        for l in range(LANES):
            k = start ^ lane[l]
            new_re[row * LANES + l] = re[k]
            new_im[row * LANES + l] = im[k]
        bit = 0
        while row >> bit & 1:
            bit += 1
        start ^= flips[bit]


@_jit
def _walsh(x):
    """Write the Walsh-Hadamard transform in place, shape (rows, LANES), in the order of the indices.

    Of probabilities, it gives the expectation value of the Pauli word with Z on the bits of each index; of
    coefficients at these indices, the diagonal of the sum of the words.
    """
    rows = x.shape[0]
    sign = np.empty((LANES, LANES), x.dtype)
    for m in range(LANES):
        for l in range(LANES):
            sign[m, l] = -1 if _odd(m & l) else 1
    line = np.empty(LANES, x.dtype)
    chunk = min(rows, _CHUNK)
    for first in range(0, rows, chunk):
        for k in range(first, first + chunk):
            line[:] = 0
            for m in range(LANES):
                value = x[k, m]
                for l in range(LANES):
                    line[l] += sign[m, l] * value
            x[k] = line
        half = 1
        while half < chunk:
            _butterflies(x, first, first + chunk, half)
            half *= 2
    half = chunk
    while half < rows:
        _butterflies(x, 0, rows, half)
        half *= 2


@_jit
def _butterflies(x, first, last, half):
    """Write sums and differences of the rows of [first, last) whose numbers differ by ``half``."""
    for base in range(first, last, 2 * half):
        for k in range(base, base + half):
            for l in range(LANES):
                a = x[k, l]
                b = x[k + half, l]
                x[k, l] = a + b
                x[k + half, l] = a - b


@_jit
def _apply_dense_flat(state, matrix_re, matrix_im, offsets, bases):
    """Apply a constant unitary on several wires over single amplitudes."""
    re = state[0].reshape(-1)
    im = state[1].reshape(-1)
    size = offsets.shape[0]
    old_re = np.empty(size, re.dtype)
    old_im = np.empty(size, re.dtype)
    for b in range(bases.shape[0]):
        for a in range(size):
            old_re[a] = re[bases[b] + offsets[a]]
            old_im[a] = im[bases[b] + offsets[a]]
        for a in range(size):
            new_re = re.dtype.type(0)
            new_im = re.dtype.type(0)
            for c in range(size):
                new_re += matrix_re[a, c] * old_re[c] - matrix_im[a, c] * old_im[c]
                new_im += matrix_re[a, c] * old_im[c] + matrix_im[a, c] * old_re[c]
            re[bases[b] + offsets[a]] = new_re
            im[bases[b] + offsets[a]] = new_im


@_jit
def _word_sign(k, z_mask, power, coefficient):
    """Return the coefficient with the sign of a Pauli word on basis state k; odd powers of i are left to the caller."""
    sign = -coefficient if _odd(k & z_mask) else coefficient
    return -sign if power >= 2 else sign


@_jit
def forward(
    first_sample,
    last_sample,
    inputs,
    weights,
    initial,
    operations,
    elements,
    constants,
    angle_constant,
    angle_start,
    angle_coefficient,
    angle_first,
    angle_second,
    moves,
    listed,
    dense_re,
    dense_im,
    dense_offsets,
    dense_bases,
    z_words,
    z_coefficients,
    terms,
    coefficients,
    outcome,
    saved,
    out,
    state_out,
):
    """Run samples [first_sample, last_sample), see ``kernels.forward``.

    Args:
        saved: Final states, shape (n_samples, 2, 2**n_wires / LANES, LANES), or (0, ...).
    """
    rows = saved.shape[2]
    dtype = saved.dtype
    own = np.empty((2, rows if saved.shape[0] == 0 else 0, LANES), dtype)
    spare = np.empty((2, rows, LANES), dtype)
    angles = np.empty(angle_constant.shape[0])
    own_angles = np.empty(elements.shape[0] + 1)
    wide_matrix = np.empty(8)
    matrix = np.empty(8, dtype)
    lane_matrix = np.empty((8, LANES), dtype)
    inside = np.empty((4, LANES), dtype)
    cos = np.empty(LANES, dtype)
    sin = np.empty(LANES, dtype)
    total = np.empty(out.shape[1])
    for sample in range(first_sample, last_sample):
        state = saved[sample] if saved.shape[0] > 0 else own
        home = state
        other = spare
        _sample_angles(
            angle_constant,
            angle_start,
            angle_coefficient,
            angle_first,
            angle_second,
            inputs,
            weights,
            sample,
            angles,
        )
        if initial.shape[0] > 0:
            for plane in range(2):
                state[plane].reshape(-1)[:] = initial[sample, plane]
        else:
            state[:] = 0
            state[0, 0, 0] = 1
        for o in range(operations.shape[0]):
            operation = operations[o]
            kind = operation[0]
            if kind == ONE_WIRE:
                _gate_angles(elements, operation[4], operation[5], angles, own_angles)
                _fuse(elements, operation[4], operation[5], own_angles, constants, wide_matrix)
                matrix[:] = wide_matrix
                _apply_gate(state[0], state[1], operation, matrix, lane_matrix, inside)
            elif kind == PARITY:
                _signed_sines(angles[operation[2]], operation[1] & LOW, cos, sin)
                _apply_parity(state[0], state[1], operation[1] // LANES, cos, sin)
            elif kind == PERMUTE:
                _permute_flat(state, other, moves[operation[1]], listed)
                state, other = other, state
            elif kind == DENSE:
                d, size, count = operation[1], operation[2], operation[3]
                _apply_dense_flat(
                    state,
                    dense_re[d, :size, :size],
                    dense_im[d, :size, :size],
                    dense_offsets[d, :size],
                    dense_bases[d, :count],
                )
        if saved.shape[0] > 0 and operations_swapped(operations):
            home[:] = state
            state, other = home, spare
        re = state[0].reshape(-1)
        im = state[1].reshape(-1)
        if state_out.shape[0] > 0:
            state_out[sample, 0] = re
            state_out[sample, 1] = im
            continue
        total[:] = 0
        if outcome.shape[0] > 0:
            for k in range(re.shape[0]):
                total[outcome[k]] += re[k] * re[k] + im[k] * im[k]
        else:
            if z_words.shape[0] > 0:
                words = other[0]
                for k in range(rows):
                    for l in range(LANES):
                        words[k, l] = state[0, k, l] * state[0, k, l] + state[1, k, l] * state[1, k, l]
                _walsh(words)
                for w in range(z_words.shape[0]):
                    total[z_words[w, 0]] += z_coefficients[w] * other[0].reshape(-1)[z_words[w, 1]]
            for t in range(terms.shape[0]):
                value = 0.0
                for k in range(re.shape[0]):
                    j = k ^ terms[t, 1]
                    c = _word_sign(k, terms[t, 2], terms[t, 3], coefficients[t])
                    if terms[t, 3] % 2 == 0:
                        value += c * (re[j] * re[k] + im[j] * im[k])
                    else:
                        value -= c * (re[j] * im[k] - im[j] * re[k])
                total[terms[t, 0]] += value
        for q in range(out.shape[1]):
            out[sample, q] = total[q]


@_jit
def backward(
    first_sample,
    last_sample,
    inputs,
    weights,
    operations,
    elements,
    constants,
    angle_constant,
    angle_start,
    angle_coefficient,
    angle_first,
    angle_second,
    inverse_moves,
    listed,
    dense_re,
    dense_im,
    dense_offsets,
    dense_bases,
    z_words,
    z_coefficients,
    terms,
    coefficients,
    outcome,
    saved,
    output_gradient,
    state_gradient,
    wanted,
    stop_at,
    input_gradient,
    weight_gradient,
    initial_gradient,
):
    """Un-compute samples [first_sample, last_sample) and gather gradients, see ``kernels.backward``.

    Args:
        input_gradient: Shape (n_samples, n_inputs + n_extra); added to.
        weight_gradient: Of each sample, shape (n_samples, n_weights); added to.
    """
    rows = saved.shape[2]
    dtype = saved.dtype
    psi_buffer = np.empty((2, rows, LANES), dtype)
    lam_buffer = np.empty((2, rows, LANES), dtype)
    spare = np.empty((2, rows, LANES), dtype)
    angles = np.empty(angle_constant.shape[0])
    angle_gradient = np.empty(angle_constant.shape[0])
    own_angles = np.empty(elements.shape[0] + 1)
    own_gradient = np.empty(elements.shape[0] + 1)
    wide_matrix = np.empty(8)
    matrix = np.empty(8, dtype)
    adjoint = np.empty(8, dtype)
    cross = np.empty(8)
    lane_matrix = np.empty((8, LANES), dtype)
    gathered = np.empty((8, LANES), dtype)
    inside = np.empty((4, LANES), dtype)
    line = np.empty(LANES, dtype)
    cos = np.empty(LANES, dtype)
    sin = np.empty(LANES, dtype)
    for sample in range(first_sample, last_sample):
        _sample_angles(
            angle_constant,
            angle_start,
            angle_coefficient,
            angle_first,
            angle_second,
            inputs,
            weights,
            sample,
            angles,
        )
        angle_gradient[:] = 0
        psi = psi_buffer
        lam = lam_buffer
        other = spare
        psi[:] = saved[sample]
        re = psi[0].reshape(-1)
        im = psi[1].reshape(-1)
        lre = lam[0].reshape(-1)
        lim = lam[1].reshape(-1)
        if state_gradient.shape[0] > 0:
            for k in range(re.shape[0]):
                lre[k] = state_gradient[sample, 0, k] * dtype.type(0.5)
                lim[k] = state_gradient[sample, 1, k] * dtype.type(0.5)
        elif outcome.shape[0] > 0:
            for k in range(re.shape[0]):
                g = output_gradient[sample, outcome[k]]
                lre[k] = g * re[k]
                lim[k] = g * im[k]
        else:
            lre[:] = 0
            for w in range(z_words.shape[0]):
                lre[z_words[w, 1]] += z_coefficients[w] * output_gradient[sample, z_words[w, 0]]
            if z_words.shape[0] > 0:
                _walsh(lam[0])
            for k in range(re.shape[0]):
                d = lre[k]
                lre[k] = d * re[k]
                lim[k] = d * im[k]
            for t in range(terms.shape[0]):
                g = output_gradient[sample, terms[t, 0]]
                for k in range(re.shape[0]):
                    j = k ^ terms[t, 1]
                    c = g * _word_sign(k, terms[t, 2], terms[t, 3], coefficients[t])
                    if terms[t, 3] % 2 == 0:
                        lre[j] += c * re[k]
                        lim[j] += c * im[k]
                    else:
                        lre[j] -= c * im[k]
                        lim[j] += c * re[k]
        for o in range(operations.shape[0] - 1, stop_at - 1, -1):
            operation = operations[o]
            kind = operation[0]
            if kind == ONE_WIRE:
                start, stop = operation[4], operation[5]
                _gate_angles(elements, start, stop, angles, own_angles)
                _fuse(elements, start, stop, own_angles, constants, wide_matrix)
                matrix[:] = wide_matrix
                _adjoint(matrix, adjoint)
                if wanted[o]:
                    _undo_gate(psi[0], psi[1], lam[0], lam[1], operation, adjoint, lane_matrix, inside, gathered, cross)
                    _chain(elements, start, stop, own_angles, constants, cross, own_gradient)
                    for e in range(start, stop):
                        if elements[e, 0] != CONSTANT:
                            angle_gradient[elements[e, 1]] += own_gradient[e - start]
                else:
                    _apply_gate(psi[0], psi[1], operation, adjoint, lane_matrix, inside)
                    _apply_gate(lam[0], lam[1], operation, adjoint, lane_matrix, inside)
            elif kind == PARITY:
                p, low = operation[2], operation[1] & LOW
                if wanted[o]:
                    _parity_gradient(psi[0], psi[1], lam[0], lam[1], operation[1] // LANES, line)
                    for l in range(LANES):
                        angle_gradient[p] += -line[l] if _odd(l & low) else line[l]
                _signed_sines(-angles[p], low, cos, sin)
                _apply_parity(psi[0], psi[1], operation[1] // LANES, cos, sin)
                _apply_parity(lam[0], lam[1], operation[1] // LANES, cos, sin)
            elif kind == PERMUTE:
                _permute_flat(psi, other, inverse_moves[operation[1]], listed)
                psi, other = other, psi
                _permute_flat(lam, other, inverse_moves[operation[1]], listed)
                lam, other = other, lam
            elif kind == DENSE:
                d, size, count = operation[1], operation[2], operation[3]
                back_re = np.ascontiguousarray(dense_re[d, :size, :size].T)
                back_im = np.ascontiguousarray(-dense_im[d, :size, :size].T)
                _apply_dense_flat(psi, back_re, back_im, dense_offsets[d, :size], dense_bases[d, :count])
                _apply_dense_flat(lam, back_re, back_im, dense_offsets[d, :size], dense_bases[d, :count])
        if initial_gradient.shape[0] > 0:
            for plane in range(2):
                flat = lam[plane].reshape(-1)
                for k in range(flat.shape[0]):
                    initial_gradient[sample, plane, k] = 2 * flat[k]
        _sample_angle_gradients(
            angle_start,
            angle_coefficient,
            angle_first,
            angle_second,
            inputs,
            weights,
            sample,
            angle_gradient,
            input_gradient,
            weight_gradient,
        )
