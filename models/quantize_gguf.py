#!/usr/bin/env python3
"""Writes a GGUF file again with its matrices in another type: q4_0 or iq4_nl (18 bytes per 32 weights), mxfp4 (17), or q8_0.

Vectors (norms, biases), matrices whose rows are no multiple of 32, and what --keep names stay as they are, and so do
all metadata but the file type. Prints the bytes of both files, and with --valid their losses, computed in FP32.
"""

import argparse
import pathlib

import gguf
import numpy as np

import reference

HERE = pathlib.Path(__file__).resolve().parent
BLOCK = 32
TYPES = {"q4_0": gguf.GGMLQuantizationType.Q4_0, "iq4_nl": gguf.GGMLQuantizationType.IQ4_NL,
         "mxfp4": gguf.GGMLQuantizationType.MXFP4, "q8_0": gguf.GGMLQuantizationType.Q8_0}
FILE_TYPES = {"q4_0": gguf.LlamaFileType.MOSTLY_Q4_0, "iq4_nl": gguf.LlamaFileType.MOSTLY_IQ4_NL,
              "mxfp4": gguf.LlamaFileType.MOSTLY_MXFP4_MOE, "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0}
IQ4_NL = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], dtype=np.float32)
SEARCH = np.arange(-7, 8)  # steps of the scale that are tried, for the least squared error
UNITS = {"q4_0": (np.arange(-8, 8, dtype=np.float32), -8.0), "iq4_nl": (IQ4_NL, -127.0)}


def pack(values: np.ndarray, kind: str) -> np.ndarray:
    """[..., n] FP32 -> bytes [..., n / 32 * 18]: FP16 scale, 16 bytes with elements 0..15 in the low nibbles.

    The element of largest magnitude first takes the codebook's largest one; of 15 scales around that, and each
    corrected by least squares for the codes it gives, the one with the least squared error stays.
    """
    book, end = UNITS[kind]
    blocks = values.astype(np.float32).reshape(-1, BLOCK)
    rows = np.arange(len(blocks))
    largest = blocks[rows, np.abs(blocks).argmax(axis=1)]
    edges = (book[1:] + book[:-1]) / 2
    best = np.full(len(blocks), np.inf, dtype=np.float32)
    scale = np.zeros(len(blocks), dtype=np.float16)
    codes = np.zeros(blocks.shape, dtype=np.uint8)

    def encode(d):
        inverse = np.where(d != 0, 1 / np.where(d != 0, d, 1), 0)
        return np.searchsorted(edges, blocks * inverse[:, None]).astype(np.uint8)

    for step in SEARCH:
        d = largest / np.float32(end + step * end / 60)
        v = book[encode(d)]
        fitted = (blocks * v).sum(axis=1) / np.maximum((v * v).sum(axis=1), 1e-30)
        for candidate in (d, fitted):
            half = candidate.astype(np.float16)
            q = encode(half.astype(np.float32))
            error = ((book[q] * half.astype(np.float32)[:, None] - blocks) ** 2).sum(axis=1)
            better = error < best
            best = np.where(better, error, best)
            scale = np.where(better, half, scale)
            codes = np.where(better[:, None], q, codes)
    packed = codes[:, :16] | codes[:, 16:] << 4
    out = np.concatenate([scale.astype(np.float16)[:, None].view(np.uint8), packed], axis=1)
    return out.reshape(*values.shape[:-1], -1)


def quantize(source: pathlib.Path, target: pathlib.Path, kind: str, keep: list[str]) -> dict:
    """Returns tensor name -> name of the type written. `keep`: tensors that stay as they are."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.get_field("general.architecture").contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        element = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=element)
    writer.add_file_type(FILE_TYPES[kind])
    written = {}
    for t in reader.tensors:
        shape = tuple(int(n) for n in reversed(t.shape))
        if len(shape) < 2 or shape[-1] % BLOCK != 0 or t.name in keep:
            writer.add_tensor(t.name, t.data, raw_dtype=t.tensor_type)
            written[t.name] = t.tensor_type.name
            continue
        values = gguf.dequantize(t.data, t.tensor_type).reshape(shape)
        data = pack(values, kind) if kind in UNITS else gguf.quantize(values, TYPES[kind])
        writer.add_tensor(t.name, data, raw_dtype=TYPES[kind])
        written[t.name] = TYPES[kind].name
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=pathlib.Path, nargs="?", default=HERE / "wren-kjv.gguf")
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--type", choices=sorted(TYPES), default="q4_0")
    parser.add_argument("--keep", action="append", default=[], metavar="TENSOR", help="leave this tensor as it is")
    parser.add_argument("--valid", type=pathlib.Path, help="text to compute the loss of both files with")
    args = parser.parse_args()
    if args.source.resolve() == args.target.resolve():
        parser.error("the target is the source")
    quantize(args.source, args.target, args.type, args.keep)
    for path in (args.source, args.target):
        line = f"{path.name}: {path.stat().st_size} bytes"
        if args.valid:
            metadata, _, weights = reference.load(path)
            nats, bits, tokens = reference.loss(reference.config_of(metadata), weights,
                                                reference.load_tokenizer(metadata), args.valid.read_text())
            line += f", {nats:.6f} nats per token (perplexity {np.exp(nats):.4f}), {bits:.6f} bits per character, {tokens} tokens"
        print(line)


if __name__ == "__main__":
    main()
