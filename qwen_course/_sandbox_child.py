"""What `sandbox.run_python` starts: take away rights, then run the code that comes on standard input.

Never imported. Arguments: the seconds and the MiB of memory that the code may use.
"""

import os
import sys

MEMORY_EXIT_CODE = 86  # the same as in sandbox.py, which this process cannot import
FILE_BYTES = 16 * 1024**2
OPEN_FILES = 64
PROCESSES = 16  # threads count too
AF_UNIX = 1
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit events: https://docs.python.org/3/library/audit_events.html
REFUSED = (
    "socket.", "subprocess.", "ctypes.", "resource.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
    "os.startfile", "os.kill", "signal.pthread_kill", "sqlite3.enable_load_extension", "winreg.", "_winapi.",
)  # fmt: skip
READS = ("os.listdir", "os.scandir", "os.listxattr", "os.getxattr")
WRITES = {  # event -> which of its arguments are paths that change
    "os.remove": (0,), "os.rmdir": (0,), "os.mkdir": (0,), "os.rename": (0, 1), "os.link": (0, 1), "os.symlink": (1,),
    "os.truncate": (0,), "os.chmod": (0,), "os.chown": (0,), "os.utime": (0,), "os.chflags": (0,), "os.lchflags": (0,),
    "os.setxattr": (0,), "os.removexattr": (0,), "sqlite3.connect": (0,),
}  # fmt: skip


def leave_network() -> bool:
    """Move into new user and network namespaces; say whether the kernel allowed it."""
    if sys.platform != "linux":
        return False
    if sys.version_info >= (3, 12):
        try:
            os.unshare(CLONE_NEWUSER | CLONE_NEWNET)
        except OSError:
            return False
        return True
    import ctypes

    done = ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    for name in ("ctypes", "_ctypes", "ctypes._endian"):
        sys.modules.pop(name, None)
    return done


def set_limits(seconds: float, memory_mib: int, *, own_namespace: bool) -> None:
    """Set the kernel's limits; each is also the hard limit, so that the code cannot lift it."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    limits = {
        resource.RLIMIT_CPU: int(seconds) + 1,  # should the parent be gone when the time is up
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        # Outside a namespace of its own, all processes of the user count: then none can be added.
        resource.RLIMIT_NPROC: PROCESSES if own_namespace else 0,
    }
    if sys.platform != "darwin":
        limits[resource.RLIMIT_AS] = memory_mib * 1024**2
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def audit_hook(folder: str):
    """Return a hook that refuses processes, network, and files outside `folder` and the standard library."""
    # Bound here, because the code may put its own functions in their place.
    realpath, fsdecode, separator, devnull = os.path.realpath, os.fsdecode, os.sep, os.devnull
    writable = [realpath(folder)]
    devices = {devnull, "/dev/urandom", "/dev/random"}
    readable = [*writable, *(realpath(path) for path in sys.path), "/usr/share/zoneinfo"]

    def inside(path, roots: list[str]) -> bool:
        if path is None:  # os.listdir(): the folder it is in
            path = "."
        if isinstance(path, int):  # a file that was opened before
            return True
        path = realpath(fsdecode(path))
        return path in devices or any(path == root or path.startswith(root + separator) for root in roots)

    def hook(event: str, arguments: tuple) -> None:
        if event == "open":
            path, _, flags = arguments
            allowed = inside(path, writable if flags & WRITING else readable)
        elif event in WRITES:
            allowed = all(inside(arguments[position], writable) for position in WRITES[event])
        elif event in READS:
            allowed = inside(arguments[0], readable)
        elif event == "socket.__new__":  # asyncio wakes itself through a pair of local sockets
            allowed = arguments[1] == AF_UNIX
        else:
            allowed = not event.startswith(REFUSED)
        if not allowed:
            detail = f" of {arguments[0]!r}" if event == "open" or event in WRITES or event in READS else ""
            raise PermissionError(f"the sandbox does not allow {event}{detail}")

    hook.__code__ = hook.__code__.replace(co_filename="<sandbox>")  # tracebacks need not show where this file lies
    return hook


def refuse_processes() -> None:
    """Close the one way to a new process that raises no audit event (multiprocessing takes it)."""
    try:
        import _posixsubprocess
    except ImportError:  # Windows
        return

    def fork_exec(*arguments) -> None:
        raise PermissionError("the sandbox does not allow new processes")

    _posixsubprocess.fork_exec = fork_exec


def run(code: str) -> None:
    """Execute the code as `__main__`, and show an error without the frames of this file."""
    main = type(sys)("__main__")
    sys.modules["__main__"] = main
    sys.argv = ["<code>"]
    try:
        exec(compile(code, "<code>", "exec"), main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        error.__traceback__ = error.__traceback__.tb_next
        sys.__excepthook__(type(error), error, error.__traceback__)
        sys.exit(MEMORY_EXIT_CODE if isinstance(error, MemoryError) else 1)


if __name__ == "__main__":
    seconds, memory_mib = float(sys.argv[1]), int(sys.argv[2])
    source = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
    set_limits(seconds, memory_mib, own_namespace=leave_network())
    refuse_processes()
    sys.addaudithook(audit_hook(os.getcwd()))
    run(source)
