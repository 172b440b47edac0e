"""A pilot: five replicates that are not the study's, to learn how many the study needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qml.advantage.pilot import PILOT_REPLICATES, Proposal, check_true_difference, propose_replicates
from qml.errors import RecordError
from qml.studies.folder import locked_folder
from qml.studies.hashing import seed_from
from qml.studies.outcome import judge_records
from qml.studies.plan import Plan
from qml.studies.run import open_records, run_pending
from qml.studies.spec import StudySpec

WANTED_MARGINS = 2.5  # how far beyond nothing a difference is looked for, in margins: 0.05 of a balanced accuracy


@dataclass(frozen=True)
class Pilot:
    """A pilot that was run.

    Args:
        folder: Where its records are.
        proposals: By task.
    """

    folder: Path
    proposals: Mapping[str, Proposal]


def pilot_spec(spec: StudySpec) -> StudySpec:
    """Return the study of the pilot: five replicates, from a seed of its own, so that no draw is the study's."""
    changes = {
        "name": f"{spec.name}-pilot",
        "description": f"Pilot of {spec.name}: for its number of replicates only.",
        "replicates": PILOT_REPLICATES,
        "seed": seed_from("pilot", spec.seed),
        "looks": (),
        "survival": None,
        "pgd": (),
    }
    return spec.model_copy(update=changes)


def run_pilot(
    spec: StudySpec,
    pilot: Plan,
    n_tasks: int,
    results: Path,
    *,
    true_difference: float | None,
    power: float,
    workers: int | None = None,
    show: bool = True,
) -> Pilot:
    """Run a pilot's cells, or continue it; no verdict on them is written.

    Args:
        spec: The study.
        pilot: Plan of `pilot_spec`.
        n_tasks: Claims of the study.
        results: Folder in which the pilot's own folder is.
        true_difference: The difference that the study is to find, in units of the score; None for 2.5 margins of each
            task, which is 0.05 of a balanced accuracy.
        power: The chance to find it.
        workers: Processes of one thread each; the number of cores by default.
        show: Whether progress is told.

    Raises:
        SpecError: If the difference is not beyond a task's margin.
        RecordError: If the folder cannot be used, or a task has fewer than two whole replicates.
    """
    wanted = {str(task["name"]): _wanted(true_difference, task["margin"]) for task in pilot.tasks}
    folder = results / pilot.name
    with locked_folder(folder), open_records(pilot_spec(spec), pilot, folder) as records:
        run_pending(records, pilot.cells, folder, workers=workers, show=show)
        rows = {row["task"]: row for row in judge_records(records)["tasks"]}
    proposals = {}
    for task in pilot.tasks:
        differences: Sequence[float] = rows[task["name"]]["differences"]
        if len(differences) < 2:
            raise RecordError(f"the pilot has too few whole replicates of {task['name']!r}; see {folder}.")
        proposals[str(task["name"])] = propose_replicates(
            differences,
            margin=task["margin"],
            true_difference=wanted[str(task["name"])],
            design=task["design"],
            test_fraction=task["test_fraction"] if task["design"] == "resampled" else None,
            alpha=spec.alpha,
            power=power,
            n_claims=n_tasks,
            looks=spec.looks,
        )
    return Pilot(folder, proposals)


def _wanted(true_difference: float | None, margin: float) -> float:
    wanted = WANTED_MARGINS * margin or 0.05 if true_difference is None else true_difference
    check_true_difference(wanted, margin)
    return wanted


def pilot_lines(pilot: Pilot) -> list[str]:
    """Say what a pilot proposes, a line a task."""
    first = next(iter(pilot.proposals.values()))
    lines = [
        f"Pilot: {first.n_pilot} replicates with seeds of their own, in {pilot.folder}. They are no part of the study.",
        *(f"{task}: {_line(proposal)}" for task, proposal in pilot.proposals.items()),
    ]
    wanted = [proposal for proposal in pilot.proposals.values() if proposal.detectable is None]
    sought = " or ".join(dict.fromkeys(f"{proposal.true_difference:.3g}" for proposal in wanted))
    for what, numbers in (
        (f"a difference of {sought}", [proposal.for_advantage for proposal in wanted]),
        ("that there is none", [proposal.for_no_advantage for proposal in wanted]),
    ):
        known = [number for number in numbers if number is not None]
        if known and len(known) == len(numbers):
            lines.append(f"To show {what} on every fresh task, in {_share(first.power)}: --set replicates={max(known)}")
    return lines


def pilot_dict(pilot: Pilot) -> dict[str, Any]:
    """Return the proposals as plain data."""
    return {task: proposal.to_dict() for task, proposal in pilot.proposals.items()}


def _line(proposal: Proposal) -> str:
    spread = f"differences scatter by {proposal.sd:.3f} (at most {proposal.sd_upper:.3f}, with a confidence of 80 %)"
    if proposal.detectable is not None:
        what = f"30 splits of one data set would find a difference of {proposal.detectable:.3f}; more hardly help"
    else:
        what = (
            f"{_count(proposal.for_advantage)} replicates show a difference of {proposal.true_difference:.3g}, "
            f"{_count(proposal.for_no_advantage)} that there is none"
        )
    return f"{spread}; {what}{f' ({proposal.note})' if proposal.note else ''}."


def _count(number: int | None) -> str:
    return "no number of" if number is None else str(number)


def _share(power: float) -> str:
    return "nine cases of ten" if power == 0.9 else f"{100 * power:g} % of cases"
