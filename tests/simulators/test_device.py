import copy
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from random_circuits import EXPRESSIONS, N_INPUTS, N_WEIGHTS, circuits

from qml.simulators.device import StatevectorDevice

ROOT = Path(__file__).resolve().parents[2]


def reference(circuit, *arguments):
    return qp.QNode(circuit, qp.device("default.qubit"), interface="torch", diff_method="backprop")(*arguments)


def joined(results, direction=None):
    """Sum results with fixed random factors, to differentiate them all at once."""
    results = results if isinstance(results, (tuple, list)) else [results]
    flat = torch.cat([r.reshape(-1) for r in results])
    generator = torch.Generator().manual_seed(3)
    return (flat * torch.randn(flat.shape, generator=generator, dtype=flat.dtype)).sum()


def by_samples(circuit, x, w):
    """Run a random circuit on default.qubit sample by sample, every angle a tensor, which is all it takes for sure."""

    def one(sample):
        for wire in range(circuit.n_wires):
            qp.Identity(wires=wire)
        for name, wires, angles in circuit.gates:
            values = (EXPRESSIONS[k](sample, w, i, j) for k, i, j in angles)
            getattr(qp, name)(*(torch.as_tensor(v, dtype=torch.float64) for v in values), wires=wires)
        return [qp.expval(qp.prod(*(getattr(qp, f"Pauli{p}")(q) for q, p in word))) for word in circuit.words]

    rows = [torch.stack([torch.as_tensor(v).real for v in reference(one, row)]) for row in x.reshape(-1, N_INPUTS)]
    return torch.stack(rows).reshape(*x.shape[:-1], -1)


@settings(max_examples=40, deadline=None)
@given(circuits(), st.sampled_from(["adjoint", "device", "best", "parameter-shift"]), st.integers(0, 3))
def test_random_circuits_and_their_gradients_are_default_qubits(circuit, diff_method, n_samples):
    generator = torch.Generator().manual_seed(n_samples)
    batched = n_samples and diff_method != "parameter-shift"  # PennyLane shifts no broadcast parameters
    shape = (n_samples, N_INPUTS) if batched else (N_INPUTS,)
    x = torch.rand(shape, generator=generator, dtype=torch.float64, requires_grad=True)
    w = torch.rand(N_WEIGHTS, generator=generator, dtype=torch.float64, requires_grad=True)
    qnode = qp.QNode(circuit, StatevectorDevice(), interface="torch", diff_method=diff_method)
    found = torch.stack([value.broadcast_to(shape[:-1]) for value in qnode(x, w)], dim=-1)
    wanted = by_samples(circuit, x, w)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-10)
    kinds = {kind for _, _, angles in circuit.gates for kind, _, _ in angles}
    if kinds - {"constant"}:
        direction = torch.randn(found.shape, generator=generator, dtype=torch.float64)
        ours, theirs = (torch.autograd.grad((r * direction).sum(), (x, w), allow_unused=True) for r in (found, wanted))
        for a, b, leaf in zip(ours, theirs, (x, w), strict=True):
            zero = torch.zeros_like(leaf)
            torch.testing.assert_close(zero if a is None else a, zero if b is None else b, rtol=0, atol=1e-9)


def layers(x, w):
    qp.AngleEmbedding(x, wires=range(3))
    qp.StronglyEntanglingLayers(w, wires=range(3))
    qp.IsingYY(x[..., 0] * w[0, 0, 0], wires=[2, 0])


MEASUREMENTS = {
    "expval": lambda: qp.expval(qp.Z(0)),
    "several": lambda: [qp.expval(qp.Z(0) @ qp.X(2)), qp.expval(0.3 * qp.Y(1) - 2 * qp.X(0))],
    "mixture": lambda: [qp.expval(qp.Z(0)), qp.probs(wires=[2, 0]), qp.var(qp.X(1) @ qp.Y(2))],
    "variances": lambda: [qp.var(qp.Z(0) + 0.5 * qp.X(1)), qp.var(qp.Hermitian(np.diag([1.0, -2]), wires=2))],
    "probs": lambda: qp.probs(),
    "probs of an observable": lambda: qp.probs(op=qp.X(0) @ qp.Y(2)),
    "projector": lambda: qp.expval(qp.Projector([0, 1], wires=[0, 2])),
}


@pytest.mark.parametrize("name", MEASUREMENTS)
@pytest.mark.parametrize("shape", [(3,), (5, 3), (1, 3)], ids=["one", "batch", "batch of one"])
def test_every_differentiable_measurement_is_default_qubits(name, shape):
    def circuit(x, w):
        layers(x, w)
        return MEASUREMENTS[name]()

    x = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    w = torch.rand(2, 3, 3, dtype=torch.float64, requires_grad=True)
    qnode = qp.QNode(circuit, StatevectorDevice(wires=3), interface="torch", diff_method="adjoint")
    found, wanted = qnode(x, w), reference(circuit, x, w)
    for ours, theirs in zip(*(r if isinstance(r, (list, tuple)) else [r] for r in (found, wanted)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
    ours, theirs = (torch.autograd.grad(joined(r), (x, w)) for r in (found, wanted))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "measure",
    [
        lambda: qp.state(),
        lambda: qp.density_matrix([1]),
        lambda: qp.purity([0]),
        lambda: qp.vn_entropy([0, 2]),
        lambda: qp.mutual_info([0], [1]),
        lambda: qp.expval(qp.SparseHamiltonian(qp.Z(0).sparse_matrix(), wires=[0])),
        lambda: (qp.state(), qp.expval(qp.Z(0))),
    ],
)
@pytest.mark.parametrize("shape", [(3,), (4, 3)], ids=["one", "batch"])
def test_every_other_measurement_is_default_qubits(measure, shape):
    def circuit(x, w):
        layers(x, w)
        return measure()

    rng = np.random.default_rng(0)
    x, w = rng.random(shape), rng.random((2, 3, 3))
    found = qp.QNode(circuit, StatevectorDevice(wires=3))(x, w)
    wanted = qp.QNode(circuit, qp.device("default.qubit", wires=3))(x, w)
    for ours, theirs in zip(*(r if isinstance(r, tuple) else [r] for r in (found, wanted)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


def test_autograd_gets_jacobians_row_by_row():
    def circuit(x):
        qp.RX(x[0], wires="a")
        qp.CRY(x[1], wires=["a", "b"])
        qp.IsingXX(x[0] * x[1], wires=["b", "a"])
        return qp.expval(qp.Z("b")), qp.probs(wires=["b", "a"])

    x = qp.numpy.array([0.3, 0.8], requires_grad=True)
    ours = qp.QNode(circuit, StatevectorDevice(wires=["a", "b"]), diff_method="adjoint")
    theirs = qp.QNode(circuit, qp.device("default.qubit", wires=["a", "b"]), diff_method="backprop")
    found, wanted = (qp.jacobian(lambda v, q=q: qp.numpy.hstack(q(v)))(x) for q in (ours, theirs))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


def test_jacobians_are_default_qubits():
    tape = qp.tape.QuantumScript(
        [qp.RX(0.3, 0), qp.CRY(0.8, [0, 1]), qp.IsingXX(0.5, [1, 0])],
        [qp.expval(qp.Z(1)), qp.expval(qp.X(0) @ qp.Y(1))],
        trainable_params=[0, 2],
    )
    found = StatevectorDevice().compute_derivatives(tape)
    wanted = [[0.0, 0.0], [0.0, 0.0]]
    for column, index in enumerate((0, 2)):
        for sign in (1, -1):
            values = tape.get_parameters(trainable_only=False)
            values[index] += sign * 1e-6
            shifted = tape.bind_new_parameters(values, [0, 1, 2])
            for row, value in enumerate(qp.device("default.qubit").execute(shifted)):
                wanted[row][column] += sign * value / 2e-6
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-8)


def test_gradients_reach_prepared_amplitudes():
    def circuit(x):
        qp.AmplitudeEmbedding(x, wires=range(2), normalize=True)
        qp.RY(x[..., 0], wires=0)
        qp.CNOT(wires=[0, 1])
        return qp.expval(qp.Z(1)), qp.expval(qp.X(0))

    for shape in ((4,), (3, 4)):
        x = (torch.rand(shape, dtype=torch.float64) + 0.1).requires_grad_()
        qnode = qp.QNode(circuit, StatevectorDevice(wires=2), interface="torch", diff_method="adjoint")
        found, wanted = qnode(x), reference(circuit, x)
        torch.testing.assert_close(found, wanted)
        ours, theirs = (torch.autograd.grad(joined(r), x)[0] for r in (found, wanted))
        torch.testing.assert_close(ours, theirs)


def sampled():
    qp.RY(0.7, wires=0)
    qp.CRX(1.1, wires=[0, 1])
    return qp.sample(wires=[0, 1]), qp.counts(qp.Z(0) @ qp.X(1)), qp.expval(0.5 * qp.X(0) + qp.Z(1)), qp.probs(wires=1)


def test_the_same_seed_gives_bit_equal_samples_and_leaves_numpys_own_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # it is what must not change

    def run(seed):
        return qp.set_shots(qp.QNode(sampled, StatevectorDevice(wires=2, seed=seed)), 50)()

    first, second, other = run(5), run(5), run(6)
    assert all(np.array_equal(a, b) for a, b in zip(first[::2], second[::2], strict=True))
    assert first[1] == second[1]
    assert not np.array_equal(first[0], other[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002  # as above


def test_samples_have_the_exact_means():
    def circuit(x):
        qp.RY(x, wires=0)
        qp.CNOT(wires=[0, 1])
        return qp.expval(qp.X(0) @ qp.X(1)), qp.var(qp.Z(1)), qp.probs(wires=[0, 1])

    n_shots = 40_000
    x = np.array([0.4, 1.2])
    found = qp.set_shots(qp.QNode(circuit, StatevectorDevice(seed=1)), n_shots)(x)
    wanted = qp.QNode(circuit, StatevectorDevice())(x)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=5 / np.sqrt(n_shots))


def test_parameter_shift_with_shots_is_unbiased():
    def circuit(x):
        qp.RX(x, wires=0)
        qp.RY(0.3, wires=0)
        return qp.expval(qp.Z(0))

    x = torch.tensor(0.6, dtype=torch.float64, requires_grad=True)
    qnode = qp.set_shots(qp.QNode(circuit, StatevectorDevice(seed=2), diff_method="parameter-shift"), 20_000)
    (found,) = torch.autograd.grad(qnode(x), x)
    assert abs(found.item() + np.sin(0.6) * np.cos(0.3)) < 5 / np.sqrt(20_000)


def test_circuits_of_one_structure_run_as_one_batch(monkeypatch):
    device = StatevectorDevice(wires=2)
    sizes = []
    run = device._engines.simulate
    monkeypatch.setattr(
        device._engines,
        "simulate",
        lambda script, angles, *rest: sizes.append(len(angles)) or run(script, angles, *rest),
    )
    tapes = [qp.tape.QuantumScript([qp.RX(a, 0), qp.CNOT([0, 1])], [qp.expval(qp.Z(1))]) for a in (0.1, 0.2, 0.3)]
    other = qp.tape.QuantumScript([qp.RX(0.5, 1)], [qp.expval(qp.Z(1))])
    found = device.execute([tapes[0], other, tapes[1], tapes[2]])
    np.testing.assert_allclose(found, np.cos([0.1, 0.5, 0.2, 0.3]))
    assert sizes == [3, 1]


def test_a_measurement_in_the_middle_is_deferred():
    def circuit():
        qp.RY(0.9, wires=0)
        outcome = qp.measure(0)
        qp.cond(outcome, qp.RX)(0.4, wires=1)
        return qp.expval(qp.Z(1)), qp.probs(op=outcome)

    found = qp.QNode(circuit, StatevectorDevice())()
    one = np.sin(0.45) ** 2
    np.testing.assert_allclose(found[0], 1 - one + one * np.cos(0.4))
    np.testing.assert_allclose(found[1], [1 - one, one])


def test_single_precision_is_kept():
    device = StatevectorDevice(wires=1, c_dtype=np.complex64)
    state = qp.QNode(lambda: (qp.Hadamard(0), qp.state())[1], device)()
    assert state.dtype == np.complex64
    samples = qp.set_shots(qp.QNode(lambda: (qp.Hadamard(0), qp.sample(qp.Z(0)))[1], device), 10)()
    assert samples.shape == (10,)


def test_a_device_can_be_copied_and_pickled_after_use():
    device = StatevectorDevice(wires=1, seed=3)
    qnode = qp.QNode(lambda: (qp.Hadamard(0), qp.expval(qp.X(0)))[1], device)
    assert qnode() == pytest.approx(1)
    for twin in (copy.deepcopy(device), pickle.loads(pickle.dumps(device))):
        again = qp.QNode(lambda: (qp.Hadamard(0), qp.expval(qp.X(0)))[1], twin)
        assert again() == pytest.approx(1)


def test_matrices_that_differ_between_samples_are_run_one_by_one():
    angles = np.array([0.2, 0.9, 1.4])

    def circuit():
        qp.QubitUnitary(qp.RX.compute_matrix(angles), wires=0)
        return qp.expval(qp.Z(0))

    np.testing.assert_allclose(qp.QNode(circuit, StatevectorDevice())(), np.cos(angles))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StatevectorDevice(c_dtype=np.float32), "c_dtype must be np.complex64 or np.complex128"),
        (
            lambda: qp.QNode(lambda: (qp.DepolarizingChannel(0.1, 0), qp.expval(qp.Z(0)))[1], StatevectorDevice())(),
            "DepolarizingChannel.* not supported with qml.statevector",
        ),
        (
            lambda: qp.QNode(lambda: (qp.Projector([0], 0), qp.expval(qp.Z(0)))[1], StatevectorDevice())(),
            "Projector.* not supported with qml.statevector",
        ),
        (
            lambda: qp.QNode(lambda: (qp.RX(0.1, 5), qp.expval(qp.Z(0)))[1], StatevectorDevice(wires=2))(),
            "wires not found on the device: .5.",
        ),
        (
            lambda: qp.QNode(
                lambda: (qp.measure(0), qp.expval(qp.Z(0)))[1], StatevectorDevice(), mcm_method="tree-traversal"
            )(),
            "defers measurements to the end",
        ),
        (
            lambda: StatevectorDevice().compute_derivatives(
                qp.tape.QuantumScript([qp.RX(np.array([0.1, 0.2]), 0)], [qp.expval(qp.Z(0))])
            ),
            "broadcast_expand before",
        ),
    ],
)
def test_what_cannot_run_is_refused_by_name(make, message):
    with pytest.raises(Exception, match=message):
        make()


def test_a_state_has_no_adjoint_gradient():
    device = StatevectorDevice(wires=1)
    tape = qp.tape.QuantumScript([qp.RX(0.1, 0)], [qp.state()])
    assert not device.supports_derivatives(qp.devices.ExecutionConfig(gradient_method="adjoint"), tape)
    with pytest.raises(qp.exceptions.QuantumFunctionError, match="does not support adjoint"):
        qp.QNode(lambda x: (qp.RX(x, 0), qp.state())[1], device, diff_method="adjoint")(
            qp.numpy.array(0.1, requires_grad=True)
        )


@pytest.fixture(scope="module")
def plugin_path(tmp_path_factory):
    """Return a path where the entry point of pyproject.toml is installed, whether or not the package is."""
    import tomllib

    folder = tmp_path_factory.mktemp("plugin")
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pennylane.plugins"]
    info = folder / "qml_plugin-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: qml-plugin\nVersion: 0\n")
    lines = "".join(f"{name} = {target}\n" for name, target in table.items())
    (info / "entry_points.txt").write_text(f"[pennylane.plugins]\n{lines}")
    return os.pathsep.join([str(folder), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def run_suite(plugin_path, folder, *options):
    """Run PennyLane's conformance suite in a process of its own; return its summary."""
    pytest.importorskip("flaky", reason="PennyLane's device tests need flaky")
    pytest.importorskip("pytest_mock", reason="PennyLane's device tests need pytest-mock")
    # pl-device-test calls a bare "pytest", which must be this environment's.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    code = "import sys; from pennylane.devices.tests import cli; sys.exit(cli())"
    command = [sys.executable, "-c", code, "--device", "qml.statevector", "--flaky-report", "-q", "-rf", *options]
    found = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        env={**os.environ, "PYTHONPATH": plugin_path, "PATH": path, "OMP_NUM_THREADS": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return found.stdout


def counts(output):
    return {kind: int(number) for number, kind in re.findall(r"(\d+) (passed|failed|skipped|errors?)", output)}


@pytest.mark.slow
def test_pennylanes_conformance_suite_passes(plugin_path, tmp_path):
    output = run_suite(plugin_path, tmp_path)
    found = counts(output)
    assert found.get("passed", 0) >= 389, output[-3000:]
    assert found.keys() == {"passed", "skipped"}, output[-3000:]


@pytest.mark.slow
def test_pennylanes_conformance_suite_passes_with_shots(plugin_path, tmp_path):
    # The suite allows 0.05 whatever the shots; at 1000 that is one to two standard errors of a difference, and which
    # tests miss it depends on the seed (lightning.qubit's default one: eight).  At 20000 it is five.
    output = run_suite(plugin_path, tmp_path, "--shots", "20000", "--device-kwargs", "seed=1")
    found = counts(output)
    assert found.get("passed", 0) >= 370, output[-3000:]
    assert found.keys() == {"passed", "skipped"}, output[-3000:]
