import pickle

import pytest
import torch
from torch import nn

from qml.circuits import ReuploadingCircuit
from qml.errors import CircuitError
from qml.nn import QuantumLayer, frozen, matched, quantum_layers, separable, surrogate, swap_layers


def count(module):
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


@pytest.fixture
def layer():
    return QuantumLayer.from_circuit(ReuploadingCircuit(2, 3), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("make", [separable, frozen, matched, surrogate], ids=lambda make: make.__name__)
def test_a_twin_takes_and_gives_what_the_layer_does(layer, make):
    twin = make(layer)
    for shape in ((2,), (7, 2), (4, 5, 2)):
        x = torch.rand(shape)
        assert twin(x).shape == layer(x).shape
    double = make(layer.double())
    assert {p.dtype for p in double.parameters()} == {torch.float64}
    assert double(torch.rand(3, 2, dtype=torch.float64)).dtype == torch.float64
    assert torch.equal(twin(x), pickle.loads(pickle.dumps(twin))(x))


def test_how_many_parameters_a_twin_has(layer):
    assert count(separable(layer)) == count(layer) == 24
    assert count(frozen(layer)) == 0
    for n_layers in (1, 2, 3, 6):
        circuit = QuantumLayer.from_circuit(ReuploadingCircuit(3, n_layers))
        assert count(matched(circuit)) >= count(circuit)
    assert count(matched(QuantumLayer.from_names(n_wires=4, n_layers=1))) == 4 * 4 + 4  # one map is enough


def test_a_matched_layer_computes_what_it_says():
    twin = matched(QuantumLayer.from_names(n_wires=4, n_layers=1), "tanh")
    x = torch.rand(3, 4)
    torch.testing.assert_close(twin(x), torch.tanh(x @ twin.into.weight.T + twin.into.bias))
    with pytest.raises(CircuitError, match=r"unknown activation 'tan'\. Did you mean 'tanh'\?"):
        matched(QuantumLayer.from_names(n_wires=2), "tan")


def test_a_surrogate_can_be_the_circuit(layer):
    nn.init.ones_(layer.scalings)  # the frequencies of a surrogate are those of untrained scalings
    twin = surrogate(layer).double()
    x = torch.rand(300, 2, dtype=torch.float64) * 6
    waves = twin.reach.angles(x) @ twin.frequencies.T
    design = torch.cat([waves.cos(), waves.sin(), torch.ones(300, 1)], dim=1)
    target = layer(x).detach()
    solved = torch.linalg.lstsq(design, target).solution
    with torch.no_grad():
        twin.linear.weight.copy_(solved[:-1].T)
        twin.linear.bias.copy_(solved[-1])
    torch.testing.assert_close(twin(x), target, atol=1e-6, rtol=0)


def test_swapping_reaches_nested_and_shared_layers(layer):
    class Hybrid(nn.Module):
        def __init__(self):
            super().__init__()
            self.twice = nn.Sequential(layer, nn.Tanh(), layer)
            self.inside = nn.ModuleDict({"other": QuantumLayer.from_names(n_wires=2)})

        def forward(self, x):
            return self.inside["other"](self.twice(x))

    hybrid = Hybrid()
    swapped = swap_layers(hybrid, matched)
    assert not list(quantum_layers(swapped))
    assert len(list(quantum_layers(hybrid))) == 2  # the original is left alone
    assert swapped.twice[0] is swapped.twice[2]
    assert swapped(torch.rand(3, 2)).shape == (3, 2)


def test_what_is_missing_is_said():
    layer = QuantumLayer(lambda inputs: None, {})
    for make in (matched, surrogate):
        with pytest.raises(CircuitError, match="give n_inputs, or call the layer once"):
            make(layer)
