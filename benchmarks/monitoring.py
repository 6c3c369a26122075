"""What watching costs, and a load table: `make bench`, or `python -m benchmarks.monitoring [MODEL] [--small]`.

The ratio is of two services measured in turn in this one run, one with a monitor and one without, so that a busy
machine slows both. What one request costs the monitor is also timed alone, where no noise of a model hides it.
"""

import argparse
import threading
import time
from functools import partial
from statistics import median

import torch
import transformers

import qwen_course as qc
from benchmarks.serving import Timing, by_service, by_threads, in_turn, workload
from qwen_course.service import ServiceCounts

GREEDY = qc.Sampling.greedy()


def watched_service(qwen, work: list, *, clients: int, **options) -> Timing:
    """QwenService with a monitor that is scraped twice a second, as Prometheus would."""
    monitor, ended = qc.QwenMonitor(qwen), threading.Event()

    def scrape() -> None:
        while not ended.wait(0.5):
            monitor.text()

    scraping = threading.Thread(target=scrape)
    scraping.start()
    try:
        return by_service(qwen, work, clients=clients, monitor=monitor, **options)
    finally:
        ended.set()
        scraping.join()


def cost_of_a_request(n: int = 20_000) -> float:
    """Return the seconds that the monitor needs for one request: that it was accepted, and that it was answered."""
    monitor, counts = qc.QwenMonitor(), ServiceCounts(running=1)
    reply = qc.Reply("text", prompt_tokens=20, completion_tokens=60, time_to_first_token=0.02, seconds=0.4)
    start = time.perf_counter()
    for _ in range(n):
        monitor.record("accepted", None, counts, seconds=0.0)
        monitor.record("answered", reply, counts, seconds=0.4)
    return (time.perf_counter() - start) / n


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitoring", description=__doc__.split("\n")[0])
    parser.add_argument("model", nargs="?", default="pocket")
    parser.add_argument("--small", action="store_true", help="a quarter of the requests, to see that it runs")
    arguments = parser.parse_args()
    requests, pairs = (32, 2) if arguments.small else (128, 8)

    qwen = qc.load(arguments.model, local=True)
    options = {"thinking": qwen.thinking_modes[-1], "sampling": GREEDY, "max_new_tokens": 96}
    work = workload(requests)
    print(f"{qwen.name}: {qwen.reason}")
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, {torch.get_num_threads()} threads\n")

    costs = [cost_of_a_request() for _ in range(3)]
    print(f"the monitor's own time per request: {1e6 * median(costs):.0f} microseconds")
    monitor, start = qc.QwenMonitor(qwen), time.perf_counter()
    for _ in range(20):
        monitor.text()
    print(f"one scrape: {1e3 * (time.perf_counter() - start) / 20:.1f} ms")

    watched_service(qwen, work[:16], clients=16, **options)  # warms up
    plain = partial(by_service, qwen, work, clients=16, **options)
    watched = partial(watched_service, qwen, work, clients=16, **options)
    (ratio, _), _, last = in_turn(plain, watched, pairs=pairs)
    share = median(costs) * last.requests / last.seconds
    print(f"without monitor / with monitor, requests/s, 16 clients: {ratio:.3f}  (goal: <= 1.03)")
    print(f"the monitor's own time as a share of the run: {share:.5f}\n")

    print("clients  requests/s   p50 s   p95 s   p99 s  (and with a thread per request)")
    for clients in (1, 2, 4, 8, 16, 32):
        ours = watched_service(qwen, work, clients=clients, **options)
        theirs = by_threads(qwen, work[: requests // 4], clients=clients, **options) if clients in (1, 4, 16) else None
        line = f"{clients:7}  {ours.per_second:10.2f}  {ours.p50:6.2f}  {ours.p95:6.2f}  {ours.p99:6.2f}"
        print(line if theirs is None else f"{line}  ({theirs})", flush=True)


if __name__ == "__main__":
    main()
