"""N2: a support vector machine against itself, tuned on other inner folds."""

from qml.calibration.case import CASES, Case

CASES.add(
    Case(
        name="n2-other-folds",
        code="N2",
        group="null",
        summary="a Gaussian SVM against itself, tuned by other trials on 4 inner folds instead of 2, on two moons",
        source="The same learner on the same data; only the noise of its tuning differs.",
        study={
            "plugins": ["qml.calibration.aliases"],
            "tasks": [{"name": "two-moons", "n_train": 40}],
            "models": {"quantum": ["svm-rbf-as-quantum"], "classical": ["svm-rbf"]},
            "budget": {"trials": 4, "inner_folds": 2},
        },
        repeats=60,
        quick_repeats=10,
        inner_folds={"svm-rbf-as-quantum": 4},
    )
)
