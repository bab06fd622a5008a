#!/usr/bin/env python3
"""Trains the bundled Vision Transformer, some 200 thousand parameters, on Fashion-MNIST and one CPU thread.

Architecture: patches of 7 x 7 pixels, a linear embedding with bias, learned positions, then per layer LayerNorm,
attention over all patches (no mask), LayerNorm, a GELU MLP (the exact GELU, with erf), biases everywhere; a last
LayerNorm, the mean over the patches, a linear classifier. There is no class token.

Training images are mirrored at random and shifted by up to two pixels. Matrices inside the layers learn with Muon,
the rest with AdamW. The learning rate warms up, then falls along a cosine to zero; what is kept is an exponential
average of the weights. The last images of the training set are held out for validation; the test set is not read.
"""

import argparse
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

from reference_vit import DATA, read_idx
from train import Muon

HERE = pathlib.Path(__file__).resolve().parent

CONFIG = dict(image=28, channels=1, patch=7, dim=64, layers=4, heads=2, hidden=256, classes=10, norm_eps=1e-6,
              mean=0.286, std=0.353)


class Layer(torch.nn.Module):
    """One pre-norm encoder layer; linear weights are [out, in], as GGUF's rows."""

    def __init__(self, c: dict, drop_path: float):
        super().__init__()
        self.c, self.drop_path = c, drop_path
        d = c["dim"]
        self.attn_norm = torch.nn.LayerNorm(d, c["norm_eps"])
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (torch.nn.Linear(d, d) for _ in range(4))
        self.ffn_norm = torch.nn.LayerNorm(d, c["norm_eps"])
        self.ffn_up = torch.nn.Linear(d, c["hidden"])
        self.ffn_down = torch.nn.Linear(c["hidden"], d)

    def drop(self, x):
        """Stochastic depth: leaves the whole branch out for some images."""
        if not self.training or self.drop_path == 0:
            return x
        keep = torch.rand(x.shape[0], 1, 1) >= self.drop_path
        return x * keep / (1 - self.drop_path)

    def forward(self, x):
        b, t, d = x.shape
        h = self.attn_norm(x)
        q, k, v = (m(h).view(b, t, self.c["heads"], -1).transpose(1, 2) for m in (self.attn_q, self.attn_k, self.attn_v))
        a = F.scaled_dot_product_attention(q, k, v)
        x = x + self.drop(self.attn_output(a.transpose(1, 2).reshape(b, t, d)))
        return x + self.drop(self.ffn_down(F.gelu(self.ffn_up(self.ffn_norm(x)))))


class Model(torch.nn.Module):
    """images [batch, height, width], bytes -> logits [batch, classes]."""

    def __init__(self, c: dict, drop_path: float = 0.0):
        super().__init__()
        self.c = c
        patches = (c["image"] // c["patch"]) ** 2
        self.patch_embd = torch.nn.Linear(c["channels"] * c["patch"] ** 2, c["dim"])
        self.position_embd = torch.nn.Embedding(patches, c["dim"])
        self.blk = torch.nn.ModuleList(Layer(c, drop_path * i / max(1, c["layers"] - 1)) for i in range(c["layers"]))
        self.output_norm = torch.nn.LayerNorm(c["dim"], c["norm_eps"])
        self.output = torch.nn.Linear(c["dim"], c["classes"])
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.zeros_(p)
            elif p.dim() == 2:
                std = 0.02 if name.startswith(("position", "output")) else p.shape[1] ** -0.5
                if name.endswith(("attn_output.weight", "ffn_down.weight")):
                    std /= math.sqrt(2 * c["layers"])
                torch.nn.init.normal_(p, std=std)

    def forward(self, images):
        c = self.c
        n, side, p = len(images), c["image"] // c["patch"], c["patch"]
        x = (images.float() / 255 - c["mean"]) / c["std"]
        x = x.view(n, side, p, side, p).transpose(2, 3).reshape(n, side * side, p * p)
        x = self.patch_embd(x) + self.position_embd.weight
        for layer in self.blk:
            x = layer(x)
        return self.output(self.output_norm(x).mean(dim=1))


def augment(images: np.ndarray, rng) -> np.ndarray:
    """Mirrors half of the images and shifts each by -2..2 pixels in both directions, filling with black."""
    n, size = images.shape[0], images.shape[1]
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    out = np.empty_like(images)
    for i, (dy, dx, mirror) in enumerate(rng.integers(0, (5, 5, 2), size=(n, 3))):
        view = padded[i, dy:dy + size, dx:dx + size]
        out[i] = view[:, ::-1] if mirror else view
    return out


@torch.no_grad()
def accuracy(model, images, labels) -> float:
    """Share of images whose largest logit is the label's."""
    model.eval()
    right = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in zip(images.split(500), labels.split(500)))
    model.train()
    return right / len(images)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=DATA, help="where the four gzipped IDX files are")
    parser.add_argument("--build", type=pathlib.Path, default=HERE / "build", help="checkpoints go here")
    parser.add_argument("--name", default="wren-vit", help="checkpoint name")
    parser.add_argument("--epochs", type=float, default=40)
    parser.add_argument("--minutes", type=float, help="end after this time even if steps are left; the learning rate "
                        "then falls by the clock (for busy machines; without it a run depends on the seed only)")
    parser.add_argument("--batch", type=int, default=128, help="images a step")
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=0.003)
    parser.add_argument("--decay", type=float, default=0.1, help="weight decay of the matrices")
    parser.add_argument("--drop-path", type=float, default=0.0, help="stochastic depth of the last layer")
    parser.add_argument("--smoothing", type=float, default=0.05, help="label smoothing")
    parser.add_argument("--average", type=float, default=0.998, help="decay of the running average of the weights")
    parser.add_argument("--held-out", type=int, default=2000, help="images at the end of the training set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=int, default=469, help="steps between validations and checkpoints")
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    args.build.mkdir(parents=True, exist_ok=True)
    images = read_idx(args.data / "train-images-idx3-ubyte.gz")
    labels = torch.from_numpy(read_idx(args.data / "train-labels-idx1-ubyte.gz").astype(np.int64))
    train = len(images) - args.held_out
    valid_images, valid_labels = torch.from_numpy(images[train:].copy()), labels[train:]

    model = Model(CONFIG, args.drop_path)
    average = Model(CONFIG)
    average.load_state_dict(model.state_dict())
    inner = lambda n, p: p.dim() == 2 and n.startswith("blk")
    matrices = [p for n, p in model.named_parameters() if inner(n, p)]
    others = [p for n, p in model.named_parameters() if not inner(n, p)]
    optimizers = [Muon(matrices, lr=args.muon_lr, momentum=0.95, weight_decay=args.decay),
                  torch.optim.AdamW(others, lr=args.adam_lr, betas=(0.9, 0.98), weight_decay=0.0)]
    for o in optimizers:
        for g in o.param_groups:
            g["peak"] = g["lr"]
    steps = int(args.epochs * train / args.batch)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {train} images, {steps} steps", flush=True)

    order = np.empty(0, dtype=np.int64)
    begin = time.time()
    clock, recent, step, done = begin, [], 0, 0.0
    while done < 1:
        step += 1
        done = step / steps
        if args.minutes:
            done = max(done, (time.time() - begin) / (60 * args.minutes))
        ramp = min(1.0, step / args.warmup)
        cosine = 0.5 + 0.5 * math.cos(math.pi * min(1.0, done))
        for o in optimizers:
            for g in o.param_groups:
                g["lr"] = g["peak"] * ramp * cosine
        if len(order) < args.batch:
            order = rng.permutation(train)
        chosen, order = order[:args.batch], order[args.batch:]
        x = torch.from_numpy(augment(images[chosen], rng))
        loss = F.cross_entropy(model(x), labels[chosen], label_smoothing=args.smoothing)
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
            rate = len(recent) * args.batch / (time.time() - clock)
            print(f"step {step} epoch {step * args.batch / train:.1f} train {np.mean(recent):.4f} "
                  f"valid {accuracy(average, valid_images, valid_labels):.4f} {rate:.0f} images/s", flush=True)
            partial = args.build / f"{args.name}.pt.part"
            torch.save(dict(config=CONFIG, step=step, args={k: str(v) for k, v in vars(args).items()},
                            weights=average.state_dict()), partial)
            partial.replace(args.build / f"{args.name}.pt")
            clock, recent = time.time(), []


if __name__ == "__main__":
    main()
