"""A fitted model under shots and noise, or attacked: scored again on the open test rows, and never trained again."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike

from qml.advantage.adversarial import PREFIX, epsilon_of
from qml.studies.hashing import seed_from


def rescore(
    pipeline: Any,
    X: ArrayLike,
    y: ArrayLike,
    score: Callable[[Any, Any], float],
    settings: Sequence[str],
    seed: int,
) -> dict[str, float] | None:
    """Score a fitted pipeline in each setting of shots and noise, and under each attack.

    The noise depolarises each wire of every gate, see ``qml.simulators.NoiseModel.depolarizing``.  What cannot be run
    in a setting (too many wires for a density matrix, a circuit without noise) is left out, with a warning.

    Args:
        pipeline: Feature steps, and a fitted estimator with ``with_backend`` at the end.
        X: Test features, shape (n, n_features).
        y: Test labels, shape (n,).
        score: ``score(y_true, y_pred)``.
        settings: Names, such as ``"shots=100,p=0.01"``, or ``"pgd=0.1"`` for an attack, see `under_attack`.
        seed: Of the samples.

    Returns:
        Score by setting; None if there is none: the estimator has no ``with_backend``, or no gradients for its inputs.
    """
    attacks = [name for name in settings if name.startswith(PREFIX)]
    found = under_attack(pipeline, X, y, score, attacks, seed) if attacks else {}
    noisy = [name for name in settings if name not in attacks]
    if noisy:
        found |= _under_noise(pipeline, X, y, score, noisy, seed) or {}
    return found or None


def under_attack(
    pipeline: Any,
    X: ArrayLike,
    y: ArrayLike,
    score: Callable[[Any, Any], float],
    attacks: Sequence[str],
    seed: int,
) -> dict[str, float]:
    """Score a fitted pipeline on adversarial features, by the name of the attack, such as ``"pgd=0.1"``.

    The radius is in units of the features that the estimator sees, after the pipeline's scaling.

    Returns:
        Nothing for a model without gradients for its inputs: it is not assessed.
    """
    from qml.models.adversarial import attacked, can_be_attacked

    estimator = pipeline[-1]
    if not can_be_attacked(estimator):
        return {}
    features = pipeline[:-1].transform(X)
    found: dict[str, float] = {}
    for name in attacks:
        epsilon = epsilon_of(name) or 0.0
        state = seed_from("attack", seed, name)
        found[name] = float(
            score(y, estimator.predict(attacked(estimator, features, y, epsilon=epsilon, random_state=state)))
        )
    return found


def _under_noise(
    pipeline: Any,
    X: ArrayLike,
    y: ArrayLike,
    score: Callable[[Any, Any], float],
    settings: Sequence[str],
    seed: int,
) -> dict[str, float] | None:
    from qml.advantage.survival import Setting
    from qml.errors import CircuitError
    from qml.simulators import NoiseModel

    estimator = pipeline[-1]
    if not hasattr(estimator, "with_backend"):
        warnings.warn(f"{type(estimator).__name__} cannot be run under shots and noise.", UserWarning, stacklevel=2)
        return None
    features = pipeline[:-1].transform(X)
    found: dict[str, float] = {}
    for name in settings:
        setting = Setting.of(name)
        p = setting.depolarizing
        noise = NoiseModel.depolarizing(one_wire=p, two_wire=p) if p else None
        state = seed_from("survival", seed, name)
        try:
            noisy = estimator.with_backend(shots=setting.shots, noise=noise, random_state=state)
            found[name] = float(score(y, noisy.predict(features)))
        except CircuitError as error:
            warnings.warn(f"not scored with {name}: {error}", UserWarning, stacklevel=2)
    return found
