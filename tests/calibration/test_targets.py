from typing import Any

from qml.calibration.targets import headline, targets


def case(code: str, group: str, labels: dict[str, int], **changes: Any) -> dict[str, Any]:
    full = {"ADVANTAGE": 0, "NO ADVANTAGE": 0, "DISADVANTAGE": 0, "INCONCLUSIVE": 0, **labels}
    n = sum(full.values())
    return {
        "name": f"{code.lower()}-case",
        "code": code,
        "group": group,
        "labels": full,
        "levels": {"L0": n},
        "repeats": n,
        "finished": n,
        "replicates": 10,
        "advantage": {"hits": full["ADVANTAGE"], "n": n},
        "mean_difference": 0.05,
        "sd_difference": 0.06,
        "reasons": {},
        **changes,
    }


def met(*cases: dict[str, Any], defects: Any = ()) -> dict[str, bool]:
    return {aim["name"]: aim["met"] for aim in targets(cases, defects)}


def test_nulls_need_the_rate_and_the_bound() -> None:
    assert met(case("N1", "null", {"ADVANTAGE": 9, "NO ADVANTAGE": 191})) == {"nulls": True}
    assert met(case("N1", "null", {"ADVANTAGE": 10, "NO ADVANTAGE": 190})) == {"nulls": False}
    assert met(case("N1", "null", {"NO ADVANTAGE": 20}, repeats=200)) == {"nulls": False}
    assert met(case("N1", "null", {"NO ADVANTAGE": 20})) == {"nulls": True}


def test_positives_need_nine_in_ten() -> None:
    assert met(case("P2", "positive", {"ADVANTAGE": 18, "INCONCLUSIVE": 2})) == {"P2 p2-case": True}
    assert met(case("P2", "positive", {"ADVANTAGE": 17, "INCONCLUSIVE": 3})) == {"P2 p2-case": False}


def test_a_trap_may_be_an_advantage_but_never_attributed() -> None:
    assert met(case("T1", "trap", {"ADVANTAGE": 10}, levels={"L1": 10})) == {"T1 t1-case": True}
    assert met(case("T1", "trap", {"ADVANTAGE": 10}, levels={"L1": 9, "L2": 1})) == {"T1 t1-case": False}
    assert met(case("T1", "trap", {"ADVANTAGE": 10}, levels={"L4": 1, "L1": 9})) == {"T1 t1-case": False}
    assert met(case("T1", "trap", {}, repeats=5)) == {"T1 t1-case": False}


def test_every_defect_must_be_flagged() -> None:
    seen, unseen = {"name": "a", "flagged": True}, {"name": "b", "flagged": False}
    assert met(defects=[seen]) == {"injected defects": True}
    assert met(defects=[seen, unseen]) == {"injected defects": False}


def test_the_first_line_says_what_is_missed_and_why() -> None:
    cases = [
        case("P6", "positive", {"ADVANTAGE": 5, "INCONCLUSIVE": 5}, reasons={"underpowered": 5}),
        case("N1", "null", {"NO ADVANTAGE": 20}),
    ]
    line = headline(targets(cases, [{"name": "b", "flagged": False}]), cases)
    assert line.startswith("Calibration missed 2 of 3 targets. P6 p6-case: 5 of 10 (50.0%;")
    assert "(5 INCONCLUSIVE (5 underpowered); mean difference +0.050, standard deviation 0.060)" in line
    assert "injected defects: 0 of 1, target all flagged (not flagged: b)" in line
    assert headline(targets(cases[1:], ()), cases[1:]) == "Calibration passed: all 1 targets are met."


def test_an_unfinished_suite_says_so() -> None:
    cases = [case("N1", "null", {"NO ADVANTAGE": 150}, repeats=240)]
    assert (
        headline(targets(cases, ()), cases)
        == "Calibration passed: all 1 targets are met (150 of 240 studies are done)."
    )
