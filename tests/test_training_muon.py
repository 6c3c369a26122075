"""The stacked optimizer of the trainings takes the very steps of torch's own."""

import torch

from training.muon import StackedMuon

SHAPES = [(24, 64)] * 3 + [(64, 24)] * 2 + [(32, 32)]
SETTINGS = {"lr": 4e-3, "weight_decay": 0.05, "adjust_lr_fn": "match_rms_adamw"}


def _pair():
    """Return two lists of the same matrices, with their optimizers: torch's and ours."""
    torch.manual_seed(0)
    one = [torch.nn.Parameter(torch.randn(shape) * 0.04) for shape in SHAPES]
    two = [torch.nn.Parameter(matrix.detach().clone()) for matrix in one]
    return one, two, torch.optim.Muon(one, **SETTINGS), StackedMuon(two, **SETTINGS)


def _step(one, two, first, second):
    for left, right in zip(one, two, strict=True):
        left.grad = torch.randn_like(left)
        right.grad = left.grad.clone()
    first.step()
    second.step()


def test_the_steps_are_those_of_torch():
    one, two, first, second = _pair()
    begun = [matrix.detach().clone() for matrix in two]
    for _ in range(5):
        _step(one, two, first, second)
    for left, right, before in zip(one, two, begun, strict=True):
        moved = (right - before).norm()
        # bfloat16 sums of another order differ in the last bit, if at all.
        assert moved > 0 and (left - right).norm() < 0.01 * moved


def test_its_state_goes_on_after_a_resume():
    one, two, first, second = _pair()
    _step(one, two, first, second)
    resumed = StackedMuon(two, **SETTINGS)
    resumed.load_state_dict(second.state_dict())
    for left, right in zip(one, two, strict=True):
        right.data.copy_(left.data)
    _step(one, two, first, resumed)
    for left, right in zip(one, two, strict=True):
        assert (left - right).norm() < 1e-3 * left.norm()
