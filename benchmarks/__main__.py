"""Time the helper package and print a table: `make bench`, or `python -m benchmarks [MODEL]`.

Machines differ and are busy, so what counts are ratios of two things measured in turn, A B B A ..., in this one run;
each is the median over pairs. Seconds are shown too, and mean something on this machine only. Nothing is asserted.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import qwen_course as qc

PROMPT = "Give me a short introduction to large language models."
NEW_TOKENS = 64
IMPORT = """
import sys, time
start = time.perf_counter()
import qwen_course
print(time.perf_counter() - start, "torch" in sys.modules)
"""
FIRST_ANSWER = """
import sys
import qwen_course as qc
print(qc.load(sys.argv[1]).chat("What is 12 + 30?", max_new_tokens=32))
"""


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(first: Callable[[], float], second: Callable[[], float], *, pairs: int) -> tuple[float, float, float]:
    """Time both in turn; return the median of first / second over the pairs, then the median seconds of each."""
    timed = []
    for number in range(pairs + 1):
        timed.append((first(), second()) if number % 2 else (second(), first())[::-1])
    timed = timed[1:]  # the first pair warms up
    return median(a / b for a, b in timed), median(a for a, _ in timed), median(b for _, b in timed)


def fresh_python(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def plain_chat(qwen, *, max_new_tokens: int) -> int:
    """Do with transformers alone what the helper's greedy chat does, and return the number of new tokens."""
    messages = [{"role": "user", "content": PROMPT}]
    inputs = qwen.tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, enable_thinking=False, return_tensors="pt", return_dict=True
    ).to(qwen.model.device)
    output = qwen.model.generate(**inputs, do_sample=False, max_new_tokens=max_new_tokens)
    new = output[0, inputs["input_ids"].shape[1] :]
    qwen.tokenizer.decode(new, skip_special_tokens=True)
    return len(new)


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "pocket"
    rows = [("figure", "measured", "goal", "in seconds")]

    fresh_python(IMPORT)  # warms the disk's cache
    runs = [fresh_python(IMPORT).split() for _ in range(9)]
    took, torch_too = median(float(run[0]) for run in runs), any(run[1] == "True" for run in runs)
    rows.append(("import qwen_course", f"{took:.3f} s", "<= 0.15 s", "with torch" if torch_too else "without torch"))

    took = median(seconds(lambda: fresh_python(FIRST_ANSWER, model)) for _ in range(3))
    rows.append(("fresh Python to first answer", f"{took:.1f} s", "<= 10 s", ""))

    qwen = qc.load(model)
    mode = qwen.thinking_modes[0]  # without thinking, where the model can
    greedy = qc.Sampling.greedy()

    chat = partial(qwen.chat, PROMPT, thinking=mode, sampling=greedy, max_new_tokens=NEW_TOKENS)
    plain = partial(plain_chat, qwen, max_new_tokens=NEW_TOKENS)

    def first_piece() -> float:
        start = time.perf_counter()
        stream = qwen.stream(PROMPT, thinking=mode, sampling=greedy, max_new_tokens=NEW_TOKENS)
        next(stream, None)
        took = time.perf_counter() - start
        for _ in stream:  # to its end, so that it does not disturb what is measured next
            pass
        return took

    ratio, helper, bare = in_turn(partial(seconds, chat), partial(seconds, plain), pairs=25)
    ratio *= plain() / chat().completion_tokens  # 1, unless a template knows no enable_thinking and replies differ
    rows.append(("helper chat / plain generate", f"{ratio:.3f}", "<= 1.03", f"{helper:.3f} / {bare:.3f}"))

    one_token = partial(seconds, partial(plain_chat, qwen, max_new_tokens=1))
    ratio, piece, bare = in_turn(first_piece, one_token, pairs=15)
    rows.append(("first streamed piece / plain generate of 1 token", f"{ratio:.2f}", "", f"{piece:.3f} / {bare:.3f}"))

    prompts = [problem.messages for problem in qc.problems("arithmetic", 32)]
    options = {"thinking": qwen.thinking_modes[-1], "sampling": greedy, "max_new_tokens": NEW_TOKENS}
    ratio, single, batch = in_turn(
        lambda: seconds(lambda: [qwen.chat(prompt, **options) for prompt in prompts]),
        lambda: seconds(lambda: qwen.chat_batch(prompts, **options)),
        pairs=3,
    )
    rows.append(("32 one by one / batch of 32", f"{ratio:.1f}", ">= 5", f"{single:.2f} / {batch:.2f}"))

    import torch
    import transformers

    print(f"{qwen.name}: {qwen.reason}")
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, {torch.get_num_threads()} threads\n")
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
