"""What a study keeps of the circuit that a cell fitted: its size, its simulability tags, its kernel."""

import warnings
from collections.abc import Iterable
from typing import Any

# A study looks at every quantum cell: above this many numbers a Pauli propagation is left out, which is some seconds.
MAX_COST = 2e8
TAG_ROWS = 20
KERNEL_ROWS = 100
KERNEL_SHOTS = 1000
BANDWIDTHS = frozenset({"scaling", "bandwidth", "gamma"})


def circuit_facts(pipeline: Any, X_train: Any, searched: Iterable[str], *, tags: bool = True) -> dict[str, Any]:
    """Look at the circuit of a fitted quantum model, on training rows only.

    Nothing here depends on how fast the machine is, and nothing that goes wrong here fails the cell.

    Args:
        pipeline: Fitted.
        X_train: Training features, shape (n, n_features).
        searched: Names of the parameters that were tuned.
        tags: Whether tags and kernel are looked at, too; where every string is measured, or each row has a circuit of
            its own, they take minutes.

    Returns:
        Fields of a record: ``circuit``, and ``tags``, the names of the cheap simulations that apply; both None where
        no circuit was found, and ``tags`` None where none applies but some could not be assessed.
    """
    from qml.errors import CircuitError

    try:
        return _facts(pipeline, X_train, set(searched)) if tags else {"circuit": _size(pipeline, X_train), "tags": None}
    except CircuitError:  # a model of somebody else's, without a circuit that can be read
        return {"circuit": None, "tags": None}
    except Exception as error:
        warnings.warn(f"the fitted circuit was not looked at: {type(error).__name__}: {error}", stacklevel=2)
        return {"circuit": None, "tags": None}


def _size(pipeline: Any, X_train: Any) -> dict[str, Any]:
    from qml.diagnostics import circuits_of

    (circuit,) = circuits_of(pipeline, X_train[:1], 1)
    return {
        "n_wires": circuit.n_wires,
        "n_gates": len(circuit.gates),
        "depth": circuit.depth,
        "shots": circuit.shots,
        "noise": circuit.noisy,
    }


def _facts(pipeline: Any, X_train: Any, searched: set[str]) -> dict[str, Any]:
    from qml.diagnostics import circuits_of, simulability_of

    circuits = circuits_of(pipeline, X_train, KERNEL_ROWS)
    largest = max(circuits, key=lambda circuit: circuit.n_wires)
    report = simulability_of(
        [circuit.with_rows(TAG_ROWS) for circuit in circuits], type(pipeline[-1]).__name__, max_cost=MAX_COST
    )
    circuit = {
        "n_wires": largest.n_wires,
        "n_gates": len(largest.gates),
        "depth": largest.depth,
        "shots": largest.shots,
        "noise": largest.noisy,
        "tags": report.to_dict()["tags"],
        "n_weights": sum(weights.size for circuit in circuits for weights in circuit.weights.values()),
        "n_rows": len(X_train),
        "samples": getattr(getattr(pipeline[-1], "history_", None), "samples", None),
    }
    if report.kernel:
        circuit["kernel"] = _kernel(largest, searched)
    return {"circuit": circuit, "tags": None if report.unassessed and not report.applying else report.applying}


def _kernel(circuit: Any, searched: set[str]) -> dict[str, Any]:
    from qml.diagnostics import concentration, fidelity_matrix

    found = concentration(fidelity_matrix(circuit), shots=circuit.shots or KERNEL_SHOTS)
    return {
        "mean": found.mean,
        "sd": found.sd,
        "shots": found.shots,
        "concentrated": found.concentrated,
        "bandwidth_tuned": bool(searched & BANDWIDTHS),
    }
