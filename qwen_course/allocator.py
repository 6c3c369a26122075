"""Keep the memory that tensors on the CPU have freed for the next ones, instead of handing it back each time.

Generation makes a longer copy of the KV cache for every token and frees the old one. glibc returns such blocks to the
kernel at once and asks for new pages for the next, all of which the kernel has to clear: with Pocket and 32 replies
side by side this took as long as all the arithmetic. https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h
KEPT = 64 * 2**20  # bytes: free memory at the heap's end above which glibc gives it back
_LARGEST_ON_HEAP = 32 * 2**20  # bytes: the most that glibc admits


def keep_freed_memory() -> bool:
    """Tell glibc to keep up to `KEPT` freed bytes at hand; return False where the C library is another one.

    It holds for the whole process. What other libraries call "switch to jemalloc" does the same and more, but has to
    be chosen before a process starts.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_TRIM_THRESHOLD, KEPT) and mallopt(_MMAP_THRESHOLD, _LARGEST_ON_HEAP))
