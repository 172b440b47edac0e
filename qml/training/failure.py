"""Why a fit failed, in a sentence that says how to mend it."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from qml.errors import TrainingError
from qml.training.schedule import Schedule


def check_data(X: Tensor, y: Tensor) -> None:
    """Refuse data that no fit can use.

    Raises:
        TrainingError: If the lengths differ, there are fewer than two samples, or a value is NaN or infinite.
    """
    if len(X) != len(y):
        raise TrainingError(f"X and y must have the same length; got {len(X)} and {len(y)}.")
    if len(X) < 2:
        raise TrainingError(f"a fit needs at least 2 samples; got {len(X)}.")
    for name, values in (("X", X), ("y", y)):
        finite = torch.isfinite(values)
        if not finite.all():
            where = (~finite).nonzero()[0].tolist()
            raise TrainingError(
                f"{name} holds a NaN or infinite value in row {where[0]}"
                + (f", column {where[1]}" if len(where) > 1 else "")
                + "; remove or fill it before the fit."
            )


def check_parameters(module: nn.Module) -> None:
    """Refuse a module that starts with weights that are not finite, or with none to train.

    Raises:
        TrainingError: If so; the message names the parameter.
    """
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise TrainingError("the module has no parameter with requires_grad=True; there is nothing to train.")
    broken = _broken(module)
    if broken:
        raise TrainingError(f"the initial values of {_listed(broken)} are not finite; reset them before the fit.")


def explain_failure(module: nn.Module, loss: float, where: str, schedule: Schedule) -> TrainingError:
    """Say why ``loss`` is NaN or infinite, from what it left in the module.

    Adam turns the elements of a parameter whose gradient is not finite into NaN in that very step, so the parameters
    that are not finite now are those whose gradient was not; none means that the forward pass itself overflowed.

    Args:
        module: The module as the failing step found it.
        loss: The loss that was not finite.
        where: Position of the failure, for example ``"epoch 3, step 17"``.
        schedule: The settings of the fit.

    >>> module = nn.Linear(1, 1)
    >>> _ = module.weight.data.fill_(float("nan"))
    >>> print(explain_failure(module, float("nan"), "epoch 3, step 17", Schedule(learning_rate=0.5)))
    the loss became NaN in epoch 3, step 17: the gradient of 'weight' was not finite in the step before; \
lower learning_rate (now 0.5) or scale the features.
    """
    broken = _broken(module)
    if broken:
        cause = f"the gradient of {_listed(broken)} was not finite in the step before"
    else:
        name, size = _largest(module.named_parameters())
        cause = (
            f"every parameter is finite (the largest magnitude is {size:.3g}, in {name!r}), so the forward pass did it"
        )
    became = "NaN" if math.isnan(loss) else "infinite"
    return TrainingError(
        f"the loss became {became} in {where}: {cause}; "
        f"lower learning_rate (now {schedule.learning_rate:g}) or scale the features."
    )


def _broken(module: nn.Module) -> list[str]:
    return [name for name, parameter in module.named_parameters() if not torch.isfinite(parameter).all()]


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _largest(parameters: Iterable[tuple[str, nn.Parameter]]) -> tuple[str, float]:
    return max(((name, float(p.detach().abs().max())) for name, p in parameters if p.numel()), key=lambda item: item[1])
