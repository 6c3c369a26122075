"""How the next token is chosen: Sampling, and the values that Qwen's own model cards advise.

The values are in one table at the end. What turns them into logits processors is `generation.py`; here is no torch.
"""

import re
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Sampling:
    """Settings for choosing the next token. Temperature 0 is greedy: always the likeliest.

    top_p=1, top_k=0, min_p=0, repetition_penalty=1 and presence_penalty=0 each change nothing. Raises ValueError
    for values out of range. Introduced in notebook 02.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValueError(f"{field.name} is {value!r}; expected a number.")
        for name, allowed, expected in (
            ("temperature", 0 <= self.temperature < float("inf"), "0 (greedy) or more"),
            ("top_p", 0 < self.top_p <= 1, "more than 0 and at most 1 (1: off)"),
            ("top_k", self.top_k >= 0 and self.top_k == int(self.top_k), "a whole number, 0 (off) or more"),
            ("min_p", 0 <= self.min_p <= 1, "between 0 (off) and 1"),
            ("repetition_penalty", 0 < self.repetition_penalty < float("inf"), "more than 0 (1: off)"),
            ("presence_penalty", -2 <= self.presence_penalty <= 2, "between -2 and 2 (0: off)"),
        ):
            if not allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected {expected}.")

    @classmethod
    def greedy(cls) -> "Sampling":
        """Return the settings that always take the likeliest token. Qwen advises against it while thinking."""
        return cls(temperature=0.0)

    @classmethod
    def recommended(cls, name: str, *, thinking: bool | None = None) -> "Sampling":
        """Return the values of the model's own card, for one mode.

        `thinking=None` takes the mode that the model has by default. Raises ValueError where the card gives none.
        Source: the tables of the model cards, collected in the course's facts on the family.

        Sampling.recommended("Qwen/Qwen3-0.6B", thinking=True) -> temperature 0.6, top_p 0.95, top_k 20
        """
        key = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].lower()
        for pattern, default, modes in _CARDS:
            if re.fullmatch(pattern, key):
                mode = default if thinking is None else thinking
                if mode not in modes:
                    can, what = ("only thinks", "without thinking") if not mode else ("does not think", "for thinking")
                    raise ValueError(f"{name!r} {can}, so its card gives no values {what}.")
                return modes[mode]
        raise ValueError(
            f"No recommended sampling is known for {name!r}. Known: Pocket and the chat models of Qwen2, Qwen2.5, QwQ, "
            "Qwen3, Qwen3.5, Qwen3.6 and Qwen3.8. Give your own: Sampling(temperature=0.7, top_p=0.8, top_k=20)."
        )

    @classmethod
    def from_generation_config(cls, config) -> "Sampling":
        """Return the values that a checkpoint ships as generation_config.json; greedy where do_sample is not set."""
        if not config.do_sample:
            return cls(temperature=0.0, repetition_penalty=config.repetition_penalty or 1.0)
        return cls(
            temperature=_or(config.temperature, 1.0),
            top_p=_or(config.top_p, 1.0),
            top_k=_or(config.top_k, 0),
            min_p=_or(config.min_p, 0.0),
            repetition_penalty=_or(config.repetition_penalty, 1.0),
        )


def _or(value, default):
    return default if value is None else value


_GREEDY = Sampling(temperature=0.0)
_THINK = Sampling(temperature=0.6, top_p=0.95, top_k=20)
_DIRECT = Sampling(temperature=0.7, top_p=0.8, top_k=20)
_DIRECT_15 = Sampling(temperature=0.7, top_p=0.8, top_k=20, presence_penalty=1.5)
_THINK_35 = Sampling(temperature=1.0, top_p=0.95, top_k=20, presence_penalty=1.5)
_THINK_36 = Sampling(temperature=1.0, top_p=0.95, top_k=20)
_PRECISION = r"(-fp8|-awq|-gptq-int[48]|-gguf|-bf16)?"

# (name of the repository in lower case, default mode, {thinking: values}); the first match counts
_CARDS = [
    (r"pocket", True, {True: _GREEDY, False: _GREEDY}),
    (r"qwen3\.8-2\.4t.*", True, {True: _THINK_36}),
    (r"qwen3\.[68]-\d.*(?<!-base)", True, {True: _THINK_36, False: _DIRECT_15}),
    (
        rf"qwen3\.5-(0\.8b|2b){_PRECISION}",
        False,
        {True: _THINK_35, False: Sampling(temperature=1.0, top_p=1.0, top_k=20, presence_penalty=2.0)},
    ),
    (r"qwen3\.5-\d.*(?<!-base)", True, {True: _THINK_35, False: _DIRECT_15}),
    (rf"qwen3-coder-next{_PRECISION}", False, {False: Sampling(temperature=1.0, top_p=0.95, top_k=40)}),
    (
        r"qwen3-coder-\d.*-instruct.*",
        False,
        {False: Sampling(temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.05)},
    ),
    (r"qwen3-vl-\d.*-thinking.*", True, {True: _THINK}),
    (r"qwen3-vl-\d.*-instruct.*", False, {False: _DIRECT_15}),
    (r"qwen3-next-80b-a3b-instruct.*", False, {False: _DIRECT}),
    (r"qwen3-\d.*-instruct-2507.*", False, {False: _DIRECT}),
    (r"qwen3-\d.*-thinking-2507.*", True, {True: _THINK}),
    (rf"qwen3-[\d.]+b(-a\d+b)?{_PRECISION}", True, {True: _THINK, False: _DIRECT}),
    (rf"qwq-32b{_PRECISION}", True, {True: _THINK}),
    (r"qwen2\.5-math-.*-instruct.*", False, {False: _GREEDY}),
    (
        r"qwen2-(0\.5b|1\.5b)-instruct.*",
        False,
        {False: Sampling(temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.1)},
    ),
    (
        r"qwen2(\.5)?(-coder)?-\d.*-instruct.*",
        False,
        {False: Sampling(temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.05)},
    ),
]
