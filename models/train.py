#!/usr/bin/env python3
"""Trains the bundled model: a Llama of some 390 thousand parameters, on one CPU thread.

Architecture: token embedding (tied to the output), then per layer RMSNorm, grouped-query attention with rotary
positions over adjacent pairs, RMSNorm, SwiGLU; a last RMSNorm. Everything as GGUF's architecture "llama" means it.

Every training sequence is BOS followed by text that begins at a verse. Matrices inside the layers learn with Muon,
the embedding and the norms with AdamW. The learning rate warms up, then falls along a cosine to zero. What is kept is
an exponential average of the weights.
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

import reference
import tokenizer as tok

HERE = pathlib.Path(__file__).resolve().parent

CONFIG = dict(vocab=1024, dim=96, layers=3, heads=3, kv_heads=1, head_dim=32, hidden=256, context=256,
              norm_eps=1e-5, rope_theta=10000.0)


class Layer(torch.nn.Module):
    """One transformer layer; linear weights are [out, in], as GGUF's rows."""

    def __init__(self, c: dict, dropout: float):
        super().__init__()
        self.c = c
        self.drop = torch.nn.Dropout(dropout)
        linear = lambda i, o: torch.nn.Linear(i, o, bias=False)
        self.attn_norm = torch.nn.Parameter(torch.ones(c["dim"]))
        self.attn_q = linear(c["dim"], c["heads"] * c["head_dim"])
        self.attn_k = linear(c["dim"], c["kv_heads"] * c["head_dim"])
        self.attn_v = linear(c["dim"], c["kv_heads"] * c["head_dim"])
        self.attn_output = linear(c["heads"] * c["head_dim"], c["dim"])
        self.ffn_norm = torch.nn.Parameter(torch.ones(c["dim"]))
        self.ffn_gate = linear(c["dim"], c["hidden"])
        self.ffn_up = linear(c["dim"], c["hidden"])
        self.ffn_down = linear(c["hidden"], c["dim"])

    def forward(self, x, cos, sin):
        c = self.c
        b, t, _ = x.shape
        h = F.rms_norm(x, (c["dim"],), self.attn_norm, c["norm_eps"])
        q = rotate(self.attn_q(h).view(b, t, c["heads"], c["head_dim"]), cos, sin).transpose(1, 2)
        k = rotate(self.attn_k(h).view(b, t, c["kv_heads"], c["head_dim"]), cos, sin).transpose(1, 2)
        v = self.attn_v(h).view(b, t, c["kv_heads"], c["head_dim"]).transpose(1, 2)
        k, v = (y.repeat_interleave(c["heads"] // c["kv_heads"], dim=1) for y in (k, v))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.drop(self.attn_output(a.transpose(1, 2).reshape(b, t, -1)))
        h = F.rms_norm(x, (c["dim"],), self.ffn_norm, c["norm_eps"])
        return x + self.drop(self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h)))


class Model(torch.nn.Module):
    """ids [batch, time] -> logits [batch, time, vocab]."""

    def __init__(self, c: dict, dropout: float = 0.0):
        super().__init__()
        self.c = c
        self.drop = torch.nn.Dropout(dropout)
        self.token_embd = torch.nn.Embedding(c["vocab"], c["dim"])
        self.blk = torch.nn.ModuleList(Layer(c, dropout) for _ in range(c["layers"]))
        self.output_norm = torch.nn.Parameter(torch.ones(c["dim"]))
        angle = torch.outer(torch.arange(c["context"]).float(),
                            c["rope_theta"] ** (-torch.arange(0, c["head_dim"], 2).float() / c["head_dim"]))
        self.register_buffer("cos", angle.cos()[None, :, None], persistent=False)
        self.register_buffer("sin", angle.sin()[None, :, None], persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                std = 0.05 if name.startswith("token_embd") else p.shape[1] ** -0.5
                if name.endswith(("attn_output.weight", "ffn_down.weight")):
                    std /= math.sqrt(2 * c["layers"])
                torch.nn.init.normal_(p, std=std)

    def forward(self, ids):
        t = ids.shape[1]
        cos, sin = self.cos[:, :t], self.sin[:, :t]
        x = self.drop(self.token_embd(ids))
        for layer in self.blk:
            x = layer(x, cos, sin)
        x = F.rms_norm(x, (self.c["dim"],), self.output_norm, self.c["norm_eps"])
        return F.linear(x, self.token_embd.weight)


def rotate(x, cos, sin):
    """Rotates the pairs (x[2i], x[2i+1]) by position * theta^(-2i/head_dim)."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Muon(torch.optim.Optimizer):
    """Steps along the orthogonal matrix nearest the momentum (Jordan, 2024), in FP32, matrices of a shape together.

    The quintic Newton-Schulz iteration pushes all singular values to about one; lr is scaled by sqrt(rows / columns)
    of matrices that are taller than wide.
    """

    def __init__(self, params, lr: float, momentum: float, weight_decay: float):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                shapes.setdefault(tuple(sorted(p.shape)), []).append(p)
            for params in shapes.values():
                updates = []
                for p in params:
                    m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    m.lerp_(p.grad, 1 - group["momentum"])
                    u = p.grad.lerp(m, group["momentum"])
                    updates.append(u.T if p.shape[0] > p.shape[1] else u)
                x = torch.stack(updates)
                x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
                for _ in range(5):
                    a = x @ x.mT
                    x = 3.4445 * x + (2.0315 * a @ a - 4.7750 * a) @ x
                for p, u in zip(params, x):
                    tall = p.shape[0] > p.shape[1]
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(u.T if tall else u, alpha=-group["lr"] * max(1.0, p.shape[0] / p.shape[1]) ** 0.5)


def load_train(build: pathlib.Path, tokenizer: tok.Tokenizer):
    """Returns (stream of ids, positions of verse starts): chapters joined, each BOS, text, EOS."""
    stream, starts = [], []
    for verses in json.loads((build / "train.json").read_text()):
        stream.append(tok.BOS)
        for verse in verses:
            starts.append(len(stream))
            stream.extend(tokenizer.encode(verse, add_bos=False))
        stream.append(tok.EOS)
    return np.array(stream, dtype=np.int64), np.array(starts)


@torch.no_grad()
def validate(model, pairs) -> float:
    """Mean loss in nats per token."""
    total, count = 0.0, 0
    model.eval()
    for inputs, targets in pairs:
        logits = model(torch.tensor([inputs]))[0]
        total += F.cross_entropy(logits, torch.tensor(targets), reduction="sum").item()
        count += len(targets)
    model.train()
    return total / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE / "build",
                        help="corpus and vocabulary; checkpoints go here")
    parser.add_argument("--valid", type=pathlib.Path, default=HERE / "valid.txt")
    parser.add_argument("--name", default="wren-kjv", help="checkpoint name")
    parser.add_argument("--resume", help="name of the checkpoint to begin with (default: random weights)")
    parser.add_argument("--steps", type=int, default=4800)
    parser.add_argument("--minutes", type=float, help="end after this time even if steps are left; the learning rate "
                        "then falls by the clock (for busy machines; without it a run depends on the seed only)")
    parser.add_argument("--batch", type=int, default=8, help="sequences a step")
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=0.005)
    parser.add_argument("--decay", type=float, default=0.05, help="weight decay of the matrices")
    parser.add_argument("--dropout", type=float, default=0.0, help="of the embedding and of what each block adds")
    parser.add_argument("--average", type=float, default=0.998, help="decay of the running average of the weights")
    parser.add_argument("--optimizer", choices=["muon", "adamw"], default="muon", help="for the matrices")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=int, default=500, help="steps between validations and checkpoints")
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    tokenizer = tok.Tokenizer.load(args.build / "vocab.json")
    stream, starts = load_train(args.build, tokenizer)
    context = CONFIG["context"]
    starts = starts[starts + context <= len(stream)]
    pairs = list(reference.windows(args.valid.read_text(), tokenizer, context))

    model = Model(CONFIG, args.dropout)
    if args.resume:
        model.load_state_dict(torch.load(args.build / f"{args.resume}.pt")["weights"])
    average = Model(CONFIG)
    average.load_state_dict(model.state_dict())
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and n.startswith("blk")]
    others = [p for n, p in model.named_parameters() if not (p.dim() == 2 and n.startswith("blk"))]
    adam = dict(betas=(0.9, 0.98), weight_decay=0.0)
    if args.optimizer == "muon":
        optimizers = [Muon(matrices, lr=args.muon_lr, momentum=0.95, weight_decay=args.decay),
                      torch.optim.AdamW(others, lr=args.adam_lr, **adam)]
    else:
        optimizers = [torch.optim.AdamW([dict(params=matrices, weight_decay=args.decay), dict(params=others)],
                                        lr=args.adam_lr, **adam)]
    for o in optimizers:
        for g in o.param_groups:
            g["peak"] = g["lr"]
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(stream)} tokens, {len(starts)} verse starts, "
          f"{args.steps * args.batch * context / len(stream):.1f} epochs", flush=True)

    order = np.empty(0, dtype=np.int64)
    begin = time.time()
    clock, recent, step, done = begin, [], 0, 0.0
    while done < 1:
        step += 1
        done = step / args.steps
        if args.minutes:
            done = max(done, (time.time() - begin) / (60 * args.minutes))
        ramp = min(1.0, step / args.warmup)
        cosine = 0.5 + 0.5 * math.cos(math.pi * min(1.0, done))
        for o in optimizers:
            for g in o.param_groups:
                g["lr"] = g["peak"] * ramp * cosine
        if len(order) < args.batch:
            order = rng.permutation(starts)
        chosen, order = order[:args.batch], order[args.batch:]
        targets = torch.from_numpy(np.stack([stream[s:s + context] for s in chosen]))
        inputs = torch.cat((torch.full((args.batch, 1), tok.BOS), targets[:, :-1]), dim=1)

        loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for o in optimizers:
            o.step()
            o.zero_grad(set_to_none=True)
        keep = min(args.average, step / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - keep)

        recent.append(loss.item())
        if step % args.report == 0 or done >= 1:
            seconds = time.time() - clock
            rate = len(recent) * args.batch * context / seconds
            print(f"step {step} train {np.mean(recent):.4f} valid {validate(average, pairs):.4f} "
                  f"(unaveraged {validate(model, pairs):.4f}) {rate:.0f} tokens/s", flush=True)
            partial = args.build / f"{args.name}.pt.part"
            torch.save(dict(config=CONFIG, step=step, args={k: str(v) for k, v in vars(args).items()},
                            weights=average.state_dict()), partial)
            partial.replace(args.build / f"{args.name}.pt")
            clock, recent = time.time(), []


if __name__ == "__main__":
    main()
