#!/usr/bin/env python3
"""Tests of models/quantize_gguf.py: the bytes it packs, what it leaves alone, and the bundled 4-bit file.

Needs what models/requirements.txt lists; run it with that interpreter: test_quantize.py [-v]
"""

import os
import pathlib
import sys
import tempfile
import unittest

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"
sys.path.insert(0, str(MODELS))

import gguf  # noqa: E402
import numpy as np  # noqa: E402

import quantize_gguf  # noqa: E402
import reference  # noqa: E402

SEED = int(os.environ.get("WREN_SEED", "1"))
SOURCE = MODELS / "wren-kjv.gguf"


def decode(packed, codebook):
    """The definition, nibble by nibble: [blocks, 18] bytes -> [blocks, 32] FP32."""
    out = np.zeros((len(packed), 32), dtype=np.float32)
    for b, block in enumerate(packed):
        scale = np.float32(block[:2].copy().view(np.float16)[0])
        for i in range(16):
            out[b, i] = np.float32(codebook[block[2 + i] & 15]) * scale
            out[b, i + 16] = np.float32(codebook[block[2 + i] >> 4]) * scale
    return out


class Pack(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(SEED)
        self.values = (rng.standard_normal((64, 32)) * 2.0 ** rng.integers(-6, 3, (64, 1))).astype(np.float32)

    def test_bytes_mean_what_ggml_reads_in_them(self):
        for kind, codebook in (("q4_0", range(-8, 8)), ("iq4_nl", quantize_gguf.IQ4_NL)):
            packed = quantize_gguf.pack(self.values, kind)
            self.assertEqual(packed.shape, (64, 18))
            np.testing.assert_array_equal(gguf.dequantize(packed, quantize_gguf.TYPES[kind]), decode(packed, codebook),
                                          f"{kind}, WREN_SEED={SEED}")

    def test_no_block_is_worse_than_the_plain_rounding_of_ggml(self):
        plain = gguf.dequantize(gguf.quantize(self.values, gguf.GGMLQuantizationType.Q4_0),
                                gguf.GGMLQuantizationType.Q4_0)
        packed = quantize_gguf.pack(self.values, "q4_0")
        ours = gguf.dequantize(packed, gguf.GGMLQuantizationType.Q4_0)
        error, limit = (((x - self.values) ** 2).sum(axis=1) for x in (ours, plain))
        self.assertTrue((error <= limit * (1 + 1e-5)).all(), f"WREN_SEED={SEED}: {(error / limit).max()}")
        self.assertLess(error.sum(), 0.95 * limit.sum())

    def test_zeros_stay_zero(self):
        for kind in ("q4_0", "iq4_nl"):
            packed = quantize_gguf.pack(np.zeros((2, 64), dtype=np.float32), kind)
            self.assertEqual(packed.shape, (2, 36))
            self.assertFalse(gguf.dequantize(packed, quantize_gguf.TYPES[kind]).any())

    def test_what_a_codebook_holds_is_kept_exactly(self):
        rng = np.random.default_rng(SEED)
        for kind, codebook in (("q4_0", np.arange(-8, 8)), ("iq4_nl", quantize_gguf.IQ4_NL)):
            codes = rng.integers(0, 16, (20, 32))
            codes[:, 0] = 0  # the codebook's largest value is there
            values = (codebook[codes] * 2.0 ** rng.integers(-8, 3, (20, 1))).astype(np.float32)
            packed = quantize_gguf.pack(values, kind)
            np.testing.assert_array_equal(gguf.dequantize(packed, quantize_gguf.TYPES[kind]), values,
                                          f"{kind}, WREN_SEED={SEED}")


class File(unittest.TestCase):
    def test_metadata_norms_and_kept_tensors_do_not_change(self):
        want, want_types, want_weights = reference.load(SOURCE)
        for kind in ("q4_0", "iq4_nl", "mxfp4"):
            with tempfile.TemporaryDirectory() as d:
                target = pathlib.Path(d) / "out.gguf"
                quantize_gguf.quantize(SOURCE, target, kind, ["token_embd.weight"])
                got, types, weights = reference.load(target)
            drop = lambda m: {k: v for k, v in m.items() if not k.startswith("GGUF.") and k != "general.file_type"}
            self.assertEqual(drop(got), drop(want))
            self.assertEqual(got["general.file_type"], int(quantize_gguf.FILE_TYPES[kind]))
            for name, was in want_types.items():
                kept = was == "F32" or name == "token_embd.weight"
                self.assertEqual(types[name], was if kept else kind.upper(), name)
                self.assertEqual(weights[name].shape, want_weights[name].shape, name)
                if kept:
                    np.testing.assert_array_equal(weights[name], want_weights[name], name)

    def test_the_bundled_file_is_what_the_tool_makes_of_the_model(self):
        with tempfile.TemporaryDirectory() as d:
            target = pathlib.Path(d) / "out.gguf"
            quantize_gguf.quantize(SOURCE, target, "q4_0", [])
            made, made_types, made_weights = reference.load(target)
        stored, types, weights = reference.load(MODELS / "wren-kjv-q4_0.gguf")
        self.assertEqual(made_types, types)
        self.assertEqual({k: made[k] for k in made if not k.startswith("GGUF.")},
                         {k: stored[k] for k in stored if not k.startswith("GGUF.")})
        for name in types:  # sums may be rounded differently elsewhere and tip a choice between two scales
            differ = np.mean(made_weights[name] != weights[name])
            self.assertLess(differ, 0.01, name)


if __name__ == "__main__":
    unittest.main()
