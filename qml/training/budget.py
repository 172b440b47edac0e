"""One budget of trials a side, shared among its models."""

from collections.abc import Mapping

from qml.errors import SpecError


def allocate(n_trials: int, tunable: Mapping[str, bool]) -> dict[str, int]:
    """Share a side's trials among its models.

    A model with nothing to tune gets one trial; the others share the rest equally, and what is left over goes to the
    first of them, one each.

    Args:
        n_trials: Trials of the whole side, at least one a model.
        tunable: For each model, in order, whether it has a search space.

    Returns:
        Trials by model, in the same order; their sum is ``n_trials``, or less where no model is tunable.

    Raises:
        SpecError: If there are fewer trials than models.

    >>> allocate(8, {"dummy": False, "logistic": True, "mlp": True})
    {'dummy': 1, 'logistic': 4, 'mlp': 3}
    """
    if n_trials < len(tunable):
        raise SpecError(
            f"trials must be at least the number of models of a side, {len(tunable)} "
            f"({', '.join(tunable)}); got {n_trials}."
        )
    searched = [name for name, has_space in tunable.items() if has_space]
    shares = dict.fromkeys(tunable, 1)
    if searched:
        share, left_over = divmod(n_trials - (len(tunable) - len(searched)), len(searched))
        shares.update({name: share + (position < left_over) for position, name in enumerate(searched)})
    return shares
