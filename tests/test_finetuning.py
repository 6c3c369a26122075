"""Fine-tuning: rows, labels and their checks; adapters that train, reload and merge; runs that fail in time."""

import json
import math
import os
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import torch
from checkpoints import make_model, make_tokenizer

import qwen_course as qc
from qwen_course import finetuning, finetuning_folder
from qwen_course.conversation import LocalQwen
from qwen_course.finetuning_data import IGNORED, Row
from qwen_course.models import load

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "05_fine_tuning.ipynb"
USER, ANSWER = {"role": "user", "content": "Sort: it is broken."}, {"role": "assistant", "content": "H2-SUN"}


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer("qwen3")


@pytest.fixture(scope="module")
def rows():
    return qc.rows_of(qc.problems("ticket", 64, split="train"))


@pytest.fixture(scope="module")
def data(tokenizer, rows):
    return qc.prepare_rows(tokenizer, rows)


def jsonl(path, *records):
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in records) + "\n")
    return path


# --- rows, tokens, labels


def test_an_answer_is_trained_and_the_prompt_is_the_one_that_inference_shows(tokenizer, rows):
    qwen = LocalQwen(name="q", reason="", model=make_model("qwen3", tokenizer), tokenizer=tokenizer)
    for row in rows[:8]:
        example = qc.encode_row(tokenizer, row)
        prompt = qwen.template.prompt(row.messages[:-1], thinking=row.thinking).ids
        assert example.ids[: len(prompt)] == prompt and example.labels[: len(prompt)] == [IGNORED] * len(prompt)
        assert example.labels[len(prompt) :] == example.ids[len(prompt) :] == example.trained
        said = tokenizer.decode(example.trained)
        assert said.endswith(f"{row.answer['content']}<|im_end|>\n")
        assert ("<think>" in said) == row.thinking and ("about" in said) == row.thinking


@pytest.mark.parametrize("style", ["qwen2.5", "qwen3", "instruct-2507", "qwen3.5"])
def test_labels_are_those_of_trl(style, rows, tmp_path):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    tokenizer = make_tokenizer(style)
    modes = LocalQwen(name="q", reason="", model=make_model(style, tokenizer), tokenizer=tokenizer).thinking_modes
    rows = qc.rows_of(qc.problems("ticket", 8, split="train"), modes=modes)
    config = SFTConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to="none")
    trainer = SFTTrainer(
        model=make_model(style, tokenizer),
        args=config,
        train_dataset=Dataset.from_json(str(qc.write_rows(tmp_path / "rows.jsonl", rows))),
        processing_class=tokenizer,
    )
    for theirs, row in zip(trainer.train_dataset, rows, strict=True):
        ours = qc.encode_row(tokenizer, row)
        assert (theirs["input_ids"], theirs["labels"]) == (ours.ids, ours.labels)


def test_rows_survive_a_file_and_a_data_set(rows, tmp_path):
    told = [(row.messages, row.thinking, row.tools) for row in rows]
    path = qc.write_rows(tmp_path / "train.jsonl", rows)
    assert [(row.messages, row.thinking, row.tools) for row in qc.read_rows(path)] == told
    assert qc.read_rows(path)[11].source == "train.jsonl:12"
    assert [(row.messages, row.thinking, row.tools) for row in qc.read_rows(tmp_path)] == told


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"messages": [USER, ANSWER], "lable": 1}, "unknown key 'lable'"),
        ({"messages": [USER, {**ANSWER, "thinking": "x"}]}, "unknown key 'thinking'"),
        ({"messages": [USER]}, "the last message is the user's"),
        ({"prompt": [USER]}, "neither 'messages' nor"),
        ({"messages": [USER, ANSWER], "chat_template_kwargs": {"enable_thinkng": True}}, "'enable_thinkng'"),
        ({"messages": [USER, ANSWER], "chat_template_kwargs": {"enable_thinking": "no"}}, "expected true or false"),
        ("{not json}", "not JSON"),
        ("", "an empty line"),
        ("[1]", "a JSON object is expected"),
    ],
)
def test_a_fault_in_a_file_names_file_and_line(record, says, tmp_path):
    path = jsonl(tmp_path / "rows.jsonl", {"messages": [USER, ANSWER]}, record, {"messages": [USER, ANSWER]})
    with pytest.raises(qc.DataError, match=r"rows\.jsonl:2: ") as error:
        qc.read_rows(path)
    assert says in str(error.value) and "1 faults" in str(error.value)


def test_a_missing_and_an_empty_file_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.jsonl"):
        qc.read_rows(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(qc.DataError, match="holds no rows"):
        qc.read_rows(tmp_path / "empty.jsonl")


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ([USER, {"role": "assistant", "content": " "}], "the answer is empty"),
        ([{"role": "user", "content": "word " * 400}, ANSWER], "512 is the most"),
        ([{"role": "user", "content": "Sort: <|im_end|> it"}, ANSWER], "'<|im_end|>', which would become"),
        ([USER, {"role": "assistant", "content": "<think>\nA\n</think>\n\nB"}], "has its own key"),
        ([{"role": "user", "content": "  sort: IT is  broken!"}, ANSWER], "in the test too (test.jsonl:7)"),
    ],
)
def test_what_only_tokens_show_is_an_error_with_its_line(messages, says, tokenizer):
    test = [Row([USER, ANSWER], source="test.jsonl:7")]
    good = Row([{"role": "user", "content": "Hello"}, ANSWER], source="rows.jsonl:1")
    with pytest.raises(qc.DataError) as error:
        qc.prepare_rows(tokenizer, [good, Row(messages, source="rows.jsonl:2")], test=test)
    assert "rows.jsonl:2: " in str(error.value) and says in str(error.value)
    assert "rows.jsonl:1" not in str(error.value)


def test_an_end_of_turn_that_is_not_learnt_is_an_error(tokenizer, rows, monkeypatch):
    from qwen_course import finetuning_checks

    def cut(tokenizer, row):
        example = qc.encode_row(tokenizer, row)
        return replace(example, ids=example.ids[:-2], labels=example.labels[:-2])

    monkeypatch.setattr(finetuning_checks, "encode_row", cut)
    with pytest.raises(qc.DataError, match="ticket:1: .*would not learn to stop"):
        qc.prepare_rows(tokenizer, rows[:1])


def test_doubts_are_warnings(tokenizer):
    other = {"role": "assistant", "content": "K7-JAM"}
    data = qc.prepare_rows(
        tokenizer, [Row([USER, answer], source=f"a:{i}") for i, answer in enumerate((ANSWER, other))]
    )
    assert any("repeat a prompt" in note for note in data.warnings)
    assert any("more than one answer" in note for note in data.warnings)
    plain = make_tokenizer("instruct-2507")
    row = Row([USER, {**ANSWER, "reasoning_content": "It is about a broken product."}], True, source="b.jsonl:3")
    notes = qc.prepare_rows(plain, [row]).warnings
    assert any("b.jsonl:3" in note and "mode that this template has not" in note for note in notes)
    assert "warning: " in repr(data) and "rows" in repr(data)


def test_replay_of_every_skill_passes_the_checks_against_its_own_test():
    from qwen_course.skills import SKILLS

    pocket = load("pocket").tokenizer
    rows = qc.rows_of([problem for skill in SKILLS for problem in qc.problems(skill, 10, split="train")])
    data = qc.prepare_rows(pocket, rows, test=[p for s in SKILLS for p in qc.problems(s, 10)], max_tokens=1024)
    assert len(data) == 150 and 0.2 < data.trained_share < 0.7
    assert not [note for note in data.warnings if "unlike" in note or "dropped" in note]


def test_the_view_tells_trained_tokens_without_colour_and_escapes(tokenizer):
    example = qc.encode_row(tokenizer, Row([{"role": "user", "content": "<b>bold</b>"}, ANSWER]))
    view = qc.TokenView(tokenizer, example)
    assert "".join(text for text, trained in view.tokens if trained) == tokenizer.decode(example.trained)
    html = view._repr_html_()
    assert "<b>" not in html and "&lt;" in html and "font-weight:bold" in html and "dotted" in html
    assert f"{len(example.trained)} of {len(example.ids)} tokens" in html
    assert repr(view).endswith("[\n]") and "[<|im_end|>]" in repr(view)


@pytest.mark.parametrize("style", ["qwen2.5", "qwen3", "instruct-2507", "qwen3.5"])
def test_the_training_twin_marks_the_answer_of_a_template_written_otherwise(style):
    tokenizer = make_tokenizer(style)
    tokenizer.chat_template = "{# another text #}" + tokenizer.chat_template
    tokenizer.chat_template = qc.training_template(tokenizer)
    found = tokenizer.apply_chat_template([USER, ANSWER], return_dict=True, return_assistant_tokens_mask=True)
    marked = [i for i, mask in zip(found["input_ids"], found["assistant_masks"], strict=True) if mask]
    assert "H2-SUN<|im_end|>" in tokenizer.decode(marked) and "broken" not in tokenizer.decode(marked)
    assert qc.training_template(tokenizer) == tokenizer.chat_template


def test_pocket_has_the_twin_of_qwen3_and_an_unknown_template_has_none():
    from checkpoints import official_template

    assert qc.training_template(load("pocket").tokenizer) == official_template("qwen3_training")
    with pytest.raises(ValueError, match="no training twin"):
        qc.training_template(make_tokenizer("thinking-2507"))


# --- LoRA, packing, 4 bits


def test_lora_of_the_notebook_equals_peft_in_output_and_gradient():
    from peft import LoraConfig, get_peft_model

    names: dict = {}
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    exec(next(source for source in cells if "class LoRA(" in source), names)
    torch.manual_seed(0)
    layer = torch.nn.Linear(48, 80)
    config = LoraConfig(r=4, lora_alpha=12, target_modules=["0"], init_lora_weights=False)
    theirs = get_peft_model(torch.nn.Sequential(torch.nn.Linear(48, 80)), config)
    inside = theirs.base_model.model[0]
    inside.base_layer.load_state_dict(layer.state_dict())
    ours = names["LoRA"](layer, rank=4, alpha=12)
    assert not ours.layer.weight.requires_grad and torch.equal(ours(torch.ones(1, 48)), layer(torch.ones(1, 48)))
    ours.a.data, ours.b.data = (part["default"].weight.data.clone() for part in (inside.lora_A, inside.lora_B))
    x = torch.randn(7, 48)
    for module in (ours, theirs):
        module(x).pow(2).sum().backward()
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)
    assert torch.allclose(ours.a.grad, inside.lora_A["default"].weight.grad, rtol=1e-4, atol=1e-4)
    assert torch.allclose(ours.b.grad, inside.lora_B["default"].weight.grad, rtol=1e-4, atol=1e-4)


def test_packed_rows_do_not_see_each_other_and_with_a_mask_of_ones_they_do(tokenizer, data):
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    model = make_model("qwen3", tokenizer)
    texts = [{"input_ids": example.ids, "labels": example.labels} for example in data.examples[:3]]
    packed = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)(texts)
    ids, positions = packed["input_ids"], packed["position_ids"]
    with torch.no_grad():
        single = torch.cat([model(torch.tensor([text["input_ids"]])).logits[0] for text in texts])
        together = model(ids, position_ids=positions, use_cache=False).logits[0]
        leaking = model(ids, position_ids=positions, attention_mask=torch.ones_like(ids), use_cache=False).logits[0]
    assert torch.allclose(together, single, atol=1e-3)
    assert (leaking - single).abs().max() > 0.1


def adapter_gradients(model, ids):
    model.zero_grad()
    model(input_ids=ids, labels=ids).loss.backward()
    return {name: w.grad.float().clone() for name, w in model.named_parameters() if w.grad is not None}


def test_a_measurement_in_between_does_not_cost_qlora_its_gradients():
    from peft import LoraConfig, get_peft_model

    with load("pocket", precision="nf4", device="cpu") as qwen:
        finetuning.keep_gradients(qwen.model)
        config = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)
        model = get_peft_model(qwen.model, config)
        ids = torch.arange(100, 140)[None]
        before = adapter_gradients(model.train(), ids)
        with torch.no_grad():
            model.eval()(input_ids=ids)
        after = adapter_gradients(model.train(), ids)
        assert before and all(torch.equal(before[name], after[name]) for name in before)
        assert all(gradient.abs().max() > 0 for gradient in after.values())


# --- a run


def test_finetune_learns_leaves_an_adapter_and_the_same_replies_after_reloading_and_merging(
    checkpoint, tokenizer, data, tmp_path
):
    base = checkpoint("qwen3")
    run = qc.finetune(base, data, tmp_path / "adapter", held_out=data, learning_rate=1e-2, packing=True)
    assert run.history["loss"].dropna().iloc[-1] < run.history["loss"].dropna().iloc[0]
    assert run.history["held-out loss"].notna().any() and run.steps == run.history["step"].max()
    assert {"adapter_config.json", "adapter_model.safetensors"} <= {path.name for path in run.folder.iterdir()}

    def replies(qwen):
        asked = [USER["content"], "Hello", "What is 2 + 3?"]
        return [(r.thinking, r.text) for r in qwen.chat_batch(asked, max_new_tokens=24, sampling=qc.Sampling.greedy())]

    with qc.load_adapter(run.folder, base=base, precision="fp32") as attached:
        wanted = replies(attached)
        ids = torch.tensor([data.examples[0].ids])
        with torch.no_grad():
            logits = attached.model(ids).logits
    merged = qc.merge_adapter(run.folder, tmp_path / "merged", base=base)
    with load(merged, precision="fp32") as again, load(base, precision="fp32") as untouched:
        assert replies(again) == wanted != replies(untouched)
        with torch.no_grad():
            assert (again.model(ids).logits - logits).abs().max() < 1e-4 * max(1, logits.abs().max())
    with pytest.raises(FileExistsError, match="new folder"):
        qc.merge_adapter(run.folder, merged, base=base)


def test_an_adapter_is_not_merged_into_few_bits_nor_into_another_model(checkpoint, data, tmp_path):
    run = qc.finetune(checkpoint("qwen3"), data, tmp_path / "adapter", learning_rate=1e-3)
    with pytest.raises(ValueError, match="Merge first"):
        qc.merge_adapter(run.folder, tmp_path / "merged", base=checkpoint("qwen3"), precision="nf4")
    with load(checkpoint("qwen3"), precision="nf4", device="cpu") as four:
        four.model.save_pretrained(tmp_path / "four")
        four.tokenizer.save_pretrained(tmp_path / "four")
    with pytest.raises(ValueError, match="already quantized|few bits"):
        qc.merge_adapter(run.folder, tmp_path / "merged", base=tmp_path / "four")
    with pytest.raises(ValueError, match="does not fit 'pocket'"):
        qc.load_adapter(run.folder, base="pocket")
    with pytest.raises(FileNotFoundError, match="holds no adapter"):
        qc.load_adapter(tmp_path, base="pocket")
    assert not (tmp_path / "merged").exists()


def test_the_card_holds_data_settings_versions_and_both_figures(checkpoint, data, tmp_path):
    run = qc.finetune(checkpoint("qwen3"), data, tmp_path, learning_rate=1e-3)
    with load(checkpoint("qwen3")) as qwen:
        score = qc.evaluate(qwen, "ticket", n=4, max_new_tokens=8)
    card = qc.write_adapter_card(run, base="b", data="tickets", rows=data, scores={"tickets": (score, score)})
    text = card.read_text()
    assert card == tmp_path / "README.md" and "| tickets (n = 4) | 0.0 % (0 to 49) | 0.0 % (0 to 49) | +0 " in text
    for part in ("64 rows", "- rank: 16", "- learning rate: 0.001", f"- steps: {run.steps}", "peft 0.", "trl 1."):
        assert part in text
    assert str(tmp_path) not in text


def test_a_cpu_trains_with_plain_attention_and_answers_with_that_of_a_loaded_model(
    checkpoint, data, tmp_path, monkeypatch
):
    from transformers import TrainerCallback

    seen = []

    class Look(TrainerCallback):
        def on_step_end(self, args, state, control, model=None, **others):
            seen.append(model.config._attn_implementation)

    make = finetuning._trainer

    def watched(*arguments):
        trainer = make(*arguments)
        trainer.add_callback(Look())
        return trainer

    monkeypatch.setattr(finetuning, "_trainer", watched)
    run = qc.finetune(checkpoint("qwen3"), data, tmp_path, learning_rate=1e-3)
    with load(checkpoint("qwen3")) as fresh:
        assert run.qwen.model.config._attn_implementation == fresh.model.config._attn_implementation
    assert set(seen) == {"eager" if run.qwen.model.device.type == "cpu" else fresh.model.config._attn_implementation}


def test_settings_follow_the_size_of_the_model_and_say_so(loaded):
    assert qc.training_settings(loaded("qwen3")).learning_rate == 1e-2

    class Large:
        device = "cpu"

        def parameters(self):
            return [torch.empty(200_000_000, device="meta")]

    large = qc.training_settings(type("Qwen", (), {"model": Large()}))
    assert large.learning_rate == 2e-4 and "usual" in large.reason and large.use_cpu


# --- a run that fails, in time


def refuse_to_train(*_, **__):
    raise AssertionError("a training was begun")


def test_a_folder_that_cannot_be_written_fails_before_training(checkpoint, data, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(finetuning, "_trainer", refuse_to_train)
    with pytest.raises(OSError, match="cannot be written .*Nothing was trained"):
        qc.finetune(checkpoint("qwen3"), data, tmp_path / "file" / "adapter")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_fails_before_training(checkpoint, data, tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir(mode=0o500)
    monkeypatch.setattr(finetuning, "_trainer", refuse_to_train)
    with pytest.raises(OSError, match="cannot be written .*Nothing was trained"):
        qc.finetune(checkpoint("qwen3"), data, tmp_path / "closed")


def test_too_little_disk_fails_before_training(checkpoint, data, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(finetuning_folder.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(finetuning, "_trainer", refuse_to_train)
    with pytest.raises(OSError, match="0 MB free.*Nothing was trained"):
        qc.finetune(checkpoint("qwen3"), data, tmp_path)


def test_a_loss_that_is_no_number_stops_with_advice_and_saves_nothing(checkpoint, data, tmp_path):
    with pytest.raises(qc.TrainingDiverged, match="(nan|inf).*Lower the learning rate"):
        qc.finetune(checkpoint("qwen3"), replace(data, examples=data.examples * 4), tmp_path, learning_rate=1e30)
    assert not list(tmp_path.glob("adapter*"))


def test_resuming_without_a_checkpoint_says_so(checkpoint, data, tmp_path):
    with pytest.raises(FileNotFoundError, match="save_every"):
        qc.finetune(checkpoint("qwen3"), data, tmp_path, resume=True)


def test_linear_attention_is_not_packed_and_the_settings_say_so(checkpoint, tmp_path):
    rows = qc.rows_of(qc.problems("ticket", 16, split="train"))
    data = qc.prepare_rows(make_tokenizer("qwen3.5"), rows)
    run = qc.finetune(checkpoint("qwen3.5"), data, tmp_path, packing=True)
    assert math.isfinite(run.history["loss"].iloc[-1]) and "linear attention" in run.settings["packing"]
