import copy
import io
import math
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pennylane as qp
import pytest
import sklearn.datasets
import torch

from qml.errors import CircuitError, SpecError
from qml.nn import FidelityKernel, QuantumLayer


def layer(**options):
    return QuantumLayer.from_names(n_wires=3, encoding="angle", ansatz="strongly-entangling", n_layers=2, **options)


def module_level(inputs, weights):
    qp.AngleEmbedding(inputs, wires=range(2))
    qp.StronglyEntanglingLayers(weights, wires=range(2))
    return [qp.expval(qp.Z(0)), qp.expval(qp.Z(1))]


# The examples of pennylane.qnn.TorchLayer's documentation, with the class swapped.


def test_torchlayers_first_example():
    n_qubits = 2
    dev = qp.device("default.qubit", wires=n_qubits)

    @qp.qnode(dev)
    def qnode(inputs, weights_0, weight_1):
        qp.RX(inputs[0], wires=0)
        qp.RX(inputs[1], wires=1)
        qp.Rot(*weights_0, wires=0)
        qp.RY(weight_1, wires=1)
        qp.CNOT(wires=[0, 1])
        return qp.expval(qp.Z(0)), qp.expval(qp.Z(1))

    qlayer = QuantumLayer(qnode, {"weights_0": 3, "weight_1": 1})
    model = torch.nn.Sequential(qlayer, torch.nn.Linear(2, 2))
    assert model(torch.rand(5, 2)).shape == (5, 2)
    one = torch.rand(2, dtype=torch.float64)
    weights = {name: value.detach().double() for name, value in qlayer.state_dict().items()}
    wanted = torch.stack(qnode(one, **weights))
    torch.testing.assert_close(qlayer(one), wanted, rtol=0, atol=1e-6)
    assert {name: tuple(p.shape) for name, p in qlayer.named_parameters()} == {"weights_0": (3,), "weight_1": ()}


@pytest.mark.parametrize(
    ("measurements", "shape"),
    [
        ([lambda: qp.expval(qp.Z(0))], (5,)),
        ([lambda: qp.probs(wires=[0, 1])], (5, 4)),
        ([lambda: qp.expval(qp.Z(0)), lambda: qp.probs(wires=[0, 1])], (5, 5)),
    ],
)
def test_torchlayers_output_shapes(measurements, shape):
    @qp.qnode(qp.device("default.qubit", wires=2))
    def qnode(inputs, weights):
        qp.templates.AngleEmbedding(inputs, wires=range(2))
        qp.templates.StronglyEntanglingLayers(weights, wires=range(2))
        return measurements[0]() if len(measurements) == 1 else [m() for m in measurements]

    qlayer = QuantumLayer(qnode, {"weights": (3, 2, 3)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert qlayer(torch.zeros(5, 2)).shape == shape


def test_torchlayers_initialisers():
    @qp.qnode(qp.device("default.qubit", wires=2))
    def qnode(inputs, weights_0, weights_1, weights_2, weight_3, weight_4):
        qp.templates.AngleEmbedding(inputs, wires=range(2))
        qp.templates.StronglyEntanglingLayers(weights_0, wires=range(2))
        qp.templates.BasicEntanglerLayers(weights_1, wires=range(2))
        qp.Rot(*weights_2, wires=0)
        qp.RY(weight_3, wires=1)
        qp.RZ(weight_4, wires=1)
        qp.CNOT(wires=[0, 1])
        return qp.expval(qp.Z(0)), qp.expval(qp.Z(1))

    weight_shapes = {"weights_0": (3, 2, 3), "weights_1": (3, 2), "weights_2": 3, "weight_3": 1, "weight_4": (1,)}
    init_method = {
        "weights_0": torch.nn.init.normal_,
        "weights_1": torch.nn.init.uniform_,
        "weights_2": torch.tensor([1.0, 2.0, 3.0]),
        "weight_3": torch.tensor(1.0),
        "weight_4": torch.tensor([1.0]),
    }
    qlayer = QuantumLayer(qnode, weight_shapes=weight_shapes, init_method=init_method)
    assert qlayer.weights_2.tolist() == [1, 2, 3]
    assert qlayer.weight_3.item() == 1
    assert qlayer(torch.rand(4, 2)).shape == (4, 2)
    everywhere = QuantumLayer(qnode, weight_shapes, init_method=torch.nn.init.ones_)
    assert all((p == 1).all() for p in everywhere.parameters())


def test_torchlayers_full_example_trains():
    n_qubits = 2

    @qp.qnode(qp.device("default.qubit", wires=n_qubits))
    def qnode(inputs, weights):
        qp.templates.AngleEmbedding(inputs, wires=range(n_qubits))
        qp.templates.StronglyEntanglingLayers(weights, wires=range(n_qubits))
        return [qp.expval(qp.Z(0)), qp.expval(qp.Z(1))]

    generator = torch.Generator().manual_seed(3)
    qlayer = QuantumLayer(qnode, {"weights": (3, n_qubits, 3)}, generator=generator)
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), qlayer, torch.nn.Linear(2, 2), torch.nn.Softmax(dim=1))
    samples = 100
    x, y = sklearn.datasets.make_moons(samples, random_state=0)
    y_hot = np.zeros((samples, 2))
    y_hot[np.arange(samples), y] = 1
    X, Y = torch.tensor(x).float(), torch.tensor(y_hot).float()
    opt = torch.optim.SGD(model.parameters(), lr=0.5)
    loss = torch.nn.L1Loss()
    loader = torch.utils.data.DataLoader(list(zip(X, Y, strict=True)), batch_size=5, shuffle=True, generator=generator)
    averages = []
    for _ in range(8):
        running_loss = 0.0
        for batch, target in loader:
            opt.zero_grad()
            value = loss(model(batch), target)
            value.backward()
            opt.step()
            running_loss += value.item()
        averages.append(running_loss / 20)
    assert averages[-1] < 0.25 < averages[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_of_the_inputs_is_kept_from_end_to_end(dtype):
    module = layer(dtype=dtype)
    x = torch.rand(4, 3, dtype=dtype, requires_grad=True)
    out = module(x)
    out.sum().backward()
    assert out.dtype == x.grad.dtype == module.weights.grad.dtype == dtype


def test_gradients_for_inputs_are_on_and_right():
    module = layer(dtype=torch.float64)
    x = torch.rand(5, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))
    inputs = x.detach()
    assert torch.autograd.gradcheck(
        lambda w: torch.func.functional_call(module, {"weights": w}, (inputs,)), (module.weights,)
    )


@pytest.mark.parametrize("shape", [(3,), (1, 3), (0, 3), (2, 5, 3), (2, 1, 4, 3)])
def test_any_leading_dimensions(shape):
    module = layer(dtype=torch.float64)
    x = torch.rand(shape, dtype=torch.float64)
    out = module(x)
    assert out.shape == shape
    for row, value in zip(x.reshape(-1, 3), out.reshape(-1, 3), strict=True):
        torch.testing.assert_close(module(row), value, rtol=0, atol=1e-14)


def test_a_scalar_output_has_no_last_dimension():
    @qp.qnode(qp.device("default.qubit", wires=1))
    def qnode(inputs):
        qp.RX(inputs[0], wires=0)
        return qp.expval(qp.Z(0))

    module = QuantumLayer(qnode, {})
    assert module(torch.zeros(4, 2, 1)).shape == (4, 2)


def test_copies_share_nothing_that_changes():
    module = layer()
    clone = copy.deepcopy(module)
    x = torch.rand(4, 3)
    assert torch.equal(module(x), clone(x))
    with torch.no_grad():
        clone.weights.add_(1)
    assert not torch.equal(module(x), clone(x))


def test_pickle_and_torch_save():
    module = layer()
    x = torch.rand(4, 3)
    module(x)
    assert torch.equal(pickle.loads(pickle.dumps(module))(x), module(x))
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    assert torch.equal(torch.load(buffer, weights_only=False)(x), module(x))


def test_a_circuit_defined_in_a_function_pickles_once_it_is_traced():
    def local(inputs, weights):
        qp.RX(torch.tanh(inputs[0]), wires=0)
        qp.RY(weights[0], wires=0)
        return qp.expval(qp.Z(0))

    module = QuantumLayer(local, {"weights": (1,)}, n_inputs=1)
    loaded = pickle.loads(pickle.dumps(module))
    x = torch.rand(4, 1)
    assert torch.equal(loaded(x), module(x))
    assert "circuit" in repr(loaded)


def test_a_state_dict_round_trip_into_a_fresh_process(tmp_path):
    module = layer()
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    x = torch.rand(4, 3)
    torch.save(x, tmp_path / "x.pt")
    script = (
        "import sys, torch, qml\n"
        "layer = qml.QuantumLayer.from_names(n_wires=3, encoding='angle', ansatz='strongly-entangling', n_layers=2)\n"
        f"layer.load_state_dict(torch.load({str(tmp_path / 'weights.pt')!r}))\n"
        f"torch.save(layer(torch.load({str(tmp_path / 'x.pt')!r})), {str(tmp_path / 'out.pt')!r})\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    assert torch.equal(torch.load(tmp_path / "out.pt"), module(x))


def test_the_same_generator_gives_the_same_weights_and_leaves_the_global_one_alone():
    before = torch.get_rng_state()
    first = layer(generator=torch.Generator().manual_seed(5))
    second = layer(generator=torch.Generator().manual_seed(5))
    assert torch.equal(first.weights, second.weights)
    assert torch.equal(torch.get_rng_state(), before)
    assert first.weights.min() >= 0
    assert first.weights.max() < 2 * math.pi


def global_state():
    legacy = np.random.get_state()[1].tolist()  # noqa: NPY002 - the state that must not move
    return torch.get_num_threads(), torch.get_default_dtype(), torch.get_rng_state().tolist(), legacy


def test_nothing_global_is_changed():
    module, x = layer(), torch.rand(4, 3)
    state = global_state()
    module(x).sum().backward()
    assert global_state() == state


def test_extra_repr_says_what_it_computes():
    assert repr(layer()) == "QuantumLayer(angle+strongly-entangling: 3 -> 3 on 3 wires, weights={weights: (2, 3, 3)})"


def test_it_can_be_drawn():
    assert layer().draw().count("Rot") == 6


# What the engine cannot run.


def mixedness(inputs, weights):
    qp.RX(inputs[0], wires=0)
    qp.RX(weights[0], wires=0)
    qp.CNOT(wires=[0, 1])
    return qp.purity(wires=[0])


def test_a_fall_back_warns_once_and_is_right():
    module = QuantumLayer(mixedness, {"weights": (1,)}, init_method=torch.nn.init.zeros_)
    x = torch.rand(4, 1, requires_grad=True)
    message = "runs on PennyLane, much slower than on the engine: the measurement is purity"
    with pytest.warns(UserWarning, match=message) as record:
        out = module(x)
    assert [Path(warning.filename).name for warning in record] == [Path(__file__).name]
    torch.testing.assert_close(out, 1 - torch.sin(x.detach()[:, 0]) ** 2 / 2)
    out.sum().backward()
    torch.testing.assert_close(x.grad[:, 0], -torch.sin(2 * x.detach()[:, 0]) / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module(x)


def test_the_engine_on_request_is_an_error_instead_of_a_fall_back():
    with pytest.raises(CircuitError, match="cannot run this circuit: the measurement is purity"):
        QuantumLayer(mixedness, {"weights": (1,)}, n_inputs=1, backend="statevector")


def test_any_pennylane_device_on_request():
    fast = QuantumLayer(module_level, {"weights": (2, 2, 3)})
    slow = QuantumLayer(module_level, {"weights": (2, 2, 3)}, backend="pennylane:lightning.qubit")
    slow.load_state_dict(fast.state_dict())
    x = torch.rand(3, 2)
    torch.testing.assert_close(slow(x), fast(x), rtol=0, atol=1e-6)


# Bad input.


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (torch.rand(4, 5), r"takes 3 features a sample: inputs must have shape \(\*, 3\); got \(4, 5\)"),
        (torch.zeros(4, 3, dtype=torch.int64), r"inputs must be float32 or float64; got torch.int64"),
        (torch.zeros(4, 3, dtype=torch.complex64), r"inputs must be float32 or float64; got torch.complex64"),
        (torch.tensor(1.0), r"inputs must have shape \(\*, n_inputs\); got a single number"),
        (torch.tensor([[0.0, math.nan, 0.0]]), r"feature column 1 of the inputs has NaN or infinite values"),
    ],
)
def test_inputs_that_do_not_fit_are_explained(inputs, message):
    with pytest.raises(CircuitError, match=message):
        layer()(inputs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({},), r"missing \['weights'\], unknown \[\]"),
        (({"weights": (2, 2, 3), "bias": 1},), r"missing \[\], unknown \['bias'\]"),
        (({"inputs": 2, "weights": (2, 2, 3)},), "'inputs' must not stand in weight_shapes"),
        (({"weights": 0},), "must be a positive int or a tuple of ints; got 0"),
    ],
)
def test_weight_shapes_that_do_not_fit_are_explained(arguments, message):
    with pytest.raises(CircuitError, match=message):
        QuantumLayer(module_level, *arguments)


def test_a_wrong_weight_shape_names_both_shapes():
    from qml.circuits import compose

    circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=4, n_layers=2)
    with pytest.raises(
        CircuitError, match=r"weights must have shape \(2, 4, 3\) for n_layers=2, n_wires=4; got \(2, 3, 3\)"
    ):
        QuantumLayer(circuit, {"weights": (2, 3, 3)}, n_inputs=4)


def test_an_initial_value_of_another_shape_names_both():
    with pytest.raises(CircuitError, match=r"'weights' must have shape \(2, 2, 3\); got \(3,\)"):
        QuantumLayer(module_level, {"weights": (2, 2, 3)}, {"weights": torch.zeros(3)})


def test_unknown_names_list_the_nearest():
    with pytest.raises(SpecError, match=r"unknown circuit 'angel'\. Did you mean 'angle'"):
        QuantumLayer.from_names(n_wires=2, encoding="angel")
    with pytest.raises(CircuitError, match="'product' is an ansatz, not an encoding"):
        QuantumLayer.from_names(n_wires=2, encoding="product")
    with pytest.raises(CircuitError, match="n_wires must be an int of at least 1; got 0"):
        QuantumLayer.from_names(n_wires=0)
    with pytest.raises(CircuitError, match="unknown backend 'fast'"):
        layer(backend="fast")


@pytest.mark.parametrize("row", [[0.0, 0.0, 0.0, 0.0], [math.inf, 1.0, 0.0, 0.0]])
def test_features_that_encode_no_state_are_explained(row):
    module = QuantumLayer.from_names(n_wires=2, encoding="amplitude")
    module(torch.rand(2, 4))
    with pytest.raises(CircuitError, match="row 1 of the inputs does not encode a state"):
        module(torch.tensor([[1.0, 0.0, 0.0, 0.0], row]))


def test_amplitudes_that_are_not_normalised_are_refused_as_pennylane_refuses_them():
    def circuit(inputs):
        qp.AmplitudeEmbedding(inputs, wires=range(1))
        return qp.expval(qp.Z(0))

    module = QuantumLayer(circuit, {})
    torch.testing.assert_close(module(torch.tensor([[0.6, 0.8]])), torch.tensor([0.36 - 0.64]))
    with pytest.raises(CircuitError, match="sum of its squared amplitudes is 2 and must be 1"):
        module(torch.tensor([[1.0, 1.0]]))


def test_a_list_is_not_a_tensor():
    with pytest.raises(CircuitError, match=r"inputs must be a torch tensor; got list"):
        layer()([[1.0, 2.0, 3.0]])


def test_functional_call_and_parametrize():
    module, x = layer(), torch.rand(4, 3)
    other = torch.rand(2, 3, 3)
    changed = torch.func.functional_call(module, {"weights": other}, (x,))
    with torch.no_grad():
        module.weights.copy_(other)
    assert torch.equal(changed, module(x))

    class Half(torch.nn.Module):
        def forward(self, weights):
            return weights / 2

    torch.nn.utils.parametrize.register_parametrization(module, "weights", Half())
    halved = module(x)
    halved.sum().backward()
    assert torch.equal(halved, torch.func.functional_call(layer(), {"weights": other / 2}, (x,)))
    assert module.parametrizations.weights.original.grad is not None


def test_a_circuit_without_inputs_is_refused():
    with pytest.raises(CircuitError, match="must have an argument named 'inputs'; it has \\['x'\\]"):
        QuantumLayer(lambda x: None, {})


# The kernel.


def test_the_fidelity_kernel_equals_overlaps_of_pennylane_states():
    from qml.circuits import EmbeddingCircuit

    kernel = FidelityKernel("iqp", n_wires=3, scaling=0.7)
    x, z = torch.rand(4, 3, dtype=torch.float64), torch.rand(2, 3, dtype=torch.float64)
    qnode = qp.QNode(EmbeddingCircuit("iqp", 3), qp.device("default.qubit", wires=3))
    wanted = [[abs(torch.vdot(qnode(0.7 * a), qnode(0.7 * b))).item() ** 2 for b in z] for a in x]
    np.testing.assert_allclose(kernel(x, z).numpy(), wanted, rtol=0, atol=1e-12)


def test_states_that_do_not_fit_the_memory_are_refused_with_the_bytes():
    wires = range(44)

    def circuit(inputs):
        qp.AngleEmbedding(inputs, wires=wires)
        return qp.expval(qp.Z(0))

    layer = QuantumLayer(circuit, {}, n_inputs=44)
    message = r"a batch of 2 on 44 wires need \d+ TB \(\d+ bytes\) of memory, and .* bytes\) are free. Use fewer wires"
    with pytest.raises(CircuitError, match=message):
        layer(torch.zeros(2, 44))


def test_probabilities_that_do_not_fit_the_memory_are_refused_with_the_bytes():
    def circuit(inputs):
        qp.RX(inputs[..., 0], wires=0)
        return qp.probs(wires=range(44))

    with pytest.raises(CircuitError, match=r"outcomes of qp.probs on a circuit of 44 wires need \d+ TB"):
        QuantumLayer(circuit, {}, n_inputs=1)
