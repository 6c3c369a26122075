"""vLLM's flags per family, held against what is recorded and, where vLLM is installed, against its command line."""

import json
from pathlib import Path

import pytest
import yaml

import qwen_course as qc
from qwen_course.checkpoints import all_checkpoints
from qwen_course.vllm_flags import FLAGS, REASONING_PARSERS, TOOL_PARSERS, vllm_command

CHAT = [one.repo_id for one in all_checkpoints() if one.variant != "base"]


def after(command, flag):
    return command[command.index(flag) + 1] if flag in command else None


@pytest.mark.parametrize(
    ("name", "reasoning", "tools"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", None, "hermes"),
        ("Qwen/QwQ-32B", "deepseek_r1", "hermes"),
        ("Qwen/Qwen3-8B", "qwen3", "hermes"),
        ("Qwen/Qwen3-4B-Instruct-2507", None, "hermes"),
        ("Qwen/Qwen3-4B-Thinking-2507", "qwen3", "hermes"),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", None, "qwen3_coder"),
        ("Qwen/Qwen3.5-9B", "qwen3", "qwen3_coder"),
        ("Qwen/Qwen3.8-27B", "qwen3", "qwen3_coder"),
        ("Qwen/Qwen1.5-0.5B-Chat", None, None),
    ],
)
def test_parsers_follow_the_family(name, reasoning, tools):
    command = vllm_command(name, max_model_len=4096)
    assert command[:3] == ["vllm", "serve", name] and after(command, "--max-model-len") == "4096"
    assert (after(command, "--reasoning-parser"), after(command, "--tool-call-parser")) == (reasoning, tools)
    assert ("--enable-auto-tool-choice" in command) == (tools is not None)


@pytest.mark.parametrize("name", CHAT)
def test_every_flag_and_parser_of_the_catalogue_is_recorded(name):
    command = vllm_command(name, max_model_len=1024, gpus=4, machines=2, revision="0" * 40)
    assert {word for word in command if word.startswith("--")} <= set(FLAGS)
    assert after(command, "--reasoning-parser") in (None, *REASONING_PARSERS)
    assert after(command, "--tool-call-parser") in (None, *TOOL_PARSERS)


def test_the_installed_vllm_knows_all_of_them():
    cli_args = pytest.importorskip("vllm.entrypoints.openai.cli_args")
    from vllm.reasoning import ReasoningParserManager
    from vllm.tool_parsers import ToolParserManager
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = cli_args.make_arg_parser(FlexibleArgumentParser())
    assert set(FLAGS) <= {flag for action in parser._actions for flag in action.option_strings}
    assert set(REASONING_PARSERS) <= set(ReasoningParserManager.list_registered())
    assert set(TOOL_PARSERS) <= set(ToolParserManager.list_registered())


def test_a_long_context_switches_yarn_on_and_one_that_is_too_long_is_refused():
    long = json.loads(after(vllm_command("Qwen/Qwen3-8B", max_model_len=131_072), "--hf-overrides"))
    assert long == {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}}
    assert "--hf-overrides" not in vllm_command("Qwen/Qwen3-8B", max_model_len=32_768)
    with pytest.raises(ValueError, match="at most 131,072"):
        vllm_command("Qwen/Qwen3-8B", max_model_len=131_073)


@pytest.mark.parametrize("options", [{"gpus": 0}, {"machines": 1.5}, {"max_model_len": -1}, {"gpus": True}])
def test_sizes_are_whole_numbers(options):
    with pytest.raises(ValueError, match="whole number"):
        vllm_command("Qwen/Qwen3-8B", **{"max_model_len": 1024, **options})


def test_a_base_model_does_not_chat():
    with pytest.raises(ValueError, match="base model"):
        vllm_command("Qwen/Qwen3-8B-Base", max_model_len=1024)


def test_the_compose_folder_is_whole(tmp_path):
    folder = qc.write_compose(tmp_path / "stack", "Qwen/Qwen3-8B", max_model_len=8192, gpus=2)
    compose = yaml.safe_load((folder / "compose.yaml").read_text())
    services = compose["services"]
    assert ["vllm", "serve", *services["vllm"]["command"]] == vllm_command("Qwen/Qwen3-8B", max_model_len=8192, gpus=2)
    assert {name for name, one in services.items() if "ports" in one} == {"gateway", "grafana"}
    assert all(port.startswith("127.0.0.1:") for one in services.values() for port in one.get("ports", []))
    for one in services.values():
        assert "image" not in one or not one["image"].endswith((":latest", "openai", "prometheus", "grafana"))
        for mount in one.get("volumes", []):
            source = mount.split(":")[0]
            assert (folder / source).is_file() if source.startswith("./") else source in compose["volumes"]
    jobs = {job["job_name"]: job for job in yaml.safe_load((folder / "prometheus.yml").read_text())["scrape_configs"]}
    assert set(jobs) == {"gateway", "vllm"} and "authorization" in jobs["gateway"]
    assert json.loads((folder / "grafana" / "dashboard.json").read_text()) == qc.grafana_dashboard()
    for name in ("datasource.yml", "dashboards.yml"):
        assert yaml.safe_load((folder / "grafana" / name).read_text())["apiVersion"] == 1
    key = (folder / "secrets" / "prometheus.key").read_text()
    assert qc.ApiKeys.load(folder / "secrets" / "keys.json").name_of(key) == "prometheus"
    assert Path(folder / "secrets").stat().st_mode & 0o77 == 0
    with pytest.raises(FileExistsError):
        qc.write_compose(folder, "Qwen/Qwen3-8B", max_model_len=8192)
