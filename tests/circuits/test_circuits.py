import pickle

import numpy as np
import pennylane as qp
import pytest
import torch

from qml import circuits
from qml.circuits import DressedCircuit, EmbeddingCircuit, LayeredCircuit, ReuploadingCircuit
from qml.errors import CircuitError
from qml.simulators import reference, trace

ENTANGLING = {"CNOT", "CZ", "IsingZZ", "MultiRZ", "IQPEmbedding", "StronglyEntanglingLayers", "BasicEntanglerLayers"}


@pytest.mark.parametrize("name", circuits.names())
def test_every_entry_says_what_it_is(name):
    entry = circuits.get(name)
    assert entry.name == name
    assert entry.summary
    assert entry.source


@pytest.mark.parametrize("n_wires", [1, 2, 3])
@pytest.mark.parametrize("ansatz", circuits.names("ansatz"))
@pytest.mark.parametrize("encoding", circuits.names("encoding"))
def test_every_pair_is_traced_and_has_the_shapes_it_says(encoding, ansatz, n_wires):
    circuit = circuits.compose(encoding=encoding, ansatz=ansatz, n_wires=n_wires, n_layers=2)
    program = trace(circuit, circuit.n_inputs, circuit.weight_shapes).program
    assert program.n_wires == n_wires
    assert program.n_weights == np.prod(circuit.weight_shapes["weights"])
    assert program.measurement.n_outputs == n_wires


def test_the_havlicek_map_is_the_papers():
    x = np.array([0.3, 2.0])
    diagonal = [x[0] * z0 + x[1] * z1 + (np.pi - x[0]) * (np.pi - x[1]) * z0 * z1 for z0 in (1, -1) for z1 in (1, -1)]
    hadamards = np.kron(*[reference.gate("Hadamard")] * 2)
    layer = np.diag(np.exp(1j * np.array(diagonal))) @ hadamards
    wanted = (layer @ layer)[:, 0]
    found = qp.QNode(EmbeddingCircuit("havlicek", 2), qp.device("default.qubit", wires=2))(torch.tensor(x)).numpy()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("circuit", "twin"),
    [
        (ReuploadingCircuit(3, 2), ReuploadingCircuit(3, 2, "product")),
        (DressedCircuit(3, 2), DressedCircuit(3, 2, entangling=False)),
        (EmbeddingCircuit("havlicek", 3), EmbeddingCircuit("havlicek-separable", 3)),
    ],
)
def test_a_separable_twin_keeps_every_weight_and_makes_no_entanglement(circuit, twin):
    assert twin.weight_shapes == circuit.weight_shapes
    weights = {name: torch.rand(shape) for name, shape in twin.weight_shapes.items()}
    purities = []
    for one in (circuit, twin):
        with qp.queuing.AnnotatedQueue() as queue:
            one(inputs=torch.rand(3) + 0.5, **weights)
        operations = qp.tape.QuantumScript.from_queue(queue).operations
        script = qp.tape.QuantumScript(operations, [qp.purity(wires=[wire]) for wire in range(3)])
        purities.append(np.array(qp.execute([script], qp.device("default.qubit"))[0], dtype=float))
    assert purities[0].min() < 0.99
    np.testing.assert_allclose(purities[1], 1, atol=1e-6)


def test_circuits_are_values():
    circuit = LayeredCircuit("angle", "cz-ring", 3, 2)
    assert pickle.loads(pickle.dumps(circuit)) == circuit
    assert hash(circuit) == hash(LayeredCircuit("angle", "cz-ring", 3, 2))


def test_an_ansatz_is_no_encoding_and_the_message_lists_those_there_are():
    with pytest.raises(CircuitError, match=r"'cz-ring' is an ansatz, not an encoding\. Encodings: amplitude, angle"):
        circuits.encoding("cz-ring")
    with pytest.raises(CircuitError, match="'angle' is an encoding, not an ansatz"):
        circuits.ansatz("angle")
    with pytest.raises(CircuitError, match="amplitude encoding prepares the first state"):
        circuits.compose(encoding="amplitude", ansatz="cz-ring", n_wires=2, n_layers=2, reupload=True)
