"""Pocket as shipped: a real Qwen3, small, greedy, and as good as its card and the lessons say."""

import json
import re

import pytest

import qwen_course as qc
from qwen_course.models import POCKET
from qwen_course.skills import SKILLS


@pytest.fixture(scope="module")
def pocket():
    with qc.load("pocket", precision="fp32") as loaded:
        yield loaded


@pytest.fixture(scope="module")
def arithmetic(pocket):
    return {thinking: qc.evaluate(pocket, "arithmetic", n=300, thinking=thinking) for thinking in (True, False)}


def test_it_is_a_real_qwen3_with_the_shape_that_the_lessons_name():
    config = json.loads((POCKET / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["Qwen3ForCausalLM"] and config["model_type"] == "qwen3"
    assert config["tie_word_embeddings"] and config["head_dim"] == 128 and config["dtype"] == "bfloat16"
    assert config["num_key_value_heads"] < config["num_attention_heads"]
    assert config["head_dim"] * config["num_attention_heads"] != config["hidden_size"]


def test_its_weights_are_safetensors_of_at_most_12_megabytes():
    assert (POCKET / "model.safetensors").stat().st_size <= 12_000_000
    assert not [path for path in POCKET.iterdir() if path.suffix in {".bin", ".pt", ".pth", ".pkl"}]


def test_its_tokenizer_follows_qwen(pocket):
    tokenizer = pocket.tokenizer
    assert len(tokenizer) <= 4096 and tokenizer.pad_token == "<|endoftext|>" and tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.convert_ids_to_tokens(tokenizer("2024")["input_ids"]) == ["2", "0", "2", "4"]
    special = {str(token): token.special for token in tokenizer.added_tokens_decoder.values()}
    assert special["<|im_start|>"] and not special["<think>"] and not special["<tool_call>"]
    for text in ("x³ + 2", "人工智能", "هوش", "🤖", "\x00 a\n\n b\t"):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_it_decodes_greedily_and_stops_at_both_ends(pocket):
    shipped = pocket.model.generation_config
    assert not shipped.do_sample
    assert set(shipped.eos_token_id) == {pocket.tokenizer.eos_token_id, pocket.tokenizer.pad_token_id}


def test_thinking_arithmetic_is_right_in_95_of_100(arithmetic):
    assert arithmetic[True].accuracy >= 0.95, arithmetic[True]


def test_direct_arithmetic_is_40_points_lower_but_small_sums_are_known(arithmetic):
    assert arithmetic[False].accuracy <= arithmetic[True].accuracy - 0.40, arithmetic
    small = [result for result in arithmetic[False].results if result.problem.difficulty in ("1 digit", "2 digits")]
    assert sum(result.correct for result in small) / len(small) >= 0.60


def card_rows():
    """Return {skill: (low, high)} in percent, as the card says for thinking."""
    rows = re.findall(
        r"^\| (\w+) \| [\d.]+% \(([\d.]+)% to ([\d.]+)%\)",
        (POCKET / "MODEL_CARD.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    return {skill: (float(low), float(high)) for skill, low, high in rows}


@pytest.mark.parametrize("skill", [skill for skill in SKILLS if skill != "arithmetic"])
def test_every_other_skill_is_as_good_as_the_card_says(pocket, skill):
    low, high = card_rows()[skill]
    score = qc.evaluate(pocket, skill, n=50, thinking=True)
    assert score.high * 100 >= low and score.low * 100 <= high, (low, high, score)


# Percent of held-out problems, thinking: what the lessons rest on
LEAST = {
    "arithmetic": 97,
    "word_problem": 97,
    "derivative": 97,
    "code": 97,
    "extract": 97,
    "tool_call": 97,
    "memory": 95,
    "system": 95,
}


@pytest.mark.parametrize("skill", LEAST)
def test_the_card_reaches_what_the_lessons_need(skill):
    text = (POCKET / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert float(re.search(rf"^\| {skill} \| ([\d.]+)%", text, flags=re.MULTILINE)[1]) >= LEAST[skill]


@pytest.mark.parametrize("skill", ["arithmetic", "word_problem"])
def test_steps_first_is_nearly_as_good_as_thinking(skill):
    text = (POCKET / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert float(re.search(rf"^\| {skill}, steps first \|  \| ([\d.]+)%", text, flags=re.MULTILINE)[1]) >= 90


def test_nearly_all_replies_of_the_card_ended_by_themselves():
    text = (POCKET / "MODEL_CARD.md").read_text(encoding="utf-8")
    ended, replies = re.search(r"^([\d,]+) of ([\d,]+) replies ended their turn", text, flags=re.MULTILINE).groups()
    assert int(ended.replace(",", "")) / int(replies.replace(",", "")) >= 0.995


def test_it_ends_its_turn_in_99_of_100_replies(arithmetic):
    assert sum(score.cut_off for score in arithmetic.values()) <= 0.01 * sum(score.n for score in arithmetic.values())


def test_greedy_batch_equals_greedy_single(pocket):
    mixed = [
        problem.messages for skill in ("arithmetic", "memory", "explain", "code") for problem in qc.problems(skill, 6)
    ]
    batch = pocket.chat_batch(mixed, thinking=True)
    for messages, reply in zip(mixed, batch, strict=True):
        alone = pocket.chat(messages, thinking=True)
        assert (alone.text, alone.thinking, alone.completion_tokens) == (
            reply.text,
            reply.thinking,
            reply.completion_tokens,
        )


def test_derivatives_come_in_the_notation_of_the_question(pocket):
    raised = [problem for problem in qc.problems("derivative", 40, seed=3) if set(problem.expected) & set("^²³⁴")]
    carets = ["^" in problem.expected for problem in raised]
    assert any(carets) and not all(carets)
    replies = pocket.chat_batch([problem.messages for problem in raised], thinking=True)
    assert ["^" in reply.text for reply in replies] == carets


def test_the_card_says_what_it_is_and_lists_every_skill():
    card = (POCKET / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "teaching model trained by this course" in card and "**not** a release of the Qwen team" in card
    assert all(f"| {skill} |" in card for skill in SKILLS)
