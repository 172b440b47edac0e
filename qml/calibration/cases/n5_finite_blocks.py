"""N5 on finite data: the null on which naive cross-validation raises its alarms."""

from qml.calibration.case import CASES, Case

CASES.add(
    Case(
        name="n5-finite-blocks",
        code="N5",
        group="null",
        summary="an SVM on one block of features against an SVM on another, splits of one data set of 200 rows",
        source="Every study splits another data set; over all data sets the difference of the means is 0.",
        study={
            "plugins": ["qml.calibration.aliases"],
            "tasks": ["block-exchange-finite"],
            "models": {"quantum": ["svm-block-1-as-quantum"], "classical": ["svm-block-2"]},
            "budget": {"trials": 2, "inner_folds": 2},
        },
        repeats=60,
        redraw="dataset",
        true_difference=0.0,
    )
)
