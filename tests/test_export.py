"""Exported models are right or are not there: what is in the files, what is refused, what an interruption leaves."""

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
import torch
from checkpoints import STYLES, build_checkpoint
from transformers import AutoModelForCausalLM, AutoTokenizer

import qwen_course as qc
from qwen_course import export, gguf_file, ollama
from qwen_course.edge import engine_module, open_engine
from qwen_course.edge_report import RECORDED
from qwen_course.models import POCKET
from qwen_course.runner import execute

ROOT = Path(__file__).parent.parent
gguf = pytest.importorskip("gguf", reason="gguf is not installed: make setup")


def needs(*modules):
    missing = qc.missing_engine(*modules)
    return pytest.mark.skipif(bool(missing), reason=f"{missing} is not installed: make edge")


needs_onnx, needs_llama = needs("onnxruntime_genai", "onnx", "onnx_ir"), needs("llama_cpp")


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """Return a function: style -> a folder with random weights."""
    place = tmp_path_factory.mktemp("checkpoints")

    @cache
    def folder(style):
        return build_checkpoint(place / style, style)

    return folder


def tensors(path):
    return {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}


def entries(path):
    return {name: field.contents() for name, field in gguf.GGUFReader(path).fields.items()}


# --- what is in a GGUF file


@pytest.mark.parametrize("style", ["pocket", "qwen2.5", "qwen3"])
def test_a_gguf_file_holds_every_weight_of_the_checkpoint(style, checkpoints, tmp_path):
    folder = POCKET if style == "pocket" else checkpoints(style)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    there = tensors(qc.export_gguf(folder, tmp_path / "model.gguf", precision="f32"))
    ours = {
        "token_embd.weight": "model.embed_tokens.weight",
        "blk.1.attn_k.weight": "model.layers.1.self_attn.k_proj.weight",
        "blk.0.ffn_gate.weight": "model.layers.0.mlp.gate_proj.weight",
        "blk.1.ffn_norm.weight": "model.layers.1.post_attention_layernorm.weight",
        "output_norm.weight": "model.norm.weight",
    }
    ours |= {"blk.0.attn_q.bias": "model.layers.0.self_attn.q_proj.bias"} if style == "qwen2.5" else {}
    ours |= {"blk.0.attn_q_norm.weight": "model.layers.0.self_attn.q_norm.weight"} if style != "qwen2.5" else {}
    state = model.state_dict()
    for name, original in ours.items():
        assert torch.equal(torch.tensor(there[name].data), state[original]), name
    tied = model.config.tie_word_embeddings
    assert ("output.weight" in there) is not tied  # a tied head is the embedding, once
    assert len(there) == len(state) - tied


@pytest.mark.parametrize("style", ["pocket", "qwen2.5", "qwen3"])
def test_a_gguf_file_says_what_the_config_and_the_tokenizer_say(style, checkpoints, tmp_path):
    folder = POCKET if style == "pocket" else checkpoints(style)
    config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = entries(qc.export_gguf(folder, tmp_path / "model.gguf", precision="f16"))
    kind = found["general.architecture"]
    assert kind == ("qwen2" if style == "qwen2.5" else "qwen3")
    head_dim = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    assert found[f"{kind}.block_count"] == config["num_hidden_layers"]
    assert found[f"{kind}.attention.head_count_kv"] == config["num_key_value_heads"]
    assert found[f"{kind}.attention.key_length"] == found[f"{kind}.attention.value_length"] == head_dim
    assert found[f"{kind}.rope.freq_base"] == config["rope_parameters"]["rope_theta"]
    assert found[f"{kind}.context_length"] == config["max_position_embeddings"]
    assert found["tokenizer.chat_template"] == tokenizer.chat_template
    assert found["tokenizer.ggml.eos_token_id"] == tokenizer.eos_token_id
    assert found["tokenizer.ggml.add_bos_token"] is False
    tokens, kinds = found["tokenizer.ggml.tokens"], found["tokenizer.ggml.token_type"]
    assert len(tokens) == len(kinds) == config["vocab_size"]
    assert tokens[: len(tokenizer)] == tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    assert kinds[tokenizer.eos_token_id] == gguf.TokenType.CONTROL  # special: never written as text
    # not special for transformers, and control tokens all the same: no text of a user may become one
    assert kinds[tokenizer.convert_tokens_to_ids("<|fim_prefix|>")] == gguf.TokenType.CONTROL
    if style != "qwen2.5":
        assert kinds[tokenizer.convert_tokens_to_ids("<think>")] == gguf.TokenType.USER_DEFINED
    assert set(kinds[len(tokenizer) :]) <= {gguf.TokenType.UNUSED}  # rows of the embedding without a token


def test_eight_bits_are_within_half_a_step_and_take_eight_and_a_half(tmp_path):
    state = AutoModelForCausalLM.from_pretrained(POCKET, dtype=torch.float32).state_dict()
    stored = tensors(qc.export_gguf("pocket", tmp_path / "model.gguf", precision="q8_0"))["blk.2.ffn_up.weight"]
    original = state["model.layers.2.mlp.up_proj.weight"]
    back = torch.tensor(gguf.quants.dequantize(stored.data, stored.tensor_type))
    steps = original.reshape(-1, 32).abs().amax(1, keepdim=True) / 127
    # the scale is rounded to float16 as well, which moves the outermost of 127 steps by up to 127 / 2**12 of one
    assert ((back - original).reshape(-1, 32).abs() <= 0.54 * steps).all()
    assert 8 * stored.n_bytes / original.numel() == 8.5


def test_a_row_that_is_no_whole_blocks_stays_in_16_bits():
    assert gguf_file._kind((10, 48), "q8_0") == gguf.GGMLQuantizationType.F16
    assert gguf_file._kind((10, 64), "q8_0") == gguf.GGMLQuantizationType.Q8_0
    assert gguf_file._kind((64,), "f16") == gguf.GGMLQuantizationType.F32


def test_weights_that_float16_cannot_hold_are_refused_and_eight_bits_offered(tmp_path):
    folder = build_checkpoint(tmp_path / "large", "qwen3")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    model.lm_head.weight.data[0, 0] = 1e5
    model.save_pretrained(folder)
    with pytest.raises(ValueError, match="lm_head.weight holds weights that float16 cannot.*'q8_0'"):
        qc.export_gguf(folder, tmp_path / "out" / "model.gguf", precision="f16")
    assert list((tmp_path / "out").iterdir()) == []
    qc.export_gguf(folder, tmp_path / "out" / "model.gguf", precision="q8_0")


# --- what is refused, and what is left of it


@pytest.mark.parametrize("style", ["qwen3.5", "qwen3-moe"])
@pytest.mark.parametrize("convert", [qc.export_gguf, qc.export_onnx])
def test_another_architecture_is_refused_before_anything_is_written(convert, style, checkpoints, tmp_path):
    with pytest.raises(ValueError, match="what can be converted is"):
        convert(checkpoints(style), tmp_path / "new" / "model.gguf", precision=_first(convert))
    assert not (tmp_path / "new").exists()


def _first(convert):
    return "fp32" if convert is qc.export_onnx else "f16"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("quantization_config", {"quant_method": "fp8"}, r"in few bits already \(fp8\)"),
        ("rope_parameters", {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1e4}, r"stretches its context \(yarn\)"),
        ("rope_scaling", {"type": "linear", "factor": 4.0}, r"stretches its context \(linear\)"),
        ("use_sliding_window", True, "sliding window"),
        ("hidden_act", "gelu", "activation 'gelu'"),
        ("num_hidden_layers", 6, "not those of its config.json: model.layers.5.* is missing"),
        ("intermediate_size", 512, "not those of its config.json: .*mlp"),
    ],
)
def test_what_a_file_has_no_word_for_is_refused(name, value, says, tmp_path):
    folder = shutil.copytree(POCKET, tmp_path / "changed")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    drop = "rope_parameters" if name == "rope_scaling" else ""
    config = {key: kept for key, kept in config.items() if key not in (drop, "layer_types")} | {name: value}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for convert in (qc.export_gguf, qc.export_onnx):
        with pytest.raises(ValueError, match=says):
            convert(folder, tmp_path / "out" / "model.gguf", precision=_first(convert))
    assert not (tmp_path / "out").exists()


def _with_a_token_in_front(rules):
    first = {"id": "<|endoftext|>", "ids": [3046], "tokens": ["<|endoftext|>"]}
    single = [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    template = {"type": "TemplateProcessing", "single": single, "pair": [], "special_tokens": {"<|endoftext|>": first}}
    rules["post_processor"] = template


@pytest.mark.parametrize(
    "change",
    [
        _with_a_token_in_front,
        lambda rules: rules["added_tokens"][0].update(lstrip=True),
        lambda rules: rules["added_tokens"][0].update(single_word=True),
    ],
    ids=["a token in front of every text", "space eaten before a token", "a token found as a word only"],
)
def test_a_tokenizer_with_the_right_rules_but_other_ids_is_refused(change, tmp_path):
    folder = shutil.copytree(POCKET, tmp_path / "changed")
    rules = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    change(rules)
    (folder / "tokenizer.json").write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(ValueError, match="reads .* as other ids"):
        qc.export_gguf(folder, tmp_path / "model.gguf", precision="f16")
    assert not (tmp_path / "model.gguf").exists()


@pytest.mark.parametrize("convert", [qc.export_gguf, qc.export_onnx])
def test_bad_arguments_are_named_with_what_to_do(convert, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="precision is 'nf4'; expected one of 'f"):
        convert("pocket", tmp_path / "a.gguf", precision="nf4")
    (tmp_path / "there.gguf").touch()
    with pytest.raises(FileExistsError, match="'there.gguf' is there already"):
        convert("pocket", tmp_path / "there.gguf", precision=_first(convert))
    monkeypatch.setattr(export.shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    with pytest.raises(OSError, match="0.0 GB free. Nothing was written"):
        convert("pocket", tmp_path / "b.gguf", precision=_first(convert))
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="is not installed, which this needs: pip install (gguf|onnxruntime-genai)"):
        convert("pocket", tmp_path / "c.gguf", precision=_first(convert))
    assert [path.name for path in tmp_path.iterdir()] == ["there.gguf"]


def test_a_gguf_file_is_called_so(tmp_path):
    with pytest.raises(ValueError, match="ends in '.gguf'"):
        qc.export_gguf("pocket", tmp_path / "model.bin")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError("No space left on device")])
def test_an_interrupted_gguf_leaves_nothing(stop, tmp_path, monkeypatch):
    real, calls = gguf_file._write_tensor, []

    def some_then_stop(*arguments):
        calls.append(arguments)
        if len(calls) > 10:
            raise stop
        real(*arguments)

    monkeypatch.setattr(gguf_file, "_write_tensor", some_then_stop)
    with pytest.raises((KeyboardInterrupt, OSError)):
        qc.export_gguf("pocket", tmp_path / "model.gguf", precision="f16")
    assert list(tmp_path.iterdir()) == []


@needs_onnx
def test_a_builder_that_fails_leaves_nothing_and_its_words(tmp_path, monkeypatch):
    real = subprocess.run

    def other_format(command, **options):
        return real([part if part != "cpu" else "no-such-place" for part in command], **options)

    monkeypatch.setattr(export.subprocess, "run", other_format)
    with pytest.raises(RuntimeError, match="(?s)The builder could not convert pocket.*no-such-place"):
        qc.export_onnx("pocket", tmp_path / "model", precision="fp32")
    assert list(tmp_path.iterdir()) == []


# --- the engines


def greedy(folder, prompts, limit):
    """Return what transformers' own generate writes, in float32."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    options = {"max_new_tokens": limit, "do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    outputs = [model.generate(torch.tensor([ids]), eos_token_id=None, **options) for ids in prompts]
    return [output[0, len(ids) :].tolist() for output, ids in zip(outputs, prompts, strict=True)]


def exported(folder, engine, place):
    if engine == "transformers":
        return folder
    if engine == "onnxruntime":
        return qc.export_onnx(folder, place / "onnx", precision="fp32")
    return qc.export_gguf(folder, place / "model.gguf", precision=engine)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["qwen2.5", "qwen3"])
@pytest.mark.parametrize(
    "engine",
    [
        "transformers",
        pytest.param("onnxruntime", marks=needs_onnx),
        pytest.param("f32", marks=needs_llama),
        pytest.param("f16", marks=needs_llama),
    ],
)
def test_every_engine_continues_like_transformers(engine, style, checkpoints, tmp_path):
    folder = checkpoints(style)
    prompts = [[5, 60, 300, 7], list(range(40, 80)), [311]]
    run = qc.run_engine(exported(folder, engine, tmp_path), prompts, stop_ids=[], limit=24, threads=1)
    same = sum(one == other for one, other in zip(run.replies, greedy(folder, prompts, 24), strict=True))
    # Random weights have near ties at every step, and another order of sums decides them otherwise now and then.
    assert same >= 2
    assert run.file_bytes > 0 and run.load_seconds > 0 and run.memory_bytes > run.library_bytes > 0
    assert run.tokens_per_second > 0 and run.first_token_seconds > 0


@needs_llama
def test_pocket_in_llama_cpp_reads_and_writes_what_transformers_does(tmp_path):
    import llama_cpp

    path = qc.export_gguf("pocket", tmp_path / "model.gguf", precision="f16")
    tokenizer = AutoTokenizer.from_pretrained(POCKET)
    with qc.load("pocket", precision="fp32", device="cpu", local=True) as qwen:
        prompts = qc.edge_prompts(qwen, ["arithmetic", "tool_call"], n=8)
        run = qc.run_engine(path, prompts.ids, stop_ids=qwen.stop_ids, limit=96, threads=1)
        there = qc.run_engine(POCKET, prompts.ids, stop_ids=qwen.stop_ids, limit=96, threads=1)
        table = qc.engines_table(qwen, prompts, {"transformers": there, "llama.cpp": run})
    assert qc.same_share(run, there) == 1.0 and list(table["same replies (%)"]) == [100.0, 100.0]
    assert "llama-cpp-python" in run.engine and table.loc["llama.cpp", "arithmetic (%)"].endswith(")")
    llama = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)
    for text in ("It's 3.14159, isn't it?", "  def f(x):\n\treturn x ** 2", "Привет! 你好 👩‍🚀", "a<think>b<|im_end|>"):
        assert llama.tokenize(text.encode(), add_bos=False, special=True) == tokenizer(text)["input_ids"]
    llama.close()


@needs_llama
def test_four_bits_are_made_by_llama_cpp_and_take_less(tmp_path):
    sixteen = qc.export_gguf("pocket", tmp_path / "f16.gguf", precision="f16")
    four = qc.export_gguf("pocket", tmp_path / "q4.gguf", precision="q4_k_m")
    kinds = {tensor.tensor_type.name for tensor in gguf.GGUFReader(four).tensors}
    assert {"Q4_K", "Q6_K"} <= kinds
    assert four.stat().st_size < 0.35 * sixteen.stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f16.gguf", "q4.gguf"]


def test_a_reply_ends_with_its_stop_token_or_at_the_limit():
    ids = AutoTokenizer.from_pretrained(POCKET).apply_chat_template(
        [{"role": "user", "content": "What is 12 + 30?"}], add_generation_prompt=True, return_dict=False
    )
    engine = open_engine(POCKET, threads=1)
    assert len(list(engine.tokens(ids, 5))) == 5
    first = next(iter(engine.tokens(ids, 1)))
    assert qc.run_engine(POCKET, [ids], stop_ids=[first], limit=5, threads=1).replies == [[first]]


def test_what_lies_there_says_which_engine_runs_it(tmp_path):
    (tmp_path / "genai_config.json").touch()
    assert engine_module(tmp_path) == "onnxruntime_genai"
    (tmp_path / "a.gguf").touch()
    assert engine_module(tmp_path / "a.gguf") == "llama_cpp"
    assert engine_module(POCKET) == "transformers"
    with pytest.raises(FileNotFoundError, match="no 'b.gguf'"):
        engine_module(tmp_path / "b.gguf")
    with pytest.raises(ValueError, match="expected 'fp32' or 'bf16'"):
        open_engine(POCKET, precision="int8")


def test_an_engine_that_fails_says_why(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(RuntimeError, match="(?s)The engine for model failed:.*config.json"):
        qc.run_engine(tmp_path / "model", [[1]], stop_ids=[])


def test_what_was_recorded_says_when_and_with_which_version():
    table = qc.recorded_engines()
    assert {"transformers fp32", "onnxruntime int4", "llama.cpp q8_0", "llama.cpp q4_k_m"} <= set(table.index)
    assert all(re.match(r"recorded 20\d\d-\d\d-\d\d, .+ \d", text) for text in table["measured"])
    speeds = qc.recorded_speeds()
    assert re.match(r"recorded 20\d\d-\d\d-\d\d, shape of Qwen/Qwen3-0.6B", speeds.attrs["measured"])
    assert set(table.index) - set(speeds.index) <= {"Foundry Local int4"}
    assert RECORDED.stat().st_size < 20_000


# --- Ollama

_GO = """\
package main

import (
	"encoding/json"
	"os"
	"text/template"
)

type message struct{ Role, Content, Thinking string }

type values struct {
	System            string
	Messages          []message
	Think, IsThinkSet bool
}

func main() {
	var given struct {
		Template string
		Cases    []values
	}
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		panic(err)
	}
	parsed := template.Must(template.New("").Parse(given.Template))
	var texts []string
	for _, one := range given.Cases {
		text := new(textWriter)
		if err := parsed.Execute(text, one); err != nil {
			panic(err)
		}
		texts = append(texts, string(*text))
	}
	json.NewEncoder(os.Stdout).Encode(texts)
}

type textWriter []byte

func (text *textWriter) Write(more []byte) (int, error) {
	*text = append(*text, more...)
	return len(more), nil
}
"""


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    """Return a function that renders conversations by Go's own text/template, as Ollama does."""
    if not shutil.which("go"):
        pytest.skip("go is not installed: apt-get install golang-go")
    place = tmp_path_factory.mktemp("go")
    (place / "main.go").write_text(_GO, encoding="utf-8")
    subprocess.run(["go", "build", "-o", "render", "main.go"], cwd=place, check=True)

    def render(template, cases):
        given = json.dumps({"Template": template, "Cases": cases})
        done = subprocess.run([place / "render"], input=given, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return render


@pytest.mark.slow
@pytest.mark.parametrize("style", ["pocket", *STYLES])
def test_the_template_for_ollama_renders_what_the_models_own_renders(style, go, checkpoints):
    folder = POCKET if style == "pocket" else checkpoints(style)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    template = re.search(r'TEMPLATE """(.*?)"""', qc.modelfile("model.gguf", folder), re.DOTALL)[1]
    modes = [None, *ollama.ChatTemplate(tokenizer).thinking_modes]
    cases, expected = [], []
    for messages in ollama.conversations():
        for mode in modes:
            turns = [{"Role": one["role"], "Content": one["content"]} for one in messages]
            system = "".join(one["content"] for one in messages if one["role"] == "system")
            flags = {"Think": bool(mode), "IsThinkSet": mode is not None}
            cases.append({"System": system, "Messages": turns, **flags})
            expected.append(ollama.render(tokenizer, messages, mode))
    assert go(template, cases) == expected


def test_a_modelfile_names_the_file_the_context_and_the_sampling(checkpoints):
    text = qc.modelfile("some/where/model.gguf", "pocket")
    assert text.startswith("FROM ./model.gguf\n") and "PARAMETER num_ctx 2048\n" in text
    assert "PARAMETER temperature 0" in text and 'PARAMETER stop "<|im_end|>"\n' in text
    warm = qc.modelfile("model.gguf", "pocket", context=512, sampling=qc.Sampling(temperature=0.6, top_k=20))
    assert "PARAMETER num_ctx 512\n" in warm and "PARAMETER temperature 0.6\n" in warm and "top_k 20\n" in warm
    assert ".Thinking" in text  # by which Ollama sees that the model thinks
    assert ".Thinking" not in qc.modelfile("model.gguf", checkpoints("instruct-2507"))


@pytest.mark.parametrize("context", [0, 4096])
def test_a_context_that_the_model_has_not_is_refused(context):
    with pytest.raises(ValueError, match="from 1 to 2,048 tokens"):
        qc.modelfile("model.gguf", "pocket", context=context)


def test_a_template_of_another_kind_is_refused(tmp_path):
    folder = shutil.copytree(POCKET, tmp_path / "changed")
    (folder / "chat_template.jinja").write_text(
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | upper }}<|im_end|>\n{% endfor %}"
        "<|im_start|>assistant\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="ollama pull"):
        qc.modelfile("model.gguf", folder)


# --- the lesson


@pytest.mark.slow
@pytest.mark.parametrize(
    "hidden",
    [["gguf", "llama_cpp", "onnx", "onnx_ir", "onnxruntime_genai", "starlette_context"], ["llama_cpp"]],
    ids=["no engine", "after make setup"],  # which leaves llama.cpp to make edge
)
def test_the_lesson_runs_where_engines_are_missing(tmp_path, hidden):
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({hidden}))\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {**os.environ, "PYTHONPATH": path, "QWEN_COURSE_FAST": "1", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    run = execute(ROOT / "notebooks" / "08_edge_deployment.ipynb", env=env)
    assert run.failure is None, f"code cell {run.failure.cell}\n{run.failure.source}\n{run.failure.error}"
    said = json.dumps([cell.get("outputs", []) for cell in run.notebook.cells])
    assert "not installed, so its results are recorded ones" in said and "recorded 20" in said
    assert ("same ids: True" in said) == ("onnx" not in hidden and not qc.missing_engine("onnxruntime_genai", "onnx"))
