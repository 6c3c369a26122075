"""Each promise of the sandbox, tried with code that would break it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import pytest

from qwen_course.sandbox import OUTPUT_BYTES, run_python

LINUX = sys.platform == "linux"


def processes_in(word: str) -> list[str]:
    """Return the live processes whose folder holds the word in its path."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                zombie = file.read().rpartition(")")[2].split()[0] == "Z"
            folder = os.readlink(f"/proc/{pid}/cwd")
        except OSError:  # ended meanwhile, or another user's
            continue
        if word in folder and not zombie:
            found.append(pid)
    return found


def test_a_script_that_ends_well_is_ok_and_its_output_is_returned():
    result = run_python("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert (result.ok, result.stdout, result.stderr, result.reason) == (True, "out\n", "err\n", "")


def test_unicode_code_and_output_come_back_unchanged():
    assert run_python("größe = 'é 中文 😀'\nprint(größe)").stdout == "é 中文 😀\n"


def test_the_code_runs_as_main():
    result = run_python("import sys\nif __name__ == '__main__':\n    print(vars(sys.modules['__main__']) is globals())")
    assert result.stdout == "True\n"


def test_an_exception_is_an_error_and_its_traceback_shows_only_the_code():
    result = run_python("print('before')\n1 / 0")
    assert (result.ok, result.stdout, result.reason) == (False, "before\n", "error")
    assert 'File "<code>", line 2' in result.stderr and "ZeroDivisionError" in result.stderr
    assert "_sandbox_child" not in result.stderr


def test_a_syntax_error_is_an_error_that_names_the_line():
    result = run_python("x = 1\ndef f(:")
    assert (result.ok, result.reason) == (False, "error")
    assert "line 2" in result.stderr and "SyntaxError" in result.stderr and "_sandbox_child" not in result.stderr


@pytest.mark.parametrize(("argument", "ok"), [("", True), ("0", True), ("3", False), ("'sorry'", False)])
def test_sys_exit_is_ok_only_with_status_zero(argument, ok):
    result = run_python(f"import sys\nsys.exit({argument})\nprint('not reached')")
    assert (result.ok, result.stdout, result.reason) == (ok, "", "" if ok else "error")


def test_a_crash_of_the_interpreter_is_named():
    if not hasattr(os, "killpg"):
        pytest.skip("Windows has no signals")
    result = run_python("import signal\nsignal.raise_signal(signal.SIGSEGV)")
    assert (result.ok, result.reason) == (False, "killed by SIGSEGV")


def test_an_endless_loop_meets_the_time_limit_and_keeps_what_it_printed():
    result = run_python("print('started')\nwhile True: pass", seconds=0.5)
    assert (result.ok, result.stdout, result.reason) == (False, "started\n", "time limit")


def test_a_script_that_waits_meets_the_time_limit_too():
    assert run_python("import time\ntime.sleep(60)", seconds=0.5).reason == "time limit"


def test_closing_stdout_does_not_escape_the_time_limit():
    assert run_python("import os\nos.close(1)\nos.close(2)\nwhile True: pass", seconds=0.5).reason == "time limit"


@pytest.mark.skipif(not LINUX, reason="only Linux limits memory")
def test_a_memory_bomb_meets_the_memory_limit():
    result = run_python("hoard = []\nwhile True: hoard.append('x' * 10**7)", memory_mib=128, seconds=20)
    assert (result.ok, result.reason) == (False, "memory limit")
    assert run_python("hoard = 'x' * 10**8", memory_mib=256).ok


def test_endless_output_is_cut_and_stopped():
    for stream in ("stdout", "stderr"):
        result = run_python(f"import sys\nwhile True: print('spam', file=sys.{stream})", seconds=20)
        assert (result.ok, result.reason) == (False, "output limit")
        assert len(getattr(result, stream)) == OUTPUT_BYTES


def test_output_on_both_streams_does_not_block():
    result = run_python(f"import sys\nsys.stderr.write('e' * {OUTPUT_BYTES})\nsys.stdout.write('o' * {OUTPUT_BYTES})")
    assert (result.ok, len(result.stdout), len(result.stderr)) == (True, OUTPUT_BYTES, OUTPUT_BYTES)


def test_code_longer_than_a_pipe_holds_is_run():
    assert run_python("# " + "x" * 300_000 + "\nprint('end')").stdout == "end\n"


# Bounded on purpose: were a rule broken, at most four processes would start.
FORKS = """
import os
for _ in range(2):
    os.fork()
print('forked')
"""
SPAWNS = {
    "fork": FORKS,
    "subprocess": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', '0'])\nprint('forked')",
    "os.system": "import os\nos.system('exit')\nprint('forked')",
    "exec": "import os, sys\nos.execv(sys.executable, ['python', '-c', 'print(\"forked\")'])",
    "posix_spawn": "import os, sys\nos.posix_spawn(sys.executable, ['python', '-c', '0'], {})\nprint('forked')",
    "multiprocessing": "import multiprocessing as m\nif __name__ == '__main__':\n"
    "    m.get_context('spawn').Process(target=print).start()\n    print('forked')",
}


@pytest.mark.parametrize("way", SPAWNS)
def test_no_process_can_be_started(way):
    result = run_python(SPAWNS[way])
    assert (result.ok, result.reason) == (False, "error")
    assert "forked" not in result.stdout


def test_threads_and_asyncio_work():
    threads = "import threading\nthread = threading.Thread(target=print, args=(1,))\nthread.start()\nthread.join()"
    assert run_python(threads).stdout == "1\n"
    assert run_python("import asyncio\nprint(asyncio.run(asyncio.sleep(0, 5)))").stdout == "5\n"


def test_the_network_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        for code in (
            f"import socket\nsocket.create_connection(('127.0.0.1', {port}))",
            f"import urllib.request\nurllib.request.urlopen('http://127.0.0.1:{port}')",
            f"import _socket\n_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM).connect(('127.0.0.1', {port}))",
        ):
            result = run_python(code)
            assert (result.ok, result.reason) == (False, "error")
            assert "the sandbox does not allow" in result.stderr
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.skipif(not LINUX, reason="namespaces are Linux's")
def test_there_is_no_network_under_the_hook_where_the_kernel_allows_namespaces():
    probe = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x50000000) != 0)"
    if subprocess.run([sys.executable, "-c", probe]).returncode:
        pytest.skip("this kernel does not allow user namespaces")
    inside = run_python("import os\nprint(os.readlink('/proc/self/ns/net'))")
    assert inside.ok and inside.stdout.strip() != os.readlink("/proc/self/ns/net")


def test_files_are_written_only_in_the_own_folder(tmp_path):
    target, kept = tmp_path / "new.txt", tmp_path / "kept.txt"
    kept.write_text("as it was")
    for code in (
        f"open({str(target)!r}, 'w').write('x')",
        f"import os\nos.open({str(target)!r}, os.O_CREAT | os.O_WRONLY)",
        f"import pathlib\npathlib.Path({str(target)!r}).mkdir()",
        f"import os\nos.symlink({str(tmp_path)!r}, 'link')\nopen('link/new.txt', 'w')",
        f"import os\nopen('own', 'w').close()\nos.rename('own', {str(target)!r})",
        f"import os\nos.remove({str(kept)!r})",
        f"import shutil\nshutil.rmtree({str(tmp_path)!r})",
        f"import os\nos.truncate({str(kept)!r}, 0)",
        f"import os\nos.chmod({str(kept)!r}, 0)",
        f"import sqlite3\nsqlite3.connect({str(target)!r}).execute('create table t (x)')",
    ):
        result = run_python(code)
        assert (result.ok, result.reason) == (False, "error"), code
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"] and kept.read_text() == "as it was"
    assert run_python("open('a.txt', 'w').write('mine')\nprint(open('a.txt').read())").stdout == "mine\n"


def test_files_outside_the_own_folder_cannot_be_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("token-5731")
    for code in (f"print(open({str(secret)!r}).read())", f"import os\nprint(os.listdir({str(tmp_path)!r}))"):
        result = run_python(code)
        assert not result.ok and "5731" not in result.stdout and "secret.txt" not in result.stdout


@pytest.mark.skipif(not LINUX, reason="Windows has no limit on the size of a file")
def test_a_huge_file_meets_a_limit():
    assert "File too large" in run_python("open('big', 'wb').write(bytes(2**26))").stderr


def test_the_folder_is_empty_and_removed_afterwards():
    result = run_python("import os\nprint(os.listdir())\nprint(os.getcwd())\nos.makedirs('a/b')\nopen('a/b/c', 'w')")
    listing, folder = result.stdout.splitlines()
    assert result.ok and listing == "[]"
    assert os.path.dirname(folder) == os.path.realpath(tempfile.gettempdir()) and not os.path.exists(folder)


def test_environment_variables_of_the_caller_are_not_visible(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret5731")
    result = run_python("import os\nprint(dict(os.environ))\nprint(open(f'/proc/{os.getppid()}/environ').read())")
    assert "HOME" in result.stdout and "5731" not in result.stdout + result.stderr


def test_there_is_no_input():
    assert run_python("import sys\nprint(repr(sys.stdin.read()))").stdout == "''\n"
    assert "EOFError" in run_python("input()").stderr


def test_installed_packages_are_not_importable():
    assert "ModuleNotFoundError" in run_python("import pytest").stderr


def test_the_caller_cannot_be_killed():
    result = run_python("import os\nos.kill(os.getppid(), 0)")
    assert not result.ok and "os.kill" in result.stderr


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_no_process_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = []
    watch = threading.Timer(0.3, lambda: seen.extend(processes_in(tmp_path.name)))
    watch.start()
    run_python("import time\ntime.sleep(60)", seconds=0.8)
    watch.join()
    assert len(seen) == 1  # it was there, and the search finds it
    assert processes_in(tmp_path.name) == []


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_an_interrupt_stops_the_script(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin without it
    main = threading.main_thread().ident
    watch = threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT))
    watch.start()
    with pytest.raises(KeyboardInterrupt):
        run_python("import time\ntime.sleep(60)", seconds=20)
    assert processes_in(tmp_path.name) == []


@pytest.mark.parametrize("options", [{"seconds": 0}, {"seconds": -1}, {"memory_mib": 8}])
def test_impossible_limits_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        run_python("print(1)", **options)


def test_memory_exit_code_is_the_same_on_both_sides():
    from qwen_course import _sandbox_child, sandbox

    assert _sandbox_child.MEMORY_EXIT_CODE == sandbox.MEMORY_EXIT_CODE
