"""What a service can answer instead of a reply. Each is an exception, and none tells a client about the inside."""


class ServiceError(RuntimeError):
    """A request to a QwenService got no reply. Introduced in notebook 07."""


class ServiceOverloaded(ServiceError):
    """Every place and every seat of the queue is taken. `retry_after`: seconds after which to come back.

    Introduced in notebook 07.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServiceTimeout(ServiceError, TimeoutError):
    """The reply was not complete within the service's `timeout_seconds`, waiting included.

    Introduced in notebook 07.
    """


class ServiceClosed(ServiceError):
    """The service has not been entered yet, or it is shutting down. Introduced in notebook 07."""


class GenerationFailed(ServiceError):
    """Something went wrong inside. `incident` is the number under which the log has the cause.

    Introduced in notebook 07.
    """

    def __init__(self, incident: str) -> None:
        super().__init__(
            f"The reply could not be made; the fault is on our side. Try again, and if it stays, report incident "
            f"{incident}."
        )
        self.incident = incident
