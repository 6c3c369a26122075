"""Generation on the CPU reuses its memory; page faults are counted, as they do not depend on how busy a machine is."""

import subprocess
import sys

import pytest

from qwen_course.allocator import keep_freed_memory

COUNT = """
import resource, sys
import qwen_course.models as models
if sys.argv[1] == "without":
    models.keep_freed_memory = lambda: False
questions = [f"What is {n} * 17?" for n in range(32)]
with models.load("pocket", device="cpu") as qwen:
    qwen.chat_batch(questions[:2], thinking=True, max_new_tokens=4)
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    qwen.chat_batch(questions, thinking=True, max_new_tokens=96)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begin)
"""


def faults(how: str) -> int:
    ran = subprocess.run([sys.executable, "-c", COUNT, how], capture_output=True, text=True, check=True)
    return int(ran.stdout.split()[-1])


def test_the_cache_that_grows_is_not_asked_of_the_kernel_anew_for_every_token():
    if not keep_freed_memory():
        pytest.skip("another C library than glibc: there is nothing to set")
    assert faults("with") < faults("without") / 4


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr("platform.libc_ver", lambda: ("musl", ""))
    assert keep_freed_memory() is False
