#!/usr/bin/env python3
"""Checks the bundled model file: metadata, tensors, tokenizer, validation loss and greedy text.

Reads the file with the PyPI package gguf, computes with numpy in FP32, compares with the figures in the JSON beside
the file. Exit status 0 means all hold; otherwise every failure is a line.
"""

import argparse
import json
import pathlib
import sys

import reference
import tokenizer as tok

HERE = pathlib.Path(__file__).resolve().parent
LOSS_TOLERANCE = 1e-3  # nats per token; numpy builds differ in the order of sums, some 1e-6


def expected_tensors(c: dict) -> dict:
    """Tensor name -> (shape [out, in], GGML type) of an architecture "llama" with tied output."""
    q8, f32 = "Q8_0", "F32"
    attention, shared = c["heads"] * c["head_dim"], c["kv_heads"] * c["head_dim"]
    tensors = {"token_embd.weight": ((c["vocab"], c["dim"]), q8), "output_norm.weight": ((c["dim"],), f32)}
    for i in range(c["layers"]):
        for name, shape, kind in (
                ("attn_norm", (c["dim"],), f32), ("attn_q", (attention, c["dim"]), q8),
                ("attn_k", (shared, c["dim"]), q8), ("attn_v", (shared, c["dim"]), q8),
                ("attn_output", (c["dim"], attention), q8), ("ffn_norm", (c["dim"],), f32),
                ("ffn_gate", (c["hidden"], c["dim"]), q8), ("ffn_up", (c["hidden"], c["dim"]), q8),
                ("ffn_down", (c["dim"], c["hidden"]), q8)):
            tensors[f"blk.{i}.{name}.weight"] = (shape, kind)
    return tensors


def check(path: pathlib.Path, valid: pathlib.Path) -> list[str]:
    """Returns the failures as sentences."""
    bad = []

    def expect(what, got, want):
        if got != want:
            bad.append(f"{what}: expected {want!r}, got {got!r}")

    stated = json.loads(path.with_suffix(".json").read_text())
    metadata, types, weights = reference.load(path)
    for key, want in (("general.architecture", "llama"), ("general.name", path.stem), ("tokenizer.ggml.model", "llama"),
                      ("tokenizer.ggml.bos_token_id", tok.BOS), ("tokenizer.ggml.eos_token_id", tok.EOS),
                      ("tokenizer.ggml.unknown_token_id", tok.UNKNOWN), ("tokenizer.ggml.add_bos_token", True)):
        expect(key, metadata.get(key), want)
    config = reference.config_of(metadata)
    for key, want in stated["config"].items():
        expect(f"config {key}", config[key], want)
    expect("embedding length over heads", config["dim"] / config["heads"], config["head_dim"])
    expect("bytes", path.stat().st_size, stated["bytes"])

    want = expected_tensors(config)
    expect("tensor names", sorted(weights), sorted(want))
    for name in sorted(set(weights) & set(want)):
        expect(f"{name} shape", weights[name].shape, want[name][0])
        expect(f"{name} type", types[name], want[name][1])
    expect("parameters", sum(w.size for w in weights.values()), stated["parameters"])
    if bad:
        return bad  # the rest would only stumble over these

    tokenizer = reference.load_tokenizer(metadata)
    expect("vocabulary", len(tokenizer.tokens), config["vocab"])
    expect("byte tokens", sorted(tokenizer.byte_id), list(range(256)))
    text = valid.read_text()
    strange = "A line\nof \u03b1 and \u2603, 12 tabs\t, two  spaces."
    for line in text.splitlines() + [strange]:
        if tokenizer.decode(tokenizer.encode(line)) != line:
            bad.append(f"tokenizer: '{line[:40]}...' does not survive encode and decode")

    nats, bits, tokens = reference.loss(config, weights, tokenizer, text)
    figures = stated["validation"]
    expect("validation tokens", tokens, figures["tokens"])
    for what, got, said in (("nats per token", nats, figures["q8_0_weights"]["nats_per_token"]),
                            ("bits per character", bits, figures["q8_0_weights"]["bits_per_character"])):
        if not abs(got - said) <= LOSS_TOLERANCE:
            bad.append(f"validation {what}: expected {said} within {LOSS_TOLERANCE}, got {got:.6f}")

    greedy = stated["greedy"]
    prompt_ids = tokenizer.encode(greedy["prompt"])
    expect("prompt ids", prompt_ids, greedy["prompt_ids"])
    ids, _ = reference.generate(config, weights, prompt_ids, len(greedy["ids"]))
    expect("greedy ids", ids, greedy["ids"])
    expect("greedy text", tokenizer.decode(prompt_ids + ids), greedy["text"])
    if not bad:
        print(f"{path.name}: {len(weights)} tensors, {stated['parameters']} parameters, "
              f"{nats:.4f} nats/token, {bits:.4f} bits/character, {len(ids)} greedy tokens as stated")
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=HERE / "wren-kjv.gguf", help="its JSON lies beside it")
    parser.add_argument("--valid", type=pathlib.Path, default=HERE / "valid.txt")
    args = parser.parse_args()
    try:
        failures = check(args.model, args.valid)
    except KeyError as missing:
        failures = [f"{args.model} lacks the metadata key {missing}; write it again with export_gguf.py"]
    except FileNotFoundError as missing:
        failures = [f"{missing.filename} is missing; restore it, or make it as models/README.md says"]
    for failure in failures:
        print(f"check_gguf: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
