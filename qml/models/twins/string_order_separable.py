"""String order from measurements of single wires."""

from qml.models.model import MODELS, Model
from qml.models.quantum.string_order import DEFAULTS, SEARCH_SPACE, StringOrderClassifier


class LocalStringOrderClassifier(StringOrderClassifier):
    """``StringOrderClassifier`` whose copies are measured wire by wire, in bases that give the same words.

    Source: Bermejo et al. 2024 (arXiv:2408.12739).
    """

    @classmethod
    def draw(cls, n_features: int, entangling: bool = False) -> str:
        """Return a text drawing of the measurement of six wires, whatever ``n_features`` is."""
        return super().draw(n_features, entangling)


MODELS.add(
    Model(
        name="string-order-separable",
        kind="twin",
        twin_of="string-order",
        twin="separable",
        summary="string-order without its CZ gates: every wire of every copy is measured by itself",
        source="Bermejo et al. 2024 (arXiv:2408.12739)",
        estimator=LocalStringOrderClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
