"""State-vector kernels for few samples on many wires: the vector runs over amplitudes.

The lanes of ``kernels`` are samples; with one sample of 20 wires fifteen of sixteen would idle, and states of many
wires no longer fit the cache.  Here a sample's state is ``[re | im][2**n_wires / LANES][LANES]``: the four least
significant bits of an index are the lane.  A gate on any other bit is the same update of pairs of rows; a gate on one
of these four exchanges lanes within a row.  Otherwise the method is that of ``kernels``.
"""

import numpy as np

from qml.simulators.gate_kernels import (
    apply_lanes,
    apply_parity,
    apply_shared,
    odd,
    parity_gradient,
    undo_lanes,
    undo_shared,
)
from qml.simulators.jit import allocating, lean
from qml.simulators.matrices import adjoint_of, chain, fuse, half_angles, overlaps_of, padded
from qml.simulators.program import DENSE, ONE_WIRE, PARITY, PERMUTE
from qml.simulators.sharing import end, start, take, tell
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
from qml.simulators.tables import tables_at

LOW = LANES - 1  # mask of the bits inside a row
_LANE_BITS = LOW.bit_length()
_CHUNK = 256  # rows that stay in the first cache


@allocating
def _sample_angles(t, inputs, weights, sample, angles, cos, sin):
    """Write half-angle cosines and sines of every angle of one sample, by way of the angles, shape (padded,)."""
    n_samplewise = inputs.shape[1]
    angles[:] = 0
    for p in range(t.angle_constant.shape[0]):
        total = t.angle_constant[p]
        for k in range(t.angle_start[p], t.angle_start[p + 1]):
            i = t.angle_first[k]
            j = t.angle_second[k]
            value = t.angle_coefficient[k] * (inputs[sample, i] if i < n_samplewise else weights[i - n_samplewise])
            if j >= 0:
                value *= inputs[sample, j] if j < n_samplewise else weights[j - n_samplewise]
            total += value
        angles[p] = total
    half_angles(angles, cos, sin)


@allocating
def _sample_angle_gradients(t, inputs, weights, sample, gradient, input_gradient, weight_gradient):
    """Add one sample's gradients of all angles to those of inputs and weights."""
    n_samplewise = inputs.shape[1]
    for p in range(t.angle_constant.shape[0]):
        for k in range(t.angle_start[p], t.angle_start[p + 1]):
            i = t.angle_first[k]
            j = t.angle_second[k]
            g = gradient[p] * t.angle_coefficient[k]
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


@allocating
def _lane_matrix(matrix, low_control, low_value, out):
    """Repeat a matrix in every lane whose control bits have the value; the identity elsewhere; shape (8, LANES)."""
    for l in range(LANES):
        acts = (l & low_control) == low_value
        for j in range(8):
            out[j, l] = matrix[j] if acts else (1.0 if j == 0 or j == 6 else 0.0)


@allocating
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


@allocating
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


@allocating
def _undo_inside(re, im, lre, lim, bit, control, value, m, gathered):
    """Gather the overlaps of lambda and psi, see ``simd``, shape (3, LANES), and undo such a gate on both."""
    gathered[:] = 0
    for k in range(re.shape[0]):
        if (k & control) != value:
            continue
        if bit == 1:
            undo_inside_1(re, im, lre, lim, k, m, gathered)
        elif bit == 2:
            undo_inside_2(re, im, lre, lim, k, m, gathered)
        elif bit == 4:
            undo_inside_4(re, im, lre, lim, k, m, gathered)
        else:
            undo_inside_8(re, im, lre, lim, k, m, gathered)


@allocating
def _apply_gate(re, im, operation, matrix, lane_matrix, inside):
    """Apply a one-wire gate with any controls."""
    bit, control, value = operation[1], operation[2], operation[3]
    high, low, low_value = control // LANES, control & LOW, value & LOW
    if bit < LANES:
        _inside_matrix(matrix, bit, low, low_value, inside)
        _apply_inside(re, im, bit, high, value // LANES, inside)
    elif low:
        _lane_matrix(matrix, low, low_value, lane_matrix)
        apply_lanes(re, im, bit // LANES, high, value // LANES, lane_matrix)
    else:
        apply_shared(re, im, bit // LANES, high, value // LANES, matrix)


@allocating
def _undo_gate(re, im, lre, lim, operation, adjoint, lane_matrix, inside, gathered, sums):
    """Undo a one-wire gate on psi and lambda; write what ``overlaps_of`` needs, shape (4,)."""
    bit, control, value = operation[1], operation[2], operation[3]
    high, low, low_value = control // LANES, control & LOW, value & LOW
    sums[:] = 0
    if bit < LANES:
        _inside_matrix(adjoint, bit, low, low_value, inside)
        _undo_inside(re, im, lre, lim, bit, high, value // LANES, inside, gathered[:3])
        for l in range(LANES):
            if (l & low) == low_value:
                upper = l & bit
                sums[1 if upper else 0] += gathered[0, l]
                sums[2] += gathered[1, l]
                sums[3] += gathered[2, l] if upper else -gathered[2, l]
        return
    if low:
        _lane_matrix(adjoint, low, low_value, lane_matrix)
        undo_lanes(re, im, lre, lim, bit // LANES, high, value // LANES, lane_matrix, gathered)
    else:
        undo_shared(re, im, lre, lim, bit // LANES, high, value // LANES, adjoint, gathered)
    for l in range(LANES):
        if (l & low) == low_value:
            for j in range(4):
                sums[j] += gathered[j, l]


@allocating
def _signed_sines(cos_half, sin_half, mask, cos, sin):
    """Write cos and sin of half an angle for each lane; the sine's sign is the parity of the lane's masked bits."""
    for l in range(LANES):
        cos[l] = cos_half
        sin[l] = -sin_half if odd(l & mask) else sin_half


@allocating
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


@allocating
def _walsh(x):
    """Write the Walsh-Hadamard transform in place, shape (rows, LANES), in the order of the indices.

    Of probabilities, it gives the expectation value of the Pauli word with Z on the bits of each index; of
    coefficients at these indices, the diagonal of the sum of the words.
    """
    rows = x.shape[0]
    sign = np.empty((LANES, LANES), x.dtype)
    for m in range(LANES):
        for l in range(LANES):
            sign[m, l] = -1 if odd(m & l) else 1
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


@allocating
def _butterflies(x, first, last, half):
    """Write sums and differences of the rows of [first, last) whose numbers differ by ``half``."""
    for base in range(first, last, 2 * half):
        for k in range(base, base + half):
            for l in range(LANES):
                a = x[k, l]
                b = x[k + half, l]
                x[k, l] = a + b
                x[k + half, l] = a - b


@allocating
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


@allocating
def _word_sign(k, z_mask, power, coefficient):
    """Return the coefficient with the sign of a Pauli word on basis state k; odd powers of i are left to the caller."""
    sign = -coefficient if odd(k & z_mask) else coefficient
    return -sign if power >= 2 else sign


@lean
def _operations_swapped(operations):
    """Whether a pass over all operations swaps the two state buffers an odd number of times."""
    odd = False
    for o in range(operations.shape[0]):
        if operations[o, 0] == PERMUTE:
            odd = not odd
    return odd


@allocating
def forward(
    work,
    bell,
    leads,
    header,
    n_samples,
    moves,
    listed,
    z_words,
    z_coefficients,
    inputs,
    weights,
    initial,
    saved,
    out,
    state_out,
):
    """Run this thread's share of all samples, see ``kernels.forward``.

    Args:
        saved: Final states, shape (n_samples, 2, 2**n_wires / LANES, LANES), or (0, ...).
    """
    start(work, bell, leads)
    first, last = take(work, n_samples, 0)
    while first < last:
        _forward(
            first,
            last,
            header,
            moves,
            listed,
            z_words,
            z_coefficients,
            inputs,
            weights,
            initial,
            saved,
            out,
            state_out,
        )
        tell(work, first, last, leads)
        first, last = take(work, n_samples, last)
    return end(work, bell, n_samples, leads)


@allocating
def _forward(
    first_sample,
    last_sample,
    header,
    moves,
    listed,
    z_words,
    z_coefficients,
    inputs,
    weights,
    initial,
    saved,
    out,
    state_out,
):
    """Run samples [first_sample, last_sample)."""
    t = tables_at(header, saved.dtype)
    rows = saved.shape[2]
    dtype = saved.dtype
    own = np.empty((2, rows if saved.shape[0] == 0 else 0, LANES), dtype)
    spare = np.empty((2, rows, LANES), dtype)
    angles = np.empty(padded(t.angle_constant.shape[0]))
    cos_half = np.empty(angles.shape[0])
    sin_half = np.empty(angles.shape[0])
    matrix = np.empty(8, dtype)
    lane_matrix = np.empty((8, LANES), dtype)
    inside = np.empty((4, LANES), dtype)
    cos = np.empty(LANES, dtype)
    sin = np.empty(LANES, dtype)
    total = np.empty(out.shape[1])
    swapped = _operations_swapped(t.operations)
    for sample in range(first_sample, last_sample):
        # Permutations swap buffers: the last of them has to leave the result at home.
        home = saved[sample] if saved.shape[0] > 0 else own
        state = spare if swapped else home
        other = home if swapped else spare
        _sample_angles(t, inputs, weights, sample, angles, cos_half, sin_half)
        if initial.shape[0] > 0:
            for plane in range(2):
                state[plane].reshape(-1)[:] = initial[sample, plane]
        else:
            state[:] = 0
            state[0, 0, 0] = 1
        for o in range(t.operations.shape[0]):
            operation = t.operations[o]
            kind = operation[0]
            if kind == ONE_WIRE:
                fuse(t, operation[4], operation[5], cos_half, sin_half, matrix)
                _apply_gate(state[0], state[1], operation, matrix, lane_matrix, inside)
            elif kind == PARITY:
                p = operation[2]
                _signed_sines(cos_half[p], sin_half[p], operation[1] & LOW, cos, sin)
                apply_parity(state[0], state[1], operation[1] // LANES, cos, sin)
            elif kind == PERMUTE:
                _permute_flat(state, other, moves[operation[1]], listed)
                state, other = other, state
            elif kind == DENSE:
                d, size, count = operation[1], operation[2], operation[3]
                _apply_dense_flat(
                    state,
                    t.dense_re[d, :size, :size],
                    t.dense_im[d, :size, :size],
                    t.dense_offsets[d, :size],
                    t.dense_bases[d, :count],
                )
        re = state[0].reshape(-1)
        im = state[1].reshape(-1)
        if state_out.shape[0] > 0:
            state_out[sample, 0] = re
            state_out[sample, 1] = im
            continue
        total[:] = 0
        if t.outcome.shape[0] > 0:
            for k in range(re.shape[0]):
                total[t.outcome[k]] += re[k] * re[k] + im[k] * im[k]
        else:
            if z_words.shape[0] > 0:
                words = other[0]
                for k in range(rows):
                    for l in range(LANES):
                        words[k, l] = state[0, k, l] * state[0, k, l] + state[1, k, l] * state[1, k, l]
                _walsh(words)
                for w in range(z_words.shape[0]):
                    total[z_words[w, 0]] += z_coefficients[w] * other[0].reshape(-1)[z_words[w, 1]]
            for term in range(t.terms.shape[0]):
                value = 0.0
                for k in range(re.shape[0]):
                    j = k ^ t.terms[term, 1]
                    c = _word_sign(k, t.terms[term, 2], t.terms[term, 3], t.coefficients[term])
                    if t.terms[term, 3] % 2 == 0:
                        value += c * (re[j] * re[k] + im[j] * im[k])
                    else:
                        value -= c * (re[j] * im[k] - im[j] * re[k])
                total[t.terms[term, 0]] += value
        for q in range(out.shape[1]):
            out[sample, q] = total[q]


@allocating
def backward(
    work,
    bell,
    leads,
    header,
    n_samples,
    inverse_moves,
    listed,
    z_words,
    z_coefficients,
    inputs,
    weights,
    saved,
    output_gradient,
    state_gradient,
    wanted,
    stop_at,
    input_gradient,
    weight_gradient,
    initial_gradient,
):
    """Un-compute this thread's share of all samples and gather gradients, see ``kernels.backward``.

    Args:
        input_gradient: Shape (n_samples, n_inputs + n_extra); added to.
        weight_gradient: Of each sample, shape (n_samples, n_weights); added to.
    """
    start(work, bell, leads)
    first, last = take(work, n_samples, 0)
    while first < last:
        _backward(
            first,
            last,
            header,
            inverse_moves,
            listed,
            z_words,
            z_coefficients,
            inputs,
            weights,
            saved,
            output_gradient,
            state_gradient,
            wanted,
            stop_at,
            input_gradient,
            weight_gradient,
            initial_gradient,
        )
        tell(work, first, last, leads)
        first, last = take(work, n_samples, last)
    return end(work, bell, n_samples, leads)


@allocating
def _backward(
    first_sample,
    last_sample,
    header,
    inverse_moves,
    listed,
    z_words,
    z_coefficients,
    inputs,
    weights,
    saved,
    output_gradient,
    state_gradient,
    wanted,
    stop_at,
    input_gradient,
    weight_gradient,
    initial_gradient,
):
    """Un-compute samples [first_sample, last_sample)."""
    t = tables_at(header, saved.dtype)
    rows = saved.shape[2]
    dtype = saved.dtype
    psi_buffer = np.empty((2, rows, LANES), dtype)
    lam_buffer = np.empty((2, rows, LANES), dtype)
    spare = np.empty((2, rows, LANES), dtype)
    angles = np.empty(padded(t.angle_constant.shape[0]))
    cos_half = np.empty(angles.shape[0])
    sin_half = np.empty(angles.shape[0])
    angle_gradient = np.empty(angles.shape[0])
    matrix = np.empty(8, dtype)
    adjoint = np.empty(8, dtype)
    sums = np.empty(4)
    overlaps = np.empty(4)
    lane_matrix = np.empty((8, LANES), dtype)
    gathered = np.empty((4, LANES), dtype)
    inside = np.empty((4, LANES), dtype)
    line = np.empty(LANES, dtype)
    cos = np.empty(LANES, dtype)
    sin = np.empty(LANES, dtype)
    for sample in range(first_sample, last_sample):
        _sample_angles(t, inputs, weights, sample, angles, cos_half, sin_half)
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
        elif t.outcome.shape[0] > 0:
            for k in range(re.shape[0]):
                g = output_gradient[sample, t.outcome[k]]
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
            for term in range(t.terms.shape[0]):
                g = output_gradient[sample, t.terms[term, 0]]
                for k in range(re.shape[0]):
                    j = k ^ t.terms[term, 1]
                    c = g * _word_sign(k, t.terms[term, 2], t.terms[term, 3], t.coefficients[term])
                    if t.terms[term, 3] % 2 == 0:
                        lre[j] += c * re[k]
                        lim[j] += c * im[k]
                    else:
                        lre[j] -= c * im[k]
                        lim[j] += c * re[k]
        for o in range(t.operations.shape[0] - 1, stop_at - 1, -1):
            operation = t.operations[o]
            kind = operation[0]
            if kind == ONE_WIRE:
                start, stop = operation[4], operation[5]
                fuse(t, start, stop, cos_half, sin_half, matrix)
                adjoint_of(matrix, adjoint)
                if wanted[o]:
                    _undo_gate(psi[0], psi[1], lam[0], lam[1], operation, adjoint, lane_matrix, inside, gathered, sums)
                    overlaps_of(sums[0], sums[1], sums[2], sums[3], overlaps)
                    chain(t, start, stop, cos_half, sin_half, overlaps, angle_gradient)
                else:
                    _apply_gate(psi[0], psi[1], operation, adjoint, lane_matrix, inside)
                    _apply_gate(lam[0], lam[1], operation, adjoint, lane_matrix, inside)
            elif kind == PARITY:
                p, low = operation[2], operation[1] & LOW
                if wanted[o]:
                    parity_gradient(psi[0], psi[1], lam[0], lam[1], operation[1] // LANES, line)
                    for l in range(LANES):
                        angle_gradient[p] += -line[l] if odd(l & low) else line[l]
                _signed_sines(cos_half[p], -sin_half[p], low, cos, sin)
                apply_parity(psi[0], psi[1], operation[1] // LANES, cos, sin)
                apply_parity(lam[0], lam[1], operation[1] // LANES, cos, sin)
            elif kind == PERMUTE:
                _permute_flat(psi, other, inverse_moves[operation[1]], listed)
                psi, other = other, psi
                _permute_flat(lam, other, inverse_moves[operation[1]], listed)
                lam, other = other, lam
            elif kind == DENSE:
                d, size, count = operation[1], operation[2], operation[3]
                back_re = np.ascontiguousarray(t.dense_re[d, :size, :size].T)
                back_im = np.ascontiguousarray(-t.dense_im[d, :size, :size].T)
                _apply_dense_flat(psi, back_re, back_im, t.dense_offsets[d, :size], t.dense_bases[d, :count])
                _apply_dense_flat(lam, back_re, back_im, t.dense_offsets[d, :size], t.dense_bases[d, :count])
        if initial_gradient.shape[0] > 0:
            for plane in range(2):
                flat = lam[plane].reshape(-1)
                for k in range(flat.shape[0]):
                    initial_gradient[sample, plane, k] = 2 * flat[k]
        _sample_angle_gradients(t, inputs, weights, sample, angle_gradient, input_gradient, weight_gradient)
