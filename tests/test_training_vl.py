"""Pocket-VL's training: its template is Qwen3-VL's, and many questions about one picture are as good as each alone."""

import random
from pathlib import Path

import pytest
import torch
import trl
from test_training import ANSWER, CALL, EMPTY_SYSTEM, FLAT_CALLS, RESULT, SYSTEM, TOOLS, USER
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from training import train_pocket_vl, vision_batches
from training.train_pocket_vl import Helper, Recipe, batch_losses, new_model, new_optimizers, rate_at

OFFICIAL = (Path(trl.__file__).parent / "chat_templates" / "qwen3_vl.jinja").read_text(encoding="utf-8")
OURS = Path(train_pocket_vl.__file__).with_name("chat_template_vl.jinja").read_text(encoding="utf-8")
TEXT, PICTURE, VIDEO = {"type": "text", "text": "What is it?"}, {"type": "image"}, {"type": "video"}


def turn(*parts, role="user"):
    return {"role": role, "content": list(parts)}


CONVERSATIONS = [
    [USER], [SYSTEM, USER], [EMPTY_SYSTEM, USER], [USER, ANSWER, USER], [turn(PICTURE, TEXT)], [turn(TEXT, PICTURE)], [turn(PICTURE, PICTURE, TEXT)],
    [turn(PICTURE, TEXT), ANSWER, turn(PICTURE, TEXT)], [turn(VIDEO, TEXT)], [turn(VIDEO, PICTURE, VIDEO, TEXT)], [turn(TEXT, role="system"), turn(PICTURE, TEXT)],
    [turn({"image": "a.png"}, TEXT)], [turn({"type": "image_url", "image_url": {"url": "x"}}, TEXT)], [turn({"video": "a.mp4"}, TEXT)], [turn(TEXT, TEXT)],
    [USER, turn(TEXT, role="assistant")], [USER, CALL, RESULT, ANSWER], [USER, CALL, RESULT, RESULT, USER], [USER, FLAT_CALLS, RESULT], [USER, CALL, turn(PICTURE, TEXT, role="tool")],
    [turn({"type": "odd"}, TEXT)], [SYSTEM, turn(PICTURE, TEXT), ANSWER, turn(TEXT), ANSWER, turn(VIDEO, TEXT)], [USER, SYSTEM, USER], [ANSWER], [RESULT],
]  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer():
    return Qwen2Tokenizer.from_pretrained(train_pocket_vl.TOKENIZER)


@pytest.mark.parametrize("tools", [None, TOOLS], ids=["no tools", "tools"])
@pytest.mark.parametrize("options", [{}, {"add_generation_prompt": True}, {"add_vision_id": True}])
def test_the_template_renders_as_the_official_one(tokenizer, tools, options):
    for messages in CONVERSATIONS:
        ours, official = (
            tokenizer.apply_chat_template(messages, tools=tools, tokenize=False, chat_template=template, **options)
            for template in (OURS, OFFICIAL)
        )
        assert ours == official, messages


def test_the_shipped_template_is_the_one_tested_here():
    assert (train_pocket_vl.TARGET / "chat_template.jinja").read_text(encoding="utf-8") == OURS


@pytest.fixture
def one_row(monkeypatch):
    monkeypatch.setattr(vision_batches, "SIZES", {(128, 96): 1})
    monkeypatch.setattr(vision_batches, "TWO_PICTURES_SHARE", 0)
    monkeypatch.setattr(vision_batches, "CONVERSATION_SHARE", 0)


def test_a_question_among_others_is_computed_as_if_it_were_alone(tokenizer, one_row):
    model = new_model(Recipe(), tokenizer).eval()
    batch = vision_batches.make_batch(tokenizer, random.Random(3), 2)
    row, patches = 1, int(batch.grid[0].prod())
    ids = batch.ids[row].tolist()
    after = ids.index(tokenizer.convert_tokens_to_ids("<|vision_end|>")) + 1
    ends = [i for i, token in enumerate(ids) if token == tokenizer.eos_token_id]
    begin, end = ends[1] + 1, ends[3] + 1  # the second question and its answer
    alone = torch.tensor([ids[:after] + ids[begin:end]])
    labels = torch.full_like(alone, vision_batches.IGNORED)
    labels[0, after:] = batch.labels[row, begin:end]
    with torch.no_grad():
        expected = model(
            input_ids=alone,
            labels=labels,
            pixel_values=batch.pixel_values[row * patches : (row + 1) * patches],
            image_grid_thw=batch.grid[row : row + 1],
            mm_token_type_ids=(alone == model.config.image_token_id).int(),
        ).loss
        only = torch.full_like(batch.labels, vision_batches.IGNORED)
        only[row, begin:end] = batch.labels[row, begin:end]
        loss, _ = batch_losses(model, vision_batches.Batch(**{**vars(batch), "labels": only}))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)


def test_only_answers_are_trained_on(tokenizer):
    batch = vision_batches.make_batch(tokenizer, random.Random(5), 6)
    for ids, labels in zip(batch.ids, batch.labels, strict=True):
        trained = tokenizer.decode(ids[labels != vision_batches.IGNORED])
        assert "<|im_start|>" not in trained and "<|image_pad|>" not in trained and "?" not in trained
        assert "<|im_end|>" in trained


def test_every_weight_is_in_one_optimizer_and_gets_a_gradient(tokenizer):
    model = new_model(Recipe(), tokenizer)
    helper = Helper(192, 160)
    optimizers = new_optimizers(model, helper, Recipe())
    held = [id(p) for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]]
    every = {id(p) for p in [*model.parameters(), *helper.parameters()]}
    assert len(held) == len(set(held)) and set(held) == every
    loss, helping = batch_losses(model, vision_batches.make_batch(tokenizer, random.Random(6), 4), helper)
    (loss + helping).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_the_model_is_small_enough(tokenizer):
    assert sum(p.numel() for p in new_model(Recipe(), tokenizer).parameters()) * 2 <= 12_000_000


def test_the_rate_rises_stays_and_falls():
    recipe = Recipe(steps=1000, warm_up=10, constant_until=0.4, last_rate=0.02)
    assert rate_at(0, recipe) == 0.1
    assert rate_at(400, recipe) == 1
    assert rate_at(700, recipe) == pytest.approx(0.51)
    assert rate_at(1000, recipe) == pytest.approx(0.02)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path, monkeypatch):
    tiny = {"rows": 2, "checkpoint_every": 1, "warm_up": 1}
    results = []
    for name, runs in (("whole", (3,)), ("broken", (2, 3))):
        monkeypatch.setattr(train_pocket_vl, "WORK", tmp_path / name)
        for stop in runs:
            recipe = Recipe(steps=3, **tiny)
            model, facts = train_pocket_vl.train(recipe, stop_after=stop)
        results.append((model.state_dict(), facts["pictures"]))
    (first, pictures), (second, again) = results
    assert pictures == again
    assert all(torch.equal(first[name], second[name]) for name in first)
