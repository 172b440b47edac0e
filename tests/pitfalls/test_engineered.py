"""The generator favours quantum: such a task carries a banner wherever its verdict is shown."""

from score_tables import a_clear_win, judged

from qml import tasks
from qml.reports.table import verdict_markdown
from qml.studies import Study
from qml.studies.tables import verdict_table


def shown(verdict: dict[str, object]) -> str:
    from rich.console import Console

    console = Console(width=200)
    with console.capture() as captured:
        console.print(verdict_table(verdict))
    return captured.get()


def test_an_engineered_task_is_called_so_everywhere() -> None:
    row = judged(*a_clear_win(), task={"engineered": True})
    verdict = {"protocol": {"alpha": 0.05}, "tasks": [row]}
    assert row["engineered"]
    assert "engineered: the generator of this task favours quantum" in row["flags"]
    assert "(engineered)" in shown(verdict)
    assert "ngineered" in verdict_markdown(verdict)


def test_a_study_cannot_take_the_banner_off() -> None:
    engineered = [name for name in tasks.names() if tasks.get(name).engineered]
    assert {"ad-hoc", "teacher"} <= set(engineered)
    plan = Study(name="s", tasks=["ad-hoc"], models={"quantum": ["iqp-kernel"]}, budget={"trials": 24}).plan()
    assert plan.tasks[0]["engineered"] is True
