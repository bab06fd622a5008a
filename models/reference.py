#!/usr/bin/env python3
"""Reads a GGUF file of architecture "llama" and computes it in FP32 with numpy; run it to continue a prompt.

Written from the definition of the architecture, apart from train.py, so that each checks the other.
"""

import argparse
import pathlib

import gguf
import numpy as np

import tokenizer as tok

HERE = pathlib.Path(__file__).resolve().parent


def load(path: pathlib.Path):
    """Returns (metadata: key -> value, types: tensor -> GGML type name, weights: tensor -> FP32 [out, in])."""
    reader = gguf.GGUFReader(path)
    metadata = {name: field.contents() for name, field in reader.fields.items()}
    types = {t.name: t.tensor_type.name for t in reader.tensors}
    weights = {t.name: gguf.dequantize(t.data, t.tensor_type).reshape(tuple(reversed(t.shape))).astype(np.float32)
               for t in reader.tensors}
    return metadata, types, weights


def load_tokenizer(metadata: dict) -> tok.Tokenizer:
    return tok.Tokenizer(*(metadata[f"tokenizer.ggml.{k}"] for k in ("tokens", "scores", "token_type")))


def config_of(metadata: dict) -> dict:
    """The keys of CONFIG in train.py, out of GGUF metadata."""
    m = lambda key: metadata[f"llama.{key}"]
    return dict(vocab=m("vocab_size"), dim=m("embedding_length"), layers=m("block_count"),
                heads=m("attention.head_count"), kv_heads=m("attention.head_count_kv"),
                head_dim=m("rope.dimension_count"), hidden=m("feed_forward_length"), context=m("context_length"),
                norm_eps=m("attention.layer_norm_rms_epsilon"), rope_theta=m("rope.freq_base"))


def round_blocks(x: np.ndarray) -> np.ndarray:
    """Rounds to Q8_0 along the last axis: blocks of 32 int8 with a half-precision scale."""
    return gguf.dequantize(gguf.quantize(np.ascontiguousarray(x), gguf.GGMLQuantizationType.Q8_0),
                           gguf.GGMLQuantizationType.Q8_0)


def forward(config: dict, weights: dict, ids: list[int], round_inputs: bool = False) -> np.ndarray:
    """ids [time] -> logits [time, vocab], all positions at once.

    With `round_inputs` the input of every matrix with weights is rounded to Q8_0 first, as integer hardware does.
    """
    time, size = len(ids), config["head_dim"]
    if time > config["context"]:
        raise ValueError(f"reference: {time} tokens exceed the context of {config['context']}")

    def linear(x, name):
        return (round_blocks(x) if round_inputs else x) @ weights[name].T

    def norm(x, name):
        scale = 1 / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(config["norm_eps"]))
        return (x * scale * weights[name]).astype(np.float32)

    angle = np.outer(np.arange(time), config["rope_theta"] ** (-np.arange(0, size, 2) / size))
    cos, sin = np.cos(angle).astype(np.float32)[:, None], np.sin(angle).astype(np.float32)[:, None]

    def rotate(x):
        out = np.empty_like(x)
        out[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
        out[..., 1::2] = x[..., 0::2] * sin + x[..., 1::2] * cos
        return out

    future = np.triu(np.full((time, time), -np.inf, dtype=np.float32), 1)
    x = weights["token_embd.weight"][ids]
    for layer in range(config["layers"]):
        part = lambda name: f"blk.{layer}.{name}.weight"
        h = norm(x, part("attn_norm"))
        q = rotate(linear(h, part("attn_q")).reshape(time, config["heads"], size))
        k = rotate(linear(h, part("attn_k")).reshape(time, config["kv_heads"], size))
        v = linear(h, part("attn_v")).reshape(time, config["kv_heads"], size)
        heads = []
        for head in range(config["heads"]):
            shared = head * config["kv_heads"] // config["heads"]
            scores = q[:, head] @ k[:, shared].T / np.float32(np.sqrt(size)) + future
            p = np.exp(scores - scores.max(axis=1, keepdims=True))
            heads.append(p / p.sum(axis=1, keepdims=True) @ v[:, shared])
        x = x + linear(np.concatenate(heads, axis=1), part("attn_output"))
        h = norm(x, part("ffn_norm"))
        gate = linear(h, part("ffn_gate"))
        x = x + linear(gate / (1 + np.exp(-gate)) * linear(h, part("ffn_up")), part("ffn_down"))
    x = norm(x, "output_norm.weight")
    return linear(x, "output.weight" if "output.weight" in weights else "token_embd.weight")


def windows(text: str, tokenizer: tok.Tokenizer, context: int):
    """The validation rule: every line and an EOS after it, cut into windows, each behind a BOS.

    Yields (inputs, targets); a window predicts at most `context` tokens and every token is predicted once.
    """
    for line in text.splitlines():
        ids = tokenizer.encode(line, add_bos=False) + [tok.EOS]
        for i in range(0, len(ids), context):
            targets = ids[i:i + context]
            yield [tok.BOS] + targets[:-1], targets


def loss(config: dict, weights: dict, tokenizer: tok.Tokenizer, text: str, round_inputs: bool = False):
    """Returns (nats per token, bits per character, tokens); a line's end counts as one character."""
    total, count = 0.0, 0
    for inputs, targets in windows(text, tokenizer, config["context"]):
        logits = forward(config, weights, inputs, round_inputs).astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        total += (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(targets)), targets]).sum()
        count += len(targets)
    return total / count, total / np.log(2) / len(text), count


def generate(config: dict, weights: dict, ids: list[int], tokens: int, temperature: float = 0.0, seed: int = 0,
             round_inputs: bool = False):
    """Continues `ids`; returns (new ids, lead of the best logit over the second at each). Stops after EOS."""
    rng = np.random.default_rng(seed)
    out, leads = [], []
    while len(out) < tokens and len(ids) + len(out) <= config["context"]:
        logits = forward(config, weights, ids + out, round_inputs)[-1].astype(np.float64)
        second, first = np.sort(logits)[-2:]
        leads.append(float(first - second))
        if temperature > 0:
            p = np.exp((logits - first) / temperature)
            out.append(int(rng.choice(len(p), p=p / p.sum())))
        else:
            out.append(int(logits.argmax()))
        if out[-1] == tok.EOS:
            break
    return out, leads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=HERE / "wren-kjv.gguf")
    parser.add_argument("--prompt", default="And the LORD said unto Moses,")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--temperature", type=float, default=0.0, help="0 takes the best token")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round-inputs", action="store_true", help="round activations to Q8_0 as well")
    args = parser.parse_args()

    metadata, _, weights = load(args.model)
    tokenizer = load_tokenizer(metadata)
    ids = tokenizer.encode(args.prompt)
    out, _ = generate(config_of(metadata), weights, ids, args.tokens, args.temperature, args.seed, args.round_inputs)
    print(tokenizer.decode(ids + out))


if __name__ == "__main__":
    main()
