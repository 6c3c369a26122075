"""load() finds the weights, chooses the number format for a reason, and refuses with a way to go on."""

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest
import torch
from checkpoints import STYLES, build_checkpoint

from qwen_course import hub, models
from qwen_course.machine import GIB, Machine, choose_precision, describe_machine, fitting_model
from qwen_course.models import count_stored, load
from qwen_course.sampling import Sampling

CPU = Machine("cpu", "the CPU", 16 * GIB, bf16=False)


@pytest.fixture
def pocket(checkpoint, monkeypatch):
    """Stand a random checkpoint where Pocket's weights are, so that these tests need no training."""
    monkeypatch.setattr(models, "POCKET", checkpoint("qwen3"))
    monkeypatch.delenv("QWEN_COURSE_MODEL", raising=False)


# --- what is loaded ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_every_family_loads_from_a_folder(style, loaded, checkpoint):
    qwen = loaded(style)
    assert qwen.name == str(checkpoint(style))
    assert qwen.model.dtype == torch.float32 and "float32" in qwen.reason and "\n" not in qwen.reason
    assert qwen.context_tokens == 2048
    assert qwen.thinking_modes == {
        "qwen2.5": (False,),
        "instruct-2507": (False,),
        "thinking-2507": (True,),
    }.get(style, (False, True))


def test_without_an_argument_it_is_pocket(pocket):
    with load() as qwen:
        assert qwen.name == "pocket"
        assert qwen.reason.startswith("Pocket, a teaching model trained by this course")
        assert qwen.recommended_sampling(thinking=True) == Sampling.greedy()


def test_the_environment_names_the_default_model(pocket, checkpoint, monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_MODEL", str(checkpoint("qwen2.5")))
    with load() as qwen:
        assert qwen.name == str(checkpoint("qwen2.5"))
    with load("pocket") as qwen:
        assert qwen.name == "pocket"


def test_local_takes_pocket_in_place_of_an_endpoint_and_says_so(pocket):
    with load("http://localhost:8000/v1#some-model", local=True) as qwen:
        assert qwen.name == "pocket"
        assert qwen.reason.startswith("Instead of the endpoint http://localhost:8000/v1#some-model")


def test_with_a_gpu_and_the_hub_the_reason_names_a_model_that_fits(pocket, monkeypatch):
    gpu = Machine("cuda:0", "a GPU", 24 * GIB, bf16=True)
    monkeypatch.setattr(models, "describe_machine", lambda device: gpu)
    monkeypatch.setattr(models, "_load_folder", lambda *a: models_on_cpu(*a))
    monkeypatch.setattr(models, "hub_reachable", lambda: True)
    assert "24 GiB would also fit load('Qwen/Qwen3-8B')" in load().reason
    monkeypatch.setattr(models, "hub_reachable", lambda: False)
    assert "would also fit" not in load().reason


_load_folder = models._load_folder


def models_on_cpu(folder, precision, machine):
    return _load_folder(folder, precision, CPU)


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("qwen3", ValueError, "Unknown model 'qwen3'; expected 'pocket', 'pocket-vl', a hub id"),
        ("./nowhere", FileNotFoundError, "no folder './nowhere'"),
        ("/no/such/place", FileNotFoundError, "no folder"),
        ("~/no/such/place", FileNotFoundError, "no folder"),
        ("a/b/c", FileNotFoundError, "no folder"),
    ],
)
def test_unknown_names_raise(name, error, says):
    with pytest.raises(error, match=says):
        load(name)


def test_a_folder_without_a_config_says_what_was_expected(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"has no config\.json.*Expected what save_pretrained writes"):
        load(tmp_path)


def test_an_adapter_folder_points_to_its_notebook(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(FileNotFoundError, match="LoRA adapter.*notebook 05"):
        load(tmp_path)


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(ValueError, match="is a file; expected"):
        load(path)


def test_pickled_weights_are_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match="pickle files, which can run any code"):
        load(folder)
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"no \*\.safetensors weights"):
        load(folder)


def test_missing_shards_are_noticed(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "partial")
    index = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(FileNotFoundError, match="lacks weight files"):
        load(folder)


def test_code_of_a_repository_is_never_run(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "remote")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "qwen", "auto_map": {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    trace = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(trace)!r}, 'w')")
    with pytest.raises(ValueError, match="needs code from its repository, which the course never runs"):
        load(folder)
    assert not trace.exists()


def test_an_unknown_model_type_is_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "unknown")
    config = json.loads((folder / "config.json").read_text()) | {"model_type": "qwen99"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="'qwen99', which is unknown"):
        load(folder)


@pytest.mark.parametrize("precision", ["float16", "fp8", "", None, 16])
def test_an_unknown_precision_raises_and_lists_the_known(precision, checkpoint):
    with pytest.raises(ValueError, match="precision is .*; expected one of 'auto', 'fp32'"):
        load(checkpoint("qwen3"), precision=precision)


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu:1", "tpu"])
def test_an_unknown_device_raises(device, checkpoint):
    with pytest.raises(ValueError, match="device is .*; expected 'auto'"):
        load(checkpoint("qwen3"), device=device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_raises(checkpoint):
    with pytest.raises(ValueError, match="torch finds 0 CUDA GPUs"):
        load(checkpoint("qwen3"), device="cuda")


# --- number formats ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)]
)
def test_the_precision_asked_for_is_what_runs(precision, dtype, checkpoint):
    with load(checkpoint("qwen3"), precision=precision, device="cpu") as qwen:
        assert qwen.model.dtype == dtype
        assert "as asked" in qwen.reason
        assert qwen.chat("Hi", max_new_tokens=4, sampling=Sampling.greedy()).completion_tokens > 0


@pytest.mark.parametrize("precision", ["int8", "nf4", "fp4"])
def test_quantized_models_load_and_answer_in_silence(precision, checkpoint, capfd, recwarn):
    with load(checkpoint("qwen3"), precision=precision, device="cpu") as qwen:
        kinds = {type(module).__name__ for module in qwen.model.modules()}
        assert ("Linear8bitLt" if precision == "int8" else "Linear4bit") in kinds
        assert qwen.chat("Hi", max_new_tokens=4, sampling=Sampling.greedy()).completion_tokens > 0
    assert capfd.readouterr() == ("", "")
    assert [str(warning.message) for warning in recwarn] == []


def test_an_already_quantized_checkpoint_keeps_its_own_format(checkpoint, tmp_path):
    with load(checkpoint("qwen3"), precision="nf4", device="cpu") as qwen:
        qwen.model.save_pretrained(tmp_path)
        qwen.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="already quantized"):
        load(tmp_path, precision="int8", device="cpu")
    with load(tmp_path, device="cpu") as qwen:
        assert "as stored" in qwen.reason
        assert qwen.chat("Hi", max_new_tokens=2, sampling=Sampling.greedy()).completion_tokens > 0


T4 = Machine("cuda:0", "Tesla T4", int(14.6 * GIB), bf16=False)
L4 = Machine("cuda:0", "L4", 22 * GIB, bf16=True)
LAPTOP = Machine("cpu", "the CPU", 6 * GIB, bf16=False)
SERVER = Machine("cpu", "the CPU", 200 * GIB, bf16=True)
MAC = Machine("mps", "Apple GPU", 11 * GIB, bf16=True)


@pytest.mark.parametrize(
    ("parameters", "machine", "precision", "says"),
    [
        (5e6, CPU, "fp32", "small"),
        (5e6, SERVER, "fp32", "small"),
        (5e6, L4, "fp32", "small"),
        (0.6e9, LAPTOP, "fp32", "no fast bfloat16"),
        (1.7e9, LAPTOP, "bf16", "does not fit"),
        (8e9, LAPTOP, "bf16", "too big for the memory"),
        (8e9, SERVER, "bf16", "halves the memory"),
        (0.6e9, L4, "bf16", "full speed"),
        (14e9, L4, "bf16", "try precision='nf4'"),
        (0.6e9, T4, "fp32", "no bfloat16"),
        (4e9, T4, "fp16", "float32 does not fit"),
        (0.6e9, MAC, "bf16", "halves"),
    ],
)
def test_auto_precision_follows_from_size_and_machine(parameters, machine, precision, says):
    chosen, why = choose_precision(int(parameters), machine)
    assert chosen == precision and says in why


def test_this_machine_is_described():
    machine = describe_machine("cpu")
    assert machine.kind == "cpu" and machine.memory > GIB // 4 and isinstance(machine.bf16, bool)
    assert describe_machine("auto").kind in ("cpu", "cuda", "mps")


@pytest.mark.parametrize(
    ("gib", "repo_id"), [(139, "Qwen3-32B"), (24, "Qwen3-8B"), (15, "Qwen3-4B"), (4, "Qwen3-0.6B")]
)
def test_the_model_suggested_fits_the_gpu(gib, repo_id):
    assert fitting_model(gib * GIB) == f"Qwen/{repo_id}"


def test_parameters_are_counted_from_the_files(checkpoint, loaded):
    assert count_stored(checkpoint("qwen3")) == loaded("qwen3").model.num_parameters()


def test_a_tied_output_layer_that_is_stored_twice_counts_once(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "tied")
    before = count_stored(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": True}))
    assert before - count_stored(folder) == config["vocab_size"] * config["hidden_size"]


# --- sampling and context of a checkpoint -----------------------------------------------------------------------


def test_a_folder_samples_as_its_generation_config_says(tmp_path):
    qwen = load(build_checkpoint(tmp_path / "qwen3", "qwen3", greedy=False), device="cpu")
    assert qwen.recommended_sampling(thinking=True) == Sampling(temperature=0.6, top_p=0.95, top_k=20)
    # the file of a hybrid Qwen3 holds the values for thinking only
    assert qwen.recommended_sampling(thinking=False) == Sampling(temperature=0.7, top_p=0.8, top_k=20)
    qwen.model.generation_config.temperature = 0.9
    assert qwen.recommended_sampling(thinking=False).temperature == 0.9
    qwen.model.generation_config.do_sample = False
    assert qwen.recommended_sampling(thinking=False) == Sampling.greedy()


def test_yarn_counts_into_the_context(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint("qwen3"), tmp_path / "yarn")
    config = json.loads((folder / "config.json").read_text())
    config["rope_parameters"] = {
        "rope_type": "yarn",
        "rope_theta": 1e6,
        "factor": 4.0,
        "original_max_position_embeddings": 2048,
    }
    (folder / "config.json").write_text(json.dumps(config))
    with load(folder, device="cpu") as qwen:
        assert qwen.context_tokens == 8192


def test_a_vision_language_checkpoint_chats_as_a_text_model(tmp_path):
    """Qwen3.5 ships with a vision part; the course's chat takes its text model."""
    import transformers
    from checkpoints import make_model, make_tokenizer

    tokenizer = make_tokenizer("qwen3.5")
    text = make_model("qwen3.5", tokenizer).config.to_dict()
    vision = dict(depth=1, hidden_size=16, num_heads=2, intermediate_size=16, out_hidden_size=64, patch_size=4)
    config = transformers.Qwen3_5Config(text_config=text, vision_config=vision)
    transformers.Qwen3_5ForConditionalGeneration(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with load(tmp_path, device="cpu") as qwen:
        assert qwen.context_tokens == 2048
        assert qwen.chat("Hi", max_new_tokens=4, sampling=Sampling.greedy()).completion_tokens > 0


# --- the hub ----------------------------------------------------------------------------------------------------


class FakeHub:
    """Stands in for the network: huggingface_hub's two calls, with a cache that may be empty."""

    def __init__(self, folder=None, error=None, cached=False, size=1_200_000_000):
        self.folder, self.error, self.cached, self.size, self.downloads = folder, error, cached, size, 0

    def snapshot_download(self, repo_id, *, allow_patterns, local_files_only=False):
        from huggingface_hub.errors import LocalEntryNotFoundError

        assert all(not pattern.endswith((".bin", ".py", ".pt")) for pattern in allow_patterns)
        if local_files_only and not self.cached:
            raise LocalEntryNotFoundError("not in the cache")
        self.downloads += not local_files_only
        return str(self.folder)

    def model_info(self, repo_id, *, files_metadata, timeout):
        from types import SimpleNamespace

        if self.error is not None:
            raise self.error
        files = [("model.safetensors", self.size), ("pytorch_model.bin", 9 * self.size), ("modeling.py", 100)]
        return SimpleNamespace(siblings=[SimpleNamespace(rfilename=name, size=size) for name, size in files])


@pytest.fixture
def fake_hub(monkeypatch):
    import huggingface_hub

    def install(**options) -> FakeHub:
        fake = FakeHub(**options)
        monkeypatch.setattr(huggingface_hub, "snapshot_download", fake.snapshot_download)
        monkeypatch.setattr(huggingface_hub, "HfApi", lambda: fake)
        return fake

    return install


def test_a_download_is_announced_with_its_size_and_the_free_disk(fake_hub, checkpoint, capsys):
    fake = fake_hub(folder=checkpoint("qwen3"))
    with load("Qwen/Qwen3-0.6B", device="cpu") as qwen:
        assert qwen.name == "Qwen/Qwen3-0.6B" and fake.downloads == 1
        assert qwen.recommended_sampling(thinking=False) == Sampling.recommended("Qwen/Qwen3-0.6B", thinking=False)
    assert "Qwen/Qwen3-0.6B: 1.2 GB to download" in (said := capsys.readouterr().out) and "GB free" in said


def test_what_is_in_the_cache_needs_no_network(fake_hub, checkpoint, capsys):
    fake = fake_hub(folder=checkpoint("qwen3"), cached=True, error=ConnectionError())
    with load("Qwen/Qwen3-0.6B", device="cpu"):
        assert fake.downloads == 0 and capsys.readouterr().out == ""


def test_a_download_that_cannot_fit_is_not_begun(fake_hub, checkpoint):
    fake = fake_hub(folder=checkpoint("qwen3"), size=10**18)
    with pytest.raises(OSError, match=r"needs 1000000000\.0 GB and only .*Pocket"):
        load("Qwen/Qwen3-0.6B", device="cpu")
    assert fake.downloads == 0


def test_offline_mode_gives_an_error_that_says_how_to_go_on():
    """HF_HUB_OFFLINE is set for all tests; nothing is faked here."""
    with pytest.raises(ConnectionError, match=r"could not be fetched .*load\('pocket'\)"):
        load("Qwen/Qwen3-0.6B")


def test_without_network_the_error_says_how_to_go_on(tmp_path):
    """Nothing is faked here either: the hub's address is a port of this machine where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
    script = "from qwen_course.hub import fetch, hub_reachable; print(hub_reachable()); fetch('Qwen/Qwen3-0.6B')"
    environment = os.environ | {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120)
    assert run.stdout == "False\n"
    last = run.stderr.splitlines()[-1]
    assert last.startswith("ConnectionError: 'Qwen/Qwen3-0.6B' is not on this disk") and "load('pocket')" in last


def test_an_unknown_hub_id_says_so(fake_hub):
    from huggingface_hub.errors import RepositoryNotFoundError

    # made without __init__, whose arguments belong to the HTTP library of the day
    fake_hub(error=RepositoryNotFoundError.__new__(RepositoryNotFoundError))
    with pytest.raises(ValueError, match=r"no open model 'Qwen/Qwen9'.*load\('pocket'\)"):
        load("Qwen/Qwen9")


def test_the_hub_is_not_asked_where_that_is_forbidden():
    assert hub.hub_reachable() is False
