"""What the fitted circuits of the quantum side say: their size, cheap simulations, and kernels not to be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

from qml.advantage.table import Cell, TaskTable


@dataclass(frozen=True, kw_only=True)
class CircuitRow:
    """The circuits that a quantum model was fitted with on a task.

    Args:
        model: The model.
        n_fits: Fits whose circuit is known.
        wires: Least and most wires; None if no circuit is known.
        depth: Least and most depth; None as above.
        shots: The numbers of shots that were used, least first; empty for exact values, or if no circuit is known.
        noise: Whether any of them was run under noise; None if no circuit is known.
    """

    model: str
    n_fits: int
    wires: tuple[int, int] | None
    depth: tuple[int, int] | None
    shots: tuple[int, ...]
    noise: bool | None


def circuit_rows(table: TaskTable) -> tuple[CircuitRow, ...]:
    """Return one row a quantum model, in the order of the study; without it a simulation might pass for a device."""
    return tuple(_circuit_row(table, model) for model in table.models("quantum"))


def _circuit_row(table: TaskTable, model: str) -> CircuitRow:
    known = [cell.circuit for cell in table.cells if cell.model == model and cell.circuit and "n_wires" in cell.circuit]
    wires, depths = ([int(circuit[name]) for circuit in known] for name in ("n_wires", "depth"))
    return CircuitRow(
        model=model,
        n_fits=len(known),
        wires=(min(wires), max(wires)) if known else None,
        depth=(min(depths), max(depths)) if known else None,
        shots=tuple(sorted({int(circuit["shots"]) for circuit in known if circuit.get("shots")})),
        noise=any(bool(circuit.get("noise")) for circuit in known) if known else None,
    )


def tags_of(winners: Sequence[Cell]) -> tuple[str, ...] | None:
    """Return the cheap simulations that apply to any of the quantum winners, in the order they were met.

    Args:
        winners: The quantum winner of each complete replicate.

    Returns:
        None if none applies, but of some winner that is not known.
    """
    found = dict.fromkeys(tag for cell in winners for tag in cell.tags or ())
    if not found and (not winners or any(cell.tags is None for cell in winners)):
        return None
    return tuple(found)


def kernel_flags(table: TaskTable) -> list[str]:
    """Return a remark for each quantum model whose kernel is concentrated, or whose bandwidth nobody tuned."""
    flags = []
    for model in table.models("quantum"):
        kernels = [cell.kernel for cell in table.cells if cell.model == model and cell.kernel is not None]
        concentrated = [kernel for kernel in kernels if kernel.get("concentrated")]
        if concentrated:
            shots = concentrated[0].get("shots")
            flags.append(
                f"{model}: kernel concentrated in {len(concentrated)} of {len(kernels)} fits: its entries differ by "
                f"less than {shots} shots resolve"
            )
        if any(kernel.get("bandwidth_tuned") is False for kernel in kernels):
            flags.append(f"{model}: kernel bandwidth untuned")
    return flags
