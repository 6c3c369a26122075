"""Serve a model behind an endpoint: one thread per request in flight; how many there are is the service's business.

What the server says about itself (its address, its error texts) is passed on to nobody; the log gets the kind of error.
"""

from threading import Thread

from .endpoint_errors import EndpointError, EndpointRateLimited, EndpointTimeout
from .service_errors import ServiceOverloaded, ServiceTimeout
from .service_job import EngineError, Job, shut_down

_COME_BACK = 5.0  # seconds, where the server does not say


class EndpointEngine:
    """Pass requests on to the server of an EndpointQwen."""

    capacity = None

    def __init__(self, qwen, *, max_concurrent: int) -> None:
        self.reason = f"Up to {max_concurrent} requests at once to the model's server, which does the batching."
        self._qwen = qwen
        self._jobs: set[Job] = set()
        self._closed = False

    def job(self, options: dict, *, streaming: bool, on_end) -> Job:
        return Job(options, streaming=streaming, on_end=on_end)

    def prepare(self, job: Job) -> None:
        try:
            job.stream = self._qwen.stream(**job.options)  # checks, and may ask the server what it can do
        except EndpointError as error:
            raise _for_clients(error) from None

    def submit(self, job: Job) -> None:
        if self._closed:
            raise shut_down()
        self._jobs.add(job)
        # Threads of a pool would be held by a server that is silent, even after the client has left. Daemons, as no
        # server should keep Python from ending; they only wait for a socket, and may be broken off there.
        Thread(target=self._talk, args=(job,), name="qwen-request", daemon=True).start()

    def cancel(self, job: Job) -> None:
        job.gone = True
        job.stream.close()
        self._jobs.discard(job)

    def close(self) -> None:
        self._closed = True
        for job in list(self._jobs):
            self.cancel(job)
            job.fail(shut_down())

    def _talk(self, job: Job) -> None:
        try:
            for piece in job.stream:
                if job.gone:
                    return
                if job.streaming:
                    job.inbox.put([piece])
            if not job.gone:
                job.inbox.put([job.stream.reply])
        except Exception as error:  # whatever it is, it belongs to the client, who would otherwise wait for ever
            job.fail(_for_clients(error))
        finally:
            self._jobs.discard(job)


def _for_clients(error: Exception) -> Exception:
    """Return the service's own error where it has one; all others it will keep to itself."""
    if isinstance(error, EndpointRateLimited):
        seconds = error.retry_after or _COME_BACK
        return ServiceOverloaded(f"The model is busy. Come back in {seconds:g} s.", retry_after=seconds)
    if isinstance(error, EndpointTimeout):
        return ServiceTimeout("The model did not answer in time.")
    # Some are a ValueError too, which would be taken for the client's fault
    return EngineError(f"{type(error).__name__}: the endpoint failed")
