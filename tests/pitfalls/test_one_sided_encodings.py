"""Inputs scaled or angle-encoded for one side: the sides share their feature maps, and no study takes one away."""

from typing import Any

import pytest

from qml import models, tasks
from qml.errors import SpecError
from qml.models import search_space
from qml.studies import Study


def plan_of(quantum: dict[str, Any], classical: list[Any]) -> Any:
    return Study(
        name="s",
        tasks=["two-moons"],
        models={"quantum": [quantum], "classical": classical},
        budget={"trials": 24},
    ).plan()


@pytest.mark.parametrize("fixed", [{}, {"features": "sincos"}])
def test_a_map_of_the_quantum_side_cannot_be_kept_from_a_classical_model(fixed: dict[str, str]) -> None:
    with pytest.raises(
        SpecError, match=r"features='standard' keeps 'svm-rbf' from .*sincos.* on 'two-moons', which the"
    ):
        plan_of(
            {"name": "reuploading", "params": fixed},
            ["logistic", {"name": "svm-rbf", "params": {"features": "standard"}}],
        )


def test_the_same_map_may_be_fixed_on_both_sides() -> None:
    same = {"features": "sincos"}
    plan = plan_of({"name": "reuploading", "params": same}, [{"name": "svm-rbf", "params": same}, "logistic"])
    assert {cell.params.get("features") for cell in plan.cells} == {"sincos", None}


@pytest.mark.parametrize("name", tasks.names())
def test_every_model_of_the_required_pool_chooses_from_all_maps_of_a_task(name: str) -> None:
    task = tasks.get(name)
    for model in map(models.get, models.REQUIRED_POOL):
        if not model.ignores_features and len(task.feature_maps) > 1:
            assert tuple(search_space(model, task)["features"].choices) == task.feature_maps
