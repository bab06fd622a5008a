#!/usr/bin/env python3
"""Writes a checkpoint of train.py as GGUF (matrices Q8_0, norms F32) and its figures as JSON.

The figures come from reading the written file back, so they describe what is stored. The same figures and two
samples replace the part of README.md between its markers.
"""

import argparse
import json
import pathlib
import textwrap

import gguf
import numpy as np
import torch

import reference
import tokenizer as tok

HERE = pathlib.Path(__file__).resolve().parent
PROMPT = "And the LORD said unto Moses,"
GREEDY_TOKENS = 64
SAMPLE = dict(tokens=128, temperature=0.8, seed=1)
BEGIN, END = "<!-- figures: written by export_gguf.py -->", "<!-- end of figures -->"


def gguf_name(name: str) -> str:
    """blk.0.attn_norm -> blk.0.attn_norm.weight; linear layers have the suffix already."""
    return name if name.endswith(".weight") else name + ".weight"


def write(path: pathlib.Path, name: str, config: dict, weights: dict, tokenizer: tok.Tokenizer) -> None:
    """weights: GGUF tensor name -> FP32 array, matrices [out, in]."""
    w = gguf.GGUFWriter(path, "llama")
    w.add_name(name)
    w.add_description("A small Llama that writes in the manner of the King James Bible; made by the Wren project.")
    w.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    w.add_quantization_version(gguf.GGML_QUANT_VERSION)
    w.add_vocab_size(config["vocab"])
    w.add_context_length(config["context"])
    w.add_embedding_length(config["dim"])
    w.add_block_count(config["layers"])
    w.add_feed_forward_length(config["hidden"])
    w.add_head_count(config["heads"])
    w.add_head_count_kv(config["kv_heads"])
    w.add_layer_norm_rms_eps(config["norm_eps"])
    w.add_rope_dimension_count(config["head_dim"])
    w.add_rope_freq_base(config["rope_theta"])
    w.add_tokenizer_model("llama")
    w.add_tokenizer_pre("default")
    w.add_token_list(tokenizer.tokens)
    w.add_token_scores(tokenizer.scores)
    w.add_token_types(tokenizer.types)
    w.add_bos_token_id(tok.BOS)
    w.add_eos_token_id(tok.EOS)
    w.add_unk_token_id(tok.UNKNOWN)
    w.add_add_bos_token(True)
    w.add_add_eos_token(False)
    w.add_add_space_prefix(True)
    q8 = gguf.GGMLQuantizationType.Q8_0
    for tensor, value in weights.items():
        if value.ndim == 2:
            w.add_tensor(tensor, gguf.quantize(value, q8), raw_dtype=q8)
        else:
            w.add_tensor(tensor, value)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE / "build",
                        help="where vocab.json and the checkpoint are")
    parser.add_argument("--name", default="wren-kjv", help="checkpoint name")
    parser.add_argument("--valid", type=pathlib.Path, default=HERE / "valid.txt")
    parser.add_argument("--readme", type=pathlib.Path, default=HERE / "README.md", help="page whose figures to replace")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "wren-kjv.gguf", help="the JSON goes beside it")
    args = parser.parse_args()

    checkpoint = torch.load(args.build / f"{args.name}.pt")
    config = checkpoint["config"]
    weights = {gguf_name(k): np.ascontiguousarray(v.numpy(), dtype=np.float32)
               for k, v in checkpoint["weights"].items()}
    write(args.out, args.out.stem, config, weights, tok.Tokenizer.load(args.build / "vocab.json"))

    metadata, _, stored = reference.load(args.out)
    config = reference.config_of(metadata)
    tokenizer = reference.load_tokenizer(metadata)
    text = args.valid.read_text()

    def figures(w, round_inputs=False):
        nats, bits, _ = reference.loss(config, w, tokenizer, text, round_inputs)
        return dict(nats_per_token=round(nats, 6), bits_per_character=round(bits, 6))

    prompt_ids = tokenizer.encode(PROMPT)
    ids, leads = reference.generate(config, stored, prompt_ids, GREEDY_TOKENS)
    rounded, _ = reference.generate(config, stored, prompt_ids, GREEDY_TOKENS, round_inputs=True)
    logits = reference.forward(config, stored, prompt_ids)[-1]
    best = np.argsort(-logits)[:5]
    result = dict(
        file=args.out.name, bytes=args.out.stat().st_size, parameters=sum(w.size for w in stored.values()),
        config=config, steps=checkpoint["step"],
        training={k: v for k, v in checkpoint["args"].items() if k not in ("build", "valid", "name", "report")},
        validation=dict(
            text=args.valid.name, characters=len(text), tokens=reference.loss(config, stored, tokenizer, text)[2],
            fp32_weights=figures(weights), q8_0_weights=figures(stored),
            q8_0_weights_and_activations=figures(stored, True)),
        greedy=dict(
            prompt=PROMPT, prompt_ids=prompt_ids, ids=ids, text=tokenizer.decode(prompt_ids + ids),
            leads=[round(x, 4) for x in leads],
            first_logits={str(i): round(float(logits[i]), 5) for i in best},
            same_with_q8_0_activations=common_prefix(ids, rounded)))
    args.out.with_suffix(".json").write_text(dump(result))
    sample, _ = reference.generate(config, stored, prompt_ids, **SAMPLE)
    put_figures(args.readme, result, tokenizer.decode(prompt_ids + sample))
    print(json.dumps({k: result[k] for k in ("bytes", "parameters", "steps", "validation")}, indent=1))
    print(result["greedy"]["text"])


def put_figures(readme: pathlib.Path, result: dict, sample: str) -> None:
    """Replaces what stands between the markers."""
    page = readme.read_text()
    if BEGIN not in page or END not in page:
        raise SystemExit(f"export_gguf: {readme} lacks the line '{BEGIN}' or '{END}'; restore them")
    validation, greedy = result["validation"], result["greedy"]
    rows = [("FP32 weights", "fp32_weights"), ("Q8_0 weights", "q8_0_weights"),
            ("Q8_0 weights, inputs of every matrix rounded to Q8_0", "q8_0_weights_and_activations")]
    quote = lambda text: "\n".join("> " + line for line in textwrap.wrap(text, 110))
    figures = "\n".join([
        BEGIN,
        f"{result['parameters']} parameters, {result['bytes']} bytes, {result['steps']} training steps. Loss on "
        f"`{validation['text']}` ({validation['characters']} characters, {validation['tokens']} tokens):",
        "", "| what | nats per token | bits per character |", "|---|---|---|",
        *(f"| {name} | {validation[key]['nats_per_token']:.4f} | {validation[key]['bits_per_character']:.4f} |"
          for name, key in rows),
        "", f"Greedy, `reference.py --tokens {len(greedy['ids'])}` (with inputs rounded to Q8_0 too, the first "
        f"{greedy['same_with_q8_0_activations']} tokens are the same):", "", quote(greedy["text"]),
        "", "Temperature 0.8, `reference.py " + " ".join(f"--{k} {v}" for k, v in SAMPLE.items()) + "`:",
        "", quote(sample), END])
    readme.write_text(page[:page.index(BEGIN)] + figures + page[page.index(END) + len(END):])


def common_prefix(a: list[int], b: list[int]) -> int:
    """How many leading elements agree."""
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def dump(result: dict) -> str:
    """JSON with a line per key and lists on one line."""
    def lines(value, indent):
        if not isinstance(value, dict):
            return json.dumps(value)
        pad = "  " * (indent + 1)
        body = ",\n".join(f"{pad}{json.dumps(k)}: {lines(v, indent + 1)}" for k, v in value.items())
        return "{\n" + body + "\n" + "  " * indent + "}"
    return lines(result, 0) + "\n"


if __name__ == "__main__":
    main()
