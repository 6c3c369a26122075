"""Sampling checks its values, knows Qwen's cards, and draws from exactly the distribution that it describes."""

import pytest
import torch

from qwen_course.generation import _penalties, _processors
from qwen_course.sampling import Sampling


@pytest.mark.parametrize(
    "values",
    [{"temperature": -0.1}, {"temperature": float("nan")}, {"temperature": "hot"}, {"temperature": True}]
    + [{"top_p": 0}, {"top_p": 1.1}, {"top_k": -1}, {"top_k": 1.5}, {"min_p": 2}, {"repetition_penalty": 0}]
    + [{"presence_penalty": 3}],
)
def test_values_out_of_range_raise_and_name_the_field(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        Sampling(**values)


CARDS = [  # repository, thinking, (temperature, top_p, top_k, repetition, presence)
    ("Qwen/Qwen3-0.6B", True, (0.6, 0.95, 20, 1, 0)),
    ("Qwen/Qwen3-0.6B", False, (0.7, 0.8, 20, 1, 0)),
    ("Qwen/Qwen3-30B-A3B", False, (0.7, 0.8, 20, 1, 0)),
    ("Qwen/Qwen3-8B-AWQ", True, (0.6, 0.95, 20, 1, 0)),
    ("Qwen/Qwen3-4B-Instruct-2507", False, (0.7, 0.8, 20, 1, 0)),
    ("Qwen/Qwen3-30B-A3B-Thinking-2507-FP8", True, (0.6, 0.95, 20, 1, 0)),
    ("Qwen/Qwen3-Coder-30B-A3B-Instruct", False, (0.7, 0.8, 20, 1.05, 0)),
    ("Qwen/Qwen3-Coder-Next", False, (1.0, 0.95, 40, 1, 0)),
    ("Qwen/Qwen3-VL-4B-Instruct", False, (0.7, 0.8, 20, 1, 1.5)),
    ("Qwen/Qwen3.5-0.8B", False, (1.0, 1.0, 20, 1, 2.0)),
    ("Qwen/Qwen3.5-0.8B", True, (1.0, 0.95, 20, 1, 1.5)),
    ("Qwen/Qwen3.5-4B", False, (0.7, 0.8, 20, 1, 1.5)),
    ("Qwen/Qwen3.6-27B", True, (1.0, 0.95, 20, 1, 0)),
    ("Qwen/Qwen3.8-27B", False, (0.7, 0.8, 20, 1, 1.5)),
    ("Qwen/QwQ-32B", True, (0.6, 0.95, 20, 1, 0)),
    ("Qwen/Qwen2.5-7B-Instruct", False, (0.7, 0.8, 20, 1.05, 0)),
    ("Qwen/Qwen2.5-Coder-1.5B-Instruct", False, (0.7, 0.8, 20, 1.05, 0)),
    ("Qwen/Qwen2-0.5B-Instruct", False, (0.7, 0.8, 20, 1.1, 0)),
]


@pytest.mark.parametrize(("name", "thinking", "values"), CARDS)
def test_recommended_values_are_those_of_the_card(name, thinking, values):
    found = Sampling.recommended(name, thinking=thinking)
    assert (
        found.temperature,
        found.top_p,
        found.top_k,
        found.repetition_penalty,
        found.presence_penalty,
    ) == values


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("Qwen/Qwen3-4B", True),
        ("Qwen/Qwen3.5-2B", False),
        ("Qwen/Qwen3.5-9B", True),
        ("Qwen/Qwen2.5-3B-Instruct", False),
    ],
)
def test_without_a_mode_the_models_default_counts(name, default):
    assert Sampling.recommended(name) == Sampling.recommended(name, thinking=default)


def test_pocket_is_greedy():
    assert Sampling.recommended("pocket") == Sampling.recommended("pocket", thinking=False) == Sampling.greedy()


@pytest.mark.parametrize("name", ["Qwen/Qwen3-0.6B-Base", "Qwen/Qwen2.5-7B", "meta/llama", "Qwen/Qwen3-Embedding-0.6B"])
def test_no_card_no_values(name):
    with pytest.raises(ValueError, match="No recommended sampling"):
        Sampling.recommended(name)


@pytest.mark.parametrize(("name", "thinking"), [("Qwen/Qwen2.5-7B-Instruct", True), ("Qwen/QwQ-32B", False)])
def test_a_mode_that_the_model_lacks_has_no_values(name, thinking):
    with pytest.raises(ValueError, match="think"):
        Sampling.recommended(name, thinking=thinking)


def draws(sampling: Sampling, logits: torch.Tensor, n: int = 4000) -> torch.Tensor:
    """Return how often each token is drawn, as shares."""
    steps = _processors(sampling, list(range(n)), width=1, pad_id=0, device="cpu")
    scores = logits.repeat(n, 1)
    for step in steps:
        scores = step(torch.zeros(n, 1, dtype=torch.long), scores)
    return torch.bincount(scores.argmax(-1), minlength=logits.numel()) / n


def test_tokens_are_drawn_as_often_as_their_probability_says():
    logits = torch.tensor([2.0, 1.0, 0.0, -1.0])
    for temperature in (0.5, 1.0, 2.0):
        expected = (logits / temperature).softmax(-1)
        assert torch.allclose(draws(Sampling(temperature=temperature), logits), expected, atol=0.03)


@pytest.mark.parametrize(
    ("sampling", "possible"),
    [
        (Sampling(top_k=2), 2),
        (Sampling(top_p=0.95), 3),
        (Sampling(min_p=0.2), 2),
        (Sampling(temperature=2, top_k=1), 1),
    ],
)
def test_cut_off_tokens_are_never_drawn(sampling, possible):
    shares = draws(sampling, torch.tensor([2.0, 1.0, 0.0, -3.0, -9.0]))
    assert (shares[:possible] > 0).all() and (shares[possible:] == 0).all()


def test_presence_penalty_lowers_only_what_was_generated():
    ids = torch.tensor([[0, 1, 2, 2]])  # a prompt of two tokens, then token 2 twice
    scores = _penalties(Sampling(presence_penalty=1.5), 2, pad_id=4)(ids, torch.ones(1, 5))
    assert scores.tolist() == [[1, 1, -0.5, 1, 1]]


def test_repetition_penalty_counts_the_prompt_but_not_the_padding():
    ids = torch.tensor([[4, 0, 1, 2]])  # padding, a prompt of two tokens, then token 2
    scores = _penalties(Sampling(repetition_penalty=2.0), 3, pad_id=4)(ids, torch.tensor([[1.0, -1, 1, 1, 1]]))
    assert scores.tolist() == [[0.5, -2, 0.5, 1, 1]]


def test_repetition_penalty_equals_that_of_transformers():
    from transformers import RepetitionPenaltyLogitsProcessor

    ids, scores = torch.tensor([[0, 1, 3]]), torch.randn(1, 6)
    ours = _penalties(Sampling(repetition_penalty=1.3), 2, pad_id=5)(ids, scores)
    assert torch.equal(ours, RepetitionPenaltyLogitsProcessor(1.3)(ids, scores))
