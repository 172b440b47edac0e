"""What stands beside the verdict, in numbers computed by hand: parameter counts, and projected hardware time."""

import pytest

from qml.advantage import Protocol, TaskSettings, secondary_results
from qml.advantage.axes.projection import SHOTS, workload
from qml.errors import SpecError

MOONS = TaskSettings("moons", "fresh", None, 1000, "accuracy", 0.5, 0.02)
PROTOCOL = Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=10)
KERNEL = {"n_wires": 2, "depth": 6, "shots": None, "noise": False, "n_rows": 40, "kernel": {"sd": 0.1}}
TRAINED = {"n_wires": 2, "depth": 10, "shots": None, "noise": False, "n_rows": 40, "n_weights": 5, "samples": 400}


def cell(model, side, score, replicate=0, task="moons", **changes):
    return {"task": task, "replicate": replicate, "model": model, "side": side, "twin": None, "twin_of": None,
            "status": "done", "score": score, "validation_score": score, "n_trials": 1, "n_failed_trials": 0,
            **changes}  # fmt: skip


def found(cells, tasks=(MOONS,), protocol=PROTOCOL):
    return secondary_results(cells, tasks, protocol)


def test_the_front_is_of_medians_and_means():
    cells = [
        cell("pqc", "quantum", 0.80, 0, n_parameters=10),
        cell("pqc", "quantum", 0.90, 1, n_parameters=30),  # median 20, mean 0.85
        cell("wide", "quantum", 0.84, n_parameters=50),  # more parameters, a lower score
        cell("mlp", "classical", 0.88, n_parameters=40),
        cell("line", "classical", 0.70, n_parameters=3.0),
        cell("pqc-frozen", "twin", 0.99, n_parameters=1, twin="frozen"),  # on no side
    ]
    (entry,) = found(cells)
    assert (entry["task"], entry["at"]) == ("moons", "moons")
    part = entry["parameter_efficiency"]
    assert part["front"] == ["line", "pqc", "mlp"]
    assert part["fronts"] == {"quantum": ["pqc"], "classical": ["line", "mlp"]}
    assert [row["model"] for row in part["models"]] == ["line", "pqc", "mlp", "wide"]
    assert part["models"][1] == {
        "model": "pqc", "side": "quantum", "parameters": 20.0, "fewest": 10, "most": 30,
        "score": pytest.approx(0.85), "fits": 2,
    }  # fmt: skip
    assert part["note"].startswith("shown, never claimed")
    assert "smallest" not in part


def test_what_counts_nothing_is_listed_and_a_failed_fit_is_chance():
    cells = [
        cell("forest", "classical", 0.9, n_parameters=None),
        cell("knn", "classical", 0.8, n_parameters=float("nan")),
        cell("pqc", "quantum", None, status="failed", n_parameters=None),
    ]
    part = found(cells)[0]["parameter_efficiency"]
    assert part["models"] == part["front"] == []
    assert part["not_counted"] == [
        {"model": "forest", "side": "classical", "score": 0.9, "fits": 1},
        {"model": "knn", "side": "classical", "score": 0.8, "fits": 1},
        {"model": "pqc", "side": "quantum", "score": 0.5, "fits": 1},
    ]


def test_a_curve_is_looked_at_where_it_is_dearest_and_asked_for_its_target():
    points = [TaskSettings(f"moons@{n}", "fresh", None, 1000, "accuracy", 0.5, 0.02, curve="moons", cost=n)
              for n in (16, 32)]  # fmt: skip
    cells = [
        *(cell("pqc", "quantum", score, task=task, n_parameters=7)
          for task, score in (("moons@16", 0.1), ("moons@32", 0.9))),
        cell("mlp", "classical", 0.7, task="moons@32", n_parameters=9),
    ]  # fmt: skip
    sizes = Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=10, axis="sample-efficiency", target=0.8)
    (entry,) = found(cells, points, sizes)
    assert (entry["task"], entry["at"]) == ("moons", "moons@32")
    part = entry["parameter_efficiency"]
    assert (part["target"], part["smallest"]) == (0.8, {"quantum": 7.0, "classical": None})


def test_a_count_below_zero_is_refused():
    with pytest.raises(SpecError, match="n_parameters is -1 in the cell of task 'moons', replicate 0, model 'pqc'"):
        found([cell("pqc", "quantum", 0.9, n_parameters=-1)])


def test_a_kernel_runs_each_pair_once_at_twice_the_depth():
    part = found([cell("iqp", "quantum", 0.9, circuit=KERNEL)])[0]["hardware_time"]
    (row,) = part["models"]
    assert (row["kind"], row["n_circuits"], row["depth"], row["shots"]) == ("kernel", 780, 12, 1000)
    assert row["shots_assumed"]
    # 780 * 1000 * (160 + 12 * 34 + 500) ns, and (35 + 12 * 210 + 175) us.
    assert row["projected_seconds"]["superconducting"] == pytest.approx(0.833_04)
    assert row["projected_seconds"]["trapped ions"] == pytest.approx(2129.4)
    assert part["note"] == "a projection, not a claim"
    assert part["parallel"] == 1
    assert [machine["name"] for machine in part["hardware"]] == ["superconducting", "trapped ions"]


def test_a_trained_circuit_is_shifted_twice_a_weight_and_sample():
    cells = [
        cell("pqc", "quantum", 0.9, 0, circuit=TRAINED),
        cell("pqc", "quantum", 0.9, 1, circuit={**TRAINED, "samples": 800, "shots": 100}),
        cell("pqc", "quantum", None, 2, status="failed", circuit=None),
    ]
    (row,) = found(cells)[0]["hardware_time"]["models"]
    # 2 * 5 * 400 and 2 * 5 * 800 circuits; 4000 * 1000 and 8000 * 100 runs of 1 us.
    assert (row["kind"], row["fits"], row["n_circuits"], row["shots"]) == ("variational", 2, 6000, 550)
    assert row["projected_seconds"]["superconducting"] == pytest.approx((4.0 + 0.8) / 2)


@pytest.mark.parametrize(
    ("circuit", "reason"),
    [
        (None, "no circuit was looked at"),
        ({"depth": 3, "shots": None}, "its record is of an older version, which kept neither rows nor steps"),
        ({**TRAINED, "samples": None}, "it is neither trained in counted steps nor a fidelity kernel"),
    ],
)
def test_what_cannot_be_projected_says_why(circuit, reason):
    with pytest.raises(SpecError, match=reason):
        workload(circuit)
    part = found([cell("pqc", "quantum", 0.9, circuit=circuit), cell("svm", "classical", 0.9)])[0]["hardware_time"]
    assert part["not_projected"] == [{"model": "pqc", "reason": reason}]
    assert part["models"] == []


def test_a_model_whose_every_fit_failed_has_no_projection():
    part = found([cell("pqc", "quantum", None, status="failed")])[0]["hardware_time"]
    assert part["not_projected"] == [{"model": "pqc", "reason": "every fit failed"}]


def test_the_default_shots_are_stated():
    assert SHOTS == 1000
    assert not workload({**TRAINED, "shots": 50}).shots_assumed
