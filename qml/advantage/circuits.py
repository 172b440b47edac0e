"""What the fitted circuits of the quantum side say: cheap simulations, and kernels not to be trusted."""

from collections.abc import Sequence

from qml.advantage.table import Cell, TaskTable


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


def circuits_text(winners: Sequence[Cell]) -> str:
    """Say on what circuits a verdict rests: wires, depth, shots and noise of the quantum winners.

    Args:
        winners: The quantum winner of each complete replicate.

    Returns:
        A sentence without its full stop; empty where no circuit was looked at.
    """
    found = [cell.circuit for cell in winners if cell.circuit is not None and "n_wires" in cell.circuit]
    if not found:
        return ""
    wires, depth = (_range([int(circuit[name]) for circuit in found]) for name in ("n_wires", "depth"))
    shots = [int(circuit["shots"]) for circuit in found if circuit.get("shots")]
    sampled = f"{_range(shots)} shots" if shots else "no shots"
    noise = "noise" if any(circuit.get("noise") for circuit in found) else "no noise"
    return f"The quantum winners have {wires} wires and depth {depth}; {sampled}, {noise}"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"


def kernel_flags(table: TaskTable) -> list[str]:
    """Return a remark for each quantum model whose kernel is concentrated, or whose bandwidth nobody tuned."""
    flags = []
    for model in table.models("quantum"):
        circuits = [cell.circuit for cell in table.cells if cell.model == model and cell.circuit is not None]
        kernels = [circuit["kernel"] for circuit in circuits if circuit.get("kernel")]
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
