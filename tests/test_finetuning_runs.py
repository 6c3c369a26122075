"""Whole runs: what Pocket learns and keeps, a killed run that resumes, and two processes that equal one."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml
from checkpoints import build_checkpoint

import qwen_course as qc
from qwen_course.models import load
from qwen_course.skills import SKILLS

GREEDY = qc.Sampling.greedy()


def ticket_rows(n):
    return qc.rows_of(qc.problems("ticket", n, split="train"))


def share(qwen, problems):
    """Return the share of right answers, both modes together, and of replies that end by themselves."""
    scores = [qc.evaluate(qwen, problems, thinking=mode, sampling=GREEDY, max_new_tokens=256) for mode in (False, True)]
    return sum(s.correct for s in scores) / sum(s.n for s in scores), scores


@pytest.fixture(scope="module")
def pocket():
    with load("pocket", device="cpu") as qwen:
        yield qwen


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "least"), [("auto", 0.95), ("nf4", 0.90)])
def test_tickets_are_learnt_in_both_modes_and_replies_end(precision, least, pocket, tmp_path):
    tickets = qc.problems("ticket", 100)
    data = qc.prepare_rows(pocket.tokenizer, ticket_rows(2800), test=tickets)
    assert share(pocket, tickets)[0] <= 0.05
    run = qc.finetune("pocket", data, tmp_path, precision=precision)
    accuracy, scores = share(run.qwen, tickets)
    assert accuracy >= least
    assert all(score.cut_off == 0 for score in scores)
    assert all(result.reply.thinking for result in scores[1].results)


@pytest.mark.slow
def test_old_skills_are_forgotten_without_replay_and_kept_within_five_points_with_it(pocket, tmp_path):
    import random

    old = [problem for skill in SKILLS for problem in qc.problems(skill, 6)]
    before = share(pocket, old)[0]
    few = qc.prepare_rows(pocket.tokenizer, ticket_rows(640))
    assert share(qc.finetune("pocket", few, tmp_path / "alone").qwen, old)[0] < before - 0.3
    replayed = qc.rows_of([problem for skill in SKILLS for problem in qc.problems(skill, 150, split="train")])
    rows = ticket_rows(2000) + [r for r in replayed if len(qc.encode_row(pocket.tokenizer, r).ids) <= 256]
    random.Random(0).shuffle(rows)
    data = qc.prepare_rows(pocket.tokenizer, rows, test=old)
    run = qc.finetune("pocket", data, tmp_path / "replay", rank=32, learning_rate=6e-3, packing=True)
    assert share(run.qwen, old)[0] >= before - 0.05
    assert share(run.qwen, qc.problems("ticket", 100))[0] >= 0.9


# --- a run that is killed

RUN = """
import sys
import qwen_course as qc
base, folder, mode = sys.argv[1:]
rows = qc.rows_of(qc.problems("ticket", 160, split="train"))
with qc.load(base) as qwen:
    data = qc.prepare_rows(qwen.tokenizer, rows)
run = qc.finetune(base, data, folder, learning_rate=1e-3, save_every=2, resume=mode == "resume")
print("loss", run.steps, float(run.history["loss"].iloc[-1]))
"""


def start(base, folder, mode, tmp_path):
    script = tmp_path / "run.py"
    script.write_text(RUN)
    command = [sys.executable, str(script), str(base), str(folder), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def last_line(process):
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err[-2000:]
    return out.strip().splitlines()[-1].split()


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_final_loss(tmp_path):
    base = build_checkpoint(tmp_path / "base", "qwen3")
    name, steps, loss = last_line(start(base, tmp_path / "whole", "new", tmp_path))
    killed = start(base, tmp_path / "killed", "new", tmp_path)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "killed").glob("checkpoint-*/trainer_state.json")):
        assert killed.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    killed.wait()
    assert not (tmp_path / "killed" / "adapter_model.safetensors").exists()
    again = last_line(start(base, tmp_path / "killed", "resume", tmp_path))
    assert again[:2] == [name, steps] and float(again[2]) == pytest.approx(float(loss), rel=1e-5)


# --- beyond one process


def settings(base, output, processes, **options):
    return qc.training_config(
        base, "", output, learning_rate=1e-3, rows_per_step=4, processes=processes, cpu=True, **options
    )


def losses(folder):
    state = next(folder.rglob("trainer_state.json"), None)
    assert state is not None, list(folder.iterdir())
    return [entry["loss"] for entry in json.loads(state.read_text())["log_history"] if "loss" in entry]


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one_and_trl_sft_reads_the_same_file(tmp_path):
    base = build_checkpoint(tmp_path / "base", "qwen3")
    found = {}
    for processes in (1, 2):
        folder = tmp_path / f"run {processes}"
        config = settings(base, folder / "adapter", processes, max_steps=3) | {
            "save_strategy": "steps",
            "save_steps": 3,
        }
        launch = qc.launch_config(processes=processes, cpu=True)
        files = qc.write_launch_files(folder, ticket_rows(24), config, launch)
        if processes == 1:
            command = [sys.executable, "-m", "trl.cli.main", "sft", "--config", files[0]]
        else:
            command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", files[1]]
            command += ["--module", "trl.scripts.sft", "--config", files[0]]
        env = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(list(map(str, command)), env=env, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        found[processes] = losses(folder / "adapter")
        assert (folder / "adapter" / "adapter_model.safetensors").exists()
    print(found)
    assert len(found[1]) == 3 and found[2] == pytest.approx(found[1], rel=1e-4)


def test_rows_per_step_must_be_shared_evenly():
    with pytest.raises(ValueError, match="cannot be shared by 3"):
        settings("base", "out", 3)


@pytest.mark.parametrize("processes", [1, 2])
def test_the_parser_of_trl_reads_the_training_file_and_knows_every_setting(processes, tmp_path):
    from trl.scripts.sft import make_parser

    files = qc.write_launch_files(tmp_path, ticket_rows(4), settings("base", "out", processes), qc.launch_config())
    script, training, model, _ = make_parser().parse_args_and_config(["--config", str(files[0])])
    assert training.per_device_train_batch_size == 4 // processes and training.learning_rate == 1e-3
    assert model.lora_r == model.lora_alpha == 16 and model.use_peft and model.lora_target_modules == "all-linear"
    assert script.dataset_name == str(tmp_path / "data") and len(qc.read_rows(tmp_path / "data")) == 4


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, "NO"),
        ({"processes": 2, "cpu": True}, "MULTI_GPU"),
        ({"processes": 8}, "MULTI_GPU"),
        ({"processes": 16, "machines": 2}, "MULTI_GPU"),
    ],
)
def test_the_parser_of_accelerate_reads_the_launch_file(options, kind, tmp_path):
    from accelerate.commands.config.config_args import load_config_from_file

    path = tmp_path / "accelerate.yaml"
    path.write_text(yaml.safe_dump(qc.launch_config(**options)))
    read = load_config_from_file(str(path))
    assert str(read.distributed_type).rpartition(".")[2] == kind
    assert (read.num_processes, read.num_machines) == (options.get("processes", 1), options.get("machines", 1))
    assert (read.main_process_ip is None) == (read.num_machines == 1)


def test_trl_ships_the_configurations_for_models_that_need_several_gpus():
    from pathlib import Path

    import trl

    names = {path.stem for path in (Path(trl.__file__).parent / "accelerate_configs").glob("*.yaml")}
    assert {"fsdp2", "zero3", "multi_gpu"} <= names
