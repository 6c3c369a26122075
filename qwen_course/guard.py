"""Guard: what is checked at the door of a service, before a word reaches the model, and of what comes out.

A guard of this kind limits how much, how often and in whose name somebody may speak. It does not judge what is said:
no list of words makes a prompt harmless. That user text can never become a control token is the work of `templates.py`.
"""

from .guard_errors import GuardError, InputNotAllowed, InputTooLong
from .guard_log import AuditLog
from .guard_rates import Rates
from .guard_repetition import RepetitionWatch
from .guard_text import all_texts, control_pattern, findings, refuse_hidden
from .messages import KEYS_BY_ROLE, check_messages
from .parts import has_pictures
from .reply import Reply


class Guard:
    """Check what users send. `guard.check(user, messages)` returns the messages, or raises what is wrong with them.

    `max_characters`, `max_tokens` and `max_messages` bound a request, history included; tokens are counted with the
    tokenizer of `qwen`, so an endpoint has that limit only on its server. `roles`: those that users may take; system
    and tool turns are the application's own. `rate`: requests per user, as in "20/minute; 500/day". `max_repeated`:
    characters that a reply may repeat at its end; None for no limit. `audit`: an AuditLog. Introduced in notebook 07.
    """

    def __init__(
        self,
        qwen=None,
        *,
        max_characters: int = 8_000,
        max_tokens: int | None = None,
        max_messages: int = 50,
        roles: tuple[str, ...] = ("user", "assistant"),
        rate: str | None = "60/minute",
        max_repeated: int | None = 300,
        audit: AuditLog | None = None,
    ) -> None:
        numbers = {"max_characters": max_characters, "max_messages": max_messages}
        numbers |= {"max_tokens": max_tokens} if max_tokens is not None else {}
        numbers |= {"max_repeated": max_repeated} if max_repeated is not None else {}
        for name, value in numbers.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1.")
        if isinstance(roles, str) or not set(roles) <= KEYS_BY_ROLE.keys() or not roles:
            raise ValueError(f"roles is {roles!r}; expected some of {', '.join(map(repr, KEYS_BY_ROLE))}, as a tuple.")
        self._tokenizer = getattr(qwen, "tokenizer", None)
        if max_tokens is not None and self._tokenizer is None:
            raise ValueError("max_tokens needs the model's tokenizer: Guard(qwen, max_tokens=...), with a local model.")
        self._max_characters, self._max_tokens, self._max_messages = max_characters, max_tokens, max_messages
        self._roles = tuple(roles)
        self._rates = None if rate is None else Rates(rate)
        self._max_repeated = max_repeated
        self._audit = audit
        self._control = control_pattern(self._tokenizer)

    def check(self, user: str, messages: str | list[dict]) -> list[dict]:
        """Return the messages in their normal form. What was accepted or refused, and why, goes to the audit log.

        Raises RateLimited, InputTooLong or InputNotAllowed.
        """
        if not isinstance(user, str) or not user:
            raise ValueError(f"user is {user!r}; expected a name that tells users apart, e.g. user='ada'.")
        texts: list[str] = []
        try:
            if self._rates is not None:
                self._rates.hit(user)
            texts = all_texts(messages, max_characters=self._max_characters)
            refuse_hidden(texts)
            checked = self._check_form(messages)
            tokens = self._count_tokens(texts)
        except GuardError as error:
            self._record("refused", user, text=None, reason=type(error).__name__, **_size(texts))
            raise
        self._record(
            "accepted",
            user,
            text="\0".join(texts),
            **_size(texts),
            turns=len(checked),
            tokens=tokens,
            **findings(texts, self._control),
        )
        return checked

    def watch(self) -> RepetitionWatch:
        """Return what looks at one reply: `see(piece)` or `see(reply)` raises RunawayReply."""
        return RepetitionWatch(self._max_repeated)

    def ended(self, user: str, outcome: str, reply: Reply | None) -> None:
        """Record how a request ended."""
        figures = {}
        if reply is not None:
            figures = {
                "text": f"{reply.thinking}\0{reply.text}",
                "prompt_tokens": reply.prompt_tokens,
                "completion_tokens": reply.completion_tokens,
                "seconds": round(reply.seconds, 3),
                "finish_reason": reply.finish_reason,
            }
        self._record(outcome, user, **figures)

    def _check_form(self, messages: str | list[dict]) -> list[dict]:
        if isinstance(messages, (list, tuple)) and len(messages) > self._max_messages:
            raise InputTooLong(f"There are {len(messages)} messages; at most {self._max_messages} are taken.")
        if has_pictures(messages):
            raise InputNotAllowed("The messages hold a picture; users may send text only.")
        try:
            checked = check_messages(messages)
        except RecursionError:
            raise InputTooLong("The arguments of a tool call are nested too deeply.") from None
        except ValueError as error:
            raise InputNotAllowed(str(error)) from None
        for i, message in enumerate(checked):
            if message["role"] not in self._roles:
                allowed = ", ".join(map(repr, self._roles))
                raise InputNotAllowed(f"messages[{i}] has the role {message['role']!r}; users may take {allowed}.")
        if checked[-1]["role"] not in ("user", "tool"):
            raise InputNotAllowed(f"The last message has the role {checked[-1]['role']!r}; expected a user turn.")
        return checked

    def _count_tokens(self, texts: list[str]) -> int | None:
        if self._max_tokens is None:
            return None
        tokens = sum(len(self._tokenizer.encode(text, add_special_tokens=False)) for text in texts)
        if tokens > self._max_tokens:
            raise InputTooLong(f"The messages have {tokens:,} tokens; at most {self._max_tokens:,} are taken.")
        return tokens

    def _record(self, event: str, user: str, **figures) -> None:
        if self._audit is not None:
            self._audit.write(event, user, **figures)


def _size(texts: list[str]) -> dict[str, int]:
    return {"characters": sum(map(len, texts))} if texts else {}
