"""Run generated code in a process of its own, with limits on time, memory, files, network and output.

It guards against the accidents of generated code: endless loops, memory that grows without end, a removed file, a
stray request. It is *not* a security boundary. The rules on files, network and processes are an audit hook inside
the same interpreter, and code written to get around such a hook can do so; then it has the rights of the user who
runs the notebook. Nor does it limit the number of files that are written, or hide which files exist. For code from
people you do not trust use a container or a virtual machine without network.

What the system adds underneath: on Linux the process gets its own user and network namespaces where the kernel
allows them, so there is no network even past the hook. On macOS memory is not limited, because its kernel ignores
the limit. On Windows only the time, the output and the audit hook remain.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

OUTPUT_BYTES = 64 * 1024  # kept of stdout and of stderr; a process that prints more is stopped
MEMORY_EXIT_CODE = 86  # how the child says that the code ended in a MemoryError

_CHILD = Path(__file__).with_name("_sandbox_child.py")
# Without these an interpreter may not start at all; everything else, API keys above all, stays here.
_KEPT_VARIABLES = ("SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class SandboxResult:
    """What a run left behind; `ok` means that the code ended by itself, without an error."""

    ok: bool
    stdout: str
    stderr: str
    reason: str  # "" | "error" | "time limit" | "memory limit" | "output limit" | "killed by SIGSEGV", ...


def run_python(code: str, *, seconds: float = 2.0, memory_mib: int = 256) -> SandboxResult:
    """Run `code` as a script in a fresh interpreter with the standard library only, and return what it printed.

    The script starts in an empty folder that is removed afterwards, sees no environment variables and no input, and
    may read its folder and the standard library, write to its folder, and start no process. `ok` also holds after
    `sys.exit()`: where checks follow the code of a model, let the last one print a word that the code cannot know.
    Introduced in notebook 02.

    run_python("print(6 * 7)") -> SandboxResult(ok=True, stdout="42\\n", stderr="", reason="")
    """
    if seconds <= 0:
        raise ValueError(f"seconds={seconds!r}: give the script a time limit above 0, for example 2.0.")
    if memory_mib < 32:
        raise ValueError(f"memory_mib={memory_mib!r}: the interpreter itself needs 32 MiB; 256 suits small scripts.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, tempfile.TemporaryFile() as source:
        source.write(code.encode("utf-8", "surrogatepass"))
        source.seek(0)
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        process = subprocess.Popen(
            # -I -S: no variables, no installed packages. -u: what a killed script printed is not lost.
            [sys.executable, "-I", "-S", "-B", "-u", "-X", "utf8", str(_CHILD), str(seconds), str(memory_mib)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment | {"HOME": folder, "TMPDIR": folder, "TEMP": folder},
            start_new_session=True,
        )
        return _collect(process, seconds)


def _collect(process: subprocess.Popen, seconds: float) -> SandboxResult:
    """Read both streams until the process ends, or stop it at the first limit it meets."""
    deadline = time.monotonic() + seconds
    reason = ""
    outputs = (bytearray(), bytearray())

    def read(stream, output: bytearray) -> None:
        nonlocal reason
        while len(output) <= OUTPUT_BYTES:
            chunk = stream.read1(OUTPUT_BYTES)
            if not chunk:
                return
            output += chunk
        reason = "output limit"
        _kill(process)

    with process:
        pairs = zip((process.stdout, process.stderr), outputs, strict=True)
        readers = [threading.Thread(target=read, args=pair, daemon=True) for pair in pairs]
        for reader in readers:
            reader.start()
        try:
            for reader in readers:
                reader.join(max(0.0, deadline - time.monotonic()))
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            reason = reason or "time limit"
        finally:  # also when the reader presses "interrupt"
            _kill(process)
        for reader in readers:
            reader.join()
    stdout, stderr = (bytes(output[:OUTPUT_BYTES]).decode("utf-8", "replace") for output in outputs)
    reason = reason or _reason(process.returncode)
    return SandboxResult(not reason, stdout.replace(os.linesep, "\n"), stderr.replace(os.linesep, "\n"), reason)


def _kill(process: subprocess.Popen) -> None:
    """Kill the process and all it started."""
    if os.name == "nt":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)  # its own session, so its number is that of its group
    except (ProcessLookupError, PermissionError):  # all ended; macOS answers so for a group of zombies
        pass


def _reason(exit_code: int) -> str:
    if exit_code == 0:
        return ""
    if exit_code == MEMORY_EXIT_CODE:
        return "memory limit"
    if exit_code > 0 or os.name == "nt":
        return "error"
    name = signal.Signals(-exit_code).name
    return "time limit" if name == "SIGXCPU" else f"killed by {name}"
