"""A trap: the hidden teacher with its angles as they are, so that nobody may look at their sines and cosines."""

from dataclasses import replace

from qml.tasks.task import TASKS
from qml.tasks.teacher import TEACHER

TASKS.add(
    replace(
        TEACHER,
        name="teacher-raw",
        summary="the teacher task without the shared feature map [sin x, cos x]: part of a win is representation",
        source="VERDICT.md T4; see teacher",
        feature_maps=("raw",),
    )
)
