"""A torch function, run once and written down as a graph.

Torch's own ``make_fx`` does this too, and prepares the graph for compilers on the way: for every operation it makes a
fake tensor and reads the stack, which took several times as long as the circuit itself.
"""

import operator
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.fx.node import map_aggregate
from torch.utils._python_dispatch import TorchDispatchMode

from qml.simulators.expansions import NotTraceableError

_READERS = (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.equal.default)
_NORM_CHECKS = {"amplitude.py", "state_preparation.py"}
_LIBRARIES = {"torch", "autoray", "numpy"}


def record(function: Callable[..., Any], *arguments: Tensor) -> torch.fx.GraphModule:
    """Run a function once and return the graph of what it did with its arguments.

    What does not depend on them is run, and its result stands in the graph as a constant.  Each node has its value in
    ``node.meta["val"]``.

    Args:
        function: Of tensors, returns tensors; what it does outside torch is not seen.
        *arguments: Tensors to run it with.

    Returns:
        A module that takes the same number of tensors and returns what the function does.

    Raises:
        NotTraceableError: If the function reads the value of a tensor or changes one in place.

    >>> double = record(lambda x: 2 * x, torch.ones(2))
    >>> double(torch.tensor([1.0, 5.0]))
    tensor([ 2., 10.])
    """
    recorder = _Recorder()
    for number, argument in enumerate(arguments):
        recorder.place(argument, recorder.graph.placeholder(f"argument_{number}"))
    with recorder:
        results = function(*arguments)
    if recorder.changed_by is not None:
        raise NotTraceableError(f"it changes a tensor in place ({recorder.changed_by})")
    recorder.graph.output(recorder.nodes_of(results))
    return torch.fx.GraphModule(recorder.constants, recorder.graph)


class _Recorder(TorchDispatchMode):
    """Writes down each operation on what depends on the arguments.

    Attributes:
        graph: What was written down.
        constants: Tensors that it uses and that depend on nothing, by name.
        changed_by: The first operation that changed a tensor in place, which a graph of values cannot tell; or None.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.graph = torch.fx.Graph()
        self.constants: dict[str, Any] = {}
        self.changed_by: Any = None
        self._nodes: dict[int, torch.fx.Node] = {}
        self._alive: list[Tensor] = []  # while a tensor lives no other one has its id

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _READERS and not _in_norm_check():
            raise NotTraceableError("it reads the value of an input or weight (a branch, float(), int() or .item())")
        if func._schema.is_mutable and self.changed_by is None:
            self.changed_by = func
        result = func(*args, **kwargs)
        if self._depends((args, kwargs)):
            node = self.graph.call_function(func, self.nodes_of(args), self.nodes_of(kwargs))
            self.place(result, node)
        return result

    def place(self, value: Any, node: torch.fx.Node) -> None:
        """Say which node computes a tensor, or a list of tensors; numbers need no node."""
        node.meta["val"] = value
        if isinstance(value, Tensor):
            self._nodes[id(value)] = node
            self._alive.append(value)
        elif isinstance(value, (list, tuple)):
            for number, part in enumerate(value):
                if isinstance(part, Tensor):
                    self.place(part, self.graph.call_function(operator.getitem, (node, number)))

    def nodes_of(self, values: Any) -> Any:
        """Return values with nodes in place of their tensors."""
        return map_aggregate(values, lambda value: self._node_of(value) if isinstance(value, Tensor) else value)

    def _node_of(self, value: Tensor) -> torch.fx.Node:
        if id(value) not in self._nodes:
            name = f"constant_{len(self.constants)}"
            self.constants[name] = value
            self.place(value, self.graph.get_attr(name))
        return self._nodes[id(value)]

    def _depends(self, values: Any) -> bool:
        """Tell whether values hold a tensor that is, or comes from, an argument."""
        if isinstance(values, Tensor):
            node = self._nodes.get(id(values))
            return node is not None and node.op != "get_attr"
        if isinstance(values, dict):
            return any(map(self._depends, values.values()))
        return isinstance(values, (list, tuple)) and any(map(self._depends, values))


def _in_norm_check() -> bool:
    """Tell whether the nearest caller outside the array libraries is PennyLane's state preparation."""
    frame = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        parts = set(path.parts)
        if path.name in _NORM_CHECKS and "pennylane" in parts:
            return True
        is_library = bool(parts & _LIBRARIES) or ("pennylane" in parts and "math" in parts)
        if not is_library and path != Path(__file__):
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return False
