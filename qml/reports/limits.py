"""What a study was, and what it cannot show: sentences from its settings."""

from typing import Any

from qml.reports.data import ReportData

# Below these, the report says that the study is thin (VERDICT.md: 5 inner folds; 13 to 27 replicates for an sd of .02
# to .03; 25 trials is where a random search has a 72 % chance to have seen the best 5 % of a space).
FEW_FOLDS = 5
FEW_REPLICATES = 20
FEW_TRIALS_A_MODEL = 25


def how_it_was_run(data: ReportData) -> list[str]:
    """Return what was done, a sentence a fact."""
    protocol = data.protocol
    models = data.cells[["side", "model"]].drop_duplicates()["side"].value_counts()
    sides = {str(side): int(n) for side, n in models.items()}
    sentences = [
        f"{_count(len(data.tasks), 'task')}, {_count(protocol.get('replicates'), 'replicate')} each; "
        + ", ".join(
            f"{_count(sides[side], side + ' model')}" for side in ("quantum", "classical", "twin") if side in sides
        )
        + ".",
        f"Tuning: {_count(protocol.get('trials'), 'trial')} in total for each side, shared among its models, each "
        f"trial scored on {_count(protocol.get('inner_folds'), 'inner fold')} of the training part. The first "
        "trial of every model is its default setting.",
        "In every replicate the model with the best validation score of its side is fitted again on the whole training "
        "part, and its test score counts. The test part is opened once for each fit.",
        f"Claims are tested one-sided at α = {data.alpha:g}, corrected by Holm over the study's tasks.",
    ]
    if looks := protocol.get("looks"):
        sentences.append(
            f"Fresh tasks were looked at after {', '.join(map(str, looks[:-1]))} and {looks[-1]} replicates, by "
            "O'Brien and Fleming's boundary: a claim before the end needs much stronger evidence, and “no advantage” "
            "can be said at the last look only. A task that a look had decided was not run on."
            if len(looks) > 1
            else f"The verdict was looked at once, after {looks[0]} replicates."
        )
    if pool := protocol.get("required_pool"):
        sentences.append(f"No verdict is given without these baselines: {', '.join(pool)}.")
    return sentences


def what_it_cannot_show(data: ReportData) -> list[str]:
    """Return the limits of the study, the ones of its budget first."""
    protocol = data.protocol
    return [
        *_thin_budget(data, protocol),
        *_splits(data.tasks),
        _exactness(data.tasks),
        "The tags of a cheap classical simulation (L3) are those that this version knows. Any circuit of this size is "
        "simulated exactly on any computer; that none of the tags applies says nothing about larger ones.",
        "Nothing here is about computational speed-up, classical hardness or larger circuits. Seconds are those of a "
        "simulator on the machine named below; they are not quantum time and play no part in any verdict.",
        "A verdict holds for these tasks, these sample sizes and this pool. A stronger baseline, or another "
        "task, may change it.",
    ]


def _exactness(tasks: list[dict[str, Any]]) -> str:
    if any(row.get("survival") for row in tasks):
        return (
            "Models were tuned and trained on exact circuits, and no hardware was used; how the winners fare with "
            "shots and noise is in each task's table."
        )
    return (
        "Circuits were simulated exactly: no shots, no noise, no hardware. Whether a result survives them (L4) "
        "was not assessed."
    )


def _thin_budget(data: ReportData, protocol: dict[str, Any]) -> list[str]:
    sentences = []
    trials, folds, replicates = (protocol.get(key) for key in ("trials", "inner_folds", "replicates"))
    n_models = int(data.cells.groupby("side")["model"].nunique().max()) if len(data.cells) else 0
    if trials and n_models and trials / n_models < FEW_TRIALS_A_MODEL:
        sentences.append(
            f"Tuning was shallow: {trials} trials shared by up to {n_models} models of a side. A model that needs "
            "careful settings may look worse than it is; this affects both sides."
        )
    if folds and folds < FEW_FOLDS:
        sentences.append(
            f"Selection was noisy: validation scores come from {_count(folds, 'inner fold')}, so the winner of a side "
            "is not always its best model."
        )
    if replicates and replicates < FEW_REPLICATES:
        detectable = [row["minimum_detectable_effect"] for row in data.tasks if row.get("minimum_detectable_effect")]
        reach = f" (here {min(detectable):.3f} to {max(detectable):.3f}, by task)" if detectable else ""
        sentences.append(
            f"{_count(replicates, 'replicate')} can show large differences only: anything below the detectable "
            f"difference{reach} may be missed."
        )
    return sentences


def _splits(tasks: list[dict[str, Any]]) -> list[str]:
    names = [str(row["task"]) for row in tasks if row.get("design") == "resampled"]
    if not names:
        return []
    return [
        f"{', '.join(names)}: one finite data set split again and again. Splits share samples, so the interval is "
        "widened and more splits add little; a small difference cannot be shown this way."
    ]


def _count(number: Any, noun: str) -> str:
    return f"{'?' if number is None else number} {noun}{'' if number == 1 else 's'}"
