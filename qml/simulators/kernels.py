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

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from qml.simulators import simd
from qml.simulators.addresses import NOWHERE, array_at, matrix_at, part_of
from qml.simulators.gate_kernels import (
    apply_dense,
    apply_lanes,
    apply_parity,
    apply_shared,
    odd,
    parity_gradient,
    permute,
    undo_lanes,
    undo_shared,
)
from qml.simulators.jit import allocating, entry, inlined, lean
from qml.simulators.matrices import (
    adjoint_of,
    lane_adjoints,
    lane_angle_gradients,
    lane_angles,
    lane_gradients,
    lane_matrices,
    overlaps_of,
    padded,
    parity_angle,
    shared_matrices,
    shared_size,
    weight_gradients,
)
from qml.simulators.program import DENSE, ONE_WIRE, PARITY, PERMUTE
from qml.simulators.sharing import ALONE, end, start, take, tell
from qml.simulators.simd import LANES
from qml.simulators.tables import tables_at

Pass = Callable[..., bool]

# Rows of LANES that a thread works in: of numbers in either pass, and of the dtype of states in each.
_N_ROOM, _N_FORWARD_LINES, _N_BACKWARD_LINES = 18, 12, 26


@inlined
def _shared_parts(t, shared):
    """Cut what is the same for all samples into half angles, shape (3, padded n_angles), and matrices, (n, 8)."""
    edge = 3 * padded(t.angle_constant.shape[0])
    n_operations = t.operations.shape[0]
    return part_of(shared, 0, (3, edge // 3)), part_of(shared, edge, (n_operations, 8))


@inlined
def _forward_room(header, saved):
    """Return how much room a pass needs: numbers that are the same for all samples, rows of numbers, rows of dtype."""
    t = tables_at(header, saved.dtype)
    own = 2 * t.n_states if saved.shape[0] == 0 else 0
    return (
        shared_size(t.angle_constant.shape[0], t.operations.shape[0]),
        _N_ROOM + 2 * t.n_lane,
        _N_FORWARD_LINES + 2 * t.dense_re.shape[1] + t.n_outputs + own,
    )


@allocating
def forward(work, bell, leads, header, n_samples, inputs_at, weights_at, initial_at, out_at, saved, kept):
    """Run this thread's share of all blocks: write outputs, and final states where ``saved`` has room for them.

    Args:
        work: What the threads of this call share, see ``sharing``; empty for one thread.
        bell: Of these threads.
        leads: Whether this thread made the call.
        header: Of the tables of the circuit, see ``tables.header_of``.
        n_samples: Size of the batch.
        inputs_at: Address of the per-sample variables, shape (n_samples, n_inputs + n_extra).
        weights_at: Address of the weights, shape (n_weights,).
        initial_at: Address of the first states (re, im), shape (n_samples, 2, 2**n_wires), or nowhere for the
            all-zeros state.
        out_at: Address of what is written: expectation values or probabilities, shape (n_samples, n_outputs), or
            states (re, im), shape (n_samples, 2, 2**n_wires).
        saved: Final states for the backward pass, shape (n_blocks, 2, 2**n_wires, LANES), or (0, ...).
        kept: What is the same for all samples, for the backward pass, shape (``shared_size``,), or empty.

    Returns:
        Whether all blocks are done, see ``sharing.end``.
    """
    start(work, bell, leads)
    n_shared, n_rows, n_lines = _forward_room(header, saved)
    shared = kept if leads and kept.shape[0] > 0 else np.empty(n_shared)
    rows = np.empty((n_rows, LANES))
    lines = np.empty((n_lines, LANES), saved.dtype)
    return _forward(
        work,
        bell,
        leads,
        header,
        n_samples,
        inputs_at,
        weights_at,
        initial_at,
        out_at,
        saved,
        shared,
        rows,
        lines,
    )


@inlined
def _forward(
    work,
    bell,
    leads,
    header,
    n_samples,
    inputs_at,
    weights_at,
    initial_at,
    out_at,
    saved,
    shared,
    rows,
    lines,
):
    """Do what ``forward`` does, in the room that it gives: this function counts no references."""
    t = tables_at(header, saved.dtype)
    n_states = t.n_states
    n_blocks = (n_samples + LANES - 1) // LANES
    inputs = array_at(inputs_at, (n_samples, t.n_samplewise), saved.dtype)
    weights = array_at(weights_at, (t.n_weights,), saved.dtype)
    initial = array_at(initial_at, (0 if initial_at == NOWHERE else n_samples, 2, n_states), saved.dtype)
    out = array_at(out_at, (n_samples, t.n_outputs), saved.dtype)
    state_out = array_at(out_at, (n_samples if t.hands_out_states else 0, 2, n_states), saved.dtype)
    angles, matrices = _shared_parts(t, shared)
    room = part_of(rows, 0, (_N_ROOM, LANES))
    lanes = part_of(rows, _N_ROOM * LANES, (2, t.n_lane, LANES))
    first_total = _N_FORWARD_LINES + 2 * t.dense_re.shape[1]
    old = part_of(lines, _N_FORWARD_LINES * LANES, (2, t.dense_re.shape[1], LANES))
    total = part_of(lines, first_total * LANES, (t.n_outputs, LANES))
    own = part_of(lines, (first_total + t.n_outputs) * LANES, (2, n_states if saved.shape[0] == 0 else 0, LANES))
    shared_matrices(t, weights, t.n_samplewise, angles[0], angles[1], angles[2], matrices)
    first, last = take(work, n_blocks, 0)
    while first < last:
        _forward_blocks(
            first,
            last,
            t,
            inputs,
            weights,
            initial,
            saved,
            out,
            state_out,
            own,
            angles,
            matrices,
            lanes,
            room,
            part_of(lines, 0, (_N_FORWARD_LINES, LANES)),
            old,
            total,
        )
        tell(work, first, last, leads)
        first, last = take(work, n_blocks, last)
    return end(work, bell, n_blocks, leads)


@inlined
def _forward_blocks(
    first_block,
    last_block,
    t,
    inputs,
    weights,
    initial,
    saved,
    out,
    state_out,
    own,
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
    dtype = saved.dtype
    n_operations = t.operations.shape[0]
    shared_cos, shared_sin = shared[1], shared[2]
    lane_cos, lane_sin = lanes[0], lanes[1]
    cos, sin, weight, matrix, lane_matrix = lines[0], lines[1], lines[2], lines[3], lines[4:12]
    for block in range(first_block, last_block):
        valid = min(LANES, n_samples - block * LANES)
        state = saved[block] if saved.shape[0] > 0 else own
        lane_angles(t, inputs, weights, block, room, lane_cos, lane_sin)
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
                    lane_matrices(t, o, shared_cos, shared_sin, lane_cos, lane_sin, room, lane_matrix)
                    apply_lanes(state[0], state[1], a, b, c, lane_matrix)
                else:
                    for j in range(8):
                        matrix[j] = matrices[o, j]
                    apply_shared(state[0], state[1], a, b, c, matrix)
            elif kind == PARITY:
                parity_angle(t, o, 1, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin)
                apply_parity(state[0], state[1], a, cos, sin)
            elif kind == PERMUTE:
                permute(state[0], state[1], t.cycles[a], old[0], old[1])
            elif kind == DENSE:
                apply_dense(
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
                simd.squared_row(re, im, k, weight, 0)
                simd.add_row(weight, 0, dtype.type(1), total, t.outcome[k])
        else:
            for k in range(n_states):
                simd.squared_row(re, im, k, weight, 0)
                for q in range(t.diagonal.shape[0]):
                    simd.add_row(weight, 0, t.diagonal[q, k], total, q)
            for term in range(t.terms.shape[0]):
                q = t.terms[term, 0]
                flip = t.terms[term, 1]
                for k in range(n_states):
                    j = k ^ flip
                    w = -t.coefficients[term] if odd(k & t.terms[term, 2]) else t.coefficients[term]
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


@inlined
def _parts(t, n_blocks, rest):
    """Cut what the blocks leave behind into overlaps, gradients of angles, and gradients of weights.

    Overlaps of shared operations, shape (n_blocks, n_operations, 4), see ``overlaps_of``; gradients of weights-only
    angles that sit in per-sample operations, shape (n_blocks, n_angles); gradients of weights from angles that mix
    inputs and weights, shape (n_blocks, n_weights).
    """
    n_operations, n_angles = t.operations.shape[0], t.angle_constant.shape[0]
    one = n_blocks * n_operations * 4
    two = one + n_blocks * n_angles
    return (
        part_of(rest, 0, (n_blocks, n_operations, 4)),
        part_of(rest, one, (n_blocks, n_angles)),
        part_of(rest, two, (n_blocks, t.n_weights)),
    )


@inlined
def _backward_room(header, saved):
    """Return how much room a pass needs: rows of numbers, rows of the dtype of states."""
    t = tables_at(header, saved.dtype)
    return (
        _N_ROOM + t.n_samplewise + 3 * t.n_lane,
        _N_BACKWARD_LINES + t.n_outputs + 2 * t.dense_re.shape[1] + 4 * t.n_states,
    )


@allocating
def backward(
    work,
    bell,
    leads,
    header,
    n_samples,
    inputs_at,
    weights_at,
    saved,
    kept,
    gradient_at,
    row_stride,
    column_stride,
    wanted,
    stop_at,
    rest,
    input_gradient_at,
    weight_gradient_at,
    initial_gradient_at,
):
    """Un-compute this thread's share of all blocks and gather gradients.

    Args:
        work: As in ``forward``, and so are bell, leads, header, n_samples, inputs_at and weights_at.
        bell: See ``forward``.
        leads: See ``forward``.
        header: See ``forward``.
        n_samples: See ``forward``.
        inputs_at: See ``forward``.
        weights_at: See ``forward``.
        saved: Final states of the forward pass; read only.
        kept: What is the same for all samples, of the forward pass; read only.
        gradient_at: Address of dL/d(output), shape (n_samples, n_outputs); or of dL/d(re, im) of the final states,
            shape (n_samples, 2, 2**n_wires) and contiguous.
        row_stride: Numbers from one sample's dL/d(output) to the next one's.
        column_stride: Numbers from one output's to the next one's.
        wanted: Whether an operation has an angle whose gradient is asked for, shape (n_operations,).
        stop_at: First operation with a wanted gradient; those before it are left alone.
        rest: Zeros, shape (n_blocks * (4 * n_operations + n_angles + n_weights),): what the blocks leave behind, see
            ``_parts``.
        input_gradient_at: Address of what is written, shape (n_samples, n_inputs + n_extra), or nowhere.
        weight_gradient_at: Likewise, shape (n_weights,); written if all blocks are done.
        initial_gradient_at: Likewise, dL/d(re, im) of the first states, shape (n_samples, 2, 2**n_wires).

    Returns:
        Whether all blocks are done, see ``sharing.end``.
    """
    start(work, bell, leads)
    n_rows, n_lines = _backward_room(header, saved)
    rows = np.empty((n_rows, LANES))
    lines = np.empty((n_lines, LANES), saved.dtype)
    return _backward(
        work,
        bell,
        leads,
        header,
        n_samples,
        inputs_at,
        weights_at,
        saved,
        kept,
        gradient_at,
        row_stride,
        column_stride,
        wanted,
        stop_at,
        rest,
        input_gradient_at,
        weight_gradient_at,
        initial_gradient_at,
        rows,
        lines,
    )


@inlined
def _backward(
    work,
    bell,
    leads,
    header,
    n_samples,
    inputs_at,
    weights_at,
    saved,
    kept,
    gradient_at,
    row_stride,
    column_stride,
    wanted,
    stop_at,
    rest,
    input_gradient_at,
    weight_gradient_at,
    initial_gradient_at,
    rows,
    lines,
):
    """Do what ``backward`` does, in the room that it gives: this function counts no references."""
    t = tables_at(header, saved.dtype)
    n_states = t.n_states
    n_blocks = (n_samples + LANES - 1) // LANES
    inputs = array_at(inputs_at, (n_samples, t.n_samplewise), saved.dtype)
    weights = array_at(weights_at, (t.n_weights,), saved.dtype)
    output_gradient = matrix_at(gradient_at, (n_samples, t.n_outputs), (row_stride, column_stride), saved.dtype)
    state_gradient = array_at(gradient_at, (n_samples if t.hands_out_states else 0, 2, n_states), saved.dtype)
    input_gradient = array_at(
        input_gradient_at, (0 if input_gradient_at == NOWHERE else n_samples, t.n_samplewise), saved.dtype
    )
    initial_gradient = array_at(
        initial_gradient_at, (0 if initial_gradient_at == NOWHERE else n_samples, 2, n_states), saved.dtype
    )
    overlaps, angle_gradient, mixed_gradient = _parts(t, n_blocks, rest)
    shared, matrices = _shared_parts(t, kept)
    room = part_of(rows, 0, (_N_ROOM, LANES))
    own_inputs = part_of(rows, _N_ROOM * LANES, (t.n_samplewise, LANES))
    lanes = part_of(rows, (_N_ROOM + t.n_samplewise) * LANES, (3, t.n_lane, LANES))
    first_old = _N_BACKWARD_LINES + t.n_outputs
    g = part_of(lines, _N_BACKWARD_LINES * LANES, (t.n_outputs, LANES))
    old = part_of(lines, first_old * LANES, (2, t.dense_re.shape[1], LANES))
    states = part_of(lines, (first_old + 2 * t.dense_re.shape[1]) * LANES, (2, 2, n_states, LANES))
    first, last = take(work, n_blocks, 0)
    while first < last:
        _backward_blocks(
            first,
            last,
            t,
            inputs,
            weights,
            saved,
            output_gradient,
            state_gradient,
            wanted,
            stop_at,
            overlaps,
            angle_gradient,
            mixed_gradient,
            input_gradient,
            initial_gradient,
            states,
            shared,
            matrices,
            lanes,
            room,
            own_inputs,
            part_of(lines, 0, (_N_BACKWARD_LINES, LANES)),
            old,
            g,
        )
        tell(work, first, last, leads)
        first, last = take(work, n_blocks, last)
    done = end(work, bell, n_blocks, leads)
    if done and weight_gradient_at != NOWHERE:
        total = array_at(weight_gradient_at, (t.n_weights,), saved.dtype)
        weight_gradients(
            t, weights, inputs.shape[1], shared[1], shared[2], overlaps, angle_gradient, mixed_gradient, total
        )
    return done


@lean
def _sum_rows(rows, out):
    """Write the sums of four rows, shape (4, LANES): side by side, for each waits for its own last addition."""
    first = second = third = fourth = rows.dtype.type(0)
    for l in range(LANES):
        first += rows[0, l]
        second += rows[1, l]
        third += rows[2, l]
        fourth += rows[3, l]
    out[0] = first
    out[1] = second
    out[2] = third
    out[3] = fourth


@inlined
def _backward_blocks(
    first_block,
    last_block,
    t,
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
        lane_angles(t, inputs, weights, block, room, lane_cos, lane_sin)
        lane_gradient[:] = 0
        psi, lam = states[0], states[1]
        for plane in range(2):
            for k in range(n_states):
                simd.copy_row(saved[block, plane], k, psi[plane], k)
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
                    simd.multiply_rows(g, t.outcome[k], psi[0], k, lam[0], k)
                    simd.multiply_rows(g, t.outcome[k], psi[1], k, lam[1], k)
            else:
                for k in range(n_states):
                    line[:] = 0
                    for q in range(t.diagonal.shape[0]):
                        simd.add_row(g, q, t.diagonal[q, k], line, 0)
                    simd.multiply_rows(line, 0, psi[0], k, lam[0], k)
                    simd.multiply_rows(line, 0, psi[1], k, lam[1], k)
                for term in range(t.terms.shape[0]):
                    q = t.terms[term, 0]
                    for k in range(n_states):
                        j = k ^ t.terms[term, 1]
                        w = -t.coefficients[term] if odd(k & t.terms[term, 2]) else t.coefficients[term]
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
                    lane_matrices(t, o, shared_cos, shared_sin, lane_cos, lane_sin, room, lane_matrix)
                    lane_adjoints(lane_matrix, lane_adjoint)
                    undo_lanes(psi[0], psi[1], lam[0], lam[1], a, b, c, lane_adjoint, gathered)
                    if wanted[o]:
                        lane_gradients(
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
                    adjoint_of(matrix, adjoint)
                    if wanted[o]:
                        undo_shared(psi[0], psi[1], lam[0], lam[1], a, b, c, adjoint, gathered)
                        _sum_rows(gathered, sums)
                        overlaps_of(sums[0], sums[1], sums[2], sums[3], overlaps[block, o])
                    else:
                        apply_shared(psi[0], psi[1], a, b, c, adjoint)
                        apply_shared(lam[0], lam[1], a, b, c, adjoint)
            elif kind == PARITY:
                if wanted[o]:
                    parity_gradient(psi[0], psi[1], lam[0], lam[1], a, line)
                    if t.lane_operation[o]:
                        for l in range(valid):
                            lane_gradient[t.angle_lane[b], l] += line[l]
                    else:
                        step = dtype.type(0)
                        for l in range(LANES):
                            step += line[l]
                        overlaps[block, o, 0] = step
                parity_angle(t, o, -1, shared_cos, shared_sin, lane_cos, lane_sin, cos, sin)
                apply_parity(psi[0], psi[1], a, cos, sin)
                apply_parity(lam[0], lam[1], a, cos, sin)
            elif kind == PERMUTE:
                permute(psi[0], psi[1], t.inverse_cycles[a], old[0], old[1])
                permute(lam[0], lam[1], t.inverse_cycles[a], old[0], old[1])
            elif kind == DENSE:
                # The conjugate transpose: the indices exchanged, and the sign of the imaginary part.
                back_re = t.dense_re[a, :b, :b].T
                back_im = t.dense_im[a, :b, :b].T
                offsets = t.dense_offsets[a, :b]
                bases = t.dense_bases[a, :c]
                apply_dense(psi[0], psi[1], back_re, back_im, -1, offsets, bases, old)
                apply_dense(lam[0], lam[1], back_re, back_im, -1, offsets, bases, old)
        if initial_gradient.shape[0] > 0:
            for l in range(valid):
                for k in range(n_states):
                    initial_gradient[block * LANES + l, 0, k] = 2 * lam[0, k, l]
                    initial_gradient[block * LANES + l, 1, k] = 2 * lam[1, k, l]
        lane_angle_gradients(
            t, inputs, weights, block, room[0], own_inputs, lane_gradient, input_gradient, weight_gradient[block]
        )


@allocating
def sum_blocks(header, n_samples, weights_at, kept, rest, weight_gradient_at, like):
    """Write the gradient of the weights that ``backward`` left to be written, all blocks being done by now.

    ``like`` is an array of the dtype of the weights; for the others see ``backward``.
    """
    t = tables_at(header, like.dtype)
    n_blocks = (n_samples + LANES - 1) // LANES
    weights = array_at(weights_at, (t.n_weights,), like.dtype)
    total = array_at(weight_gradient_at, (t.n_weights,), like.dtype)
    overlaps, angle_gradient, mixed_gradient = _parts(t, n_blocks, rest)
    shared, _ = _shared_parts(t, kept)
    weight_gradients(t, weights, t.n_samplewise, shared[1], shared[2], overlaps, angle_gradient, mixed_gradient, total)


@cache
def passes(dtype: np.dtype[Any]) -> tuple[Pass, Pass]:
    """Return ``forward`` and ``backward`` for states of a dtype; they take their arguments' types for granted."""
    header = np.empty((0, 4), np.int64)
    states, numbers, flags = np.empty((0, 2, 1, LANES), dtype), np.empty(0), np.empty(0, np.bool_)
    call = (ALONE, ALONE, True, header, 1, NOWHERE, NOWHERE)
    return (
        entry(forward, *call, NOWHERE, NOWHERE, states, numbers),
        entry(backward, *call, states, numbers, NOWHERE, 1, 1, flags, 1, numbers, NOWHERE, NOWHERE, NOWHERE),
    )
