"""The parameter map: which angle is which polynomial of inputs and weights.

A traced torch graph computes all angles.  Interpreted over polynomials instead of numbers, it yields for each angle
either an exact polynomial (rearrangements, sums and products of inputs and weights) or nothing, where any other
operation has touched it.  Nothing is guessed from sampled values, so a ``clamp`` or an ``abs`` is never mistaken for
the line that it looks like at one point.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

MAX_DEGREE = 2
Monomial = tuple[int, ...]


class Polynomial:
    """A polynomial of at most degree two, or unknown.

    Args:
        terms: Coefficient by monomial, a sorted tuple of variable indices; None for unknown.
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Monomial, float] | None) -> None:
        self.terms = terms

    @classmethod
    def constant(cls, value: float) -> "Polynomial":
        """Return a constant."""
        return cls({(): float(value)})

    @classmethod
    def variable(cls, index: int) -> "Polynomial":
        """Return one variable."""
        return cls({(index,): 1.0})

    @property
    def is_constant(self) -> bool:
        """Whether the value is known and depends on nothing."""
        return self.terms is not None and set(self.terms) <= {()}

    def __add__(self, other: "Polynomial") -> "Polynomial":
        if self.terms is None or other.terms is None:
            return UNKNOWN
        total = dict(self.terms)
        for monomial, value in other.terms.items():
            total[monomial] = total.get(monomial, 0.0) + value
        return Polynomial(total)

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        if self.terms is None or other.terms is None:
            return UNKNOWN
        product: dict[Monomial, float] = {}
        for first, a in self.terms.items():
            for second, b in other.terms.items():
                monomial = tuple(sorted(first + second))
                if len(monomial) > MAX_DEGREE:
                    return UNKNOWN
                product[monomial] = product.get(monomial, 0.0) + a * b
        return Polynomial(product)

    def __neg__(self) -> "Polynomial":
        return self * Polynomial.constant(-1)

    def __sub__(self, other: "Polynomial") -> "Polynomial":
        return self + -other

    def __truediv__(self, other: "Polynomial") -> "Polynomial":
        if other.terms is None or not other.is_constant or other.terms.get((), 0.0) == 0.0:
            return UNKNOWN
        return self * Polynomial.constant(1 / other.terms[()])


UNKNOWN = Polynomial(None)
Values = NDArray[np.object_]


def _lift(value: Any) -> Values:
    """Turn a number, a real tensor or an array of polynomials into an array of polynomials."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value
    if isinstance(value, Polynomial):  # numpy unpacks arrays without dimensions
        return np.array(value, dtype=object)
    numbers = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    lifted = np.empty(numbers.shape, dtype=object)
    for index, number in np.ndenumerate(numbers):
        lifted[index] = UNKNOWN if np.iscomplexobj(number) else Polynomial.constant(float(number))
    return lifted


def _elementwise(function: Callable[[Any, Any], Any]) -> Callable[..., Values]:
    def apply(first: Any, second: Any, alpha: float = 1) -> Values:
        scaled = _lift(second) if alpha == 1 else _lift(_lift(second) * _lift(alpha))
        return np.asarray(function(_lift(first), scaled), dtype=object)

    return apply


def _slice(x: Values, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Values:
    index = [slice(None)] * x.ndim
    index[dim] = slice(start, end, step)
    return x[tuple(index)]


def _sum(x: Values, dim: Any = None, keepdim: bool = False, **_: Any) -> Values:
    axes = tuple(range(x.ndim)) if dim is None or dim == [] else tuple(dim)
    return _lift(x.sum(axis=axes, keepdims=keepdim))


def _select(x: Values, dim: int, index: int) -> Values:
    return np.asarray(np.take(x, index, axis=dim), dtype=object)


def _view(x: Values, shape: Any) -> Values:
    return x.reshape(tuple(shape))


def _expand(x: Values, shape: Any, implicit: bool = False) -> Values:
    padded = x.reshape((1,) * (len(shape) - x.ndim) + x.shape)
    return np.broadcast_to(padded, [old if new == -1 else new for old, new in zip(padded.shape, shape, strict=True)])


def _power(x: Values, exponent: Any) -> Values:
    if exponent != 2:
        raise NotImplementedError
    return np.asarray(x * x, dtype=object)


def _same(x: Values, *_: Any, **__: Any) -> Values:
    return x


def _unbind(x: Values, dim: int = 0) -> list[Values]:
    return [np.asarray(np.take(x, i, axis=dim), dtype=object) for i in range(x.shape[dim])]


def _split(x: Values, size: Any, dim: int = 0) -> list[Values]:
    sizes = [size] * (-(-x.shape[dim] // size)) if isinstance(size, int) else list(size)
    return list(np.split(x, np.cumsum(sizes)[:-1], axis=dim))


def _rules() -> dict[Any, Callable[..., Any]]:
    aten = torch.ops.aten
    return {
        aten.add.Tensor: _elementwise(operator.add),
        aten.add.Scalar: _elementwise(operator.add),
        aten.sub.Tensor: _elementwise(operator.sub),
        aten.sub.Scalar: _elementwise(operator.sub),
        aten.rsub.Scalar: lambda x, y, alpha=1: _elementwise(operator.sub)(y, x, alpha),
        aten.rsub.Tensor: lambda x, y, alpha=1: _elementwise(operator.sub)(y, x, alpha),
        aten.mul.Tensor: _elementwise(operator.mul),
        aten.mul.Scalar: _elementwise(operator.mul),
        aten.div.Tensor: _elementwise(operator.truediv),
        aten.div.Scalar: _elementwise(operator.truediv),
        aten.neg.default: lambda x: np.asarray(-x, dtype=object),
        aten.pow.Tensor_Scalar: _power,
        aten.sum.default: _sum,
        aten.sum.dim_IntList: _sum,
        aten.select.int: _select,
        aten.slice.Tensor: _slice,
        aten.view.default: _view,
        aten._unsafe_view.default: _view,
        aten.reshape.default: _view,
        aten.unsqueeze.default: lambda x, dim: np.expand_dims(x, dim),
        aten.squeeze.default: np.squeeze,
        aten.squeeze.dim: lambda x, dim: np.squeeze(x, dim) if x.shape[dim] == 1 else x,
        aten.squeeze.dims: lambda x, dims: np.squeeze(x, tuple(d for d in dims if x.shape[d] == 1)),
        aten.expand.default: _expand,
        aten.permute.default: lambda x, dims: np.transpose(x, dims),
        aten.transpose.int: np.swapaxes,
        aten.t.default: np.transpose,
        aten.stack.default: lambda parts, dim=0: np.stack([_lift(p) for p in parts], axis=dim),
        aten.cat.default: lambda parts, dim=0: np.concatenate([_lift(p) for p in parts], axis=dim),
        aten.unbind.int: _unbind,
        aten.split.Tensor: _split,
        aten.split_with_sizes.default: _split,
        aten.alias.default: _same,
        aten.detach.default: _same,
        aten.clone.default: _same,
        aten.lift_fresh_copy.default: _same,
        aten.lift_fresh.default: _same,
        operator.getitem: lambda parts, index: parts[index],
    }


def _is_real_cast(node: torch.fx.Node) -> bool:
    """Tell a change of real floating dtype, which keeps values, from one that does not."""
    value = node.meta["val"]
    return node.target is torch.ops.aten._to_copy.default and value.dtype.is_floating_point


def interpret(graph: torch.fx.GraphModule, variables: list[Values]) -> Any:
    """Run a traced graph over polynomials.

    Args:
        graph: From ``recording.record``; its placeholders take ``variables`` in order.
        variables: Arrays of polynomials.

    Returns:
        What the graph returns, with arrays of polynomials in place of tensors.
    """
    rules = _rules()
    known: dict[torch.fx.Node, Any] = {}
    waiting = iter(variables)

    def resolve(argument: Any) -> Any:
        return torch.fx.node.map_arg(argument, lambda node: known[node])

    for node in graph.graph.nodes:
        if node.op == "placeholder":
            known[node] = next(waiting)
        elif node.op == "get_attr":
            known[node] = _lift(getattr(graph, str(node.target)))
        elif node.op == "output":
            return resolve(node.args[0])
        else:
            rule = rules.get(node.target) or (_same if _is_real_cast(node) else None)
            try:
                if rule is None:
                    raise NotImplementedError
                known[node] = rule(*resolve(node.args), **resolve(node.kwargs))
            except (NotImplementedError, TypeError):
                known[node] = _unknown_like(node)
    raise AssertionError("a traced graph ends with its output")


def _unknown_like(node: torch.fx.Node) -> Any:
    """Return unknowns in the shape of a node's value."""

    def unknown(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [unknown(part) for part in value]
        array = np.empty(tuple(getattr(value, "shape", ())), dtype=object)
        array.fill(UNKNOWN)
        return array

    return unknown(node.meta["val"])
