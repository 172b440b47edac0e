"""Bad input gets an error or INCONCLUSIVE with the reason, never a verdict: the list of the protocol, one by one."""

import math

import numpy as np
import pytest

from qml.advantage import PairedScores, Protocol, TaskSettings, judge, verdict, verdicts
from qml.advantage.__main__ import main
from qml.errors import SpecError

TEN = np.linspace(0.7, 0.8, 10)
ASK = {
    "one call": lambda quantum, classical, **more: verdict(quantum, classical, **{"margin": 0.02, **more}),
    "several tasks": lambda quantum, classical, **more: verdicts(
        {"moons": PairedScores(quantum=quantum, classical=classical, **{"margin": 0.02, **more})}
    ),
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize(
    ("quantum", "classical", "settings", "message"),
    [
        (TEN, TEN[:9], {}, r"must be paired, one score a replicate and side; got 10 quantum and 9 classical scores"),
        (TEN[:1], TEN[:1], {}, r"needs at least 2 paired replicates to have an error bar; got 1"),
        ([*TEN[:9], math.nan], TEN, {}, r"quantum\[9\] is nan; every score must be finite"),
        (TEN, TEN, {"margin": -0.02}, r"margin must be a finite number >= 0.*got -0\.02"),
        (TEN, TEN, {"margin": math.nan}, r"margin must be a finite number >= 0.*got nan"),
        *[
            (TEN, TEN, {"design": "resampled", "test_fraction": fraction}, r"must lie strictly between 0 and 1; got")
            for fraction in (-0.1, 0.0, 1.0, 1.5, math.nan)
        ],
        (TEN, TEN, {"design": "resampled"}, "design='resampled' needs test_fraction"),
    ],
)
def test_scores(ask, quantum, classical, settings, message):
    with pytest.raises(SpecError, match=message):
        ask(quantum, classical, **settings)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("quantum,classical\n0.9,0.8\n", ["--margin", "0.02"], "needs at least 2 paired replicates"),
        ("quantum,classical\n0.9,0.8\nnan,0.8\n", ["--margin", "0.02"], "quantum[1] is nan"),
        ("quantum,classical\n0.9,0.8\n0.9,\n", ["--margin", "0.02"], "line 3: column 'classical' holds ''"),
        ("quantum,classical\n0.9,0.8\n0.9,0.8\n", ["--margin=-1"], "margin must be a finite number >= 0"),
        ("quantum,classical\n0.9,0.8\n0.9,0.8\n", [], "give --margin, the smallest difference that matters"),
        (
            "quantum,classical\n0.9,0.8\n",
            ["--margin", "0", "--looks", "10,x"],
            "--looks must be whole numbers and comm",
        ),
        ("quantum,classical\n0.9,0.8\n", ["--margin", "0", "--task", "task"], "has no column 'task'"),
        ("quantum,classical\n0.9,0.8\n", ["--truth", "y"], "has no column 'y'"),
        (
            "task,quantum,classical,margin\na,1,1,0.1\na,1,1,0.2\n",
            ["--task", "task"],
            "column 'margin' must hold one value a task; got 0.1, 0.2",
        ),
    ],
)
def test_files(tmp_path, capsys, text, options, message):
    path = tmp_path / "scores.csv"
    path.write_text(text)
    assert main([str(path), *options]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


def numbers(row):
    return (row.interval, row.p_advantage, row.p_equivalent, row.p_disadvantage, row.minimum_detectable_effect)


def test_a_study_of_one_replicate_has_no_numbers(bench):
    row = judge(bench.study(n=1), [bench.task()], bench.protocol).tasks[0]
    assert row.label == "INCONCLUSIVE"
    assert row.reason.startswith("unfinished: 1 of 10 planned replicates")
    assert numbers(row) == (None,) * 5


def test_a_missing_pool_member_is_inconclusive_with_its_name(bench):
    protocol = Protocol(alpha=0.05, trials=10, inner_folds=2, replicates=10, required_pool=("svm", "mlp"))
    row = judge(bench.study(), [bench.task()], protocol).tasks[0]
    assert (row.label, row.reason) == ("INCONCLUSIVE", "pool incomplete: the classical side lacks mlp")
    assert str(row).endswith(f"Detectable difference {row.minimum_detectable_effect:.3f}.")


def test_a_study_does_not_pair_what_is_not_paired(bench):
    cells = [cell for cell in bench.study() if (cell["model"], cell["replicate"]) != ("iqp", 9)]
    row = judge(cells, [bench.task()], bench.protocol).tasks[0]
    assert row.reason == "unfinished: 9 of 10 planned replicates have every cell; run the study again to continue"


def test_a_score_that_is_no_number_is_refused(bench):
    cells = bench.study()
    cells[7] |= {"score": math.nan}
    with pytest.raises(SpecError, match=r"score is nan in the cell of task 'moons', replicate 7, model 'dressed'"):
        judge(cells, [bench.task()], bench.protocol)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, None])
def test_a_task_needs_its_test_fraction(fraction):
    with pytest.raises(SpecError, match="test_fraction"):
        TaskSettings("moons", "resampled", fraction, 100, "accuracy", chance=0.5, margin=0.02)


def test_a_margin_of_nothing_is_a_margin(bench):
    found = verdict(TEN + 0.01 * bench.wiggle, TEN, margin=0)
    assert found.label == "INCONCLUSIVE"
    assert found.p_equivalent == 0.0
    assert judge(bench.study(), [bench.task(margin=0.0)], bench.protocol).tasks[0].label == "ADVANTAGE"


@pytest.mark.parametrize("n", [2, 9, 10])
def test_every_inconclusive_names_the_detectable_difference(n):
    spread = np.resize([0.1, -0.1], n)
    found = verdict(TEN[:1] + spread, np.repeat(TEN[0], n), margin=0.02, chance=0.9)
    assert found.label == "INCONCLUSIVE"
    assert f"Detectable difference {found.minimum_detectable_effect:.3f}." in str(found)


def test_no_task_is_no_verdict():
    with pytest.raises(SpecError, match="there is no task to judge"):
        verdicts({})
