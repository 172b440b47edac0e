"""Models under a second name, so that one can stand on both sides of a null.

A cell's seed comes from its key, and its key from the model's name: a second name is the same model with another seed.
Only a study that names this module in its ``plugins`` knows them.
"""

from dataclasses import replace

from qml.models import MODELS, get
from qml.models.model import Kind


def _alias(name: str, kind: Kind) -> None:
    model = get(name)
    MODELS.add(
        replace(
            model, name=f"{name}-as-{kind}", kind=kind, summary=f"{model.summary}; the same model under a second name"
        )
    )


_alias("reuploading", "classical")
_alias("svm-rbf", "quantum")
_alias("svm-block-1", "quantum")
_alias("random-fourier", "quantum")
