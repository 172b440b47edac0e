"""The Gaussian support vector machine that sees block 2 of its row, for the block exchange null."""

from dataclasses import replace

from qml.models.classical.svm_rbf import SVM_RBF
from qml.models.model import MODELS

MODELS.add(
    replace(
        SVM_RBF,
        name="svm-block-2",
        summary="support vector machine with the Gaussian kernel on the block of features number 2",
        fixed={**SVM_RBF.fixed, "features": "block-2"},
    )
)
