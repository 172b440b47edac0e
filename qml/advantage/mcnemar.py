"""Two fitted models on one fixed test set: the exact McNemar test, and how little it concludes."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from qml.advantage.scores import check_alpha, json_safe
from qml.errors import SpecError


@dataclass(frozen=True, kw_only=True, repr=False)
class McNemar:
    """What one test set says about two fitted models, and about nothing else.

    Args:
        n: Test rows.
        quantum_only: Rows that only the quantum model got right.
        classical_only: Rows that only the classical model got right.
        difference: Accuracy of the quantum model minus that of the classical one.
        p_value: Two-sided: the chance of so uneven a split among the rows where they differ, were both equally good.
        reading: ``"better"`` or ``"worse"`` (the quantum model, p < alpha), else ``"open"``.
        alpha: Chance of a wrong "better" or "worse".
    """

    n: int
    quantum_only: int
    classical_only: int
    difference: float
    p_value: float
    reading: str
    alpha: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in JSON's types."""
        safe: dict[str, Any] = json_safe(asdict(self))
        return safe

    def __str__(self) -> str:
        word = {"better": "the quantum model is better", "worse": "the classical model is better", "open": "open"}
        return (
            f"{word[self.reading]} on this test set: {self.quantum_only} of {self.n} rows right only by the quantum "
            f"model, {self.classical_only} only by the classical one, accuracy {self.difference:+.3f}, exact McNemar "
            f"p = {self.p_value:.3g}. This holds for these two fitted models only: another training set or seed may "
            "turn it, so no verdict follows."
        )

    def __repr__(self) -> str:
        return f"<McNemar {self}>"


def mcnemar(y_true: ArrayLike, quantum: ArrayLike, classical: ArrayLike, *, alpha: float = 0.05) -> McNemar:
    """Compare the predictions of two fitted models on one fixed test set, with the exact McNemar test.

    Args:
        y_true: Labels, shape (n,).
        quantum: Predicted labels of the quantum model, shape (n,).
        classical: Predicted labels of the classical model, shape (n,).
        alpha: Chance of a wrong "better" or "worse", where both models are equally good.

    Raises:
        SpecError: If the three are no vectors of one length, or empty, or the labels are real numbers.

    Source: McNemar 1947, Psychometrika 12, 153; Dietterich 1998, Neural Computation 10, 1895.

    >>> mcnemar([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1]).p_value
    0.0625
    """
    check_alpha(alpha)
    labels = {"y_true": np.asarray(y_true), "quantum": np.asarray(quantum), "classical": np.asarray(classical)}
    shapes = {name: vector.shape for name, vector in labels.items()}
    if len(set(shapes.values())) > 1 or len(shapes["y_true"]) != 1 or shapes["y_true"] == (0,):
        raise SpecError(
            "y_true, quantum and classical must be labels of the same test rows, each of shape (n,), n >= 1; got "
            + ", ".join(f"{name} {shape}" for name, shape in shapes.items())
            + "."
        )
    for name, vector in labels.items():
        if vector.dtype.kind == "f" and not np.isfinite(vector).all():
            raise SpecError(f"{name} holds a value that is not finite; every test row needs a label.")
    if labels["y_true"].dtype.kind == "f" and (labels["y_true"] % 1 != 0).any():
        raise SpecError(
            "y_true holds numbers that are not whole: McNemar's test counts rows that are right or wrong, and a real "
            "number is neither. Compare regressors over replicates, by qml.verdict on -ln RMSE."
        )
    right, other = labels["quantum"] == labels["y_true"], labels["classical"] == labels["y_true"]
    ours, theirs = int(np.sum(right & ~other)), int(np.sum(other & ~right))
    p_value = min(1.0, 2 * float(bdtr(min(ours, theirs), ours + theirs, 0.5)))
    reading = "open" if p_value >= alpha else "better" if ours > theirs else "worse"
    return McNemar(
        n=len(right),
        quantum_only=ours,
        classical_only=theirs,
        difference=(ours - theirs) / len(right),
        p_value=p_value,
        reading=reading,
        alpha=float(alpha),
    )
