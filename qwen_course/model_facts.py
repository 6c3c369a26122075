"""What a loaded checkpoint says about itself: how much it reads, and which tokens end its replies."""

from .templates import ChatTemplate


def context_tokens(config) -> int | None:
    """Return prompt and reply together, as the config says (YaRN's factor included); None if it does not."""
    config = config.get_text_config()
    native = getattr(config, "max_position_embeddings", None)
    rope = getattr(config, "rope_parameters", None) or {}
    if native is not None and rope.get("rope_type") == "yarn":
        return max(native, int(rope["factor"] * rope.get("original_max_position_embeddings", native)))
    return native


def stop_ids(model, tokenizer, template: ChatTemplate) -> list[int]:
    """Return all ids that end a reply: the checkpoint's (Qwen lists two), the tokenizer's, the template's."""
    listed = model.generation_config.eos_token_id
    listed = listed if isinstance(listed, list) else [listed]
    found = [*listed, tokenizer.eos_token_id, template.end_of_turn]
    return list(dict.fromkeys(token_id for token_id in found if token_id is not None))
