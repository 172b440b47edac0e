"""N4: random Fourier features against themselves."""

from qml.calibration.case import CASES, Case

CASES.add(
    Case(
        name="n4-random-features",
        code="N4",
        group="null",
        summary="random Fourier features against themselves with other frequencies, on two moons",
        source="Rahimi, Recht 2007: both sides draw their frequencies from one distribution.",
        study={
            "plugins": ["qml.calibration.aliases"],
            "tasks": [{"name": "two-moons", "n_train": 40}],
            "models": {"quantum": ["random-fourier-as-quantum"], "classical": ["random-fourier"]},
            "budget": {"trials": 3, "inner_folds": 2},
        },
        repeats=60,
        true_difference=0.0,
    )
)
