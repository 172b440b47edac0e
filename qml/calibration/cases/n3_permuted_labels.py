"""N3: labels that nobody can learn."""

from qml.calibration.case import CASES, Case

CASES.add(
    Case(
        name="n3-permuted-labels",
        code="N3",
        group="null",
        summary="a quantum kernel against logistic regression, an SVM and neighbours, on shuffled labels",
        source="Ojala, Garriga 2010 (Journal of Machine Learning Research 11): no side can be better than guessing.",
        study={
            "tasks": [{"name": "permuted-moons", "n_train": 40}],
            "models": {"quantum": ["iqp-kernel"], "classical": ["logistic", "svm-rbf", "knn"]},
            "budget": {"trials": 4, "inner_folds": 2},
        },
        repeats=40,
        quick_repeats=5,
        true_difference=0.0,
    )
)
