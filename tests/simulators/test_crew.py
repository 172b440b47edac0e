import os
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest

from qml.simulators import sharing
from qml.simulators.crew import IN_A_ROW, Crew, crew, in_ranges
from qml.simulators.sharing import ALONE


def done_by(n_blocks):
    """Return a call that writes down which thread ran which block."""
    who = [[] for _ in range(n_blocks)]

    def run(first, last):
        for block in range(first, last):
            who[block].append(threading.current_thread())

    return in_ranges(run, n_blocks), who


@pytest.mark.parametrize("n_blocks", [1, 2, 5, 64])
@pytest.mark.parametrize("n_helpers", [1, 2, 3])
def test_every_block_is_run_once(n_helpers, n_blocks):
    team = Crew(n_helpers)
    for _ in range(50):
        call, who = done_by(n_blocks)
        team.run(call, n_blocks)
        assert [len(threads) for threads in who] == [1] * n_blocks


def test_helpers_take_their_share():
    team, meeting = Crew(1), threading.Barrier(2, timeout=30)
    team.run(in_ranges(lambda first, last: meeting.wait(), 2), 2)  # either alone would wait in vain


def test_nobody_waits_for_a_helper_that_overslept():
    team, awake = Crew(1), threading.Event()
    asleep = threading.Event()

    def sleep(work, bell, leads):
        if leads:
            return True
        asleep.set()
        return not awake.wait(30)

    team.run(sleep, 2)
    assert asleep.wait(30)
    call, who = done_by(4)
    assert team.run(call, 4)
    assert {threads[0] for threads in who} == {threading.current_thread()}
    awake.set()


def test_the_leader_waits_for_a_block_that_a_helper_has_begun():
    team, begun, ended = Crew(1), threading.Event(), threading.Event()

    def run(first, last):
        if threading.current_thread().name == "qml-engine":
            begun.set()
            time.sleep(0.05)  # far longer than the leader looks before it sleeps
            ended.set()
        else:
            begun.wait(30)

    assert not team.run(in_ranges(run, 2), 2)
    assert ended.is_set()


def test_an_error_of_a_helper_reaches_the_caller():
    team, begun = Crew(1), threading.Event()

    def run(first, last):
        if threading.current_thread().name == "qml-engine":
            begun.set()
            raise MemoryError("no room for a state")
        begun.wait(30)

    with pytest.raises(MemoryError, match="no room for a state"):
        team.run(in_ranges(run, 2), 2)
    both = threading.Barrier(2, timeout=30)
    team.run(in_ranges(lambda first, last: both.wait(), 2), 2)  # the helper is still there


def test_an_error_of_the_leader_leaves_the_crew_usable():
    team = Crew(1)

    def fail(work, bell, leads):
        if leads:
            raise MemoryError("no room")
        return False

    for _ in range(3):
        with pytest.raises(MemoryError, match="no room"):
            team.run(fail, 2)
    call, who = done_by(8)
    team.run(call, 8)
    assert all(len(threads) == 1 for threads in who)


def test_a_leader_knows_whether_others_came():
    team, works = Crew(1), []

    def run_with(run, helped):
        inner = in_ranges(run, 2)

        def call(work, bell, leads):
            if leads:
                works.append(work)
            return inner(work, bell, leads) if helped or leads else False

        team.run(call, 2)

    meeting = threading.Barrier(2, timeout=30)
    run_with(lambda first, last: meeting.wait(), helped=True)
    run_with(lambda first, last: None, helped=False)
    assert [sharing.others_came(work, 2) for work in works] == [True, False]


def test_helpers_look_longer_for_the_next_call_after_many_that_they_came_to():
    team, seen = Crew(1), []
    for came in [True] * (IN_A_ROW + 40) + [False, True]:
        seen.append(team._patience())
        team._learn(came)
    few, many = sharing.FEW_LOOKS, sharing.MANY_LOOKS
    assert seen[: IN_A_ROW + 2] == [few] * (IN_A_ROW + 2)
    assert seen[IN_A_ROW + 2 : IN_A_ROW + 4] == [2 * few, 3 * few]
    assert seen[-2:] == [many, few]


def test_a_call_that_comes_while_the_crew_is_busy_runs_alone():
    team, seen = Crew(1), []

    def inner(work, bell, leads):
        seen.append(work is ALONE)
        return True

    def outer(work, bell, leads):
        return team.run(inner, 3) if leads else False

    assert team.run(outer, 2)
    assert seen == [True]


def test_helpers_keep_nothing_of_a_call_that_is_over():
    team = Crew(1)
    array = np.zeros(8)
    gone = weakref.ref(array)
    team.run(in_ranges(lambda first, last, array=array: array.sum(), 2), 2)
    del array
    for _ in range(200):
        if gone() is None:
            break
        time.sleep(0.01)
    assert gone() is None


def test_a_process_has_one_crew_a_size():
    assert crew(2) is crew(2)
    assert crew(1) is not crew(2)


def test_a_crew_that_was_dismissed_leaves_the_work_to_the_caller():
    team = Crew(2)
    team.dismiss()
    call, who = done_by(4)
    assert team.run(call, 4)
    assert {threads[0] for threads in who} == {threading.current_thread()}


def test_a_process_may_end_while_helpers_wait_for_the_next_call():
    code = (
        "import numpy as np; from qml.simulators.crew import Crew, in_ranges\n"
        "for _ in range(20): Crew(3).run(in_ranges(lambda first, last: None, 8), 8)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_may_end_though_its_parent_was_in_a_call():
    code = (
        "import os, sys, warnings; from qml.simulators.crew import Crew\n"
        "warnings.simplefilter('ignore')  # of newer Pythons about forks beside threads\n"
        "team = Crew(1)\n"
        "def call(work, bell, leads):\n"
        "    if leads and os.fork() == 0: sys.exit(0)\n"
        "    return True\n"
        "try: team.run(call, 2)\n"
        "except SystemExit: team._busy.acquire(blocking=False); raise  # as a call would\n"
        "assert os.wait()[1] == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
