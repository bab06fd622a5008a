#!/usr/bin/env python3
"""Writes tb/workload/minilm.json: what Hugging Face's BertModel makes of some sentences, for the tests of Wren's own.

Two embeddings a sentence, both in FP32 on the CPU, mean over the tokens, divided by the length: with the published weights,
and with those of the GGUF file of convert_minilm.py (Q8_0, dequantized), which is what Wren's golden model computes.
Needs models/requirements-reference.txt.
"""

import argparse
import json
import pathlib

import gguf
import tokenizers
import torch
import transformers
from transformers import BertConfig, BertModel

from convert_minilm import gguf_name

HERE = pathlib.Path(__file__).resolve().parent
SENTENCES = [
    "A small bird with a big voice.",
    "The wren is a tiny songbird that sings very loudly.",
    "Interest rates rose by a quarter of a percentage point on Tuesday.",
    "Ein kleiner Vogel singt im Garten; der Zaunkönig (Troglodytes troglodytes) wiegt nur 9 g!",
    "ok",
    "In the beginning God created the heaven and the earth. And the earth was without form, and void; and darkness was "
    "upon the face of the deep. And the Spirit of God moved upon the face of the waters. And God said, Let there be "
    "light: and there was light. And God saw the light, that it was good: and God divided the light from the darkness. "
    "And God called the light Day, and the darkness he called Night. And the evening and the morning were the first day.",
]


def published(source: pathlib.Path) -> BertModel:
    return BertModel.from_pretrained(source, attn_implementation="eager").eval()


def from_gguf(source: pathlib.Path, path: pathlib.Path) -> BertModel:
    stored = {t.name: gguf.dequantize(t.data, t.tensor_type) for t in gguf.GGUFReader(path).tensors}
    model = BertModel(BertConfig.from_pretrained(source, attn_implementation="eager")).eval()
    state = model.state_dict()
    for name in state:
        target = gguf_name(name)
        if target is not None:
            state[name] = torch.from_numpy(stored[target].copy())
    model.load_state_dict(state)
    return model


@torch.no_grad()
def embed(model: BertModel, ids: list[int]) -> list[float]:
    pooled = model(torch.tensor([ids])).last_hidden_state[0].mean(dim=0)
    return [float(f"{x:.8g}") for x in (pooled / pooled.norm()).tolist()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the package's folder `model`")
    parser.add_argument("--gguf", type=pathlib.Path, default=HERE.parent / "models/minilm.gguf")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "tb/workload/minilm.json")
    args = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = tokenizers.Tokenizer.from_file(str(args.source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    models = {"fp32": published(args.source), "q8_0": from_gguf(args.source, args.gguf)}
    result = dict(
        made_by=f"models/reference_minilm.py with torch {torch.__version__}, transformers {transformers.__version__}, "
                f"tokenizers {tokenizers.__version__}",
        sentences=[])
    for text in SENTENCES:
        ids = tokenizer.encode(text).ids
        result["sentences"].append(dict(text=text, ids=ids) | {k: embed(m, ids) for k, m in models.items()})
        a, b = (torch.tensor(result["sentences"][-1][k]) for k in models)
        print(f"{len(ids):4} tokens, cosine of the two {float(a @ b):.6f}")
    args.out.write_text(json.dumps(result).replace('{"text"', '\n{"text"') + "\n")


if __name__ == "__main__":
    main()
