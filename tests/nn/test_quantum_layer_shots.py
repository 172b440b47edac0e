import copy
import io
import math
import pickle
import subprocess
import sys

import numpy as np
import pennylane as qp
import pytest
import torch
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer.noise import NoiseModel

from qml.errors import CircuitError
from qml.nn import QuantumLayer


def layer(**options):
    options.setdefault("generator", torch.Generator().manual_seed(3))
    return QuantumLayer.from_names(n_wires=3, encoding="angle", ansatz="strongly-entangling", n_layers=2, **options)


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


def features(*shape, dtype=torch.float32, seed=0):
    return torch.rand(shape, generator=seeded(seed), dtype=dtype)


BACKENDS = ["auto", "statevector", "aer", "aer:density_matrix"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_values_and_gradients_are_near_the_exact_ones(backend):
    exact, sampled = layer(), layer(shots=2000, shot_generator=seeded(), backend=backend)
    results = []
    for module in (exact, sampled):
        x = features(4, 2, 3).requires_grad_()
        out = module(x)
        out.mean(dim=(0, 1)).sum().backward()
        results.append((out.detach(), x.grad, module.weights.grad))
        assert out.dtype == x.grad.dtype == module.weights.grad.dtype == torch.float32
        assert out.shape == (4, 2, 3)
    assert ((results[0][0] - results[1][0]).abs() <= 5 * math.sqrt(1 / 2000)).all()
    # A gradient is a sum of two terms with coefficients of 1/2, for each of three outputs.
    assert ((results[0][2] - results[1][2]).abs() <= 5 * 3 * math.sqrt(0.5 / 2000)).all()
    assert ((results[0][1] - results[1][1]).abs() <= 5 * 3 * math.sqrt(0.5 / 2000) / 8).all()
    assert not torch.equal(results[0][0], results[1][0])


@pytest.mark.parametrize("backend", ["aer", "aer:density_matrix", "aer:matrix_product_state"])
def test_aer_without_shots_is_exact(backend):
    exact, mine = layer(dtype=torch.float64), layer(dtype=torch.float64, backend=backend)
    x = features(4, 3, dtype=torch.float64).requires_grad_()
    torch.testing.assert_close(mine(x), exact(x), rtol=0, atol=1e-9)
    ours, theirs = (torch.autograd.grad(module(x).square().sum(), (x, module.weights)) for module in (mine, exact))
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-9)


@pytest.mark.parametrize("backend", ["auto", "aer"])
def test_the_same_generator_gives_the_same_samples_and_the_global_one_is_left_alone(backend):
    before, legacy = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002 - must not move
    x = features(4, 3)
    one, two = (layer(shots=50, shot_generator=seeded(), backend=backend) for _ in range(2))
    first, second = one(x), two(x)
    assert torch.equal(first, second)
    assert not torch.equal(one(x), first)
    one(x).sum().backward()
    assert torch.equal(torch.get_rng_state(), before)
    assert np.random.get_state()[1].tolist() == legacy  # noqa: NPY002 - as above


def test_own_generators_are_seeded_from_entropy():
    x = features(8, 3)
    assert not torch.equal(layer(shots=50)(x), layer(shots=50)(x))


@pytest.mark.parametrize("backend", ["auto", "aer"])
def test_copies_and_pickles_go_on_from_the_same_samples_without_sharing_them(backend):
    module, x = layer(shots=50, backend=backend), features(8, 3)
    module(x)
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    copies = [copy.deepcopy(module), pickle.loads(pickle.dumps(module)), torch.load(buffer, weights_only=False)]
    wanted = module(x)
    for other in copies:
        assert torch.equal(other(x), wanted)


def test_the_state_dict_is_the_weights_and_nothing_else():
    module = layer(shots=50)
    assert list(module.state_dict()) == ["weights"]
    layer().load_state_dict(module.state_dict())


def test_its_repr_says_how_many_shots():
    assert repr(layer(shots=50)).endswith("weights={weights: (2, 3, 3)}, shots=50)")


def test_an_empty_batch_and_frozen_weights():
    module = layer(shots=50)
    assert module(features(0, 3)).shape == (0, 3)
    module.weights.requires_grad_(False)
    x = features(2, 3).requires_grad_()
    module(x).sum().backward()
    assert module.weights.grad is None
    assert x.grad.abs().sum() > 0


def test_it_trains():
    def circuit(inputs, weights):
        qp.RX(inputs[0], wires=0)
        qp.RY(weights[0], wires=0)
        qp.CRX(weights[1], wires=[0, 1])
        return qp.expval(qp.Z(1))

    module = QuantumLayer(circuit, {"weights": (2,)}, torch.nn.init.ones_, shots=200, shot_generator=seeded())
    optimiser = torch.optim.Adam(module.parameters(), lr=0.2)
    x = torch.zeros(4, 1)
    first = module(x).mean().item()
    for _ in range(40):
        optimiser.zero_grad()
        module(x).mean().backward()
        optimiser.step()
    assert first > 0.7
    assert module(x).mean().item() < -0.95


def test_the_torch_and_numpy_worlds_agree_on_one_shot():
    values = layer(shots=1)(features(50, 3))
    assert set(values.unique().tolist()) == {-1.0, 1.0}


@pytest.mark.slow
def test_shots_and_aer_work_in_a_fresh_process_and_qiskit_is_not_imported_before():
    script = (
        "import sys, torch, qml\n"
        "layer = qml.QuantumLayer.from_names(n_wires=2, encoding='angle', shots=10)\n"
        "layer(torch.rand(3, 2)).sum().backward()\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('qiskit', 'qiskit_aer')]\n"
        "qml.QuantumLayer.from_names(n_wires=2, encoding='angle', backend='aer')(torch.rand(3, 2)).sum().backward()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_the_noise_model_of_a_device_survives_copies_and_pickles():
    device = GenericBackendV2(4, seed=3)
    options = {
        "noise_model": NoiseModel.from_backend(device),
        "transpile": {"basis_gates": device.operation_names[:-2], "seed_transpiler": 1, "optimization_level": 1},
    }
    zeros = {"init_method": torch.nn.init.zeros_, "shots": 2000, "shot_generator": seeded()}
    module, x = layer(backend="aer", aer_options=options, **zeros), torch.zeros(2, 3)
    copies = copy.deepcopy(module), pickle.loads(pickle.dumps(module))
    noisy = module(x)
    assert (layer(**zeros)(x) == 1).all()
    assert (noisy < 1).all()
    assert (noisy > 0.8).all()
    for other in copies:
        assert torch.equal(other(x), noisy)


def mixture(inputs, weights):
    qp.RX(inputs[0], wires=0)
    qp.CRY(weights[0] * inputs[1], wires=[0, 1])
    qp.RZ(weights[1], wires=1)
    return qp.var(qp.X(1) + 0.5 * qp.Z(0)), qp.probs(wires=[1, 0]), qp.expval(qp.Y(1)), qp.var(qp.Z(1))


@pytest.mark.parametrize("backend", ["auto", "aer", "aer:density_matrix"])
def test_variances_and_mixtures_of_measurements(backend):
    shots, x = 20_000, features(5, 2, dtype=torch.float64, seed=4).mul(3).requires_grad_()
    exact = QuantumLayer(mixture, {"weights": (2,)}, torch.nn.init.ones_, dtype=torch.float64)
    options = {"backend": backend, "dtype": torch.float64}
    sampled = QuantumLayer(
        mixture, {"weights": (2,)}, torch.nn.init.ones_, shots=shots, shot_generator=seeded(), **options
    )
    direction = torch.linspace(-1, 2, 7, dtype=torch.float64)
    results = []
    for module in (exact, sampled):
        out = module(x)
        results.append((out, *torch.autograd.grad((out @ direction).sum(), (x, module.weights))))
    for mine, wanted, bound in zip(*results, (2.5, 12, 30), strict=True):  # of one shot's standard deviation
        assert (mine - wanted).abs().max() <= 5 * bound / math.sqrt(shots)
    if backend != "auto":
        module = QuantumLayer(mixture, {"weights": (2,)}, torch.nn.init.ones_, **options)
        out = module(x)
        found = (out, *torch.autograd.grad((out @ direction).sum(), (x, module.weights)))
        for mine, wanted in zip(found, results[0], strict=True):
            torch.testing.assert_close(mine, wanted, rtol=0, atol=1e-9)


# Bad input.


def state(inputs, weights):
    qp.RX(inputs[0] * weights[0], wires=0)
    return qp.state()


def purity(inputs, weights):
    qp.RX(inputs[0] * weights[0], wires=0)
    return qp.purity(wires=[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shots": 0}, r"shots must be an int of at least 1, or None for exact values; got 0\."),
        ({"shots": -5}, r"shots must be an int of at least 1, or None for exact values; got -5\."),
        ({"shots": True}, r"shots must be an int of at least 1, or None for exact values; got True\."),
        ({"shots": 10.0}, r"shots must be an int of at least 1, or None for exact values; got 10\.0\."),
        ({"shot_generator": torch.Generator()}, r"shot_generator is the source of samples, and shots is None"),
        ({"shots": 5, "shot_generator": 7}, r"shot_generator must be a torch.Generator on the CPU; got int\."),
        ({"shots": 5, "backend": "pennylane"}, r"on backend='pennylane' give a QNode with shots \(qp.set_shots\)"),
        ({"aer_options": {"noise_model": None}}, r"aer_options go with backend='aer'; got backend='auto'"),
        ({"backend": "aer:fast"}, r"unknown Aer method 'fast' in backend='aer:fast'\."),
        (
            {"backend": "aerial"},
            r"unknown backend 'aerial'. Choices: auto, statevector, torch, aer, pennylane, aer:<method>",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_explained(options, message):
    with pytest.raises(CircuitError, match=message):
        layer(**options)


@pytest.mark.parametrize(
    ("circuit", "options", "message"),
    [
        (
            state,
            {"shots": 9},
            r"a state cannot be sampled: the circuit returns qp.state\(\) and shots=9 were asked for",
        ),
        (purity, {"shots": 9}, r"shots=9 are sampled on the engine, which cannot run this circuit: .* is purity"),
        (purity, {"backend": "aer"}, r"Aer cannot run this circuit: the measurement is purity"),
    ],
)
def test_circuits_that_cannot_be_sampled_are_refused(circuit, options, message):
    with pytest.raises(CircuitError, match=message):
        QuantumLayer(circuit, {"weights": (1,)}, n_inputs=1, **options)
