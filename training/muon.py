"""Muon for many matrices of few shapes: all of a shape are made orthogonal at once."""

from __future__ import annotations

from typing import Any

import torch


class StackedMuon(torch.optim.Muon):
    """Take torch's Muon step, with the matrices of one shape stacked: on a GPU a tenth of the launches, the same sums.

    Newton-Schulz iteration with Nesterov's momentum, as `torch.optim.Muon` reckons it (Keller Jordan, 2024: Muon).
    """

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Update all matrices; a closure is not taken."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[torch.Tensor]] = {}
            for matrix in group["params"]:
                if matrix.grad is not None:
                    shapes.setdefault(matrix.shape, []).append(matrix)
            for shape, matrices in shapes.items():
                scale = 0.2 * max(shape) ** 0.5  # "match_rms_adamw"
                torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
                updates = list(self._orthogonal(matrices, group).float().unbind(0))
                torch._foreach_add_(matrices, updates, alpha=-group["lr"] * scale)

    def _orthogonal(self, matrices: list[torch.Tensor], group: dict[str, Any]) -> torch.Tensor:
        """Return the orthogonalised updates of matrices of one shape, in bfloat16: (matrices, rows, columns)."""
        grads = [matrix.grad for matrix in matrices]
        for matrix in matrices:
            if "momentum_buffer" not in self.state[matrix]:
                self.state[matrix]["momentum_buffer"] = torch.zeros_like(matrix)
        buffers = [self.state[matrix]["momentum_buffer"] for matrix in matrices]
        torch._foreach_lerp_(buffers, grads, 1 - group["momentum"])
        update = torch.stack(torch._foreach_lerp(grads, buffers, group["momentum"])).bfloat16()
        tall = update.shape[1] > update.shape[2]
        update = update.mT if tall else update
        update = update / update.flatten(1).norm(dim=1).clamp(min=group["eps"])[:, None, None]
        a, b, c = group["ns_coefficients"]
        for _ in range(group["ns_steps"]):
            gram = update @ update.mT
            update = torch.baddbmm(update, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), update, beta=a)
        return update.mT if tall else update
