"""N5: two learners that see independent halves of the columns."""

from qml.calibration.case import CASES, Case

CASES.add(
    Case(
        name="n5-block-exchange",
        code="N5",
        group="null",
        summary="an SVM on one block of features against an SVM on another that says equally much, fresh data",
        source="The blocks may be exchanged without changing the distribution: the difference of the means is 0.",
        study={
            "plugins": ["qml.calibration.aliases"],
            "tasks": [{"name": "block-exchange", "n_train": 40}],
            "models": {"quantum": ["svm-block-1-as-quantum"], "classical": ["svm-block-2"]},
            "budget": {"trials": 4, "inner_folds": 2},
        },
        repeats=40,
        true_difference=0.0,
    )
)
