"""Kernel bandwidth untuned, or a concentrated kernel: flagged."""

from score_tables import POOL, judged, rows_of

from qml.studies import Study, run_cell

CIRCUIT = {"n_wires": 10, "n_gates": 90, "depth": 40, "shots": None, "noise": False}


def flags_of(**kernel: object) -> list[str]:
    quantum = rows_of("iqp-kernel", "quantum", 0.85, circuit={**CIRCUIT, "kernel": kernel})
    return list(judged(quantum, *(rows_of(model, "classical", 0.8) for model in POOL))["flags"])


def test_a_fixed_bandwidth_is_flagged() -> None:
    assert "iqp-kernel: kernel bandwidth untuned" in flags_of(concentrated=False, shots=1000, bandwidth_tuned=False)


def test_a_concentrated_kernel_is_flagged() -> None:
    (flag,) = flags_of(concentrated=True, shots=1000, bandwidth_tuned=True)
    assert flag.startswith("iqp-kernel: kernel concentrated in 20 of 20 fits")


def test_a_tuned_and_spread_kernel_is_not() -> None:
    assert flags_of(concentrated=False, shots=1000, bandwidth_tuned=True) == []


def test_a_study_that_fixes_the_bandwidth_is_seen_from_its_cells() -> None:
    """The fact comes from the study's own search space, whatever its author says about it."""
    keys = {"tasks": [{"name": "two-moons", "n_train": 24, "n_test": 40}], "budget": {"trials": 2, "inner_folds": 2}}
    for params, tuned in (({"features": "standard"}, True), ({"features": "standard", "scaling": 1.0}, False)):
        models = {"quantum": [{"name": "iqp-kernel", "params": params}], "classical": ["dummy"]}
        study = Study(name="s", models=models, replicates=1, **keys)
        (cell,) = (cell for cell in study.plan().cells if cell.model == "iqp-kernel")
        record = run_cell(cell)
        assert record.circuit is not None
        assert record.circuit["kernel"]["bandwidth_tuned"] is tuned
        assert record.circuit["n_wires"] == 2
