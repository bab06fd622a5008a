#!/usr/bin/env python3
"""Reads a GGUF file of architecture "vit" and computes it in FP32 with numpy; run it for the accuracy on Fashion-MNIST.

Written from the definition of the architecture, apart from train_vit.py, so that each checks the other.
"""

import argparse
import gzip
import math
import pathlib
from typing import NamedTuple

import numpy as np

import reference

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")


class Model(NamedTuple):
    metadata: dict
    weights: dict  # tensor name -> FP32 [out, in]


def read_idx(path: pathlib.Path) -> np.ndarray:
    """Reads a gzipped IDX file of bytes: two zero bytes, type 8, the number of dimensions, then the sizes."""
    data = gzip.decompress(path.read_bytes())
    if data[:3] != b"\0\0\x08":
        raise SystemExit(f"{path} is not an IDX file of bytes")
    shape = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def load(path: pathlib.Path) -> Model:
    metadata, _, weights = reference.load(path)
    return Model(metadata, weights)


def erf(x: np.ndarray) -> np.ndarray:
    """Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - poly * np.exp(-x * x))


def forward(model: Model, images: np.ndarray, round_inputs: bool = False, batch: int = 500) -> np.ndarray:
    """images [n, size, size], bytes -> logits [n, classes].

    With `round_inputs` the input of every matrix with weights is rounded to Q8_0 first, as integer hardware does.
    """
    return np.concatenate([_forward(model, images[i:i + batch], round_inputs) for i in range(0, len(images), batch)])


def _forward(model: Model, images: np.ndarray, round_inputs: bool) -> np.ndarray:
    m = lambda key: model.metadata[f"vit.{key}"]
    dim, heads, patch = m("embedding_length"), m("attention.head_count"), m("patch_size")
    side, eps, n = m("image_size") // patch, np.float32(m("attention.layer_norm_epsilon")), len(images)

    def linear(x, name):
        w = model.weights[name + ".weight"]
        if round_inputs:
            pad = -x.shape[-1] % 32
            x = reference.round_blocks(np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, pad)]))[..., :x.shape[-1]]
        return x @ w.T + model.weights[name + ".bias"]

    def norm(x, name):
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)
        return (x * model.weights[name + ".weight"] + model.weights[name + ".bias"]).astype(np.float32)

    x = (images.astype(np.float32) / 255 - m("image_mean")[0]) / m("image_std")[0]
    x = x.reshape(n, side, patch, side, patch).transpose(0, 1, 3, 2, 4).reshape(n, side * side, patch * patch)
    x = linear(x.astype(np.float32), "patch_embd") + model.weights["position_embd.weight"]
    for layer in range(m("block_count")):
        part = lambda name: f"blk.{layer}.{name}"
        split = lambda y: y.reshape(n, side * side, heads, dim // heads).transpose(0, 2, 1, 3)
        h = norm(x, part("attn_norm"))
        q, k, v = (split(linear(h, part(name))) for name in ("attn_q", "attn_k", "attn_v"))
        scores = q @ k.transpose(0, 1, 3, 2) / np.float32(math.sqrt(dim // heads))
        p = np.exp(scores - scores.max(axis=-1, keepdims=True))
        a = p / p.sum(axis=-1, keepdims=True) @ v
        x = x + linear(a.transpose(0, 2, 1, 3).reshape(n, side * side, dim), part("attn_output"))
        h = linear(norm(x, part("ffn_norm")), part("ffn_up"))
        h = (h * 0.5 * (1 + erf(h / math.sqrt(2)))).astype(np.float32)
        x = x + linear(h, part("ffn_down"))
    return linear(norm(x, "output_norm").mean(axis=1), "output")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=HERE / "wren-vit.gguf")
    parser.add_argument("--data", type=pathlib.Path, default=DATA)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--round-inputs", action="store_true", help="round activations to Q8_0 as well")
    args = parser.parse_args()
    images = read_idx(args.data / "t10k-images-idx3-ubyte.gz")[:args.count]
    labels = read_idx(args.data / "t10k-labels-idx1-ubyte.gz")[:args.count]
    logits = forward(load(args.model), images, args.round_inputs)
    print(f"accuracy {(logits.argmax(axis=1) == labels).mean():.4f} of {len(images)} images")


if __name__ == "__main__":
    main()
