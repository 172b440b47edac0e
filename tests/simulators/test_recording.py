import operator

import pytest
import torch

from qml.simulators.expansions import NotTraceableError
from qml.simulators.recording import record

FUNCTIONS = {
    "arithmetic": lambda x, y: 2 * x[0] * y.sum() - x / 3 + y[:1] ** 2,
    "lists": lambda x, y: torch.stack([part.sum() for part in x.split(2)]) * y.unbind()[1],
    "constants": lambda x, y: x * torch.tensor([1.0, 2.0, 3.0, 4.0]) + torch.arange(4.0) @ torch.ones(4),
    "shapes": lambda x, y: torch.cat([x.reshape(2, 2).T.flatten(), y[None].expand(2, 3).reshape(-1)]),
    "keywords": lambda x, y: x.sum(dim=0, keepdim=True).to(torch.float32) + torch.mean(y, dim=0),
    "casts that change nothing": lambda x, y: x.to(x.dtype) + torch.real(y[0]),
    "several": lambda x, y: (x + 1, y * x[0]),
    "an argument": lambda x, y: (x, y),
    "nothing of the arguments": lambda x, y: (torch.ones(2), x),
}


def samples(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(4, generator=generator, dtype=torch.float64), torch.rand(3, generator=generator).double()


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_recorded_function_does_with_other_values_what_the_function_does(function):
    graph = record(function, *samples(0))
    torch.testing.assert_close(graph(*samples(1)), function(*samples(1)), rtol=0, atol=0)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_node_holds_its_value(function):
    class Comparing(torch.fx.Interpreter):
        def run_node(self, node):
            value = super().run_node(node)
            if node.op != "output":
                torch.testing.assert_close(node.meta["val"], value, rtol=0, atol=0)
            return value

    Comparing(record(function, *samples(0))).run(*samples(0))


def test_what_depends_on_no_argument_is_a_constant():
    graph = record(lambda x: x + torch.arange(3) * 2 + torch.ones(3).sum(), torch.zeros(3))
    targets = [node.target for node in graph.graph.nodes if node.op == "call_function"]
    assert targets == [torch.ops.aten.add.Tensor] * 2
    assert sorted(torch.as_tensor(value).tolist() for _, value in graph.named_buffers() if value.ndim) == [[0, 2, 4]]


def test_a_constant_is_kept_once():
    constant = torch.tensor([1.0, 2.0])
    graph = record(lambda x: x * constant + constant, torch.ones(2))
    assert [node.op for node in graph.graph.nodes].count("get_attr") == 1


def test_parts_of_a_list_are_taken_out_of_it():
    graph = record(lambda x: torch.split(x, 2)[1], torch.ones(4))
    assert operator.getitem in [node.target for node in graph.graph.nodes]


@pytest.mark.parametrize(
    "function",
    [lambda x: x * float(x[0]), lambda x: x if x[0] > 0 else -x, lambda x: x * x.sum().item()],
    ids=["float", "branch", "item"],
)
def test_a_function_that_reads_a_value_is_refused(function):
    with pytest.raises(NotTraceableError, match="it reads the value of an input or weight"):
        record(function, torch.ones(2))


def test_a_function_that_changes_a_tensor_in_place_is_refused():
    def function(x):
        total = torch.zeros(2)
        total += x
        return total

    with pytest.raises(NotTraceableError, match=r"in place \(aten.add_.Tensor\)"):
        record(function, torch.ones(2))


def test_what_is_done_outside_torch_is_not_seen():
    graph = record(lambda x: x + torch.from_numpy(x.numpy() * 2), torch.ones(2))
    assert graph(torch.zeros(2)).tolist() == [2, 2]  # and so ``trace`` looks at other values, too
