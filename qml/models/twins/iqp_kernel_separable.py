"""The IQP kernel without entanglement."""

from qml.models.model import MODELS, Model
from qml.models.quantum.iqp_kernel import DEFAULTS, SEARCH_SPACE, IQPKernelClassifier


class SeparableIQPKernelClassifier(IQPKernelClassifier):
    """``IQPKernelClassifier`` whose two-wire phases act on one wire at a time, with the same features.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    def __init__(self, *, encoding: str = "havlicek-separable", scaling: float = 0.3, C: float = 10.0) -> None:
        super().__init__(encoding=encoding, scaling=scaling, C=C)

    @classmethod
    def draw(cls, n_features: int, encoding: str = "havlicek-separable") -> str:
        """Return a text drawing of the encoding."""
        return super().draw(n_features, encoding)


MODELS.add(
    Model(
        name="iqp-kernel-separable",
        kind="twin",
        twin_of="iqp-kernel",
        twin="separable",
        summary="iqp-kernel with the product phases put on single wires",
        source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        estimator=SeparableIQPKernelClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
