"""A quantum layer is an ordinary module: what torch does to modules, one by one."""

import copy
import math
import os
import socket
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pennylane as qp
import pytest
import torch
from torch import nn

import qml
from qml.errors import CircuitError
from qml.nn import QuantumLayer
from qml.simulators import kernels
from qml.simulators.engine import Engine

BACKENDS = ["auto", "torch"]
ROOT = Path(qml.__file__).parents[1]


def layer(seed=1, **options):
    generator = torch.Generator().manual_seed(seed)
    options = {"n_layers": 2, "dtype": torch.float64, "generator": generator} | options
    return QuantumLayer.from_names(n_wires=3, encoding="angle", ansatz="strongly-entangling", **options)


def hybrid(seed=1, **options):
    """Three features in, two out, a quantum layer between two linear ones; float32."""
    linear = [nn.Linear(3, 3), nn.Linear(3, 2)]
    generator = torch.Generator().manual_seed(seed)
    for parameter in (p for module in linear for p in module.parameters()):
        nn.init.uniform_(parameter, -1, 1, generator=generator)
    return nn.Sequential(linear[0], nn.Tanh(), layer(seed, dtype=torch.float32, **options), linear[1])


def features(*shape, seed=0, **options):
    return torch.rand(*shape, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(**options)


def fresh_process(script, *arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, str(script), *map(str, arguments)], env=environment)


def cubic(inputs, weights):
    """An angle that is no polynomial of degree two: part of it is a torch function."""
    qp.RX(torch.tanh(inputs[0]) * weights[0], wires=0)
    qp.RY(inputs[1] ** 3, wires=1)
    qp.CNOT([0, 1])
    return [qp.expval(qp.Z(0)), qp.expval(qp.X(1))]


# .to and the constructor.


def test_to_another_dtype():
    module = layer(dtype=torch.float32).to(torch.float64)
    assert module.weights.dtype == torch.float64
    assert module(features(4)).dtype == torch.float64
    assert module.float()(features(4).float()).dtype == torch.float32


@pytest.mark.parametrize("backend", BACKENDS)
def test_features_of_another_dtype_than_the_weights_decide(backend):
    module = layer(dtype=torch.float32, backend=backend)
    x = features(4)
    wanted = layer(dtype=torch.float32, backend=backend).double()(x)
    torch.testing.assert_close(module(x), wanted, rtol=0, atol=1e-14)
    module(x).sum().backward()
    assert module.weights.grad.dtype == torch.float32


def test_to_another_device_takes_the_torch_engine():
    module = layer().to("meta")
    out = module(features(4, device="meta"))
    assert (out.device.type, out.shape) == ("meta", (4, 3))


def test_the_cpu_engine_on_request_refuses_another_device():
    with pytest.raises(CircuitError, match="the statevector engine cannot run this circuit: its inputs are on meta"):
        layer(backend="statevector").to("meta")(features(4, device="meta"))


@pytest.mark.gpu
def test_on_a_gpu_it_trains_as_on_the_cpu():
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    models = hybrid(), hybrid().cuda()
    x = features(16).float()
    outs = [model(x.to(next(model.parameters()).device)) for model in models]
    for out in outs:
        out.square().sum().backward()
    torch.testing.assert_close(outs[0], outs[1].cpu(), rtol=0, atol=1e-5)
    for cpu, gpu in zip(models[0].parameters(), models[1].parameters(), strict=True):
        torch.testing.assert_close(cpu.grad, gpu.grad.cpu(), rtol=0, atol=1e-4)


def test_the_constructor_takes_device_and_dtype():
    assert layer(dtype=torch.float64).weights.dtype == torch.float64
    assert layer(device="meta", generator=None).weights.is_meta
    assert QuantumLayer.from_names(n_wires=2).weights.dtype == torch.get_default_dtype()


def test_skip_init_leaves_the_weights_to_be_filled():
    def circuit(inputs, weights):
        qp.RX(inputs[0], wires=0)
        qp.RY(weights[0], wires=0)
        return qp.expval(qp.Z(0))

    before = torch.get_rng_state()
    module = nn.utils.skip_init(QuantumLayer, circuit, {"weights": (1,)}, n_inputs=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert module.weights.device.type == "cpu"
    nn.init.zeros_(module.weights)
    torch.testing.assert_close(module(torch.tensor([[0.5]])).item(), math.cos(0.5))


def test_manual_seed_gives_the_same_layer():
    with torch.random.fork_rng():
        torch.manual_seed(7)
        first = QuantumLayer.from_names(n_wires=2)
        torch.manual_seed(7)
        second = QuantumLayer.from_names(n_wires=2)
    assert torch.equal(first.weights, second.weights)


def test_a_layer_says_what_it_computes():
    assert "angle+strongly-entangling: 3 -> 3 on 3 wires, weights={weights: (2, 3, 3)}" in repr(hybrid())


def test_no_call_changes_anything_global():
    def state():
        random = np.random.get_state()[1].tolist()  # noqa: NPY002 - the state that must not move
        threads = torch.get_num_threads(), torch.get_num_interop_threads()
        modes = torch.is_grad_enabled(), torch.get_default_dtype(), torch.are_deterministic_algorithms_enabled()
        return threads, modes, torch.get_rng_state().tolist(), random, len(warnings.filters), dict(os.environ)

    for backend in BACKENDS:
        module, x = layer(backend=backend), features(4).requires_grad_()
        before = state()
        (gradient,) = torch.autograd.grad(module(x).sum(), x, create_graph=True)
        gradient.sum().backward()
        torch.func.vmap(module)(x.detach())
        assert state() == before


# Derivatives.


@pytest.mark.parametrize("backend", BACKENDS)
def test_first_and_second_derivatives_are_right(backend):
    module = layer(backend=backend)
    arguments = features(2).requires_grad_(), module.weights.detach().requires_grad_()

    def call(x, w):
        return torch.func.functional_call(module, {"weights": w}, (x,))

    assert torch.autograd.gradcheck(call, arguments)
    assert torch.autograd.gradgradcheck(call, arguments)


def test_a_gradient_inside_a_loss_trains():
    """A gradient penalty: the loss holds a derivative for the inputs, and the weights follow it."""
    x = features(8).requires_grad_()
    gradients = []
    for backend in BACKENDS:
        module = layer(backend=backend)
        (slope,) = torch.autograd.grad(module(x).sum(), x, create_graph=True)
        slope.square().sum().backward()
        gradients.append(module.weights.grad)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=0, atol=1e-10)


def test_frozen_weights_get_no_gradient_and_cost_no_work(monkeypatch):
    wanted = spy(monkeypatch)
    module, x = layer(), features(4)
    module.requires_grad_(False)
    assert module(x).requires_grad is False
    x.requires_grad_()
    module(x).sum().backward()
    assert module.weights.grad is None
    encoding_only = wanted[-1]
    module.requires_grad_(True)
    module(x).sum().backward()
    everything = wanted[-1]
    module(x.detach()).sum().backward()
    ansatz_only = wanted[-1]
    assert 0 < encoding_only.sum() < everything.sum()
    assert 0 < ansatz_only.sum() < everything.sum()
    assert not (encoding_only & ansatz_only).any()


def test_one_frozen_weight_among_others_costs_no_work(monkeypatch):
    def circuit(inputs, first, second):
        qp.RX(inputs[0], wires=0)
        qp.RY(first[0], wires=0)
        qp.CNOT([0, 1])
        qp.RX(second[0], wires=1)
        return qp.expval(qp.Z(1))

    wanted = spy(monkeypatch)
    module = QuantumLayer(circuit, {"first": (1,), "second": (1,)}, n_inputs=1, dtype=torch.float64)
    x = torch.rand(4, 1, dtype=torch.float64)
    both = torch.autograd.grad(module(x).sum(), (module.first, module.second))
    for frozen, other, gradient in (("first", "second", both[1]), ("second", "first", both[0])):
        module.requires_grad_(True)
        module.get_parameter(frozen).requires_grad_(False)
        module.zero_grad()
        module(x).sum().backward()
        assert module.get_parameter(frozen).grad is None
        torch.testing.assert_close(module.get_parameter(other).grad, gradient, rtol=0, atol=1e-14)
    assert [flags.sum() for flags in wanted] == [2, 1, 1]


def spy(monkeypatch):
    """Write down which operations each adjoint pass gathers a gradient for."""
    seen, names = [], kernels.backward.py_func.__code__.co_varnames

    def kernel_of(engine):
        def spied(*arguments):
            seen.append(arguments[names.index("wanted")].copy())
            return vars(engine)["_run_backward"](*arguments)

        return spied

    def keep(engine, kernel):
        vars(engine)["_run_backward"] = kernel

    monkeypatch.setattr(Engine, "_run_backward", property(kernel_of, keep), raising=False)
    return seen


# Functional use.


def test_weights_of_the_wrong_size_are_refused():
    module, x = layer(), features(4)
    with pytest.raises(CircuitError, match=r"this circuit takes .* weights of shape \(3,\)"):
        torch.func.functional_call(module, {"weights": torch.zeros(3, dtype=x.dtype)}, (x,))


def test_a_tensor_that_outlived_its_transform_is_its_value():
    module, x, kept = layer(), features(4), []
    torch.func.grad(lambda z: (kept.append(z), z.sum())[1])(x)
    module(x).sum().backward()
    gradient, module.weights.grad = module.weights.grad, None
    out = module(kept[0])
    out.sum().backward()
    torch.testing.assert_close(out, module(x), rtol=0, atol=0)
    torch.testing.assert_close(module.weights.grad, gradient, rtol=0, atol=0)


def test_parametrize_puts_a_computed_weight_in_place():
    class Half(nn.Module):
        def forward(self, weight):
            return weight / 2

    plain, module = layer(), layer()
    nn.utils.parametrize.register_parametrization(module, "weights", Half())
    with torch.no_grad():
        plain.weights.div_(2)
    x = features(4)
    torch.testing.assert_close(module(x), plain(x), rtol=0, atol=1e-14)
    module(x).sum().backward()
    plain(x).sum().backward()
    inner = module.parametrizations.weights.original.grad
    torch.testing.assert_close(inner, plain.weights.grad / 2, rtol=0, atol=1e-14)


def test_functional_call_swaps_the_weights():
    module, other, x = layer(1), layer(2), features(4)
    found = torch.func.functional_call(module, dict(other.named_parameters()), (x,))
    assert torch.equal(found, other(x))


def by_hand(function, *dims):
    """A loop, to compare ``vmap`` with."""

    def call(*arguments):
        size = next(a.shape[d] for a, d in zip(arguments, dims, strict=True) if d is not None)
        rows = [
            function(*(a if d is None else a.select(d, i) for a, d in zip(arguments, dims, strict=True)))
            for i in range(size)
        ]
        return (
            torch.stack(rows) if isinstance(rows[0], torch.Tensor) else tuple(map(torch.stack, zip(*rows, strict=True)))
        )

    return call


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dims", [(None, 0), (0, None), (0, 0), (None, 1), (2, 1)])
@pytest.mark.parametrize("n_samples", [5, 8])  # few go into one batch, many run member by member
def test_vmap_over_inputs_and_stacked_weights_equals_a_loop(backend, dims, n_samples):
    module = layer(backend=backend)
    w = torch.rand(2, 3, 3, dtype=torch.float64) if dims[0] is None else torch.rand(4, 2, 3, 3, dtype=torch.float64)
    x = features(n_samples) if dims[1] is None else features(4, n_samples)
    if dims[0]:
        w = w.movedim(0, dims[0])
    if dims[1]:
        x = x.movedim(0, dims[1])

    def call(w, x):
        return torch.func.functional_call(module, {"weights": w}, (x,))

    def gradients(w, x):
        return torch.func.grad(lambda w, x: call(w, x).sin().sum(), (0, 1))(w, x)

    for function in (call, gradients):
        found, wanted = torch.vmap(function, dims)(w, x), by_hand(function, *dims)(w, x)
        for a, b in zip(
            (found,) if function is call else found, (wanted,) if function is call else wanted, strict=True
        ):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_gradients_flow_through_vmap_into_an_ensemble():
    module, x = layer(), features(5)
    w = torch.rand(4, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    ensemble = torch.vmap(lambda w: torch.func.functional_call(module, {"weights": w}, (x,)))
    ensemble(w).sin().sum().backward()
    found, w.grad = w.grad, None
    torch.stack([torch.func.functional_call(module, {"weights": one}, (x,)) for one in w]).sin().sum().backward()
    torch.testing.assert_close(found, w.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_first_call_may_come_inside_a_transform(backend):
    modules = [QuantumLayer(cubic, {"weights": (1,)}, backend=backend) for _ in range(2)]
    x = torch.rand(3, 4, 2)
    found = torch.vmap(modules[0])(x)
    torch.testing.assert_close(found, modules[0](x), rtol=0, atol=1e-6)
    gradient = torch.func.grad(lambda x: modules[1](x).sum())(x)
    torch.testing.assert_close(gradient, torch.func.grad(lambda x: modules[1](x).sum())(x), rtol=0, atol=0)


def test_stacked_modules_run_as_one():
    modules = [layer(seed) for seed in (1, 2, 3)]
    parameters, buffers = torch.func.stack_module_state(modules)
    skeleton, x = copy.deepcopy(modules[0]).to("meta"), features(4)
    out = torch.vmap(lambda p, b: torch.func.functional_call(skeleton, (p, b), (x,)))(parameters, buffers)
    torch.testing.assert_close(out, torch.stack([module(x) for module in modules]), rtol=0, atol=1e-13)


def test_per_sample_gradients():
    module, x = layer(), features(6)

    def loss(w, row):
        return torch.func.functional_call(module, {"weights": w}, (row,)).square().sum()

    w = module.weights.detach()
    found = torch.vmap(torch.func.grad(loss), (None, 0))(w, x)
    for row, gradient in zip(x, found, strict=True):
        torch.testing.assert_close(gradient, torch.func.grad(loss)(w, row), rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # torch's own use of it
@pytest.mark.parametrize("transform", ["jacrev", "jacfwd", "hessian", "twice reverse"])
def test_jacobians_and_hessians_equal_those_of_autograd(transform):
    module, x = layer(), features(2)
    w = module.weights.detach()

    def call(w):
        return torch.func.functional_call(module, {"weights": w}, (x,)).sin()

    def loss(w):
        return call(w).square().sum()

    if transform in ("jacrev", "jacfwd"):
        found = getattr(torch.func, transform)(call)(w)
        wanted = torch.autograd.functional.jacobian(call, w)
    else:
        twice = torch.func.hessian if transform == "hessian" else lambda f: torch.func.jacrev(torch.func.jacrev(f))
        found = twice(loss)(w)
        wanted = torch.autograd.functional.hessian(loss, w)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-11)


@pytest.mark.parametrize("n_samples", [5, 8])
def test_vmap_with_amplitudes_and_angles_that_are_torch_functions(n_samples):
    def amplitudes(inputs, weights):
        qp.AmplitudeEmbedding(inputs, wires=[0, 1], normalize=True)
        qp.RX(weights[0], wires=0)
        return qp.probs(wires=[0, 1])

    for circuit, n_inputs in ((amplitudes, 4), (cubic, 2)):
        module = QuantumLayer(circuit, {"weights": (1,)}, n_inputs=n_inputs, dtype=torch.float64)
        w, x = torch.rand(3, 1, dtype=torch.float64), torch.rand(3, n_samples, n_inputs, dtype=torch.float64) + 0.1

        def gradients(w, x, module=module):
            def loss(w, x):
                return torch.func.functional_call(module, {"weights": w}, (x,)).sin().sum()

            return torch.func.grad(loss, (0, 1))(w, x)

        for dims, arguments in (((0, 0), (w, x)), ((None, 0), (w[0], x)), ((0, None), (w, x[0]))):
            for a, b in zip(
                torch.vmap(gradients, dims)(*arguments), by_hand(gradients, *dims)(*arguments), strict=True
            ):
                torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


# Compilers.


@pytest.fixture
def dynamo():
    torch._dynamo.reset()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of torch about its own internals
        yield
    torch._dynamo.reset()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("circuit", [None, cubic])
def test_compile_with_a_full_graph_gives_the_same_values_and_gradients(dynamo, backend, circuit):
    model = hybrid(backend=backend)
    if circuit is not None:
        model[2] = QuantumLayer(circuit, {"weights": (1,)}, n_inputs=3, backend=backend)
        model[3] = nn.Linear(2, 2)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    for batch in (4, 7, 9):
        x = features(batch).float()
        results = []
        for call in (model, compiled):
            model.zero_grad()
            out = call(x)
            out.square().sum().backward()
            results.append([out, *(p.grad for p in model.parameters())])
        for eager, found in zip(*results, strict=True):
            torch.testing.assert_close(found, eager, rtol=0, atol=1e-6)
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), model(x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_compile_with_several_kinds_of_measurement(dynamo, backend):
    def circuit(inputs, weights):
        qp.RX(inputs[0], wires=0)
        qp.CRY(weights[0], wires=[0, 1])
        return qp.probs(wires=1), qp.var(qp.X(0) @ qp.Y(1)), qp.expval(qp.Z(0))

    module, x = QuantumLayer(circuit, {"weights": (1,)}, n_inputs=1, backend=backend), torch.rand(4, 1)
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), module(x), rtol=0, atol=1e-6)


@pytest.mark.slow
def test_inductor_compiles_it(dynamo):
    model, x = hybrid(), features(4).float()
    torch.testing.assert_close(torch.compile(model, fullgraph=True)(x), model(x), rtol=0, atol=1e-6)


def test_compile_inside_vmap(dynamo):
    module, x = layer(), features(5)
    w = torch.rand(4, 2, 3, 3, dtype=torch.float64)

    def ensemble(w):
        return torch.vmap(lambda w: torch.func.functional_call(module, {"weights": w}, (x,)))(w)

    found = torch.compile(ensemble, fullgraph=True, backend="eager")(w)
    torch.testing.assert_close(found, ensemble(w), rtol=0, atol=1e-12)


def test_two_compiled_layers_keep_apart(dynamo):
    first, second = layer(1, n_layers=1), layer(2, n_layers=3)
    model, x = nn.Sequential(first, second), features(4)
    torch.testing.assert_close(
        torch.compile(model, fullgraph=True, backend="aot_eager")(x), second(first(x)), rtol=0, atol=1e-13
    )


def test_compiling_an_unknown_circuit_says_what_to_do(dynamo):
    module = QuantumLayer(cubic, {"weights": (1,)})
    with pytest.raises(Exception, match=r"give QuantumLayer.*n_inputs=.*or call the layer once before"):
        torch.compile(module, fullgraph=True, backend="eager")(torch.rand(4, 2))


def test_the_operators_pass_torchs_own_checks():
    from qml.simulators import operators
    from qml.simulators.compiled import compiled

    held = compiled(layer()._traced.program)
    x, w = features(4).requires_grad_(), torch.rand(18, dtype=torch.float64, requires_grad=True)
    torch.library.opcheck(operators.simulate, (held.key, 1, x, w, None))
    arguments = torch.rand(4, 3, dtype=torch.float64), x.detach(), w.detach(), None
    torch.library.opcheck(operators.adjoint, (held.key, 1, [True, True, False], *arguments))


def test_export_with_any_batch_size_and_load_in_a_fresh_process(tmp_path):
    model, x = hybrid(), features(4).float()
    program = torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    wanted = model(features(7).float())
    torch.testing.assert_close(program.module()(features(7).float()), wanted, rtol=0, atol=1e-6)
    torch.export.save(program, tmp_path / "model.pt2")
    torch.save((features(7).float(), wanted), tmp_path / "expected.pt")
    script = tmp_path / "load.py"
    script.write_text(
        "import sys, torch, qml\n"
        "layer = qml.QuantumLayer.from_names(n_wires=3, encoding='angle', ansatz='strongly-entangling', n_layers=2)\n"
        "x, wanted = torch.load(sys.argv[2])\n"
        "torch.testing.assert_close(torch.export.load(sys.argv[1]).module()(x), wanted, rtol=0, atol=1e-6)\n"
    )
    assert fresh_process(script, tmp_path / "model.pt2", tmp_path / "expected.pt").wait(120) == 0


def test_an_exported_model_without_its_circuit_says_what_is_missing():
    from qml.simulators.compiled import find

    with pytest.raises(
        CircuitError, match=r"no circuit of this process has the key 0123456789ab.*Build a QuantumLayer"
    ):
        find("0123456789abcdef")


# Training at scale.


class Embedded(torch.utils.data.Dataset):
    """Runs the layer where the data is loaded, on two threads of the engine."""

    def __init__(self):
        self.layer = layer(n_threads=2, n_layers=1)
        self.x = features(4, 64)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        with torch.no_grad():
            return self.layer(self.x[index])


def test_dataloader_workers_may_run_it(monkeypatch):
    monkeypatch.setattr("qml.simulators.engine._UPDATES_WORTH_A_THREAD", 1)
    dataset = Embedded()
    wanted = dataset[0]  # the parent's threads are there before it forks
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork", category=DeprecationWarning)
        loader = torch.utils.data.DataLoader(dataset, num_workers=2, timeout=60, multiprocessing_context="fork")
        batches = list(loader)
    assert len(batches) == 4
    torch.testing.assert_close(batches[0][0], wanted, rtol=0, atol=1e-14)


DISTRIBUTED = """
import sys, torch, torch.distributed as dist
from datetime import timedelta
import qml
rank, port, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
torch.set_num_threads(1)
dist.init_process_group(
    "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2, timeout=timedelta(seconds=60)
)
x, model = torch.load(f"{folder}/given.pt", weights_only=False)
parallel = torch.nn.parallel.DistributedDataParallel(model)
optimiser = torch.optim.SGD(parallel.parameters(), lr=0.1)
for _ in range(3):
    optimiser.zero_grad()
    parallel(x[rank::2]).square().mean().backward()
    optimiser.step()
torch.save([p.detach() for p in model.parameters()], f"{folder}/{rank}.pt")
del parallel, optimiser
dist.barrier()  # gloo's threads may abort a process that leaves while the other still talks to it
dist.destroy_process_group()
"""


def test_distributed_data_parallel_on_two_processes(tmp_path):
    model, x = hybrid(), features(8).float()
    torch.save((x, model), tmp_path / "given.pt")
    (tmp_path / "train.py").write_text(DISTRIBUTED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GLOO_SOCKET_IFNAME": "lo"}
    command = [sys.executable, str(tmp_path / "train.py")]
    processes = [
        subprocess.Popen([*command, str(rank), str(port), str(tmp_path)], env=environment) for rank in range(2)
    ]
    try:
        assert [process.wait(150) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        model(x).square().mean().backward()
        optimiser.step()
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    for a, b, wanted in zip(first, second, model.parameters(), strict=True):
        assert torch.equal(a, b)
        torch.testing.assert_close(a, wanted.detach(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_autocast_computes_in_float32(backend):
    model, x = hybrid(backend=backend), features(4).float()
    quantum = model[2]
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model[1](model[0](x))
        out = quantum(hidden)
        model(x).float().square().sum().backward()
    assert hidden.dtype == torch.bfloat16
    assert out.dtype == torch.float32
    torch.testing.assert_close(out, quantum(hidden.float()), rtol=0, atol=1e-6)
    assert all(p.grad.dtype == torch.float32 for p in model.parameters())


def test_half_precision_without_autocast_is_explained():
    with pytest.raises(CircuitError, match=r"must be float32 or float64; got torch.bfloat16. Convert with"):
        layer()(features(4).bfloat16())


@pytest.mark.parametrize("backend", BACKENDS)
def test_checkpointing_recomputes_it(backend):
    module, x = layer(backend=backend), features(4).requires_grad_()
    torch.utils.checkpoint.checkpoint(module, x, use_reentrant=False).sum().backward()
    found, x.grad = x.grad, None
    module(x).sum().backward()
    torch.testing.assert_close(found, x.grad, rtol=0, atol=1e-14)


def test_a_change_in_place_between_the_passes_is_an_error():
    module, x = layer(), features(4)
    out = module(x.requires_grad_()).sum()
    with torch.no_grad():
        x.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()
