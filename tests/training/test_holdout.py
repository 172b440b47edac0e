import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from qml.training.holdout import FEWEST_HELD_OUT, hold_out


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=80),
    fraction=st.floats(0, 0.99),
    seed=st.integers(0, 5),
    floats=st.booleans(),
)
def test_every_sample_is_in_one_part_and_nothing_crashes(labels, fraction, seed, floats):
    y = torch.tensor(labels, dtype=torch.float32 if floats else torch.int64)
    train, validation = hold_out(y, fraction, seeded(seed))
    assert sorted([*train.tolist(), *validation.tolist()]) == list(range(len(labels)))
    assert len(train) >= 1
    assert len(validation) == 0 or len(validation) >= FEWEST_HELD_OUT


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
@pytest.mark.parametrize("dtype", [torch.int64, torch.float32, torch.bool])
def test_classes_keep_their_shares(shape, dtype):
    y = torch.tensor([0] * 90 + [1] * 10).to(dtype).reshape(shape)
    for seed in range(20):
        train, validation = hold_out(y, 0.2, seeded(seed))
        assert int(y[validation].sum()) == 2
        assert int(y[train].sum()) == 8


@given(counts=st.lists(st.integers(1, 40), min_size=1, max_size=5), fraction=st.floats(0.05, 0.5))
def test_shares_are_kept_to_one_sample_and_the_size_exactly(counts, fraction):
    y = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    _, validation = hold_out(y, fraction, seeded())
    n_held_out = round(fraction * len(y))
    assert len(validation) == (n_held_out if n_held_out >= FEWEST_HELD_OUT else 0)
    if len(validation):
        for label, count in enumerate(counts):
            assert abs(int((y[validation] == label).sum()) - count * n_held_out / len(y)) < 1 + 1e-9


def test_who_is_held_out_is_random_within_a_class():
    y = torch.arange(40) % 2
    held_out = [frozenset(hold_out(y, 0.2, seeded(seed))[1].tolist()) for seed in range(10)]
    assert len(set(held_out)) == 10
    assert len(frozenset.union(*held_out)) > 30


def test_real_targets_are_divided_at_random():
    y = torch.linspace(0, 1, 50)
    parts = [hold_out(y, 0.2, seeded(seed))[1].tolist() for seed in (0, 0, 1)]
    assert len(parts[0]) == 10
    assert parts[0] == parts[1] != parts[2]


@pytest.mark.parametrize(("n", "fraction", "held_out"), [(5, 0.2, 0), (17, 0.2, 0), (20, 0.2, 4), (100, 0.0, 0)])
def test_small_data_are_not_divided(n, fraction, held_out):
    train, validation = hold_out(torch.arange(n) % 2, fraction, seeded())
    assert (len(train), len(validation)) == (n - held_out, held_out)
