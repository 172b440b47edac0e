"""Kinds of problem: what a model is asked for.  A study has one, and so have its tasks and its models."""

from typing import Literal, get_args

from qml.errors import SpecError, suggest

Problem = Literal["classification", "regression", "generation", "optimisation"]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)


def check_problem(who: str, problem: str) -> None:
    """Refuse what is no kind of problem.

    Args:
        who: Whose it is, for the message: "task 'two-moons'".
        problem: The kind.

    Raises:
        SpecError: If there is no such kind; the message names the nearest one and lists all.

    >>> check_problem("task 't'", "regresion")
    Traceback (most recent call last):
        ...
    qml.errors.SpecError: task 't': unknown problem 'regresion'. Did you mean 'regression'? \
Choices: classification, generation, optimisation, regression.
    """
    if problem not in PROBLEMS:
        raise SpecError(f"{who}: unknown problem {problem!r}. {suggest(str(problem), PROBLEMS)}")
