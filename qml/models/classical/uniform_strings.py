"""The generator that looks at nothing: every string is equally likely."""

from qml.models.bit_strings import BitStringModel, Float
from qml.models.model import MODELS, Model


class UniformStrings(BitStringModel):
    """Every string has the probability 1 / 2**n_bits.

    >>> UniformStrings().fit([[0, 1], [1, 1]]).predict([[0, 0]]).tolist()
    [0.25]
    """

    def _distribution(self, counts: Float, bits: Float) -> Float:
        uniform: Float = counts * 0 + 1
        return uniform


MODELS.add(
    Model(
        name="uniform",
        kind="classical",
        problem="generation",
        summary="every string equally likely, whatever was seen",
        source="the chance level of a generator",
        estimator=UniformStrings,
        ignores_features=True,
    )
)
