"""Pocket-VL's training: its template is Qwen3-VL's, and many questions about one picture are as good as each alone."""

import random
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import trl
from PIL import Image
from test_training import ANSWER, CALL, EMPTY_SYSTEM, FLAT_CALLS, RESULT, SYSTEM, TOOLS, USER
from transformers import AutoImageProcessor
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from qwen_course.charts.data import COLOURS, Chart, draw_chart
from qwen_course.charts.drawing import draw_with_numpy
from qwen_course.skills_vl import trend, two_pictures, unanswerable
from training import train_pocket_vl, vision_batches
from training.rewording import reworded
from training.run import new_optimizers, put_in_place, rate_at
from training.train_pocket_vl import Recipe, batch_losses, part_of
from training.vision_helper import COLUMN, FACTS, IGNORED, LABELS, MERGE, PATCH, Helper, known_of
from training.vision_model import TOKENIZER, new_model, save_folder

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
    return Qwen2Tokenizer.from_pretrained(TOKENIZER)


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
    model = new_model(tokenizer, 1).eval()
    batch = vision_batches.make_batch(tokenizer, random.Random(3), 2)
    row, patches = 1, int(batch.grid[0].prod())
    ids = batch.ids[row].tolist()
    after = ids.index(tokenizer.convert_tokens_to_ids("<|vision_end|>")) + 1
    ends = [i for i, token in enumerate(ids) if token == tokenizer.eos_token_id]
    begin, end = ends[1] + 1, ends[3] + 1  # the second question and its answer
    alone = torch.tensor([ids[:after] + ids[begin:end]])
    labels = torch.full_like(alone, IGNORED)
    labels[0, after:] = batch.labels[row, begin:end]
    with torch.no_grad():
        expected = model(
            input_ids=alone,
            labels=labels,
            pixel_values=batch.pixel_values[row * patches : (row + 1) * patches],
            image_grid_thw=batch.grid[row : row + 1],
            mm_token_type_ids=(alone == model.config.image_token_id).int(),
        ).loss
        only = torch.full_like(batch.labels, IGNORED)
        only[row, begin:end] = batch.labels[row, begin:end]
        loss, _ = batch_losses(model, vision_batches.Batch(**{**vars(batch), "labels": only}))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)


def test_only_answers_are_trained_on(tokenizer):
    batch = vision_batches.make_batch(tokenizer, random.Random(5), 6)
    for ids, labels in zip(batch.ids, batch.labels, strict=True):
        trained = tokenizer.decode(ids[labels != IGNORED])
        assert "<|im_start|>" not in trained and "<|image_pad|>" not in trained and "?" not in trained
        assert "<|im_end|>" in trained


def test_every_weight_is_in_one_optimizer_and_gets_a_gradient(tokenizer):
    model = new_model(tokenizer, 1)
    helper = Helper(model.config.vision_config.hidden_size, model.config.text_config.hidden_size)
    optimizers = new_optimizers(model.model, Recipe(), helper.parameters())
    held = [id(p) for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]]
    every = {id(p) for p in [*model.parameters(), *helper.parameters()]}
    assert len(held) == len(set(held)) and set(held) == every
    loss, helping = batch_losses(model, vision_batches.make_batch(tokenizer, random.Random(6), 4), helper)
    (loss + helping).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_pictures_looked_at_together_are_seen_as_each_alone(tokenizer):
    model = new_model(tokenizer, 1).eval()
    pixel_values, grid, _ = vision_batches.make_pictures(random.Random(7), 3)
    with torch.no_grad():
        ordinary = model.model.visual(pixel_values, grid_thw=grid).pooler_output
        model.model.visual.config._attn_implementation = "flash_pictures_together"
        together = model.model.visual(pixel_values, grid_thw=grid).pooler_output
    assert torch.allclose(ordinary, together, atol=1e-4)


def test_patches_are_cut_and_scaled_as_the_image_processor_does_it(tmp_path, tokenizer):
    save_folder(new_model(tokenizer, 1), tmp_path)
    drawn = draw_with_numpy(draw_chart(random.Random(8), "train"), random.Random(8), (128, 96))
    processor = AutoImageProcessor.from_pretrained(tmp_path, backend="pil")
    theirs = processor([Image.fromarray(drawn.picture)], return_tensors="np")
    assert theirs["image_grid_thw"].tolist() == [[1, 12, 16]]
    assert np.allclose(theirs["pixel_values"], vision_batches.patches(drawn.picture[None]), atol=1e-5)


def test_each_patch_is_asked_for_what_stands_in_its_column():
    chart = Chart("bar", "Sales", ("Jan", "Feb", "Mar", "Apr"), {"red": (10, 40, 25, 5)}, "flat", False, "months")
    drawn = draw_with_numpy(chart, random.Random(9), (128, 96))
    known = known_of([drawn]).columns
    rows, columns = 96 // PATCH, 128 // PATCH
    for name, right in known.items():
        assert right.shape == ((rows * columns,) if name in ("period", "label", "extreme") else (rows * columns, 6)), (
            name
        )
    # Back from the order of the processor (four merged patches follow each other) to rows and columns.
    order = torch.arange(rows * columns).view(rows // MERGE, MERGE, columns // MERGE, MERGE).swapaxes(1, 2).flatten()
    for x, y, period, value in zip(*drawn.places, range(4), chart.values, strict=True):
        for row in range(rows):
            at = (order == row * columns + int(x) // PATCH).nonzero().item()
            assert known["period"][at] == period
            assert LABELS[known["label"][at]] == chart.labels[period]
            assert known["extreme"][at] == {"Feb": 1, "Apr": 2}.get(chart.labels[period], 0)
            red = COLOURS.index("red")
            assert known["height"][at, red] == pytest.approx(y / 96)
            assert 10 ** (3 * known["worth"][at, red].item()) == pytest.approx(value, rel=1e-4)
            assert known["height"][at].isfinite().sum() == 1


def test_the_helper_is_satisfied_by_the_right_answers_only():
    drawn = [draw_with_numpy(draw_chart(random.Random(i), "train"), random.Random(i), (128, 96)) for i in range(2)]
    known = known_of(drawn)
    helper = Helper(sum(COLUMN.values()), 8)
    said = []
    for right, n in zip(known.columns.values(), COLUMN.values(), strict=True):
        one_hot = torch.nn.functional.one_hot(right.clamp(min=0), n) * 50.0 if right.ndim == 1 else right.nan_to_num()
        said.append(one_hot)
    right = torch.cat(said, 1)
    seen = SimpleNamespace(pooler_output=torch.zeros(2 * 48, 8), last_hidden_state=right)
    with torch.no_grad():
        helper.column_norm = torch.nn.Identity()
        helper.column.weight.copy_(torch.eye(right.shape[1]))
        helper.column.bias.zero_()
        loss_of_facts = sum(
            torch.nn.functional.cross_entropy(scores, known.facts[:, i], ignore_index=IGNORED)
            for i, scores in enumerate(
                helper.out(torch.nn.functional.gelu(helper.hidden(helper.norm(torch.zeros(2, 16))))).split(
                    list(FACTS.values()), 1
                )
            )
        )
        assert helper(seen, known).item() == pytest.approx(loss_of_facts.item(), abs=1e-4)
        seen.last_hidden_state = right.roll(1, 0)
        assert helper(seen, known).item() > loss_of_facts.item() + 1


def test_the_model_is_small_enough(tokenizer):
    assert sum(p.numel() for p in new_model(tokenizer, 1).parameters()) * 2 <= 12_000_000


def test_the_finished_folder_replaces_the_old_one_as_a_whole(tmp_path):
    ready, target = tmp_path / "ready", tmp_path / "model"
    for turn in ("first", "second"):
        ready.mkdir()
        (ready / turn).write_text(turn)
        put_in_place(ready, target)
        assert [path.name for path in target.iterdir()] == [turn]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_the_parts_of_the_training_follow_each_other():
    recipe = Recipe(looking_steps=2, steps=3, rewording_steps=2)
    found = [part_of(step, recipe) for step in range(7)]
    assert found[:2] == [("looking", 0, 2), ("looking", 1, 2)]
    assert found[2:5] == [("answering", i, 3) for i in range(3)]
    assert found[5:] == [("rewording", 0, 2), ("rewording", 1, 2)]


def test_other_words_are_many_and_never_those_that_are_held_out():
    held_out = [trend._WORDINGS[-1], two_pictures._TREND[-1], unanswerable._ABSENT_COLOUR[-1]]
    patterns = [re.escape(text).replace(r"\{which\}", r"\w+").replace(r"\{x\}", r"\w+") for text in held_out]
    rng, texts = random.Random(10), set()
    for i in range(400):
        drawn = tuple(vision_batches._draw(rng, False, (128, 96)) for _ in range(1 + i % 2))
        for question in vision_batches.questions_for(rng, drawn):
            other = reworded(rng, question)
            assert (other.answer, other.expected, other.skill) == (question.answer, question.expected, question.skill)
            assert not any(re.search(pattern, other.text) for pattern in patterns), other.text
            assert "{" not in other.text
            texts.add(other.text)
    assert len(texts) > 1500


def test_the_rate_rises_stays_and_falls():
    recipe = Recipe(warm_up=10, constant_until=0.4, last_rate=0.02)
    assert rate_at(0, 1000, recipe) == 0.1
    assert rate_at(400, 1000, recipe) == 1
    assert rate_at(700, 1000, recipe) == pytest.approx(0.51)
    assert rate_at(1000, 1000, recipe) == pytest.approx(0.02)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path, monkeypatch):
    tiny = {"looking_rows": 2, "rows": 2, "checkpoint_every": 1, "warm_up": 1}
    results = []
    for name, runs in (("whole", (6,)), ("broken", (1, 3, 5, 6))):  # once in each part
        monkeypatch.setattr(train_pocket_vl, "WORK", tmp_path / name)
        for stop in runs:
            recipe = Recipe(looking_steps=2, steps=2, rewording_steps=2, **tiny)
            model, facts = train_pocket_vl.train(recipe, stop_after=stop)
        results.append((model.state_dict(), facts["pictures"]))
    (first, pictures), (second, again) = results
    assert pictures == again
    assert all(torch.equal(first[name], second[name]) for name in first)
