"""Is there a cheap classical simulation of a model's circuit?  One tag for each way that is known."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from qml.diagnostics.bond_dimension import FIDELITY, family_member, growth, median_bond
from qml.diagnostics.bound import BoundCircuit, wires_of
from qml.diagnostics.clifford import non_clifford_count
from qml.diagnostics.light_cone import LightCone, light_cone
from qml.diagnostics.pauli_propagation import can_propagate, lightest_weight
from qml.diagnostics.seen import circuits_of
from qml.diagnostics.tag import TAGS, SimulabilityReport, Tag, together
from qml.errors import CircuitError

MAX_T = 40  # the verdict's protocol
MAX_WEIGHT = 3  # n**3 words are few for any n
MAX_MISSED = 0.01  # as the bond dimension's: all but one hundredth
FAMILY_SIZES = (6, 8, 10)
FLAT = 0.1  # bits of bond dimension a wire; a random state adds 0.5
MAX_WIRES = 16

# What the number of each tag counts, and from where on the tag applies; for tables.
MEASURES = {
    "light-cone": "wires that an observable needs",
    "clifford-t": "gates that are not Clifford",
    "bond-dimension": "bits of bond dimension a wire (of one size only: the bond dimension)",
    "pauli-propagation": "share of the variance missed",
    "shadows": "share of the variance missed",
}
THRESHOLDS = {
    "light-cone": "fewer than all wires, or an input without effect",
    "clifford-t": f"at most {MAX_T}",
    "bond-dimension": f"at most {FLAT:g}",
    "pauli-propagation": f"at most {MAX_MISSED:g}; words of weight {MAX_WEIGHT} or less, and less than all wires",
    "shadows": f"at most {MAX_MISSED:g}; words of weight {MAX_WEIGHT} or less, and less than all wires",
}

_SOURCES = {
    "light-cone": "Cerezo et al. 2021, arXiv:2001.00550",
    "clifford-t": "Bravyi, Gosset 2016, arXiv:1601.07601",
    "bond-dimension": "Vidal 2003, arXiv:quant-ph/0301063",
    "pauli-propagation": "Angrisani et al. 2024, arXiv:2409.01706",
    "shadows": "Bermejo et al. 2024, arXiv:2408.12739",
}


def simulability(model: Any, X: Any, *, n_rows: int = 20, max_cost: float = 3e9) -> SimulabilityReport:
    """Look for cheap classical simulations of the circuit of a model.

    At the sizes that a simulator runs, any circuit is simulated exactly; that is no tag.  The tags ask for ways that
    stay cheap as the circuit grows:

    - ``light-cone``: some input never reaches what is measured, or each observable needs fewer than all wires.
    - ``clifford-t``: at most 40 gates are not Clifford at the fitted weights and these data; see `non_clifford_count`
      for what counts.  A kernel runs its circuit twice.
    - ``bond-dimension``: that of a matrix product state of fidelity 0.99 stays flat as wires are added, in the family
      of declared circuits that this one belongs to.  Without such a family only a product circuit can be told.
    - ``pauli-propagation``: words of weight 3 or less (and less than all wires) give 99 % of the variance over rows.
    - ``shadows``, for circuits that begin with amplitudes: such words of the first state do.

    Args:
        model: A ``QuantumLayer``, a torch module that holds some, or a fitted estimator, pipelines included.
        X: Features as the model takes them, shape (n, n_features).
        n_rows: At most this many rows are looked at, the first ones.
        max_cost: Numbers touched by one Pauli propagation, above which that tag is left open; 3e9 is about a minute.

    Returns:
        The report; ``print`` shows a line a tag.

    Raises:
        CircuitError: If the model runs no quantum layer, or ``X`` has fewer than two rows.

    >>> from qml.nn import QuantumLayer
    >>> layer = QuantumLayer.from_names(n_wires=4, ansatz="product")
    >>> simulability(layer, np.random.default_rng(0).uniform(-1, 1, (20, 4))).applying
    ('light-cone', 'clifford-t', 'bond-dimension', 'pauli-propagation')
    """
    name = type(model[-1] if hasattr(model, "named_steps") else model).__name__
    return simulability_of(circuits_of(model, X, n_rows), name, max_cost=max_cost)


def simulability_of(circuits: Sequence[BoundCircuit], model: str, *, max_cost: float = 3e9) -> SimulabilityReport:
    """Return what `simulability` does, of circuits that were found already; ``model`` is their name in the report."""
    # A circuit that takes no features is the same at every row, so one row says it all.
    if any(len(circuit.inputs) < 2 for circuit in circuits if circuit.inputs.shape[1]):
        raise CircuitError("simulability looks at how outputs vary over rows: give at least 2 rows.")
    found = [_tags(circuit, max_cost) for circuit in circuits]
    names = [name for name in TAGS if any(name in tags for tags in found)]
    return SimulabilityReport(
        model=model,
        n_wires=max(circuit.n_wires for circuit in circuits),
        n_circuits=len(circuits),
        kernel=all(circuit.measures_state for circuit in circuits),
        tags=tuple(together([tags[name] for tags in found if name in tags]) for name in names),
    )


def _tags(circuit: BoundCircuit, max_cost: float) -> dict[str, Tag]:
    if circuit.n_wires > MAX_WIRES:
        word = f"The circuit has {circuit.n_wires} wires, and the tags are computed for up to {MAX_WIRES}."
        return {name: _tag(name, None, None, word) for name in TAGS[:4]}
    cone = light_cone(circuit)
    tags = [_light_cone(circuit, cone), _clifford(circuit, cone), _bond(circuit), _propagation(circuit, max_cost)]
    if circuit.traced.program.has_initial:
        tags.append(_shadows(circuit, max_cost))
    return {tag.name: tag for tag in tags}


def _tag(name: str, applies: bool | None, value: float | None, sentence: str) -> Tag:
    return Tag(name=name, applies=applies, value=value, sentence=sentence, source=_SOURCES[name])


def _light_cone(circuit: BoundCircuit, cone: LightCone) -> Tag:
    widest = max(map(len, cone.wires), default=0)
    needs = f"Each observable needs at most {widest} of {circuit.n_wires} wires"
    if cone.dead_inputs:
        which = ", ".join(map(str, cone.dead_inputs))
        proven = " (the gates prove it)" if set(cone.dead_inputs) == set(cone.proven_inputs) else ""
        sentence = f"{needs}; inputs {which} never change what is measured{proven}."
    else:
        sentence = f"{needs}; every input matters."
    return _tag("light-cone", bool(cone.dead_inputs) or widest < circuit.n_wires, float(widest), sentence)


def _clifford(circuit: BoundCircuit, cone: LightCone) -> Tag:
    n_runs = 2 if circuit.measures_state else 1
    count = n_runs * non_clifford_count(circuit, cone.gates)
    twice = ", the circuit being run forwards and backwards for each pair of rows" if n_runs == 2 else ""
    sentence = f"{count} gates that matter are not Clifford, of at most {MAX_T}{twice}."
    return _tag("clifford-t", count <= MAX_T, float(count), sentence)


def _bond(circuit: BoundCircuit) -> Tag:
    name = "bond-dimension"
    if all(len(wires_of(gate)) == 1 for gate in circuit.gates) and not circuit.traced.program.has_initial:
        return _tag(name, True, 1.0, "No gate joins two wires: a product state at any size.")
    few = circuit.with_rows(5)
    here, largest = median_bond(few), 2 ** (circuit.n_wires // 2)
    members = [family_member(few, n_wires) for n_wires in FAMILY_SIZES]
    bonds = [median_bond(member) for member in members if member is not None]
    start = f"At {circuit.n_wires} wires fidelity {FIDELITY:g} needs bond dimension {here:g} of at most {largest}"
    if len(bonds) < len(FAMILY_SIZES):
        return _tag(name, None, here, f"{start}; how it grows is open, since the circuit comes in no other size.")
    slope = growth(np.array(FAMILY_SIZES), np.array(bonds))
    steps = ", ".join(f"{bond:g} at {size}" for size, bond in zip(FAMILY_SIZES, bonds, strict=True))
    sentence = f"{start}; on other numbers of wires {steps}: {slope:.2f} bits a wire, flat up to {FLAT:g}."
    return _tag(name, slope <= FLAT, slope, sentence)


def _propagation(circuit: BoundCircuit, max_cost: float) -> Tag:
    return _light_words(circuit, "pauli-propagation", "dropping heavier words at every gate", max_cost)


def _shadows(circuit: BoundCircuit, max_cost: float) -> Tag:
    return _light_words(circuit, "shadows", "reading nothing else of the first state", max_cost)


def _light_words(circuit: BoundCircuit, name: str, how: str, max_cost: float) -> Tag:
    problem = can_propagate(circuit, max_cost)
    if problem:
        return _tag(name, None, None, f"Not computed: {problem}.")
    weights = range(1, min(MAX_WEIGHT, circuit.n_wires - 1) + 1)
    if not weights:
        return _tag(name, False, None, "One wire has no lighter words than all of its own.")
    weight, missed = lightest_weight(circuit, weights, MAX_MISSED, at_start_only=name == "shadows")
    last = list(missed)[-1]
    share = f"Pauli words of weight {last} or less miss {100 * missed[last]:.2g} % of the variance over rows"
    return _tag(
        name, weight is not None, missed[last], f"{share}, {how}; up to {100 * MAX_MISSED:g} % counts as cheap."
    )
