"""A trap: a hidden teacher with one upload, which sees the first of its four angles and nothing else."""

from dataclasses import replace

from qml.tasks.task import TASKS
from qml.tasks.teacher import TEACHER, sampler

TASKS.add(
    replace(
        TEACHER,
        name="teacher-shallow",
        summary="the teacher task with one upload: Z on wire 0 commutes with the last CZ ring, so only x_0 counts",
        source="VERDICT.md P6 (n=4, L=1 is a trap)",
        sample=sampler(1),
    )
)
