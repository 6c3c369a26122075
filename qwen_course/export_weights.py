"""The weights of a checkpoint folder, read one at a time, and held against the model that its config describes.

transformers fills in what a folder lacks with random numbers and a warning; a converted model would then be wrong
without anybody seeing it. Here it is an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Weights:
    """The tensors of a folder's safetensors files: `weights["model.norm.weight"]` is one, in float32.

    Raises ValueError where a tensor is missing, unknown or of another shape. Introduced in notebook 08.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors import safe_open
        from transformers import AutoConfig

        self.config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        files = [safe_open(path, framework="pt") for path in sorted(Path(folder).glob("*.safetensors"))]
        self._file_of = {name: file for file in files for name in file.keys()}
        if self.config.tie_word_embeddings:  # the head is the embedding; some checkpoints store it twice all the same
            self._file_of.pop("lm_head.weight", None)
        found = {name: tuple(file.get_slice(name).get_shape()) for name, file in self._file_of.items()}
        self.shapes = _expected_shapes(self.config)
        wrong = [name for name in {**found, **self.shapes} if found.get(name) != self.shapes.get(name)]
        if wrong:
            name = wrong[0]
            raise ValueError(
                f"The weights of {Path(folder).name} are not those of its config.json: {name} is "
                f"{found.get(name, 'missing')}, expected {self.shapes.get(name, 'none')}. Save the model anew."
            )

    def __getitem__(self, name: str) -> torch.Tensor:
        return self._file_of[name].get_tensor(name).float()


def _expected_shapes(config) -> dict[str, tuple[int, ...]]:
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        state = AutoModelForCausalLM.from_config(config).state_dict()
    tied = {"lm_head.weight"} if config.tie_word_embeddings else set()
    return {name: tuple(tensor.shape) for name, tensor in state.items() if name not in tied}
