"""Whether bitsandbytes is here and new enough, how it loads each precision, and which layers it cannot repack.

`models.py` asks before it loads "int8", "nf4" or "fp4"; notebook 04 asks before it opens the library. Nothing is
quantized here: that is what bitsandbytes does inside `from_pretrained`.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from .machine import Machine
from .quiet import quiet_transformers

if TYPE_CHECKING:
    import torch
    from transformers import BitsAndBytesConfig

OLDEST = "0.48"  # the first release that lists CPUs as supported
_ADVICE = f'install it with: pip install "bitsandbytes>={OLDEST}"'


def require_bitsandbytes() -> str:
    """Return the version of bitsandbytes; raise ImportError, in one sentence, where it is missing, old or broken.

    Introduced in notebook 04.
    """
    from packaging.version import Version

    try:
        found = version("bitsandbytes")
    except PackageNotFoundError:
        raise ImportError(f"int8, fp4 and nf4 need bitsandbytes, which is not installed; {_ADVICE}") from None
    if Version(found) < Version(OLDEST):
        raise ImportError(f"int8, fp4 and nf4 need bitsandbytes {OLDEST} or newer, and {found} is installed; {_ADVICE}")
    try:
        with quiet_transformers():  # on a CPU with AVX512-BF16 it notes that an optional package of kernels is missing
            import_module("bitsandbytes")
    except Exception as error:  # a library built for another system fails in many ways
        raise ImportError(f"bitsandbytes {found} is installed but cannot be imported ({error}); {_ADVICE}") from error
    return found


def spare_odd_shapes(model: "torch.nn.Module") -> "torch.nn.Module":
    """Keep bitsandbytes from repacking 4-bit layers that its kernel for AVX512-BF16 CPUs cannot take; return the model.

    The kernel wants outputs in multiples of 32 and inputs in whole blocks; otherwise bitsandbytes 0.50 ends with an
    AssertionError, as in Qwen3.5's small projections. Such layers are dequantized instead, as on other CPUs.
    Introduced in notebook 04.
    """
    for module in model.modules():
        state = getattr(getattr(module, "weight", None), "quant_state", None)
        if state is not None and (state.shape[0] % 32 or state.shape[1] % state.blocksize):
            module.support_avx512bf16_for_cpu = False
    return model


def quantization_config(precision: str, machine: Machine) -> "tuple[torch.dtype, BitsAndBytesConfig]":
    """Return, for "int8", "nf4" or "fp4", the dtype of what stays unquantized, and the configuration.

    Raises ImportError as `require_bitsandbytes` does. Introduced in notebook 04.
    """
    require_bitsandbytes()
    import torch
    from transformers import BitsAndBytesConfig

    if precision == "int8":  # its kernels take float16; from other types every product casts, with a warning each time
        return torch.float16, BitsAndBytesConfig(load_in_8bit=True)
    # 16 bits for what stays unquantized; a GPU without bfloat16 (T4) gets float32, as Qwen overflows in float16.
    # A CPU without bfloat16 stores it, but multiplies in float32, which it does faster.
    dtype = torch.bfloat16 if machine.bf16 or machine.kind == "cpu" else torch.float32
    arithmetic = torch.bfloat16 if machine.bf16 else torch.float32
    return dtype, BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=precision,
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=arithmetic,
    )
