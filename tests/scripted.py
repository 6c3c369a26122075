"""Make a real model say chosen tokens: transformers' generate runs as always, only the logits are replaced."""

from contextlib import contextmanager
from time import sleep


def ids_of(tokenizer, text: str) -> list[int]:
    """Return the ids of text in which control tokens are meant, as a model would produce them."""
    return tokenizer(text, add_special_tokens=False)["input_ids"]


@contextmanager
def script(model, rows: list[list[int]], *, seconds_per_token: float = 0.0, fail_at: int | None = None):
    """Within the block, row r of a batch generates rows[r], then the end of turn for ever.

    Yields a list that grows by one entry per step. `fail_at`: the step at which the model raises RuntimeError.
    """
    end = model.generation_config.eos_token_id[0]
    steps: list[int] = []

    def say(module, inputs, logits):
        step = len(steps)
        steps.append(step)
        if step == fail_at:
            raise RuntimeError("the model broke")
        sleep(seconds_per_token)
        said = logits.new_full(logits.shape, -1e4)
        for row in range(logits.shape[0]):
            ids = rows[row]
            said[row, -1, ids[step] if step < len(ids) else end] = 1e4
        return said

    handle = model.lm_head.register_forward_hook(say)
    try:
        yield steps
    finally:
        handle.remove()
