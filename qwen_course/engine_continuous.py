"""Serve by transformers' continuous batching: at every step, requests that are complete leave and new ones join.

Two things are added to the library's manager. Its memory is bounded beforehand (by default it takes most of what is
free), and each request reserves what it may need at most, so that it never has to throw one out. And where an error in
the model ends the manager, as any error does, its requests are taken over by `engine_batches.py` and a new one begins.
"""

import threading
from copy import copy, deepcopy
from itertools import count
from math import ceil
from time import sleep
from uuid import uuid4

from .background import Caller
from .engine_batches import run_safely
from .generation import check_numbers
from .machine import describe_machine
from .quiet import quiet_transformers
from .sampling import Sampling
from .service_job import TokenJob, shut_down

_PAGE = 32  # tokens that are reserved at a time
_FLASH_PAGE = 256  # what the kernels of flash attention can read
_USUAL_TOKENS = 1024  # prompt and reply for which there is room in every place, where memory allows
_SHARE = 0.2  # of the free memory, for the keys and values


class ContinuousEngine:
    """One manager for greedy requests and, once somebody samples, another one: the library decides that per manager.

    Raises what the library raises, mostly ValueError, for an architecture that it refuses.
    """

    def __init__(self, qwen, caller: Caller, *, max_concurrent: int) -> None:
        unusual = [mode for mode in qwen.thinking_modes if _unsupported(qwen.recommended_sampling(thinking=mode))]
        if unusual:
            names = ", ".join(_unsupported(qwen.recommended_sampling(thinking=unusual[0])))
            raise ValueError(f"this model's recommended sampling needs {names}, which continuous batching has not")
        self._qwen, self._caller = qwen, caller
        attention = qwen.model.config._attn_implementation or ""
        flash = "flash" in attention
        if not flash and attention != "sdpa":
            raise ValueError(
                f"its attention is {attention!r}, which would have to be changed for all who use the model"
            )
        self._page = _FLASH_PAGE if flash else _PAGE
        context = qwen.context_tokens or _USUAL_TOKENS
        wanted = max(context, max_concurrent * min(context, _USUAL_TOKENS))
        pages = min(ceil(wanted / self._page), int(_free_bytes(qwen.model) * _SHARE) // self._page_bytes())
        if pages < ceil(_USUAL_TOKENS / self._page):
            raise ValueError(f"too little memory is free for keys and values ({pages * self._page} tokens)")
        self.capacity = pages * self._page
        self.reason = (
            f"Continuous batching with up to {max_concurrent} requests and {self.capacity:,} tokens at once, "
            "as the model's layers allow it."
        )
        self._options = {"flash": flash, "pages": pages, "page": self._page, "max_concurrent": max_concurrent}
        self._lanes: dict[bool, _Lane] = {}
        self._lock = threading.Lock()
        self._lane(qwen.recommended_sampling(thinking=qwen.thinking_modes[0]))

    def job(self, options: dict, *, streaming: bool, on_end) -> TokenJob:
        return TokenJob(self._qwen, options, streaming=streaming, on_end=on_end)

    def prepare(self, job: TokenJob) -> None:
        job.prepare()
        sampling = job.request.sampling
        if names := _unsupported(sampling):
            raise ValueError(
                f"sampling has {', '.join(names)}, which continuous batching cannot do per request. It can do "
                "temperature, top_p and top_k; for the others ask the model itself: qwen.chat(...)."
            )
        if job.seed is not None and sampling.temperature > 0:
            raise ValueError(
                "seed cannot be kept here: continuous batching draws the tokens of all requests from one generator. "
                "Leave it out, take Sampling.greedy(), or ask the model itself: qwen.chat(..., seed=...)."
            )
        job.cost = ceil((len(job.ids) + job.room) / self._page) * self._page
        if job.cost > self.capacity:
            raise ValueError(
                f"The prompt has {len(job.ids)} tokens and max_new_tokens is {job.room}; this service has room for "
                f"{self.capacity} in all. Shorten the text, or ask for fewer."
            )
        self._lane(sampling)  # made here, in a thread, as that takes a while

    def submit(self, job: TokenJob) -> None:
        self._lane(job.request.sampling).submit(job)

    def cancel(self, job: TokenJob) -> None:
        job.gone = True
        self._lane(job.request.sampling).cancel(job)

    def close(self) -> None:
        for lane in self._lanes.values():
            lane.close()

    def _lane(self, sampling: Sampling) -> "_Lane":
        greedy = sampling.temperature == 0
        with self._lock:
            if greedy not in self._lanes:
                self._lanes[greedy] = _Lane(self._qwen, self._caller, greedy=greedy, **self._options)
            return self._lanes[greedy]

    def _page_bytes(self) -> int:
        from .memory import kv_cache_bytes

        model = self._qwen.model
        return kv_cache_bytes(model.config, tokens=self._page, bytes_per_value=model.dtype.itemsize)


class _Lane:
    """One manager, and the thread that hands its results to their jobs."""

    def __init__(
        self, qwen, caller: Caller, *, greedy: bool, flash: bool, pages: int, page: int, max_concurrent: int
    ) -> None:
        self._qwen, self._caller = qwen, caller
        self._greedy = greedy
        self._pages, self._page, self._max_concurrent = pages, page, max_concurrent
        self._jobs: dict[str, TokenJob] = {}
        self._numbers = count()
        self._lock = threading.Lock()
        self._closing = False
        self._manager = self._start()
        # The library takes logits that are no numbers for token 0; as an error they reach the request that has them.
        # With flash attention steps may be recorded as a CUDA graph, which no such question can be put to.
        output = qwen.model.get_output_embeddings()
        self._check = None if flash else output.register_forward_hook(lambda _, ids, logits: check_numbers(ids, logits))
        self._accepts = True
        self._thread = threading.Thread(target=self._work, name="qwen-continuous", daemon=False)  # see background.py
        self._thread.start()

    def submit(self, job: TokenJob) -> None:
        with self._lock:
            if self._closing:
                raise shut_down()
            job.id = f"{next(self._numbers)}-{uuid4().hex[:8]}"
            self._jobs[job.id] = job
            if self._accepts:  # else the manager that comes next will be given it
                self._add(job)

    def cancel(self, job: TokenJob) -> None:
        with self._lock:
            if self._jobs.pop(job.id, None) is not None:
                self._manager.cancel_request(job.id)

    def close(self) -> None:
        with self._lock:
            self._closing = True
        self._thread.join()

    def _over(self) -> bool:
        return self._closing or self._caller.gone

    def _start(self):
        import torch
        from transformers import ContinuousBatchingConfig, GenerationConfig

        # The sampling values only make the library keep the steps, whose values then come with each request.
        sampling = {} if self._greedy else {"do_sample": True, "temperature": 0.5, "top_k": 50, "top_p": 0.5}
        config = GenerationConfig(
            **{"do_sample": False, **sampling}, eos_token_id=self._qwen.stop_ids, max_new_tokens=_USUAL_TOKENS
        )
        settings = ContinuousBatchingConfig(
            page_size=self._page,
            num_blocks=self._pages,
            max_batch_tokens=max(256, 8 * self._max_concurrent),
            max_requests_per_batch=self._max_concurrent,
            per_request_processors=True,
            allow_block_sharing=False,  # shared pages are freed late, so what is reserved would not be there
            safety_margin=0.0,  # nor is a margin needed where everybody has reserved
            auto_switch_to_flash=False,  # which would fetch kernels from the hub, and change the model for its owner
        )
        with quiet_transformers(), torch.random.fork_rng():  # the library seeds torch's global generator
            manager = _with_own_config(self._qwen.model).init_continuous_batching(config, settings)
            manager.warmup()  # takes the memory now, so that an architecture that is refused says so here
            manager.start()
        return manager

    def _add(self, job: TokenJob) -> None:
        sampling, options = job.request.sampling, {}
        if not self._greedy:
            vocabulary = self._qwen.model.config.get_text_config().vocab_size
            options = {
                "temperature": float(sampling.temperature),
                "top_k": min(int(sampling.top_k) or vocabulary, vocabulary),
                "top_p": float(sampling.top_p),
            }
        self._manager.add_request(
            job.ids,
            request_id=job.id,
            max_new_tokens=job.room,
            streaming=job.streaming,
            record_timestamps=True,
            eos_token_id=self._qwen.stop_ids,
            **options,
        )

    def _work(self) -> None:
        while not self._over():
            output = self._manager.get_result(timeout=0.1)
            if output is not None:
                self._hand_out(output)
            elif not self._manager.is_running():
                self._recover()
        with quiet_transformers():
            self._manager.stop(block=True, hard_stop=True)
        if self._check is not None:
            self._check.remove()
        with self._lock:
            self._closing = True
            for job in self._jobs.values():
                job.fail(shut_down())
            self._jobs.clear()

    def _hand_out(self, output) -> None:
        job = self._jobs.get(output.request_id)
        if job is None or output.error is not None:
            return  # cancelled; or the manager has ended, and the job is among those to take over
        try:
            known = len(job.tokens)
            job.feed(output.generated_tokens[known:], output.timestamps[known:])
            if output.is_finished() and not job.gone:
                job.finish()
        except Exception as error:  # one request's, which must not end the thread of all
            self.cancel(job)
            job.fail(error)
        if output.is_finished():
            with self._lock:
                self._jobs.pop(output.request_id, None)

    def _recover(self) -> None:
        with self._lock:
            self._accepts = False
            hurt = list(self._jobs.values())
            self._jobs.clear()
        for job in hurt:
            job.restart()
        with quiet_transformers():
            self._manager.stop(block=True, hard_stop=True)  # gives its memory back
        run_safely(self._qwen, hurt, over=self._over)
        if self._over():
            for job in hurt:  # those that are complete do not hear it
                job.fail(shut_down())
            return
        try:
            manager, error = self._start(), None
        except Exception as problem:  # for instance no memory; the next turn of the loop tries again
            manager, error = self._manager, problem
            sleep(0.1)
        with self._lock:
            self._manager = manager
            self._accepts = error is None
            for job in self._jobs.values():
                if error is None:
                    self._add(job)
                else:
                    job.fail(error)
            if error is not None:
                self._jobs.clear()


def _with_own_config(model):
    """Return the same model, weights, layers and hooks shared, with a configuration of its own.

    During each step of a manager transformers (5.23) writes `is_causal = False` into the model's configuration. Whoever
    uses the model in another thread at that moment would read the prompt in both directions, and of two managers one
    would restore what the other wrote, and so spoil the model for good.
    """
    from transformers import PreTrainedModel

    known: dict = {}  # of one configuration that several modules share, they get one copy

    def share(module):
        view = copy(module)
        view.config = deepcopy(module.config, known)
        parts = module._modules.items()
        view._modules = {name: share(part) if isinstance(part, PreTrainedModel) else part for name, part in parts}
        return view

    return share(model)


def _unsupported(sampling: Sampling) -> list[str]:
    """Return the options of a sampling, as text, that continuous batching has not. Greedy takes none of the others."""
    found = []
    for name, off in (("min_p", 0), ("repetition_penalty", 1), ("presence_penalty", 0)):
        value = getattr(sampling, name)
        if value != off and not (name == "min_p" and sampling.temperature == 0):
            found.append(f"{name}={value:g}")
    return found


def _free_bytes(model) -> int:
    import torch

    if model.device.type == "cuda":
        return torch.cuda.mem_get_info(model.device)[0]
    return describe_machine(model.device.type).memory
