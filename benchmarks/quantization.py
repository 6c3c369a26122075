"""Time the shape of Qwen3-0.6B in bf16, int8 and NF4: `make bench`, or `python -m benchmarks.quantization [--small]`.

The weights are random, as speed and bytes do not depend on them. One conversation reads all weights for each token, so
the memory's bandwidth, measured in this same run, sets a limit; the share of it says how well the kernels do. The
models take turns, so that a busy machine slows all. On a CUDA GPU the same is measured once more there.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from statistics import median

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM

from qwen_course.bitsandbytes_support import quantization_config, require_bitsandbytes
from qwen_course.checkpoints import shape
from qwen_course.machine import describe_machine
from qwen_course.memory import estimate_memory
from qwen_course.quantization import stored_bytes
from qwen_course.quiet import quiet_transformers

PRECISIONS = ("bf16", "int8", "nf4")


def seconds(work: Callable[[], object], device: str) -> float:
    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    wait()
    start = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - start


def bandwidth(device: str, *, size: int) -> float:
    """Return the bytes per second at which this memory can be read and written: the best of several ways and tries."""
    source = torch.ones(size // 4, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    ways = [(source.sum, size), (lambda: target.copy_(source), 2 * size), (lambda: target.fill_(1.0), size)]
    return max(moved / seconds(way, device) for way, moved in ways for _ in range(5))


def load(folder: str, precision: str, device: str):
    options: dict = {"dtype": torch.bfloat16}
    if precision != "bf16":
        options["dtype"], options["quantization_config"] = quantization_config(precision, describe_machine(device))
    if device != "cpu":
        options["device_map"] = {"": device}
    with quiet_transformers():
        return AutoModelForCausalLM.from_pretrained(folder, **options).eval()


def decode(model, tokens: int, batch: int, device: str) -> float:
    """Return tokens per second after a prompt of 16, all conversations together."""
    ids = torch.randint(0, 1000, (batch, 16), generator=torch.Generator().manual_seed(0)).to(device)
    with torch.no_grad():
        out = model(ids, use_cache=True)
        cache, step = out.past_key_values, ids[:, -1:]

        def write() -> None:
            for _ in range(tokens):
                model(step, past_key_values=cache, use_cache=True)

        return batch * tokens / seconds(write, device)


def measure(folder: str, device: str, *, tokens: int, rounds: int, size: int) -> None:
    models = {precision: load(folder, precision, device) for precision in PRECISIONS}
    for model in models.values():
        decode(model, 2, 1, device)  # warms up
    limit = bandwidth(device, size=size)
    rates: dict[tuple[str, int], list[float]] = {(name, batch): [] for name in models for batch in (1, 16)}
    for number in range(rounds):
        for name in PRECISIONS if number % 2 else reversed(PRECISIONS):
            for batch in (1, 16):
                steps = tokens if batch == 1 else max(2, tokens // 4)
                rates[name, batch].append(decode(models[name], steps, batch, device))
    limit = max(limit, bandwidth(device, size=size))
    print(f"\n{describe_machine(device).name}: memory moves {limit / 1e9:.1f} GB/s")
    heads = ("precision", "MB", "predicted", "limit", "tokens/s", "of limit", "/ bf16", "batch of 16", "/ bf16")
    print("".join(f"{head:>12}" for head in heads))
    for name, model in models.items():
        held = stored_bytes(model)
        predicted = estimate_memory(model.config, precision=name, tokens=0).weights
        one, many = (median(rates[name, batch]) for batch in (1, 16))
        # each round's ratio: both were slowed by the same load
        ratios = [
            median(mine / base for mine, base in zip(rates[name, batch], rates["bf16", batch], strict=True))
            for batch in (1, 16)
        ]
        cells = (
            name,
            f"{held / 1e6:.0f}",
            f"{predicted / held - 1:+.1%}",
            f"{limit / held:.1f}",
            f"{one:.2f}",
            f"{one * held / limit:.0%}",
            f"{ratios[0]:.2f}",
            f"{many:.1f}",
            f"{ratios[1]:.2f}",
        )
        print("".join(f"{cell:>12}" for cell in cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quantization", description=__doc__.split("\n")[0])
    parser.add_argument("repo_id", nargs="?", default="Qwen/Qwen3-0.6B", help="a shape of the catalogue")
    parser.add_argument("--small", action="store_true", help="four layers and few tokens, to see that it runs")
    arguments = parser.parse_args()

    print(f"bitsandbytes {require_bitsandbytes()}, transformers {transformers.__version__}, torch {torch.__version__},")
    print(f"{torch.get_num_threads()} threads, CPU with {torch.backends.cpu.get_cpu_capability()}")
    keywords = dict(shape(arguments.repo_id))
    if arguments.small:
        keywords |= {"num_hidden_layers": 4, "layer_types": None}
    config = AutoConfig.for_model(keywords.pop("model_type"), **keywords)
    print(f"shape of {arguments.repo_id}, {config.num_hidden_layers} layers, random weights")
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        with quiet_transformers():
            AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(folder)
        tokens, rounds, size = (4, 2, 2**28) if arguments.small else (16, 3, 2**30)
        for device in ("cpu", "cuda:0") if torch.cuda.is_available() else ("cpu",):
            measure(folder, device, tokens=tokens, rounds=rounds, size=size)


if __name__ == "__main__":
    main()
