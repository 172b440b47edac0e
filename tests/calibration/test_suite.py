from collections.abc import Callable
from dataclasses import replace

import pytest

from qml.calibration import CASES, Case, Suite, full_suite, quick_suite, suite_of
from qml.calibration.case import EXPECTED
from qml.calibration.published import PROBLEM
from qml.errors import SpecError
from qml.tasks import get as get_task

MakeCase = Callable[..., Case]


def test_a_case_needs_a_known_group_one_task_and_a_valid_study(make_case: MakeCase) -> None:
    with pytest.raises(SpecError, match=r"case 'mine': unknown group 'nul'. Did you mean 'null'"):
        make_case(group="nul")
    with pytest.raises(SpecError, match="case 'mine': a case has one task; its study has 2"):
        make_case(study={"tasks": ["two-moons", "ad-hoc"]})
    with pytest.raises(SpecError, match="unknown key 'taks'"):
        make_case(study={"taks": ["two-moons"]})


def test_repeats_differ_in_their_seed_only_and_cases_share_none(make_case: MakeCase) -> None:
    case, other = make_case(), make_case("other")
    plan = case.plan()
    first, second = case.cells(plan, 0), case.cells(plan, 1)
    assert [replace(cell, study_seed=0) for cell in first] == [replace(cell, study_seed=0) for cell in second]
    seeds = {cell.study_seed for cells in (first, second, other.cells(other.plan(), 0)) for cell in cells}
    assert len(seeds) == 3


def test_the_verdict_requires_the_pool_that_the_case_states(make_case: MakeCase) -> None:
    assert make_case().plan().protocol["required_pool"] == ["knn"]


def test_other_inner_folds_belong_to_the_named_model_only(make_case: MakeCase) -> None:
    cells = make_case(inner_folds={"knn": 5}).plan().cells
    assert {(cell.model, cell.inner_folds) for cell in cells} == {("iqp-kernel", 2), ("knn", 5)}


def test_an_interruption_leaves_a_balanced_picture(make_case: MakeCase) -> None:
    suite = Suite((make_case("few", repeats=2), make_case("many", repeats=6)))
    names = [repeat.case.name for repeat in suite.repeats]
    assert names.count("few") == 2
    assert names[:4].count("few") == 1
    assert len(suite.cells) == len({cell.key for cell in suite.cells}) == 8 * 4


def test_the_manifest_changes_with_what_a_case_states(make_case: MakeCase) -> None:
    before = Suite((make_case(),)).manifest()
    assert before == Suite((make_case(),)).manifest()
    assert before != Suite((make_case(repeats=3),)).manifest()
    assert before != Suite((make_case(study={"margin": 0.1}),)).manifest()


def test_unknown_and_missing_names_are_refused() -> None:
    with pytest.raises(SpecError, match=r"unknown calibration case 'p2-ad-hok'. Did you mean 'p2-ad-hoc'"):
        suite_of(["p2-ad-hok"])
    with pytest.raises(SpecError, match="at least one case"):
        suite_of([])


def test_the_full_suite_has_every_kind_of_case_and_enough_nulls() -> None:
    suite = full_suite()
    assert {"null", "positive"} <= {case.group for case in suite.cases} <= set(EXPECTED)
    assert sum(case.repeats for case in suite.cases if case.group == "null") >= 200
    assert all(case.repeats >= 1 for case in suite.cases)


def test_the_quick_suite_is_a_part_of_the_full_one() -> None:
    for case in quick_suite().cases:
        assert replace(case, repeats=CASES.get(case.name).repeats) == CASES.get(case.name)


def test_registered_cases_plan_and_their_two_sides_have_equal_budgets() -> None:
    for case in CASES:
        budgets = case.plan().budgets()
        for sides in budgets.values():
            assert sum(sides["quantum"].values()) <= sum(sides["classical"].values()), case.name


def test_every_case_is_of_the_kind_of_problem_that_reports_name() -> None:
    assert {get_task(cell.task).problem for case in CASES for cell in case.plan().cells} == {PROBLEM}
