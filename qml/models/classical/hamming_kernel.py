"""Kernel density on strings: what was seen, blurred over strings that differ in few bits."""

from optuna.distributions import FloatDistribution

from qml.models.bit_strings import BitStringModel, Float
from qml.models.model import MODELS, Model
from qml.tasks.generative import smoothed


class HammingKernel(BitStringModel):
    """A string that was seen, with each of its bits turned over independently.

    Args:
        flip: Probability that a bit is turned over, in (0, 0.5]; at 0.5 every string is equally likely.

    >>> HammingKernel(flip=0.25).fit([[0, 1]]).probabilities_.tolist()
    [0.1875, 0.5625, 0.0625, 0.1875]
    """

    def __init__(self, flip: float = 0.05) -> None:
        self.flip = flip

    def _distribution(self, counts: Float, bits: Float) -> Float:
        return smoothed(counts, self.flip / (1 - self.flip))


MODELS.add(
    Model(
        name="hamming-kernel",
        kind="classical",
        problem="generation",
        summary="kernel density estimate over the Hamming distance",
        source="Aitchison, Aitken 1976, Biometrika 63, 413 (doi:10.1093/biomet/63.3.413)",
        estimator=HammingKernel,
        search_space={"flip": FloatDistribution(1e-4, 0.5, log=True)},
        defaults={"flip": 0.05},
    )
)
