"""QAOA without entanglement: the rotations of each edge on either of its nodes."""

from typing import ClassVar

from qml.models.model import MODELS, Model
from qml.models.quantum.qaoa import DEFAULTS, QAOA, SEARCH_SPACE


class SeparableQAOA(QAOA):
    """`QAOA` with every ZZ rotation replaced by Z rotations of its two wires; all angles stay.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    _entangled: ClassVar[bool] = False


for _name, _angles in (("qaoa", "each"), ("qaoa-shared", "shared")):
    MODELS.add(
        Model(
            name=f"{_name}-separable",
            kind="twin",
            problem="optimisation",
            twin_of=_name,
            twin="separable",
            summary=f"{_name} without gates between wires, all angles kept",
            source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
            estimator=SeparableQAOA,
            fixed={"angles": _angles},
            search_space=SEARCH_SPACE,
            defaults=DEFAULTS,
        )
    )
