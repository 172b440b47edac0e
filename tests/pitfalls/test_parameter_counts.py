"""Parameter-count wins: fewer parameters claim nothing; a Pareto plot is all that they are good for."""

import json

from score_tables import POOL, a_clear_win, judged, rows_of


def test_equal_scores_with_few_parameters_are_no_advantage() -> None:
    quantum = rows_of("reuploading", "quantum", 0.9, n_parameters=3)
    classical = [rows_of(model, "classical", 0.9, n_parameters=10_000) for model in POOL]
    assert judged(quantum, *classical)["label"] == "NO ADVANTAGE"


def test_no_count_of_parameters_is_in_a_verdict() -> None:
    groups = a_clear_win()
    small = [[{**row, "n_parameters": 2} for row in group] for group in groups]
    assert judged(*small) == judged(*groups)
    assert "parameter" not in json.dumps(judged(*groups))
