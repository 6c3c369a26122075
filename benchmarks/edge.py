"""Compare engines for small machines: `make bench`, or `python -m benchmarks.edge [--small] [--record]`.

First Pocket, with its answers, one thread each. Then the shape of Qwen3-0.6B with random weights, as speed and bytes do
not depend on them, on all cores, beside the speed that the memory allows: each token reads all weights once. Engines
take turns, each time in a process of its own, and what counts is each round's ratio to transformers in bfloat16.

`--record` keeps the results in the package, for notebooks that run where an engine is missing. `--foundry PYTHON` asks
Foundry Local as well, in its own environment; see `benchmarks/foundry_local.py`.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pandas as pd
import torch
import transformers

import qwen_course as qc
from benchmarks.quantization import bandwidth
from qwen_course.checkpoints import shape
from qwen_course.edge import physical_cores
from qwen_course.edge_report import LIMIT, RECORDED, ask
from qwen_course.models import POCKET
from qwen_course.quiet import quiet_transformers

SKILLS = ("arithmetic", "extract", "translation", "tool_call")
BASE = "transformers bf16"
EXPORTS = {
    "onnxruntime fp32": (qc.export_onnx, "fp32"),
    "onnxruntime int4": (qc.export_onnx, "int4"),
    "llama.cpp f16": (qc.export_gguf, "f16"),
    "llama.cpp q8_0": (qc.export_gguf, "q8_0"),
    "llama.cpp q4_k_m": (qc.export_gguf, "q4_k_m"),
}


def export_all(model: str | Path, shelf: Path) -> dict[str, Path]:
    """Return what each engine loads, by name. An engine that is not installed is left out and named."""
    files = {}
    for number, (name, (export, precision)) in enumerate(EXPORTS.items()):
        target = shelf / (f"{number}.gguf" if export is qc.export_gguf else str(number))
        try:
            files[name] = export(model, target, precision=precision)
        except ImportError as missing:
            print(f"{name}: {missing}")
    return files


def pocket(shelf: Path, foundry: str | None) -> pd.DataFrame:
    """Return the table of notebook 08 for Pocket, all that is installed."""
    qwen = qc.load("pocket", precision="fp32", device="cpu", local=True)
    prompts = qc.edge_prompts(qwen, SKILLS)
    usual = {"stop_ids": qwen.stop_ids, "limit": LIMIT, "threads": 1}
    runs = {
        f"transformers {precision}": qc.run_engine(POCKET, prompts.ids, precision=precision, **usual)
        for precision in ("fp32", "bf16")
    }
    files = export_all("pocket", shelf)
    runs |= {name: qc.run_engine(path, prompts.ids, **usual) for name, path in files.items()}
    table = qc.engines_table(qwen, prompts, runs)
    if foundry and "onnxruntime int4" in files:
        row = ask_foundry(foundry, qwen, files["onnxruntime int4"], usual)
        table = pd.concat([table, pd.DataFrame([row], index=["Foundry Local int4"])])
    return table


def ask_foundry(python: str, qwen, folder: Path, usual: Mapping) -> dict:
    """Return Foundry Local's row. It renders prompts itself, so it is held against onnxruntime-genai by its texts."""
    problems = [one for skill in SKILLS[:3] for one in qc.problems(skill, 34)][:100]
    prompts = ask(qwen, problems, thinking=qwen.template.default_thinking)
    task = {"folder": str(folder), "questions": [one.messages[-1]["content"] for one in problems], "limit": LIMIT}
    command = [python, Path(__file__).with_name("foundry_local.py")]
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout.splitlines()[-1])
    alone = [len(one.messages) == 1 for one in problems]  # a system message is not handed over
    ours = qc.run_engine(folder, prompts.ids, **usual).replies
    texts = [qwen.tokenizer.decode(ids[:-1] if ids[-1] in qwen.stop_ids else ids) for ids in ours]
    pairs = [
        (one == other["text"], len(ids) == other["prompt_tokens"])
        for one, other, ids, fair in zip(texts, theirs["replies"], prompts.ids, alone, strict=True)
        if fair
    ]
    return {
        "file (MB)": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 2),
        "load (s)": round(theirs["load_seconds"], 2),
        "memory (MB)": round(theirs["memory_bytes"] / 1e6),
        "of it the engine (MB)": round(theirs["library_bytes"] / 1e6),
        "prompts": len(pairs),
        "same prompt length (%)": round(100 * sum(right for _, right in pairs) / len(pairs), 1),
        "same text as onnxruntime int4 (%)": round(100 * sum(same for same, _ in pairs) / len(pairs), 1),
        "measured": f"here, {theirs['engine']}",
    }


def made_up(repo_id: str, folder: Path, layers: int | None) -> int:
    """Save random weights of a shape with a made-up vocabulary of its size; return the number of parameters."""
    keywords = dict(shape(repo_id))
    if layers:
        keywords |= {"num_hidden_layers": layers, "layer_types": None}
    config = transformers.AutoConfig.for_model(keywords.pop("model_type"), **keywords)
    torch.manual_seed(0)
    with quiet_transformers():
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        model.save_pretrained(folder)
        transformers.AutoTokenizer.from_pretrained(POCKET).save_pretrained(folder)
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    more = range(len(tokenizer["model"]["vocab"]), config.vocab_size - len(tokenizer["added_tokens"]))
    tokenizer["model"]["vocab"] |= {f"<made up {number}>".replace(" ", "Ġ"): number for number in more}
    for number, token in enumerate(tokenizer["added_tokens"], start=len(tokenizer["model"]["vocab"])):
        token["id"] = number
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    return model.num_parameters()


def shape_speeds(repo_id: str, shelf: Path, *, layers: int | None, tokens: int, rounds: int, size: int) -> pd.DataFrame:
    folder = shelf / "made-up"
    parameters = made_up(repo_id, folder, layers)
    places = {"transformers fp32": (folder, "fp32"), BASE: (folder, "bf16")}
    places |= {name: (path, "") for name, path in export_all(folder, shelf).items()}
    ids = torch.randint(0, 1000, (16,), generator=torch.Generator().manual_seed(0)).tolist()
    limit = bandwidth("cpu", size=size)
    runs: dict[str, list] = {name: [] for name in places}
    for number in range(rounds):
        for name in list(places) if number % 2 else list(places)[::-1]:
            path, precision = places[name]
            runs[name].append(qc.run_engine(path, [ids], stop_ids=[], limit=tokens, precision=precision or "fp32"))
    limit = max(limit, bandwidth("cpu", size=size))
    rows = {}
    for name, found in runs.items():
        held = {"transformers fp32": 4 * parameters, BASE: 2 * parameters}.get(name, found[0].file_bytes)
        rate = median(run.tokens_per_second for run in found)
        ratios = [mine.tokens_per_second / base.tokens_per_second for mine, base in zip(found, runs[BASE], strict=True)]
        rows[name] = {
            "weights (MB)": round(held / 1e6),
            "limit (tokens/s)": round(limit / held, 1),
            "tokens/s": round(rate, 1),
            "of the limit (%)": round(100 * rate * held / limit),
            f"times {BASE}": round(median(ratios), 2),
            "16 tokens read (ms)": round(1e3 * median(run.first_token_seconds for run in found)),
            "memory (MB)": round(median(run.memory_bytes for run in found) / 1e6),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    machine = f"{physical_cores()} threads, CPU with {torch.backends.cpu.get_cpu_capability()}"
    what = f"shape of {repo_id}, {layers or 'all'} layers, {parameters / 1e6:.0f} million random weights"
    table.attrs["measured"] = f"{what}; {machine}; memory moves {limit / 1e9:.1f} GB/s"
    return table


def record(pocket_table: pd.DataFrame, speeds: pd.DataFrame) -> None:
    """Keep both tables in the package."""
    when = f"recorded {datetime.now(UTC):%Y-%m-%d}, "
    rows = json.loads(pocket_table.to_json(orient="index"))
    kept = {
        name: {key: value for key, value in row.items() if value is not None}
        | {"measured": row["measured"].replace("here, ", when)}
        for name, row in rows.items()
    }
    shape_rows = json.loads(speeds.to_json(orient="index"))
    stored = {"pocket": kept, "shape": {"measured": when + speeds.attrs["measured"], "rows": shape_rows}}
    RECORDED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edge", description=__doc__.split("\n")[0])
    parser.add_argument("repo_id", nargs="?", default="Qwen/Qwen3-0.6B", help="a shape of the catalogue")
    parser.add_argument("--small", action="store_true", help="four layers and few tokens, to see that it runs")
    parser.add_argument("--record", action="store_true", help="keep the results in the package, for notebook 08")
    parser.add_argument("--foundry", metavar="PYTHON", help="of an environment with foundry-local-sdk and psutil")
    arguments = parser.parse_args()
    small = {"layers": 4, "tokens": 16, "rounds": 2, "size": 2**28}
    full = {"layers": None, "tokens": 48, "rounds": 3, "size": 2**30}
    with tempfile.TemporaryDirectory() as place:
        shelf = Path(place)
        for name in ("pocket", "shape"):
            (shelf / name).mkdir()
        answers = pocket(shelf / "pocket", arguments.foundry)
        print(answers.T.to_string(), flush=True)
        speeds = shape_speeds(arguments.repo_id, shelf / "shape", **(small if arguments.small else full))
        print(f"\n{speeds.attrs['measured']}\n{speeds.to_string()}")
    if arguments.record:
        record(answers, speeds)


if __name__ == "__main__":
    main()
