import math

import numpy as np
import pytest
from scipy import stats

from qml.advantage import PairedScores, Protocol, judge, verdicts
from qml.advantage.pooled import TaskEffect, hartung_knapp, new_task, paule_mandel, pool_tasks
from qml.advantage.posterior import Posterior

# Kacker 2004, Metrologia 41, 132: nine laboratories.  Published: tau = 0.8399 (Paule-Mandel).  The other numbers are
# those of R's metafor for the same data (method="PM" and method="DL", test="knha"), as statsmodels' tests quote them.
EFFECTS = np.array([61.0, 61.4, 62.21, 62.3, 62.34, 62.6, 62.7, 62.84, 65.9])
VARIANCES = np.array([0.2025, 1.21, 0.09, 0.2025, 0.3844, 0.5625, 0.0676, 0.0225, 1.8225])


def test_paule_mandel_of_kackers_laboratories():
    between = paule_mandel(EFFECTS, VARIANCES)
    assert math.sqrt(between) == pytest.approx(0.8399, abs=5e-5)
    assert between == pytest.approx(0.705395309224248, abs=1e-9)
    assert hartung_knapp(EFFECTS, VARIANCES, between).mean == pytest.approx(62.4076199113286, abs=1e-9)


def test_hartung_knapp_of_metafor():
    found = hartung_knapp(EFFECTS, VARIANCES, 0.288049246973751)
    assert found.mean == pytest.approx(62.3901386044504, abs=1e-10)
    assert found.se == pytest.approx(0.29477605699879, abs=1e-10)
    assert found.interval(0.025) == pytest.approx((61.710383798052, 63.0698934108488), abs=1e-9)


def test_equal_errors_by_hand():
    # with equal variances v: tau² = s² - v, and the mean has the plain t interval of the effects
    effects = np.array([0.01, 0.03, 0.02, 0.05, 0.04, 0.03])  # mean .03, s² = .001/5 = .0002
    between = paule_mandel(effects, np.full(6, 0.00005))
    assert between == pytest.approx(0.00015)
    mean = hartung_knapp(effects, np.full(6, 0.00005), between)
    assert mean.interval(0.05) == pytest.approx(stats.t(5, 0.03, math.sqrt(0.0002 / 6)).interval(0.9))
    # less scatter than the errors alone would make: then the errors count
    assert paule_mandel(effects, np.full(6, 0.001)) == 0.0
    assert hartung_knapp(effects, np.full(6, 0.001), 0.0).se == pytest.approx(math.sqrt(0.001 / 6))


def test_a_new_task_without_errors_is_a_new_draw():
    # tasks measured exactly: the next one has the t prediction interval of a normal sample, s² (1 + 1/k), k - 1 degrees
    effects = np.array([0.01, 0.03, 0.02, 0.05, 0.04, 0.03])
    new = new_task(effects, np.full(6, 1e-12))
    exact = stats.t(5, 0.03, math.sqrt(0.0002 * (1 + 1 / 6)))
    for value in (-0.02, 0.02, 0.05):
        assert new.above(value) == pytest.approx(exact.sf(value), abs=1e-3)
        assert new.below(value) == pytest.approx(exact.cdf(value), abs=1e-3)


def effect(task, mean=0.03, se=0.01, **changes):
    base = {"metric": "balanced-accuracy", "margin": 0.02}
    return TaskEffect(task=task, posterior=Posterior(mean=mean, se=se, df=9), **{**base, **changes})


def test_under_six_tasks_nothing_is_claimed():
    five = pool_tasks([effect(f"t{i}") for i in range(5)])
    assert five.mean is five.interval is five.p_better is five.p_new_equal is five.reading is None
    assert str(five) == "Over tasks: no pooled claim: 5 of the tasks can be pooled, at least 6 are needed."
    assert pool_tasks([effect(f"t{i}") for i in range(6)]).mean == pytest.approx(0.03)


def test_what_stays_out():
    six = [effect(f"t{i}", mean=0.03 + i / 1000) for i in range(6)]
    others = [
        effect("made", left_out="engineered"),
        TaskEffect(task="short", posterior=None, metric="balanced-accuracy", margin=0.02),
        effect("flat", se=0.0),
    ]
    found = pool_tasks([*six, *others])
    assert found.n_tasks == 6
    assert found.left_out == {
        "made": "engineered",
        "short": "fewer than two replicates",
        "flat": "no scatter between replicates",
    }


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"margin": 0.05}, "the tasks have different margins (0.02, 0.05)"),
        ({"metric": "accuracy"}, "the tasks have different metrics (accuracy, balanced-accuracy)"),
    ],
)
def test_only_like_is_pooled(changes, note):
    found = pool_tasks([effect("odd", **changes), *(effect(f"t{i}") for i in range(6))])
    assert found.note == note
    assert found.mean is None


@pytest.mark.parametrize(("mean", "reading"), [(0.06, "better"), (-0.06, "worse"), (0.0, "equal"), (0.02, "open")])
def test_readings(mean, reading):
    assert pool_tasks([effect(f"t{i}", mean=mean + (i % 3 - 1) / 300, se=0.003) for i in range(9)]).reading == reading


def test_a_study_and_its_scores_are_pooled_alike(bench):
    names = [f"task-{i}" for i in range(7)]
    means = dict(zip(names, (0.80, 0.83, 0.86, 0.84, 0.82, 0.85, 0.9), strict=True))
    cells = [cell for name in names for cell in bench.study(means[name], 0.8, task=name)]
    study = judge(cells, [bench.task(name, engineered=name == "task-6") for name in names], bench.protocol)
    assert study.pooled.n_tasks == 6
    assert study.pooled.left_out == {"task-6": "engineered"}
    scores = {
        row.task: PairedScores(quantum=row.quantum_scores, classical=row.classical_scores, margin=0.02)
        for row in study.tasks[:6]
    }
    assert verdicts(scores).pooled == type(study.pooled)(**{**study.pooled.__dict__, "left_out": {}})
    assert study.to_dict()["pooled"]["p_new_equal"] == study.pooled.p_new_equal
    assert str(study).splitlines()[-1].startswith("Over 6 tasks: ")


def test_a_failed_gate_keeps_a_task_out(bench):
    protocol = Protocol(alpha=0.05, trials=10, inner_folds=2, replicates=10, required_pool=("mlp",))
    study = judge(bench.study(), [bench.task()], protocol)
    assert study.pooled.left_out == {"moons": "pool incomplete: the classical side lacks mlp"}


def simulated(rng, n_tasks, spread, n_replicates=10, sd=0.03):
    """Estimated effects and squared standard errors of tasks whose true differences scatter around 0.01."""
    true = rng.normal(0.01, spread, n_tasks)
    scores = true[:, None] + rng.normal(size=(n_tasks, n_replicates)) * sd * rng.choice([0.5, 1.0, 2.0], (n_tasks, 1))
    return scores.mean(axis=1), scores.var(axis=1, ddof=1) / n_replicates


@pytest.mark.slow
@pytest.mark.parametrize("n_tasks", [6, 12])
@pytest.mark.parametrize("spread", [0.01, 0.04])
def test_the_interval_covers(n_tasks, spread):
    rng, n = np.random.default_rng(n_tasks), 2000
    means, news = [], []
    for _ in range(n):
        effects, variances = simulated(rng, n_tasks, spread)
        between = paule_mandel(effects, variances)
        mean = hartung_knapp(effects, variances, between)
        low, high = mean.interval(0.05)
        means.append(low <= 0.01 <= high)
        news.append(new_task(effects, variances).below(rng.normal(0.01, spread)))  # uniform, if it is calibrated
    error = 3 * math.sqrt(0.9 * 0.1 / n)
    assert np.mean(means) == pytest.approx(0.9, abs=error + 0.02)  # .02: the errors of the tasks are estimates too
    inside = np.mean((np.array(news) > 0.05) & (np.array(news) < 0.95))
    assert inside == pytest.approx(0.9, abs=error + 0.02)
