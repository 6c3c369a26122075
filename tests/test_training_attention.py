"""Attention in blocks is transformers' own attention, in outputs and gradients, for packed rows too."""

import pytest
import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from training import attention

CONFIG = Qwen3Config(
    vocab_size=64,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=16,
    intermediate_size=48,
)


@pytest.mark.parametrize("length", [attention.BLOCK, 3 * attention.BLOCK, 2 * attention.BLOCK + 5])
def test_blocks_give_the_logits_and_gradients_of_plain_attention(length):
    torch.manual_seed(0)
    model = Qwen3ForCausalLM(CONFIG)
    ids = torch.randint(64, (2, length))
    positions = torch.cat([torch.arange(50), torch.arange(length - 50)]).expand(2, -1)  # two texts in each row
    found = []
    for name in ("eager", attention.NAME):
        model.set_attn_implementation(name)
        logits = model(input_ids=ids, position_ids=positions, use_cache=False).logits
        model.zero_grad()
        logits.square().mean().backward()
        found.append((logits.detach(), model.model.layers[0].self_attn.k_proj.weight.grad.clone()))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_blocks_keep_packed_texts_apart_and_see_no_later_token():
    torch.manual_seed(1)
    model = Qwen3ForCausalLM(CONFIG).eval()
    model.set_attn_implementation(attention.NAME)
    one, two = torch.randint(64, (1, 150)), torch.randint(64, (1, 120))

    def logits(ids, *lengths):
        positions = torch.cat([torch.arange(length) for length in lengths])[None]
        with torch.no_grad():
            return model(input_ids=ids, position_ids=positions, use_cache=False).logits

    packed = logits(torch.cat([one, two], dim=1), 150, 120)
    torch.testing.assert_close(packed[:, 150:], logits(two, 120), rtol=1e-4, atol=1e-5)
    changed = one.clone()
    changed[0, -1] = (changed[0, -1] + 1) % 64
    assert torch.equal(logits(one, 150)[:, :-1], logits(changed, 150)[:, :-1])
