"""N1: a trained quantum circuit against itself."""

from qml.calibration.case import CASES, Case

SHORT = {"max_epochs": 10}

CASES.add(
    Case(
        name="n1-same-circuit",
        code="N1",
        group="null",
        summary="a trained re-uploading circuit against itself with another seed, on two moons",
        source="Both sides draw from the same distribution, so the mean difference is 0.",
        study={
            "plugins": ["qml.calibration.aliases"],
            "tasks": [{"name": "two-moons", "n_train": 40}],
            "models": {
                "quantum": [{"name": "reuploading", "params": SHORT}],
                "classical": [{"name": "reuploading-as-classical", "params": SHORT}],
            },
            "budget": {"trials": 2, "inner_folds": 2},
        },
        repeats=40,
        true_difference=0.0,
    )
)
