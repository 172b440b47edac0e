"""Batched density-matrix kernels in the Pauli basis: the arithmetic, and nothing else.

Layout as in ``kernels``: samples are cut into blocks of ``LANES``, and a block's state is ``[4**n_wires][LANES]`` real
numbers, the Pauli coefficients of ``pauli``; one block runs the whole circuit before the next one starts.

Channels cannot be un-computed without amplifying rounding, so the backward pass reads the states before each operation
that has an angle from a tape.  Where the tape of a circuit is too large, only the states at the starts of segments are
kept, and each segment is run again before it is gone through backward: memory grows with the square root of depth.

The kernels check nothing.  They hold no lock and start no thread, and are compiled once a machine and dtype.
"""

import math

import numpy as np

from qml.simulators.density_program import DENSE, MONOMIAL, ONE, WORD
from qml.simulators.density_simd import (
    LANES,
    add_scaled,
    affine,
    affine_back,
    affine_gather,
    rotate,
    rotate_gather,
    set_scaled,
)
from qml.simulators.jit import allocating
from qml.simulators.program import CONSTANT, RX, RY


@allocating
def lane_angles(constant, start, coefficient, first, second, lane, inputs, weights, shared, out):
    """Write every angle: those of weights to ``shared``, shape (n_angles,), the others to ``out``.

    Args:
        out: Shape (n_lane, n_blocks * LANES); places past the last sample repeat it.
    """
    n_samples, n_samplewise = inputs.shape
    for p in range(constant.shape[0]):
        row = lane[p]
        for sample in range(out.shape[1] if row >= 0 else 1):
            at = min(sample, n_samples - 1)
            total = constant[p]
            for t in range(start[p], start[p + 1]):
                value = coefficient[t]
                for factor in range(2):
                    index = first[t] if factor == 0 else second[t]
                    if index >= n_samplewise:
                        value *= weights[index - n_samplewise]
                    elif index >= 0:
                        value *= inputs[at, index]
                total += value
            if row >= 0:
                out[row, sample] = total
            else:
                shared[p] = total


@allocating
def angle_gradients(
    start, coefficient, first, second, lane, inputs, weights, shared, lanes, input_gradient, weight_gradient
):
    """Add the gradients of all angles, in the layout of ``lane_angles``, to those of inputs and weights."""
    n_samples, n_samplewise = inputs.shape
    for p in range(lane.shape[0]):
        row = lane[p]
        for t in range(start[p], start[p + 1]):
            for factor in range(2):
                index = first[t] if factor == 0 else second[t]
                other = second[t] if factor == 0 else first[t]
                if index < 0:
                    continue
                for sample in range(n_samples if row >= 0 else 1):
                    g = coefficient[t] * (lanes[row, sample] if row >= 0 else shared[p])
                    if other >= n_samplewise:
                        g *= weights[other - n_samplewise]
                    elif other >= 0:
                        g *= inputs[sample, other]
                    if index >= n_samplewise:
                        weight_gradient[index - n_samplewise] += g
                    else:
                        input_gradient[sample, index] += g


@allocating
def _axes(kind):
    """Return the letters (first, second) that a rotation turns into one another; phases turn as RZ does."""
    if kind == RX:
        return 3, 1
    if kind == RY:
        return 1, 2
    return 2, 3


@allocating
def _products(elements, start, stop, transfers, cos, sin, out):
    """Write the product of the first e elements [start, start + e) to out[e], shape (4, 4, n), for every e."""
    out[0] = 0
    for i in range(4):
        out[0, i, i] = 1
    for e in range(stop - start):
        kind = elements[start + e, 0]
        index = elements[start + e, 1]
        old = out[e]
        new = out[e + 1]
        if kind == CONSTANT:
            new[:] = 0
            for i in range(4):
                for j in range(4):
                    t = transfers[index, i, j]
                    if t != 0:
                        for c in range(4):
                            for l in range(old.shape[2]):
                                new[i, c, l] += t * old[j, c, l]
        else:
            first, second = _axes(kind)
            new[:] = old
            for c in range(4):
                for l in range(old.shape[2]):
                    x = old[first, c, l]
                    y = old[second, c, l]
                    new[first, c, l] = cos[index, l] * x - sin[index, l] * y
                    new[second, c, l] = sin[index, l] * x + cos[index, l] * y


@allocating
def _chain(elements, start, stop, transfers, cos, sin, products, cross, spare, gradient):
    """Add dL/dangle of each element to its angle's row of ``gradient``, shape (n_angles, n).

    With the product A E B and E' = G E, dL/dangle = sum_ij G_ij (A^T C (E B)^T)_ij; G has two entries.

    Args:
        products: Of ``_products``.
        cross: C_ab = sum lambda_a r_b in rows 1 to 3, shape (4, 4, n); overwritten.
        spare: As ``cross``.
    """
    for e in range(stop - start - 1, -1, -1):
        kind = elements[start + e, 0]
        index = elements[start + e, 1]
        if kind == CONSTANT:
            spare[:] = 0
            for i in range(4):
                for j in range(4):
                    t = transfers[index, i, j]
                    if t != 0:
                        for c in range(4):
                            for l in range(cross.shape[2]):
                                spare[j, c, l] += t * cross[i, c, l]
            cross[:] = spare
            continue
        first, second = _axes(kind)
        product = products[e + 1]
        for c in range(4):
            for l in range(cross.shape[2]):
                x = cross[first, c, l]
                y = cross[second, c, l]
                gradient[index, l] += y * product[first, c, l] - x * product[second, c, l]
                cross[first, c, l] = cos[index, l] * x + sin[index, l] * y
                cross[second, c, l] = cos[index, l] * y - sin[index, l] * x


@allocating
def shared_matrices(operations, elements, lane_operation, transfers, cos, sin, out):
    """Write the matrices of operations that are the same for all samples, shape (n_operations, 12, LANES)."""
    products = np.empty((elements.shape[0] + 1, 4, 4, 1))
    for o in range(operations.shape[0]):
        if operations[o, 0] != ONE or lane_operation[o]:
            continue
        start, stop = operations[o, 2], operations[o, 3]
        _products(elements, start, stop, transfers, cos, sin, products)
        for i in range(3):
            for j in range(4):
                out[o, 4 * i + j, :] = products[stop - start, i + 1, j, 0]


@allocating
def shared_gradients(operations, elements, lane_operation, transfers, cos, sin, cross, gradient):
    """Add to ``gradient``, shape (n_angles, 1), what cross matrices, shape (n_operations, 12), say of angles."""
    products = np.empty((elements.shape[0] + 1, 4, 4, 1))
    own = np.empty((4, 4, 1))
    spare = np.empty((4, 4, 1))
    for o in range(operations.shape[0]):
        if operations[o, 0] != ONE or lane_operation[o]:
            continue
        start, stop = operations[o, 2], operations[o, 3]
        _products(elements, start, stop, transfers, cos, sin, products)
        own[0] = 0
        for i in range(3):
            for j in range(4):
                own[i + 1, j, 0] = cross[o, 4 * i + j]
        _chain(elements, start, stop, transfers, cos, sin, products, own, spare, gradient)


@allocating
def _lane_matrix(start, stop, elements, transfers, cos, sin, products, matrix):
    _products(elements, start, stop, transfers, cos, sin, products)
    for i in range(3):
        for j in range(4):
            for l in range(LANES):
                matrix[4 * i + j, l] = products[stop - start, i + 1, j, l]


@allocating
def _word_turn(factor, p, cos, sin, angle, turn):
    """Write the cosines and sines of a word's rotation, shape (2, LANES)."""
    for l in range(LANES):
        if p < 0:
            turn[0, l] = math.cos(factor)
            turn[1, l] = math.sin(factor)
        elif factor == 1.0:
            turn[0, l] = cos[p, l]
            turn[1, l] = sin[p, l]
        else:
            turn[0, l] = math.cos(factor * angle[p, l])
            turn[1, l] = math.sin(factor * angle[p, l])


@allocating
def _dense(values, size, inner, outer, transposed, old, state):
    """Apply a constant map on several wires, or its transpose."""
    zero = state.dtype.type(0)
    for b in range(outer.shape[0]):
        for a in range(size):
            set_scaled(old, a, state, outer[b] + inner[a], state.dtype.type(1))
        for a in range(size):
            k = outer[b] + inner[a]
            set_scaled(state, k, old, 0, values[a] if transposed else values[a * size])
            for c in range(1, size):
                value = values[c * size + a] if transposed else values[a * size + c]
                if value != zero:
                    add_scaled(state, k, old, c, value)


@allocating
def _advance(
    first,
    last,
    operations,
    factors,
    elements,
    lane_operation,
    transfers,
    matrices,
    cos,
    sin,
    angle,
    pairs,
    sources,
    scales,
    values,
    places,
    slots,
    slot_offset,
    tape,
    state,
    spare,
    old,
    products,
    matrix,
    turn,
):
    """Run operations [first, last); write the state before each that has a slot to the tape, if there is one."""
    for o in range(first, last):
        kind = operations[o, 0]
        if slots[o] >= 0 and tape.shape[0] > 0:
            tape[slots[o] - slot_offset] = state
        if kind == ONE:
            stride = operations[o, 1]
            if lane_operation[o]:
                _lane_matrix(operations[o, 2], operations[o, 3], elements, transfers, cos, sin, products, matrix)
                m = matrix
            else:
                m = matrices[o]
            for base in range(0, state.shape[0], 4 * stride):
                for k in range(base, base + stride):
                    affine(state, k, stride, m)
        elif kind == WORD:
            _word_turn(factors[o], operations[o, 2], cos, sin, angle, turn)
            pair = pairs[operations[o, 1]]
            for k in range(pair.shape[1]):
                rotate(state, pair[0, k], pair[1, k], turn)
        elif kind == MONOMIAL:
            source = sources[operations[o, 1]]
            scale = scales[operations[o, 1]]
            for k in range(state.shape[0]):
                set_scaled(spare, k, state, source[k], scale[k])
            state, spare = spare, state
        elif kind == DENSE:
            size = operations[o, 2]
            inner = places[operations[o, 3] : operations[o, 3] + size]
            outer = places[operations[o, 4] : operations[o, 4] + operations[o, 5]]
            begin = operations[o, 1]
            _dense(values[begin : begin + size * size], size, inner, outer, False, old, state)
    return state, spare


@allocating
def _retreat(
    first,
    last,
    operations,
    factors,
    elements,
    lane_operation,
    transfers,
    matrices,
    cos,
    sin,
    angle,
    pairs,
    sources,
    scales,
    values,
    places,
    slots,
    slot_offset,
    tape,
    adjoint,
    spare,
    old,
    products,
    matrix,
    turn,
    gathered,
    own,
    other,
    gradient,
    cross,
):
    """Go backward through operations [first, last), gathering gradients where there is a slot on the tape."""
    for o in range(last - 1, first - 1, -1):
        kind = operations[o, 0]
        wanted = slots[o] >= 0
        if kind == ONE:
            stride = operations[o, 1]
            start, stop = operations[o, 2], operations[o, 3]
            if lane_operation[o]:
                _lane_matrix(start, stop, elements, transfers, cos, sin, products, matrix)
                m = matrix
            else:
                m = matrices[o]
            if not wanted:
                for base in range(0, adjoint.shape[0], 4 * stride):
                    for k in range(base, base + stride):
                        affine_back(adjoint, k, stride, m)
                continue
            before = tape[slots[o] - slot_offset]
            gathered[:] = 0
            for base in range(0, adjoint.shape[0], 4 * stride):
                for k in range(base, base + stride):
                    affine_gather(adjoint, before, k, stride, m, gathered)
            if lane_operation[o]:
                own[0] = 0
                for i in range(3):
                    for j in range(4):
                        for l in range(LANES):
                            own[i + 1, j, l] = gathered[4 * i + j, l]
                _chain(elements, start, stop, transfers, cos, sin, products, own, other, gradient)
            else:
                for j in range(12):
                    total = 0.0
                    for l in range(LANES):
                        total += gathered[j, l]
                    cross[o, j] += total
        elif kind == WORD:
            p = operations[o, 2]
            _word_turn(factors[o], p, cos, sin, angle, turn)
            pair = pairs[operations[o, 1]]
            if wanted:
                before = tape[slots[o] - slot_offset]
                gathered[0] = 0
                for k in range(pair.shape[1]):
                    rotate_gather(adjoint, before, pair[0, k], pair[1, k], turn, gathered)
                for l in range(LANES):
                    gradient[p, l] += factors[o] * gathered[0, l]
            else:
                for l in range(LANES):
                    turn[1, l] = -turn[1, l]
                for k in range(pair.shape[1]):
                    rotate(adjoint, pair[0, k], pair[1, k], turn)
        elif kind == MONOMIAL:
            source = sources[operations[o, 1]]
            scale = scales[operations[o, 1]]
            for k in range(adjoint.shape[0]):
                set_scaled(spare, source[k], adjoint, k, scale[k])
            adjoint, spare = spare, adjoint
        elif kind == DENSE:
            size = operations[o, 2]
            inner = places[operations[o, 3] : operations[o, 3] + size]
            outer = places[operations[o, 4] : operations[o, 4] + operations[o, 5]]
            begin = operations[o, 1]
            _dense(values[begin : begin + size * size], size, inner, outer, True, old, adjoint)
    return adjoint, spare


@allocating
def _load(block, start, initial, state):
    """Write the first states of a block; lanes past the last sample repeat it."""
    if initial.shape[0] > 0:
        for l in range(LANES):
            sample = min(block * LANES + l, initial.shape[0] - 1)
            for k in range(state.shape[0]):
                state[k, l] = initial[sample, k]
    else:
        for k in range(state.shape[0]):
            state[k, :] = start[k]


@allocating
def _turns(block, lane, shared, lanes, cos, sin, angle):
    """Write every angle of a block with its cosine and sine, shape (n_angles, LANES)."""
    for p in range(lane.shape[0]):
        if lane[p] < 0:
            angle[p, :] = shared[p]
            cos[p, :] = math.cos(shared[p])
            sin[p, :] = math.sin(shared[p])
        else:
            for l in range(LANES):
                value = lanes[lane[p], block * LANES + l]
                angle[p, l] = value
                cos[p, l] = math.cos(value)
                sin[p, l] = math.sin(value)


@allocating
def forward(
    first_block,
    last_block,
    n_samples,
    operations,
    factors,
    elements,
    lane_operation,
    transfers,
    matrices,
    lane,
    shared,
    lanes,
    pairs,
    sources,
    scales,
    values,
    places,
    start,
    initial,
    slots,
    tape,
    output_start,
    output_index,
    output_factor,
    out,
):
    """Run blocks [first_block, last_block) of samples.

    Args:
        n_samples: Samples in all.
        operations: With ``factors``, ``elements``, ``transfers``, ``pairs``, ``sources``, ``scales``, ``values``,
            ``places``, ``start`` and the outputs those of ``DensityProgram``; real ones in the state's dtype, but
            ``factors`` and ``transfers`` in double.
        lane_operation: Whether an operation differs from sample to sample, shape (n_operations,).
        matrices: Of ``shared_matrices``, in the state's dtype.
        lane: Row of each angle in ``lanes``, or -1.
        shared: Angles that depend on weights only, shape (n_angles,).
        lanes: The others, shape (n_lane, n_blocks * LANES).
        initial: Pauli coefficients of first states, shape (n_samples, 4**n_wires), or empty.
        slots: Place of each operation on the tape or -1, shape (n_operations,).
        tape: Shape (n_blocks, n_slots, 4**n_wires, LANES), written; or empty.
        out: Shape (n_samples, n_outputs); written.
    """
    dtype = out.dtype
    size = start.shape[0]
    buffer = np.empty((2, size, LANES), dtype)
    cos = np.empty((lane.shape[0], LANES))
    sin = np.empty((lane.shape[0], LANES))
    angle = np.empty((lane.shape[0], LANES))
    products = np.empty((elements.shape[0] + 1, 4, 4, LANES))
    matrix = np.empty((12, LANES), dtype)
    turn = np.empty((2, LANES), dtype)
    old = np.empty((_widest(operations), LANES), dtype)
    none = np.empty((0, size, LANES), dtype)
    total = np.empty((1, LANES), dtype)
    for block in range(first_block, last_block):
        _turns(block, lane, shared, lanes, cos, sin, angle)
        state = buffer[0]
        _load(block, start, initial, state)
        state, _ = _advance(
            0,
            operations.shape[0],
            operations,
            factors,
            elements,
            lane_operation,
            transfers,
            matrices,
            cos,
            sin,
            angle,
            pairs,
            sources,
            scales,
            values,
            places,
            slots,
            0,
            tape[block] if tape.shape[0] > 0 else none,
            state,
            buffer[1],
            old,
            products,
            matrix,
            turn,
        )
        for q in range(out.shape[1]):
            total[:] = 0
            for t in range(output_start[q], output_start[q + 1]):
                add_scaled(total, 0, state, output_index[t], output_factor[t])
            for l in range(min(LANES, n_samples - block * LANES)):
                out[block * LANES + l, q] = total[0, l]


@allocating
def _widest(operations):
    """Return the size of the widest dense map."""
    widest = 1
    for o in range(operations.shape[0]):
        if operations[o, 0] == DENSE:
            widest = max(widest, operations[o, 2])
    return widest


@allocating
def backward(
    first_block,
    last_block,
    n_samples,
    operations,
    factors,
    elements,
    lane_operation,
    transfers,
    matrices,
    lane,
    shared,
    lanes,
    pairs,
    sources,
    scales,
    values,
    places,
    start,
    initial,
    slots,
    tape,
    segments,
    segment_slots,
    output_start,
    output_index,
    output_factor,
    output_gradient,
    stop_at,
    cross,
    shared_gradient,
    lane_gradient,
    initial_gradient,
):
    """Go backward through blocks [first_block, last_block) and gather gradients.

    Args:
        tape: Of the forward pass; empty to run every segment again.
        segments: First operation of each segment and the number of operations, shape (n_segments + 1,).
        segment_slots: First slot of each segment and the number of slots, shape (n_segments + 1,).
        output_gradient: Shape (n_samples, n_outputs).
        stop_at: First operation that a gradient is wanted of; those before it are left alone.
        cross: Cross matrices of shared operations, shape (n_blocks, n_operations, 12); added to.
        shared_gradient: Of weights-only angles, shape (n_blocks, n_angles); added to.
        lane_gradient: Of the other angles, shape (n_lane, n_blocks * LANES); written.
        initial_gradient: Of the first states, shape (n_samples, 4**n_wires), or empty; written.

    The other arguments are those of ``forward``.
    """
    dtype = output_gradient.dtype
    size = start.shape[0]
    n_segments = segments.shape[0] - 1
    kept = tape.shape[0] > 0
    widest = 0
    for s in range(n_segments):
        widest = max(widest, segment_slots[s + 1] - segment_slots[s])
    buffer = np.empty((2, size, LANES), dtype)
    forward_buffer = np.empty((0 if kept else 2, size, LANES), dtype)
    own_tape = np.empty((0 if kept else widest, size, LANES), dtype)
    checkpoints = np.empty((0 if kept else n_segments, size, LANES), dtype)
    none = np.empty((0, size, LANES), dtype)
    cos = np.empty((lane.shape[0], LANES))
    sin = np.empty((lane.shape[0], LANES))
    angle = np.empty((lane.shape[0], LANES))
    gradient = np.empty((lane.shape[0], LANES))
    products = np.empty((elements.shape[0] + 1, 4, 4, LANES))
    matrix = np.empty((12, LANES), dtype)
    gathered = np.empty((12, LANES), dtype)
    own = np.empty((4, 4, LANES))
    other = np.empty((4, 4, LANES))
    turn = np.empty((2, LANES), dtype)
    old = np.empty((_widest(operations), LANES), dtype)
    g = np.empty((1, LANES), dtype)
    for block in range(first_block, last_block):
        valid = min(LANES, n_samples - block * LANES)
        _turns(block, lane, shared, lanes, cos, sin, angle)
        gradient[:] = 0
        if not kept:
            state, free = forward_buffer[0], forward_buffer[1]
            _load(block, start, initial, state)
            for s in range(n_segments):
                checkpoints[s] = state
                if s == n_segments - 1:
                    break
                state, free = _advance(
                    segments[s],
                    segments[s + 1],
                    operations,
                    factors,
                    elements,
                    lane_operation,
                    transfers,
                    matrices,
                    cos,
                    sin,
                    angle,
                    pairs,
                    sources,
                    scales,
                    values,
                    places,
                    slots,
                    0,
                    none,
                    state,
                    free,
                    old,
                    products,
                    matrix,
                    turn,
                )
        adjoint, spare = buffer[0], buffer[1]
        adjoint[:] = 0
        for q in range(output_gradient.shape[1]):
            g[:] = 0
            for l in range(valid):
                g[0, l] = output_gradient[block * LANES + l, q]
            for t in range(output_start[q], output_start[q + 1]):
                add_scaled(adjoint, output_index[t], g, 0, output_factor[t])
        for s in range(n_segments - 1, -1, -1):
            if segments[s + 1] <= stop_at and initial_gradient.shape[0] == 0:
                break
            if kept:
                segment_tape = tape[block]
                slot_offset = 0
            else:
                segment_tape = own_tape
                slot_offset = segment_slots[s]
                forward_buffer[0] = checkpoints[s]
                _advance(
                    segments[s],
                    segments[s + 1],
                    operations,
                    factors,
                    elements,
                    lane_operation,
                    transfers,
                    matrices,
                    cos,
                    sin,
                    angle,
                    pairs,
                    sources,
                    scales,
                    values,
                    places,
                    slots,
                    slot_offset,
                    segment_tape,
                    forward_buffer[0],
                    forward_buffer[1],
                    old,
                    products,
                    matrix,
                    turn,
                )
            adjoint, spare = _retreat(
                max(segments[s], stop_at),
                segments[s + 1],
                operations,
                factors,
                elements,
                lane_operation,
                transfers,
                matrices,
                cos,
                sin,
                angle,
                pairs,
                sources,
                scales,
                values,
                places,
                slots,
                slot_offset,
                segment_tape,
                adjoint,
                spare,
                old,
                products,
                matrix,
                turn,
                gathered,
                own,
                other,
                gradient,
                cross[block],
            )
        for l in range(valid):
            for k in range(initial_gradient.shape[1] if initial_gradient.shape[0] > 0 else 0):
                initial_gradient[block * LANES + l, k] = adjoint[k, l]
        for p in range(lane.shape[0]):
            for l in range(LANES):
                if lane[p] >= 0:
                    lane_gradient[lane[p], block * LANES + l] = gradient[p, l]
                else:
                    shared_gradient[block, p] += gradient[p, l]
