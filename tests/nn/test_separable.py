"""The separable twin: no entanglement, nothing else lost."""

import numpy as np
import pennylane as qp
import pytest
import torch

from qml.circuits import DressedCircuit, EmbeddingCircuit, ReuploadingCircuit
from qml.errors import CircuitError
from qml.nn import QuantumLayer, separable
from qml.nn.separable import separable_circuit


def everything(inputs, weights, layers):
    """Every way two wires can meet: gates with data, with weights, with both, with neither, and templates."""
    qp.AngleEmbedding(inputs, wires=range(3), rotation="X")
    qp.Hadamard(0)
    qp.IsingXX(inputs[..., 0] * inputs[..., 1], wires=[0, 1])
    qp.CRY(weights[0], wires=[1, 2])
    qp.PauliRot(weights[1] * inputs[..., 2], "XYZ", wires=[0, 1, 2])
    qp.IsingXY(inputs[..., 2], wires=[2, 0])
    qp.SingleExcitation(weights[2], wires=[0, 2])
    qp.ControlledPhaseShift(weights[3], wires=[0, 1])
    qp.Toffoli(wires=[0, 1, 2])
    qp.SWAP(wires=[0, 2])
    qp.QFT(wires=range(3))
    qp.adjoint(qp.IsingYY)(inputs[..., 1], wires=[0, 2])
    qp.StronglyEntanglingLayers(layers, wires=range(3))
    return qp.state()


SHAPES = {"weights": (4,), "layers": (2, 3, 3)}


def purities(states, n_wires):
    """Tr ρ² of every wire, by hand; shape (n, n_wires)."""
    tensor = states.reshape(-1, *(2,) * n_wires)
    found = []
    for wire in range(n_wires):
        columns = np.moveaxis(tensor, wire + 1, 1).reshape(len(tensor), 2, -1)
        rho = columns @ columns.conj().swapaxes(1, 2)
        found.append(np.einsum("nab,nba->n", rho, rho).real)
    return np.stack(found, axis=1)


def test_the_twin_of_any_circuit_stays_a_product_state():
    layer = QuantumLayer(everything, SHAPES, n_inputs=3, generator=torch.Generator().manual_seed(0))
    x = torch.rand(20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 6
    assert purities(layer(x).detach().numpy(), 3).min() < 0.9
    np.testing.assert_allclose(purities(separable(layer)(x).detach().numpy(), 3), 1, atol=1e-6)


def test_every_weight_and_every_feature_still_counts():
    def measured(inputs, weights, layers):
        with qp.queuing.AnnotatedQueue() as queue:
            everything(inputs, weights, layers)
        for operation in qp.tape.QuantumScript.from_queue(queue).operations:
            qp.apply(operation)
        qp.Rot(0.3, 0.4, 0.5, wires=0)  # the last RZ of a layer would not be seen by Z
        return [qp.expval(word) for w in range(3) for word in (qp.X(w), qp.Z(w))]

    twin = separable(QuantumLayer(measured, SHAPES, n_inputs=3, generator=torch.Generator().manual_seed(0)))
    x = torch.rand(5, 3, requires_grad=True)
    (twin(x) * torch.rand(5, 6)).sum().backward()
    assert {name: tuple(p.shape) for name, p in twin.named_parameters()} == SHAPES
    assert all((p.grad.abs() > 1e-6).all() for p in twin.parameters())
    assert (x.grad.abs() > 1e-6).all()


@pytest.mark.parametrize(
    ("circuit", "by_hand"),
    [
        (ReuploadingCircuit(3, 2), ReuploadingCircuit(3, 2, "product")),
        (DressedCircuit(4, 2), DressedCircuit(4, 2, entangling=False)),
        (EmbeddingCircuit("havlicek", 3), EmbeddingCircuit("havlicek-separable", 3)),
    ],
    ids=lambda circuit: circuit.name,
)
def test_it_is_the_twin_that_was_written_by_hand(circuit, by_hand):
    made = separable(QuantumLayer.from_circuit(circuit, generator=torch.Generator().manual_seed(0)))
    written = QuantumLayer.from_circuit(by_hand, generator=torch.Generator().manual_seed(0))
    x = torch.rand(5, circuit.n_inputs, dtype=torch.float64) * 3
    torch.testing.assert_close(made(x), written(x))
    assert "╭" not in made.draw()


def test_a_circuit_without_entanglement_is_its_own_twin():
    layer = QuantumLayer.from_circuit(ReuploadingCircuit(2, 3, "product"))
    x = torch.rand(4, 2)
    assert torch.equal(layer(x), separable(layer)(x))


def two_blocks(inputs, weights):
    for wire in range(4):
        qp.RX(inputs[..., wire], wires=wire)
        qp.RY(weights[wire], wires=wire)
    qp.CNOT(wires=[1, 0])
    qp.CNOT(wires=[3, 2])
    return qp.expval(qp.Z(0))


def test_a_wire_that_only_entanglement_made_readable_is_read_by_itself():
    layer = QuantumLayer(two_blocks, {"weights": (4,)}, n_inputs=4, generator=torch.Generator().manual_seed(0))
    x = torch.rand(3, 4, requires_grad=True)
    for module in (layer, separable(layer)):
        x.grad = None
        module(x).sum().backward()
        assert (x.grad.abs() > 1e-6).all(dim=0).tolist() == [True, True, False, False]
    twin = separable(layer)
    z = [torch.cos(x[:, w]) * torch.cos(twin.weights[w]) for w in range(2)]  # ⟨Z⟩ of RY(θ) RX(x) |0⟩
    torch.testing.assert_close(twin(x), z[0] + z[1])


def test_amplitudes_become_angles():
    twin = separable(QuantumLayer.from_names(n_wires=2, encoding="amplitude"))
    x = torch.rand(3, 4, requires_grad=True)
    twin(x).sum().backward()
    assert "|Ψ⟩" not in twin.draw()
    assert (x.grad.abs() > 1e-6).any(dim=0).all()


def test_a_qnode_stays_one_and_keeps_its_wires():
    device = qp.device("default.qubit", wires=["b", "a"])

    @qp.qnode(device)
    def circuit(inputs):
        qp.RX(inputs[..., 0], wires="a")
        qp.CNOT(wires=["a", "b"])
        return qp.probs(wires=["b", "a"])

    twin = separable(QuantumLayer(circuit, {}, n_inputs=1))
    assert twin(torch.tensor([[np.pi]])).round(decimals=4).abs().tolist() == [[0, 1, 0, 0]]


def test_what_cannot_be_taken_apart_is_named():
    def circuit(inputs):
        matrix = torch.linalg.matrix_exp(1j * inputs[..., 0] * torch.eye(4, dtype=torch.complex128).flip(0))
        qp.QubitUnitary(matrix, wires=[0, 1])
        return qp.expval(qp.Z(0))

    with pytest.raises(CircuitError, match=r"no separable twin: the matrix of QubitUnitary depends on inputs"):
        separable_circuit(circuit)(torch.rand(1))
