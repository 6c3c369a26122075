"""Each kind of machine gets a number format for a reason; a model that overflows is named; foreign code is refused."""

import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from checkpoints import make_model, make_tokenizer

from qwen_course.conversation import LocalQwen
from qwen_course.machine import GIB, choose_precision, describe_machine, fitting_model, room_for_bf16
from qwen_course.models import load
from qwen_course.parameters import count_parameters
from qwen_course.sampling import Sampling


@pytest.fixture
def pretend(monkeypatch):
    """Return a function that makes torch report another machine; nothing but its queries is replaced."""

    def become(*, gpus=(), mps=None, cpu=None):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(gpus))
        monkeypatch.setattr(torch.cuda, "device_count", lambda: len(gpus))
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: gpus[number])
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps is not None)
        monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: mps)
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: cpu or {}, raising=False)

    return become


def gpu(name: str, gib: float, major: int) -> SimpleNamespace:
    return SimpleNamespace(name=name, total_memory=int(gib * GIB), major=major, minor=0)


@pytest.mark.parametrize(
    ("machine", "billions", "kind", "precision", "says"),
    [
        ({"gpus": [gpu("Tesla T4", 14.6, 7)]}, 0.6, "cuda", "fp32", "no bfloat16 and Qwen can overflow in float16"),
        ({"gpus": [gpu("Tesla T4", 14.6, 7)]}, 4, "cuda", "fp16", "float32 does not fit"),
        ({"gpus": [gpu("Tesla T4", 14.6, 7)]}, 8, "cuda", "fp16", "try precision='nf4'"),
        ({"gpus": [gpu("L4", 22, 8)]}, 0.6, "cuda", "bf16", "full speed"),
        ({"gpus": [gpu("H100", 79, 9)]}, 72, "cuda", "bf16", "try precision='nf4'"),
        ({"mps": 11 * GIB}, 0.6, "mps", "bf16", "halves the memory"),
        ({"mps": 11 * GIB}, 4, "mps", "bf16", "float32 does not fit"),
        ({"cpu": {"avx512_bf16": True}}, 0.6, "cpu", "bf16", "halves the memory"),
        ({"cpu": {"amx_bf16": True}}, 0.6, "cpu", "bf16", "halves the memory"),
        ({"cpu": {"avx2": True}}, 0.6, "cpu", "fp32", "no fast bfloat16"),
        ({"cpu": {}}, 0.6, "cpu", "fp32", "no fast bfloat16"),
        ({"gpus": [gpu("Tesla T4", 14.6, 7)]}, 0.005, "cuda", "fp32", "small"),
    ],
)
def test_every_kind_of_machine_gets_a_precision_with_a_reason(
    pretend, monkeypatch, machine, billions, kind, precision, says
):
    pretend(**machine)
    monkeypatch.setattr("qwen_course.machine._free_memory", lambda: 16 * GIB)
    described = describe_machine()
    assert described.kind == kind
    chosen, why = choose_precision(int(billions * 1e9), described)
    assert (chosen, says in why) == (precision, True), why


def test_a_torch_that_cannot_tell_a_cpus_features_means_float32(pretend, monkeypatch):
    pretend()
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert describe_machine("cpu").bf16 is False


def test_the_second_gpu_and_a_missing_third(pretend):
    pretend(gpus=[gpu("Tesla T4", 14.6, 7), gpu("L4", 22, 8)])
    assert describe_machine("cuda:1").name == "L4" and describe_machine("auto").name == "Tesla T4"
    with pytest.raises(ValueError, match="torch finds 2 CUDA GPUs"):
        describe_machine("cuda:2")
    with pytest.raises(ValueError, match="no Apple GPU"):
        describe_machine("mps")


@pytest.mark.parametrize(
    ("described", "fits"),
    [
        (gpu("Tesla T4", 14.6, 7), "Qwen/Qwen3-1.7B"),  # in float32, which float16's overflow makes the safe choice
        (gpu("V100", 32, 7), "Qwen/Qwen3-4B"),
        (gpu("L4", 22.2, 8), "Qwen/Qwen3-8B"),
    ],
)
def test_the_model_proposed_for_a_gpu_fits_in_the_format_chosen_there(pretend, described, fits):
    pretend(gpus=[described])
    machine = describe_machine()
    assert fitting_model(room_for_bf16(machine)) == fits
    precision, why = choose_precision(count_parameters(fits).total, machine)
    assert precision == ("bf16" if machine.bf16 else "fp32"), why


def overflowing(dtype: torch.dtype) -> LocalQwen:
    """A model whose logits are near 10**6: numbers in float32 and bfloat16, more than float16 can hold."""
    tokenizer = make_tokenizer("qwen3")
    model = make_model("qwen3", tokenizer)
    with torch.no_grad():
        model.lm_head.weight.mul_(1e6 / model.lm_head.weight.abs().max())
        model.lm_head.weight.clamp_(-6e4, 6e4)  # the weights themselves fit
        model.model.norm.weight.fill_(30)
    return LocalQwen(name="big", reason="a test", model=model.to(dtype), tokenizer=tokenizer)


@pytest.mark.parametrize("sampling", [Sampling.greedy(), Sampling(temperature=0.7, top_k=20)])
def test_an_overflow_in_float16_is_named_and_other_formats_go_on(sampling):
    for dtype in (torch.float32, torch.bfloat16):
        with overflowing(dtype) as qwen:
            assert qwen.chat("Hi", max_new_tokens=3, sampling=sampling).completion_tokens
    with overflowing(torch.float16) as qwen:
        with pytest.raises(FloatingPointError, match=r"'!!!!'.*float16.*precision='fp32'"):
            qwen.chat("Hi", max_new_tokens=3, sampling=sampling)
        with pytest.raises(FloatingPointError):
            list(qwen.stream("Hi", max_new_tokens=3, sampling=sampling))


def test_weights_that_make_nan_are_named():
    tokenizer = make_tokenizer("qwen3")
    model = make_model("qwen3", tokenizer)
    with torch.no_grad():
        model.model.norm.weight[3] = float("nan")
    with LocalQwen(name="nan", reason="a test", model=model, tokenizer=tokenizer) as qwen:
        with pytest.raises(FloatingPointError, match="weights are damaged"):
            qwen.chat_batch(["Hi", "Hello"], max_new_tokens=3)


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_a_folder_that_wants_its_own_code_is_refused_and_the_code_not_run(checkpoint, tmp_path, file):
    """Also where transformers would know the model type: who asks for code expects it to run."""
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "remote")
    trace = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(trace)!r}, 'w')")
    settings = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps(settings | {"auto_map": {"AutoModelForCausalLM": "evil.Model"}}))
    with pytest.raises(ValueError, match=f"code from its repository.*never runs.*trust_remote_code.*{file}"):
        load(folder, device="cpu")
    assert not trace.exists()


@pytest.mark.parametrize("pickled", ["pytorch_model.bin", "model.pt", "weights.pth", "last.ckpt"])
def test_a_folder_with_pickles_only_is_refused_unopened(checkpoint, tmp_path, pickled):
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    (folder / pickled).write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(ValueError, match="pickle files, which can run any code.*safetensors only"):
        load(folder, device="cpu")
