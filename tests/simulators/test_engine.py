import math
import os
import subprocess
import sys

import numba
import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_circuits import N_INPUTS, N_WEIGHTS, circuits

from qml.errors import CircuitError
from qml.simulators import Engine, kernels, reference, simulate, trace
from qml.simulators.simd import LANES

TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-10}
NUMPY = {torch.float32: np.float32, torch.float64: np.float64}
quiet = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def expected(circuit, x, w):
    rows = []
    for sample in np.asarray(x, dtype=np.float64).reshape(-1, N_INPUTS):
        state = reference.run(circuit.operations(sample, w), circuit.n_wires)
        rows.append([reference.expval(state, dict(word)) for word in circuit.words])
    return np.array(rows).reshape(-1, len(circuit.words))


def run(traced, x, w, dtype, n_threads=1):
    variables, initial = traced.variables(x.to(dtype), [w])
    return simulate(Engine(traced.program, NUMPY[dtype]), variables, w.to(dtype), initial, n_threads)


@quiet
@given(circuits(), st.sampled_from([0, 1, 3, LANES, LANES + 5]), st.integers(0, 2**16))
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_values_equal_the_dense_oracle(dtype, circuit, n_samples, seed):
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(-2, 2, (n_samples, N_INPUTS)), rng.uniform(-2, 2, N_WEIGHTS)
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)})
    found = run(traced, torch.tensor(x), torch.tensor(w), dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found.numpy(), expected(circuit, x, w), rtol=0, atol=TOLERANCE[dtype])


@pytest.fixture
def lanes_over_amplitudes(monkeypatch):
    """Make the engine vectorise over amplitudes from four wires on, whatever the batch."""
    monkeypatch.setattr("qml.simulators.engine._WIDE_COST", {3: math.inf})


@quiet
@given(circuits(min_wires=4, max_wires=6), st.sampled_from([0, 1, 3]), st.integers(0, 2**16))
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_values_with_lanes_over_amplitudes(lanes_over_amplitudes, dtype, circuit, n_samples, seed):
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(-2, 2, (n_samples, N_INPUTS)), rng.uniform(-2, 2, N_WEIGHTS)
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)})
    found = run(traced, torch.tensor(x), torch.tensor(w), dtype)
    np.testing.assert_allclose(found.numpy(), expected(circuit, x, w), rtol=0, atol=TOLERANCE[dtype])


@quiet
@given(circuits(min_wires=4, max_wires=6), st.integers(0, 2**16))
def test_both_layouts_give_the_same_gradients(circuit, seed):
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)})
    gradients = []
    for costs in ({4: math.inf, 5: math.inf, 6: math.inf}, {3: math.inf}):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("qml.simulators.engine._WIDE_COST", costs)
            generator = np.random.default_rng(seed)
            x = torch.tensor(generator.uniform(-2, 2, (3, N_INPUTS)), requires_grad=True)
            w = torch.tensor(generator.uniform(-2, 2, N_WEIGHTS), requires_grad=True)
            out = run(traced, x, w, torch.float64)
            direction = torch.tensor(np.random.default_rng(seed).normal(size=tuple(out.shape)))
            gradients.append(torch.autograd.grad((out * direction).sum(), (x, w), allow_unused=True))
    for narrow, wide in zip(*gradients, strict=True):
        assert (narrow is None) == (wide is None)
        if narrow is not None:
            torch.testing.assert_close(narrow, wide, rtol=0, atol=1e-12)


MEASURED = {
    "state": lambda qp: qp.state(),
    "probs": lambda qp: qp.probs(wires=[4, 0, 2]),
    "words": lambda qp: [qp.expval(qp.X(0) @ qp.Y(4) - 0.5 * qp.Z(3)), qp.expval(qp.Y(1))],
}


@pytest.mark.parametrize("name", MEASURED)
def test_both_layouts_read_every_measurement_alike(name, monkeypatch):
    import pennylane as qp

    def circuit(inputs, weights):
        qp.AmplitudeEmbedding(inputs, wires=range(5), normalize=True)
        qp.StronglyEntanglingLayers(weights, wires=range(5))
        qp.QubitUnitary(qp.matrix(qp.QFT(wires=[0, 1])), wires=[4, 1])
        return MEASURED[name](qp)

    traced = trace(circuit, 32, {"weights": (2, 5, 3)})
    results = []
    for costs in ({5: math.inf}, {4: math.inf}):
        monkeypatch.setattr("qml.simulators.engine._WIDE_COST", costs)
        generator = torch.Generator().manual_seed(0)
        x = torch.rand(3, 32, dtype=torch.float64, generator=generator).requires_grad_()
        w = torch.rand(2, 5, 3, dtype=torch.float64, generator=generator).requires_grad_()
        variables, initial = traced.variables(x, [w])
        out = simulate(Engine(traced.program, np.float64), variables, w.reshape(-1), initial, 1)
        real = torch.view_as_real(out) if out.is_complex() else out
        direction = torch.randn(real.shape, dtype=torch.float64, generator=generator)
        results.append((real.detach(), *torch.autograd.grad((real * direction).sum(), (x, w))))
    for narrow, wide in zip(*results, strict=True):
        torch.testing.assert_close(narrow, wide, rtol=0, atol=1e-12)


@quiet
@given(circuits(max_gates=8), st.integers(0, 2**16))
def test_gradients_equal_finite_differences_of_the_oracle(circuit, seed):
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(-2, 2, (3, N_INPUTS)), rng.uniform(-2, 2, N_WEIGHTS)
    direction = rng.normal(size=(3, len(circuit.words)))
    inputs = torch.tensor(x, requires_grad=True)
    weights = torch.tensor(w, requires_grad=True)
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)})
    (run(traced, inputs, weights, torch.float64) * torch.tensor(direction)).sum().backward()

    def value(x, w):
        return (expected(circuit, x, w) * direction).sum()

    step = 1e-5
    for array, gradient in ((x, inputs.grad), (w, weights.grad)):
        numeric = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            original = array[index]
            array[index] = original + step
            up = value(x, w)
            array[index] = original - step
            down = value(x, w)
            array[index] = original
            numeric[index] = (up - down) / (2 * step)
        found = np.zeros_like(array) if gradient is None else gradient.numpy()
        np.testing.assert_allclose(found, numeric, rtol=1e-5, atol=1e-6)


def ladder(inputs, weights):
    import pennylane as qp

    n_wires = 6
    qp.AngleEmbedding(inputs, wires=range(n_wires))
    qp.StronglyEntanglingLayers(weights, wires=range(n_wires))
    return [qp.expval(qp.PauliZ(wire)) for wire in range(n_wires)]


def test_threads_change_no_bit(monkeypatch):
    monkeypatch.setattr("qml.simulators.engine._UPDATES_WORTH_A_THREAD", 1)
    traced = trace(ladder, 6, {"weights": (3, 6, 3)})
    generator = torch.Generator().manual_seed(0)
    results = []
    for n_threads in (1, 2, 3):
        x = torch.rand(100, 6, generator=generator.manual_seed(1)).requires_grad_()
        w = torch.rand(54, generator=generator).requires_grad_()
        out = simulate(Engine(traced.program), x, w, None, n_threads)
        out.square().sum().backward()
        results.append((out.detach(), x.grad, w.grad))
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_a_batch_equals_its_samples_one_by_one():
    traced = trace(ladder, 6, {"weights": (3, 6, 3)})
    engine = Engine(traced.program, np.float64)
    x, w = torch.rand(20, 6, dtype=torch.float64), torch.rand(54, dtype=torch.float64)
    together = simulate(engine, x, w, None, 1)
    alone = torch.cat([simulate(engine, row[None], w, None, 1) for row in x])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-14)


def as_columns(values):
    return values.t().contiguous().t()


def as_negation(values):
    """Return a view that negates what it looks at."""
    view = torch.complex(torch.zeros_like(values), -values).conj().imag
    assert view.is_neg()
    return view


@pytest.mark.parametrize("other", [as_columns, as_negation])
def test_numbers_are_read_however_they_lie_in_memory(other):
    engine = Engine(trace(ladder, 6, {"weights": (3, 6, 3)}).program)
    w = torch.rand(54, requires_grad=True)
    results = []
    for place in (torch.clone, other):
        x = place(torch.linspace(-1, 2, 120).reshape(20, 6)).requires_grad_()
        out = simulate(engine, x, w, None, 1)
        pull = place(torch.linspace(-3, 1, out.numel()).reshape(out.shape))
        results.append((out.detach(), *torch.autograd.grad(out, (x, w), pull)))
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_a_gradient_that_is_one_number_for_all_is_read_as_such():
    engine = Engine(trace(ladder, 6, {"weights": (3, 6, 3)}).program)
    x, w = torch.rand(20, 6, requires_grad=True), torch.rand(54, requires_grad=True)
    out = simulate(engine, x, w, None, 1)
    expanded = torch.tensor(0.7).expand(out.shape)
    found = torch.autograd.grad(out, (x, w), expanded, retain_graph=True)
    wanted = torch.autograd.grad(out, (x, w), expanded.contiguous(), retain_graph=True)
    assert all(torch.equal(a, b) for a, b in zip(found, wanted, strict=True))
    nothing = torch._efficientzerotensor(tuple(out.shape))  # torch's own, without memory
    assert not any(gradient.any() for gradient in torch.autograd.grad(out, (x, w), nothing))


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", MEASURED)
def test_kernels_get_the_types_that_they_were_compiled_for(name, dtype, n_threads):
    def circuit(inputs, weights):
        qp.AmplitudeEmbedding(inputs, wires=range(5), normalize=True)
        qp.StronglyEntanglingLayers(weights, wires=range(5))
        return MEASURED[name](qp)

    traced = trace(circuit, 32, {"weights": (2, 5, 3)})
    engine = Engine(traced.program, NUMPY[dtype])
    engine._updates_a_sample = 10**6  # as if a second thread were worth while
    seen = {}

    def looking(kernel, run):
        seen[kernel] = set()

        def look(*arguments):
            seen[kernel].add(tuple(map(numba.typeof, arguments)))
            return run(*arguments)

        return look

    engine._run_forward = looking(kernels.forward, engine._run_forward)
    engine._run_backward = looking(kernels.backward, engine._run_backward)
    for n_samples, wanted in ((0, "xw"), (40, "xw"), (40, "x"), (40, "w"), (40, "")):
        x = torch.rand(n_samples, 32, dtype=dtype, requires_grad="x" in wanted)
        w = torch.rand(30, dtype=dtype, requires_grad="w" in wanted)
        variables, initial = traced.variables(x, [w.reshape(2, 5, 3)])
        out = simulate(engine, variables, w, initial, n_threads)
        if wanted:
            out.abs().sum().backward()
    for kernel, types in seen.items():
        assert len(types) == 1
        assert types <= set(kernel.signatures)


def test_threads_never_look_at_what_is_gone():
    engine = Engine(trace(ladder, 6, {"weights": (3, 6, 3)}).program)
    engine._updates_a_sample = 10**6  # as if a second thread were worth while
    for seed in range(300):
        generator = torch.Generator().manual_seed(seed)
        results = []
        for n_threads in (1, 3):
            generator.manual_seed(seed)
            x = torch.rand(16 + seed % 80, 6, generator=generator).requires_grad_()
            w = torch.rand(54, generator=generator).requires_grad_()
            out = simulate(engine, x, w, None, n_threads)
            results.append((out.detach().clone(), *torch.autograd.grad(out.sum(), (x, w))))
            del x, w, out
        assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


@pytest.mark.parametrize(
    ("x", "w", "said"),
    [
        (torch.rand(20, 5), torch.rand(54), r"6 per-sample variables .* inputs of shape \(20, 5\)"),
        (torch.rand(20, 6), torch.rand(53), r"54 weights, .* weights of shape \(53,\)"),
        (torch.rand(20, 6).double(), torch.rand(54), "of torch.float32; .* torch.float64"),
        (torch.rand(20, 6), torch.rand(54).double(), r"\(54,\) and torch.float64"),
    ],
)
def test_tensors_that_the_kernels_would_misread_are_refused(x, w, said):
    engine = Engine(trace(ladder, 6, {"weights": (3, 6, 3)}).program)
    with pytest.raises(CircuitError, match=said):
        simulate(engine, x, w, None, 1)


def test_first_states_of_another_shape_are_refused():
    engine = Engine(trace(ladder, 6, {"weights": (3, 6, 3)}).program)
    states = torch.eye(32, dtype=torch.complex64)[:20]
    with pytest.raises(CircuitError, match=r"first states of shape \(20, 2, 32\)"):
        simulate(engine, torch.rand(20, 6), torch.rand(54), states, 1)


def test_backward_twice_gives_the_same_gradient():
    engine = Engine(trace(ladder, 6, {"weights": (3, 6, 3)}).program)
    x, w = torch.rand(20, 6, requires_grad=True), torch.rand(54, requires_grad=True)
    loss = simulate(engine, x, w, None, 1).sum()
    first = torch.autograd.grad(loss, (x, w), retain_graph=True)
    second = torch.autograd.grad(loss, (x, w))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_frozen_weights_and_frozen_inputs_leave_the_other_gradient_as_it_is():
    engine = Engine(trace(ladder, 6, {"weights": (3, 6, 3)}).program)
    x, w = torch.rand(20, 6, requires_grad=True), torch.rand(54, requires_grad=True)
    both = torch.autograd.grad(simulate(engine, x, w, None, 1).sum(), (x, w))
    only_x = torch.autograd.grad(simulate(engine, x, w.detach(), None, 1).sum(), x)[0]
    only_w = torch.autograd.grad(simulate(engine, x.detach(), w, None, 1).sum(), w)[0]
    torch.testing.assert_close(both[0], only_x, rtol=0, atol=2e-6)
    torch.testing.assert_close(both[1], only_w, rtol=0, atol=2e-6)


@pytest.mark.slow
def test_a_process_that_compiles_the_kernels_gets_the_bits_of_one_that_finds_them(tmp_path):
    script = (
        "import hashlib, torch, qml\n"
        "for n_wires, batch in ((3, 20), (9, 1)):\n"
        "    generator = torch.Generator().manual_seed(0)\n"
        "    layer = qml.QuantumLayer.from_names(n_wires=n_wires, n_layers=2, generator=generator)\n"
        "    x = torch.rand(batch, n_wires, generator=generator).requires_grad_()\n"
        "    out = layer(x)\n"
        "    out.sum().backward()\n"
        "    for values in (out.detach(), x.grad, layer.weights.grad):\n"
        "        print(hashlib.sha256(values.numpy().tobytes()).hexdigest())\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    compiled, found = (
        subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert compiled.stdout == found.stdout
    assert compiled.stdout


def test_many_wires_with_every_kind_of_permutation_and_word():
    """On thirteen wires: maps of bits, lists, controlled flips; Z words and others, against default.qubit."""
    wires = range(13)

    def circuit(inputs, weights):
        qp.AngleEmbedding(inputs, wires=wires, rotation="Y")
        qp.Toffoli([0, 12, 5])
        qp.MultiControlledX([3, 11, 7, 1], control_values=[True, False, True])
        qp.StronglyEntanglingLayers(weights, wires=wires)
        qp.CSWAP([12, 0, 6])
        qp.SWAP([2, 10])
        qp.CNOT([9, 12])
        words = [qp.Z(0), qp.Z(12) @ qp.Z(3), 0.3 * qp.Z(1) @ qp.Z(2) @ qp.Z(11) - 0.2 * qp.I(0) + 0.5 * qp.X(4)]
        return [qp.expval(word) for word in words]

    generator = torch.Generator().manual_seed(4)
    inputs = torch.rand(2, 13, generator=generator, dtype=torch.float64, requires_grad=True)
    weights = torch.rand(1, 13, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    traced = trace(circuit, 13, {"weights": (1, 13, 3)})
    engine = Engine(traced.program, np.float64)
    out = simulate(engine, inputs, weights.reshape(-1), None, 1)
    node = qp.QNode(circuit, qp.device("default.qubit"), interface="torch", diff_method="backprop")
    wanted = torch.stack(node(inputs, weights), dim=1)
    torch.testing.assert_close(out, wanted, rtol=0, atol=1e-10)
    pull = torch.rand(2, 3, generator=generator, dtype=torch.float64)
    found = torch.autograd.grad((out * pull).sum(), (inputs, weights))
    for ours, theirs in zip(found, torch.autograd.grad((wanted * pull).sum(), (inputs, weights)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
