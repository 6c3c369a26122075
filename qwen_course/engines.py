"""Choose what serves a model: by trying, not by a list of names, as libraries learn new architectures."""

from .background import Caller
from .endpoint import EndpointQwen
from .engine_batches import BatchEngine
from .engine_continuous import ContinuousEngine
from .engine_endpoint import EndpointEngine
from .service_job import Engine


def choose_engine(qwen, max_concurrent: int, caller: Caller) -> Engine:
    """Return an engine for that model, ready to take jobs until `caller` is gone; its `reason` says why this one."""
    if isinstance(qwen, EndpointQwen):
        return EndpointEngine(qwen, max_concurrent=max_concurrent)
    if qwen.model is None:
        raise RuntimeError(f"{qwen.name!r} was closed; load it again with load({qwen.name!r}).")
    try:
        return ContinuousEngine(qwen, caller, max_concurrent=max_concurrent)
    except Exception as error:  # whatever it is that transformers does not like about this model
        why = f"continuous batching refused: {error}".rstrip(".")
        return BatchEngine(qwen, caller, max_concurrent=max_concurrent, why=why)
