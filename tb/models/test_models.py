#!/usr/bin/env python3
"""Tests of models/: the tokenizer's algorithm, and that check_gguf.py sees what it is there to see.

Needs what models/requirements.txt lists; run it with that interpreter: test_models.py [-v]
"""

import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"
sys.path.insert(0, str(MODELS))

import check_gguf  # noqa: E402
import reference  # noqa: E402
import tokenizer as tok  # noqa: E402

SEED = int(os.environ.get("WREN_SEED", "1"))


def slow_merge(text, score):
    """The definition of tok.merge, word for word: look at all neighbours, merge the best, start over."""
    parts = list(text)
    while True:
        ranked = [(score(a + b), -i) for i, (a, b) in enumerate(zip(parts, parts[1:])) if score(a + b) is not None]
        if not ranked:
            return parts
        i = -max(ranked)[1]
        parts[i:i + 2] = [parts[i] + parts[i + 1]]


class Tokenizer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        metadata, _, _ = reference.load(MODELS / "wren-kjv.gguf")
        cls.tokenizer = reference.load_tokenizer(metadata)
        cls.text = (MODELS / "valid.txt").read_text()

    def test_merges_as_the_definition_says(self):
        rng = random.Random(SEED)
        for trial in range(200):
            begin = rng.randrange(len(self.text) - 60)
            text = tok.SPACE + self.text[begin:begin + rng.randrange(1, 60)].replace(" ", tok.SPACE)
            got, want = tok.merge(text, self.tokenizer._score), slow_merge(text, self.tokenizer._score)
            self.assertEqual(got, want, f"trial {trial}, WREN_SEED={SEED}")

    def test_merges_overlapping_pairs_as_the_definition_says(self):
        rng = random.Random(SEED)
        ranks = {"aa": 0, "ab": 1, "aab": 2, "ba": 3, "bb": 3, "abab": 4, "aaaa": 5}
        for trial in range(500):
            text = "".join(rng.choice("ab") for _ in range(rng.randrange(1, 24)))
            score = lambda s: -ranks[s] if s in ranks else None
            self.assertEqual(tok.merge(text, score), slow_merge(text, score),
                             f"trial {trial}, WREN_SEED={SEED}: {text}")

    def test_bytes_stand_in_for_unknown_characters(self):
        ids = self.tokenizer.encode("\u2603", add_bos=False)
        tokens = [self.tokenizer.tokens[i] for i in ids]
        self.assertEqual(tokens, [tok.SPACE, "<0xE2>", "<0x98>", "<0x83>"])
        self.assertEqual(self.tokenizer.decode(ids), "\u2603")

    def test_training_is_repeatable_and_exact(self):
        lines = self.text.splitlines()
        first, second = tok.train(lines, 500), tok.train(lines, 500)
        self.assertEqual(first.tokens, second.tokens)
        self.assertEqual(len(first.tokens), 500)
        for line in lines:
            self.assertEqual(first.decode(first.encode(line)), line)

    def test_training_refuses_a_vocabulary_that_cannot_be(self):
        with self.assertRaisesRegex(ValueError, "cannot hold"):
            tok.train(["abc"], 260)
        with self.assertRaisesRegex(ValueError, "only"):
            tok.train(["abc"], 1000)


class CheckGguf(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.model = pathlib.Path(self.directory.name) / "wren-kjv.gguf"
        for suffix in (".gguf", ".json"):
            shutil.copy((MODELS / "wren-kjv.gguf").with_suffix(suffix), self.model.with_suffix(suffix))

    def tearDown(self):
        self.directory.cleanup()

    def failures(self):
        return " | ".join(check_gguf.check(self.model, MODELS / "valid.txt"))

    def state(self, change):
        path = self.model.with_suffix(".json")
        stated = json.loads(path.read_text())
        change(stated)
        path.write_text(json.dumps(stated))

    def test_accepts_the_bundled_file(self):
        self.assertEqual(self.failures(), "")

    def test_sees_damaged_weights(self):
        data = bytearray(self.model.read_bytes())
        for i in range(len(data) - 3400, len(data)):  # the last 100 blocks
            data[i] = 0
        self.model.write_bytes(data)
        self.assertIn("nats per token", self.failures())

    def test_sees_a_wrong_loss(self):
        def change(stated):
            stated["validation"]["q8_0_weights"]["nats_per_token"] += 0.002
        self.state(change)
        self.assertIn("nats per token", self.failures())

    def test_sees_a_wrong_greedy_token(self):
        def change(stated):
            stated["greedy"]["ids"][-1] ^= 1
        self.state(change)
        self.assertIn("greedy ids", self.failures())

    def test_sees_a_wrong_shape(self):
        def change(stated):
            stated["config"]["hidden"] = 128
        self.state(change)
        self.assertIn("config hidden", self.failures())


if __name__ == "__main__":
    unittest.main()
