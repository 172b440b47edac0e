import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pennylane as qp
import pytest
import torch

from qml.simulators import Engine, simulate

FOLDER = Path(__file__).resolve().parents[1] / "docs"
spec = importlib.util.spec_from_file_location("gates_page", FOLDER / "gates.py")
gates = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gates)
EXAMPLES = {**gates.GATES, **gates.TEMPLATES}
LINES = (FOLDER / "gates.md").read_text(encoding="utf-8").splitlines()


def test_every_operator_of_pennylane_is_listed_or_left_out_for_a_reason():
    known = {name.split()[0] for name in EXAMPLES} | set(gates.LEFT_OUT)
    templates = {name for name in dir(qp.templates) if name[0].isupper()}
    assert set(qp.ops.qubit.__all__) | templates <= known


# PennyLane multiplies their matrices in scipy, which takes no tensor that requires a gradient.
WITHOUT_BACKPROP = {"IQP"}


def by_pennylane(example, constant, x):
    circuit = gates.circuit_of(example, constant=constant)
    qnode = qp.QNode(
        circuit, qp.device("default.qubit", wires=gates.N_WIRES), interface="torch", diff_method="backprop"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.stack([qnode(row) for row in x])


def weigh(states, direction):
    return ((states.real + 0.7 * states.imag) * direction).sum()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_row_is_up_to_date_and_an_engine_row_is_pennylanes(name):
    example = EXAMPLES[name]
    cells = []
    for constant in (False, True):
        if not constant and not gates.takes_numbers(example):
            cells.append("takes none")
            continue
        cell, traced = gates.attempt(example, constant=constant)
        cells.append(cell)
        if traced is None:
            continue
        rows = 0.1 + np.random.default_rng(1).random((2, gates.N_FEATURES))
        x = torch.tensor(rows, requires_grad=True)
        variables, initial = traced.variables(x, [])
        found = simulate(Engine(traced.program, np.float64), variables, x.new_zeros(0), initial, 1)
        exact = name not in WITHOUT_BACKPROP
        wanted = by_pennylane(example, constant, x if exact else x.detach())
        torch.testing.assert_close(found, wanted.to(found.dtype), rtol=0, atol=1e-9)
        direction = torch.tensor(np.random.default_rng(2).normal(size=found.shape))
        (ours,) = torch.autograd.grad(weigh(found, direction), x)
        if exact:
            (theirs,) = torch.autograd.grad(weigh(wanted, direction), x)
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)
        else:
            step = torch.zeros_like(x)
            step[:, 1] = 1e-5
            up, down = (weigh(by_pennylane(example, constant, x.detach() + s), direction) for s in (step, -step))
            torch.testing.assert_close(ours[:, 1].sum(), (up - down) / 2e-5, rtol=0, atol=1e-7)
    assert f"| {name} | {' | '.join(cells)} |" in LINES, "run `python docs/gates.py`"


def test_the_rest_of_the_page_is_up_to_date():
    text = "\n".join(LINES)
    assert gates.MEASUREMENTS in text
    assert gates.INTRODUCTION.format(version=".".join(qp.__version__.split(".")[:2])) in text
    assert sum(line.startswith("| ") for line in LINES) == len(EXAMPLES) + 2
