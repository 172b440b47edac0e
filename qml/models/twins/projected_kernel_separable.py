"""The projected kernel without entanglement."""

from qml.models.model import MODELS, Model
from qml.models.quantum.projected_kernel import DEFAULTS, SEARCH_SPACE, ProjectedKernelClassifier


class SeparableProjectedKernelClassifier(ProjectedKernelClassifier):
    """``ProjectedKernelClassifier`` whose couplings act on one wire at a time, with the same features.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    def __init__(
        self, *, encoding: str = "heisenberg-separable", scaling: float = 1.0, width: float = 1.0, C: float = 10.0
    ) -> None:
        super().__init__(encoding=encoding, scaling=scaling, width=width, C=C)

    @classmethod
    def draw(cls, n_features: int, encoding: str = "heisenberg-separable") -> str:
        """Return a text drawing of the circuit."""
        return super().draw(n_features, encoding)


MODELS.add(
    Model(
        name="projected-kernel-separable",
        kind="twin",
        twin_of="projected-kernel",
        twin="separable",
        summary="projected-kernel with the couplings put on single wires",
        source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        estimator=SeparableProjectedKernelClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
