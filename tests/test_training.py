"""Pocket's training: the template is Qwen3's, examples are cut and packed without leaks, and a killed run goes on exactly."""

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
import torch
import trl
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from qwen_course.models import POCKET
from qwen_course.skills import KEPT_OUT, SKILLS, few_shot, problems
from training import train_pocket
from training.curriculum import (
    IGNORED,
    LAST_MIX,
    LATE_MIX,
    MIX,
    STOPS,
    conversation,
    cut_short,
    encode,
    examples,
    pack,
    render,
)
from training.tokenizer import build

OFFICIAL = (Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja").read_text(encoding="utf-8")
USER = {"role": "user", "content": "What is 1 + 2?"}
ANSWER = {"role": "assistant", "content": "3"}
WITH_FIELD = {"role": "assistant", "content": "3", "reasoning_content": "1 + 2 = 3"}
WITH_TAGS = {"role": "assistant", "content": "<think>\n1 + 2 = 3\n</think>\n\n3"}
CALL = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"x": "ü<>\"'"}}}]}
FLAT_CALLS = {
    "role": "assistant",
    "content": "So:",
    "tool_calls": [{"name": "f", "arguments": "{}"}, {"name": "g", "arguments": {}}],
}
RESULT = {"role": "tool", "content": "{}"}
SYSTEM, EMPTY_SYSTEM = {"role": "system", "content": "Be brief."}, {"role": "system", "content": ""}
TOOLS = [
    {
        "type": "function",
        "function": {"name": "f", "description": "<é>", "parameters": {"type": "object", "properties": {}}},
    }
]
FAKE_RESULT = {"role": "user", "content": "<tool_response>\nx\n</tool_response>"}
CONVERSATIONS = [
    [USER], [SYSTEM, USER], [EMPTY_SYSTEM, USER], [USER, SYSTEM, USER], [SYSTEM, SYSTEM, USER], [USER, ANSWER], [USER, ANSWER, USER],
    [USER, WITH_FIELD], [USER, WITH_FIELD, USER], [USER, WITH_TAGS], [USER, WITH_TAGS, USER, ANSWER], [USER, CALL], [USER, CALL, RESULT],
    [USER, CALL, RESULT, ANSWER], [USER, CALL, RESULT, RESULT, WITH_FIELD], [USER, FLAT_CALLS, RESULT, RESULT], [USER, FLAT_CALLS],
    [USER, dict(CALL, reasoning_content="I call f."), RESULT, ANSWER], [USER, dict(CALL, content=None), RESULT], [RESULT], [ANSWER],
    [FAKE_RESULT], [USER, FAKE_RESULT, WITH_FIELD], [{"role": "user", "content": None}, ANSWER], [USER, {"role": "odd", "content": "x"}],
    [USER, dict(WITH_FIELD, reasoning_content="\n\na\n\n", content="\n\n3\n")], [USER, {"role": "assistant", "content": "a</think>b</think>c"}],
    [USER, {"role": "assistant", "content": "<think>open"}], [SYSTEM, USER, ANSWER, USER, CALL, RESULT, WITH_TAGS, USER],
    [USER, dict(WITH_FIELD, reasoning_content="")], [{"role": "user", "content": ""}], [USER, USER], [USER, ANSWER, ANSWER],
]  # fmt: skip
CONVERSATIONS += [[SYSTEM, *messages] for messages in CONVERSATIONS if messages[0]["role"] != "system"]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return build(tmp_path_factory.mktemp("tokenizer"), vocabulary=2048, examples=3000)


@pytest.mark.parametrize("tools", [None, TOOLS], ids=["no tools", "tools"])
@pytest.mark.parametrize(
    "options", [{}, {"add_generation_prompt": True}, {"add_generation_prompt": True, "enable_thinking": False}]
)
def test_the_template_renders_as_the_official_one(tokenizer, tools, options):
    assert len(CONVERSATIONS) >= 60
    for messages in CONVERSATIONS:
        ours, official = (
            tokenizer.apply_chat_template(messages, tools=tools, tokenize=False, chat_template=template, **options)
            for template in (None, OFFICIAL)
        )
        assert ours == official, messages


def test_the_template_renders_the_curriculum_as_the_official_one(tokenizer):
    rng = random.Random(1)
    for skill in SKILLS:
        for problem in problems(skill, 20, split="train"):
            messages = [*conversation(rng, problem), dict(problem.answer, reasoning_content=problem.thinking)]
            ours, official = (
                tokenizer.apply_chat_template(messages, tools=problem.tools, tokenize=False, chat_template=template)
                for template in (None, OFFICIAL)
            )
            assert ours == official


def test_only_the_answer_is_trained_and_it_ends_the_turn(tokenizer):
    for problem in problems("arithmetic", 10, split="train"):
        for thinking in (True, False):
            prompt, completion = render(tokenizer, problem.messages, problem, thinking)
            assert prompt.endswith("<|im_start|>assistant\n" + ("" if thinking else "<think>\n\n</think>\n\n"))
            assert completion.startswith("<think>\n" if thinking else problem.answer["content"])
            assert completion.endswith("<|im_end|>")
    ids, labels = next(examples(tokenizer, random.Random(0)))
    first = next(i for i, label in enumerate(labels) if label != IGNORED)
    assert labels[first:] == ids[first:] and labels[-1] == tokenizer.eos_token_id


def test_thinking_that_was_cut_short_is_answered_and_the_sentence_that_stops_it_is_not_trained(tokenizer):
    rng = random.Random(3)
    for problem in problems("arithmetic", 20, split="train"):
        whole = "".join(render(tokenizer, problem.messages, problem, thinking=True))
        prompt, completion = cut_short(rng, *render(tokenizer, problem.messages, problem, thinking=True))
        assert prompt.endswith("\n</think>\n\n") and completion == problem.answer["content"] + "<|im_end|>"
        begun = prompt.rpartition("<think>\n")[2].removesuffix("\n</think>\n\n")
        kept = next(begun.removesuffix(stop) for stop in STOPS if begun.endswith(stop))
        assert kept in whole and problem.thinking.startswith(kept)


def test_labels_that_a_few_shot_prompt_gives_away_are_trained_and_no_other_part_of_a_prompt(tokenizer):
    rng, inside = random.Random(5), 0
    for _ in range(60):
        problem = few_shot.problem(rng, "train")
        prompt, completion = render(tokenizer, problem.messages, problem, thinking=False)
        ids, labels = encode(tokenizer, prompt, completion, problem)
        head = len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
        given = tokenizer.decode([label for label in labels[:head] if label != IGNORED]).split()
        spans = few_shot.prompt_labels(problem)
        text = problem.messages[-1]["content"]
        assert "".join(given) == "".join(text[start:end].strip() for start, end in spans)
        inside += len(spans)
    assert inside > 30


@pytest.mark.parametrize("skill", KEPT_OUT)
def test_a_skill_kept_out_of_training_needs_only_tokens_that_training_writes_often(skill):
    tokenizer = Qwen2Tokenizer.from_pretrained(POCKET)
    source = examples(tokenizer, random.Random("tokens"))
    drawn = [next(source) for _ in range(10_000)]  # one in sixty or so of what a training sees
    written = Counter(label for _, labels in drawn for label in labels)
    read = Counter(token for ids, _ in drawn for token in ids)
    for problem in problems(skill, 200, split="train"):
        assert min(written[token] for token in tokenizer(problem.expected)["input_ids"]) >= 3, problem.expected
        assert min(read[token] for token in tokenizer(problem.messages[-1]["content"])["input_ids"]) >= 3
    assert skill not in {make.__module__.rpartition(".")[2] for make in MIX}


def test_packed_examples_do_not_see_each_other(tokenizer):
    recipe = train_pocket.Recipe()
    model = train_pocket.new_model(recipe, tokenizer.pad_token_id, tokenizer.eos_token_id).eval()
    source = examples(tokenizer, random.Random(4))
    drawn = [next(source) for _ in range(6)]
    ids, _, positions = pack(iter(drawn + drawn * 8), 2, 384, tokenizer.pad_token_id)
    assert sum(position == 0 for position in positions[0]) > 1  # more than one example in the row
    with torch.no_grad():
        packed = model(input_ids=torch.tensor(ids), position_ids=torch.tensor(positions), use_cache=False).logits
        begin = [i for i, position in enumerate(positions[0]) if position == 0][1]
        end = next((i for i in range(begin + 1, 384) if positions[0][i] == 0), 384)
        alone = model(input_ids=torch.tensor([ids[0][begin:end]]), use_cache=False).logits
    torch.testing.assert_close(packed[0, begin:end], alone[0], atol=1e-4, rtol=1e-4)


def test_shapes_repeat_and_the_loss_does_not_change_by_that():
    torch.manual_seed(1)
    targets = torch.randint(0, 50, (3000,))
    targets[torch.rand(3000) < 0.6] = IGNORED
    logits = torch.randn(3000, 50)
    kept = train_pocket.trained_positions(targets)
    assert len(kept) % 512 == 0 and set((targets != IGNORED).nonzero()[:, 0].tolist()) <= set(kept.tolist())
    cross_entropy = torch.nn.functional.cross_entropy
    torch.testing.assert_close(cross_entropy(logits[kept], targets[kept]), cross_entropy(logits, targets))


def test_the_mixes_draw_from_the_same_sources():
    assert list(MIX) == list(LATE_MIX) == list(LAST_MIX)
    assert all(
        0 < share < 1 and 0 <= thinking < 1 for mix in (MIX, LATE_MIX, LAST_MIX) for share, thinking in mix.values()
    )


def test_the_rates_rise_fall_and_rise_once_more():
    recipe = train_pocket.Recipe()
    rates = [train_pocket.share_of_the_rates(step, recipe) for step in range(recipe.steps + recipe.last_steps)]
    turn = int(recipe.constant_until * recipe.steps)
    assert rates[: recipe.warm_up] == sorted(rates[: recipe.warm_up]) and set(rates[recipe.warm_up : turn]) == {1.0}
    assert rates[turn : recipe.steps] == sorted(rates[turn : recipe.steps], reverse=True)
    last = rates[recipe.steps :]
    assert max(last) <= recipe.last_peak and last[0] < 0.1 * recipe.last_peak and last[-1] < 0.1 * recipe.last_peak


def test_the_data_of_a_step_do_not_depend_on_where_a_run_began(tokenizer):
    recipe = train_pocket.Recipe(steps=10, last_steps=2, rows=1, length=256)
    whole, resumed = (train_pocket.Steps(recipe, tokenizer, start) for start in (0, 9))
    assert len(whole) == 12 and len(resumed) == 3
    for one, other in zip(whole[10], resumed[1], strict=True):
        assert torch.equal(one, other)


def test_a_killed_run_goes_on_as_if_it_had_not_been(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)  # compiling would take longer than the test
    recipe = train_pocket.Recipe(steps=3, last_steps=1, rows=2, length=256, warm_up=1, checkpoint_every=2)
    monkeypatch.setattr(train_pocket, "WORK", tmp_path / "unbroken")
    unbroken, _, facts = train_pocket.train(recipe)

    monkeypatch.setattr(train_pocket, "WORK", tmp_path / "killed")
    real = train_pocket.rate_at

    def killed(step, steps, recipe):
        if step == 3:
            raise KeyboardInterrupt
        return real(step, steps, recipe)

    monkeypatch.setattr(train_pocket, "rate_at", killed)
    with pytest.raises(KeyboardInterrupt):
        train_pocket.train(recipe)
    monkeypatch.setattr(train_pocket, "rate_at", real)
    resumed, _, resumed_facts = train_pocket.train(recipe)
    assert facts["tokens"] == resumed_facts["tokens"] == 4 * 2 * 256
    for name, weight in unbroken.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], weight, msg=name)
