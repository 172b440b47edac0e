"""A simulability tag, and the report that holds them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

TAGS = ("light-cone", "clifford-t", "bond-dimension", "pauli-propagation", "shadows")


@dataclass(frozen=True, kw_only=True)
class Tag:
    """Whether one cheap way to simulate a circuit is open.

    Args:
        name: One of ``light-cone``, ``clifford-t``, ``bond-dimension``, ``pauli-propagation``, ``shadows``.
        applies: True if the circuit is cheap in this way, False if it is not, None if that could not be found out.
        value: The number behind it; what it counts is in the sentence.
        sentence: What was found.
        source: The paper.
    """

    name: str
    applies: bool | None
    value: float | None
    sentence: str
    source: str

    def __str__(self) -> str:
        answer = {True: "applies", False: "does not apply", None: "not assessed"}[self.applies]
        return f"{self.name}: {answer}. {self.sentence} [{self.source}]"


@dataclass(frozen=True, kw_only=True)
class SimulabilityReport:
    """The tags of a model's circuits.

    Args:
        model: Name of the model's class.
        n_wires: Of its largest circuit.
        n_circuits: How many different circuits it runs.
        kernel: Whether it reads states, to compare them, and not expectation values.
        tags: A tag applies to the model if it applies to all of its circuits.
    """

    model: str
    n_wires: int
    n_circuits: int
    kernel: bool
    tags: tuple[Tag, ...]

    @property
    def applying(self) -> tuple[str, ...]:
        """Names of the tags that apply."""
        return tuple(tag.name for tag in self.tags if tag.applies)

    @property
    def unassessed(self) -> tuple[str, ...]:
        """Names of the tags that could not be assessed."""
        return tuple(tag.name for tag in self.tags if tag.applies is None)

    def __getitem__(self, name: str) -> Tag:
        """Return a tag by its name; KeyError if the report has none such."""
        return {tag.name: tag for tag in self.tags}[name]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "tags": [asdict(tag) for tag in self.tags]}

    def __str__(self) -> str:
        wires = f"{self.n_wires} wire{'' if self.n_wires == 1 else 's'}"
        lines = [f"Simulability of {self.model}, {wires}:", *(f"  {tag}" for tag in self.tags)]
        if self.applying:
            lines.append(f"A cheap simulation is known: {', '.join(self.applying)}.")
        elif self.unassessed:
            lines.append(f"No tag applies, and {', '.join(self.unassessed)} could not be assessed.")
        else:
            lines.append("No tag applies at this size. That claims nothing about larger circuits.")
        return "\n".join(lines)


def together(reports: Sequence[Tag]) -> Tag:
    """Return one tag for several circuits: it applies if it applies to all of them.

    >>> tags = [Tag(name="shadows", applies=a, value=1.0, sentence="", source="") for a in (True, None)]
    >>> together(tags).applies is None
    True
    """
    for answer in (False, None):
        for tag in reports:
            if tag.applies is answer:
                return tag
    return reports[0]
