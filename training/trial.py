import dataclasses, os, sys, time, shutil, math
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["TOKENIZERS_PARALLELISM"] = "false"
import torch
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer
from training import train_pocket as tp

class StackedMuon:
    """torch.optim.Muon on all matrices of a shape at once: the same sums, a tenth of the launches."""
    def __init__(self, params, lr, weight_decay):
        self.groups = {}
        for p in params: self.groups.setdefault(tuple(p.shape), []).append(p)
        self.bufs = {s: torch.zeros(len(ps), *s, device=ps[0].device) for s, ps in self.groups.items()}
        self.param_groups = [{"lr": lr}]; self.wd = weight_decay
    @torch.no_grad()
    def step(self):
        lr = self.param_groups[0]["lr"]
        for shape, ps in self.groups.items():
            g = torch.stack([p.grad for p in ps]); buf = self.bufs[shape]
            buf.lerp_(g, 0.05); u = g.lerp(buf, 0.95).bfloat16()
            tall = shape[0] > shape[1]
            if tall: u = u.transpose(1, 2)
            u = u / u.flatten(1).norm(dim=1).clamp(min=1e-7)[:, None, None]
            for _ in range(5):
                m = u @ u.transpose(1, 2)
                w = torch.baddbmm(m, m, m, beta=-4.7750, alpha=2.0315)
                u = torch.baddbmm(u, w, u, beta=3.4445)
            if tall: u = u.transpose(1, 2)
            torch._foreach_mul_(ps, 1 - lr * self.wd)
            torch._foreach_add_(ps, list(u.float().unbind(0)), alpha=-lr * 0.2 * math.sqrt(max(shape)))
    def zero_grad(self, set_to_none=True):
        for ps in self.groups.values():
            for p in ps: p.grad = None

def optimizers(model, recipe):
    muon, adamw = tp.new_optimizers(model, recipe)
    return [StackedMuon(muon.param_groups[0]["params"], recipe.matrix_rate, recipe.weight_decay), adamw]

def fit(out, recipe, budget=None, workers=6):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    words = Path("training/_tok")
    tok = Qwen2Tokenizer.from_pretrained(words)
    model = tp.new_model(recipe, tok.pad_token_id, tok.eos_token_id).to(device).train()
    opts = optimizers(model, recipe)
    model.set_attn_implementation("eager")
    body = torch.compile(model.model) if device == "cuda" else model.model
    t0 = time.time(); total = None; step = 0; recipe0 = recipe
    def loader(recipe, start):
        return iter(torch.utils.data.DataLoader(tp.Steps(recipe, tok, start), batch_size=None, num_workers=workers, prefetch_factor=16 if workers else None))
    data = loader(recipe, 0)
    while step < recipe.steps:
        if step == 100: torch.cuda.synchronize() if device == "cuda" else 0; mark = time.time()
        if step == 500 and budget:
            rate = 400 / (time.time() - mark)
            steps = min(recipe.steps, int(500 + rate * (budget - (time.time() - t0))) // 100 * 100)
            print(f"rate {rate:.1f} steps/s, steps {steps}", flush=True)
            if steps != recipe.steps:  # the data of the late mix begin where the new recipe says
                recipe = dataclasses.replace(recipe, steps=steps); data = loader(recipe, step)
        ids, labels, positions = (x.to(device, non_blocking=True) for x in next(data))
        for o, p in zip(opts, (recipe.matrix_rate, recipe.peak_rate)):
            for g in o.param_groups: g["lr"] = p * tp.rate_at(step, recipe)
        with torch.autocast(device, dtype=torch.bfloat16):
            hidden = body(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state
            targets = labels[:, 1:].flatten()
            kept = tp.trained_positions(targets)
            logits = model.lm_head(hidden[:, :-1].flatten(0, 1)[kept])
        loss = torch.nn.functional.cross_entropy(logits.float(), targets[kept])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in opts: o.step(); o.zero_grad(set_to_none=True)
        if step % 1000 == 0: print(out.name, step, f"{loss.item():.4f} {time.time()-t0:.0f}s", flush=True)
        step += 1
    print(out.name, "steps", recipe.steps, "loss", loss.item(), f"{time.time()-t0:.1f}s", flush=True)
    model.eval().to(device="cpu", dtype=torch.bfloat16).save_pretrained(out)
    shutil.copy(out / "model.safetensors", Path(os.environ["OUT"]) / "D.safetensors")

if __name__ == "__main__":
    out = Path("/tmp/try/D"); out.mkdir(parents=True, exist_ok=True)
    fit(out, tp.Recipe(steps=int(os.environ["STEPS"])), budget=float(os.environ.get("BUDGET", 0)) or None, workers=int(os.environ.get("WORKERS", 6)))
