#!/usr/bin/env python3
"""SentencePiece-style BPE with byte fallback: the tokenizer kind that GGUF calls "llama".

Text becomes pieces in three steps: a space is put in front and every space written as U+2581; the text is cut into
characters (a character outside the vocabulary into its UTF-8 bytes); then, again and again, of all neighbours whose
concatenation is a piece, the pair with the highest score merges, the leftmost first among equals. Scores are the
negated rank, so pieces learned first merge first.

Training keeps every word segmented exactly as that procedure would segment it, at each step counts neighbours by
their concatenation, and adds the commonest. So encoding reproduces the segmentation the counts came from.
"""

import argparse
import collections
import heapq
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
SPACE = "\u2581"
UNKNOWN, BOS, EOS = 0, 1, 2
FIRST_BYTE = 3
FIRST_PIECE = FIRST_BYTE + 256

# tokenizer.ggml.token_type of the GGUF specification.
TYPE_NORMAL, TYPE_UNKNOWN, TYPE_CONTROL, TYPE_BYTE = 1, 2, 3, 6


class Tokenizer:
    """Encodes and decodes with a vocabulary of (token, score, type), as GGUF stores it."""

    def __init__(self, tokens: list[str], scores: list[float], types: list[int]):
        if not len(tokens) == len(scores) == len(types):
            raise ValueError(f"tokenizer: {len(tokens)} tokens, {len(scores)} scores, {len(types)} types must agree")
        self.tokens, self.scores, self.types = tokens, scores, types
        self.piece_id = {t: i for i, t in enumerate(tokens) if types[i] == TYPE_NORMAL}
        self.byte_id = {int(t[3:5], 16): i for i, t in enumerate(tokens) if types[i] == TYPE_BYTE}

    @staticmethod
    def load(path: pathlib.Path) -> "Tokenizer":
        vocabulary = json.loads(path.read_text())
        return Tokenizer(vocabulary["tokens"], vocabulary["scores"], vocabulary["types"])

    def encode(self, text: str, add_bos: bool = True) -> list[int]:
        """Token ids of `text`; `add_bos` puts BOS in front."""
        ids = [BOS] if add_bos else []
        if not text:
            return ids
        for piece in merge(SPACE + text.replace(" ", SPACE), lambda s: self._score(s)):
            if piece in self.piece_id:
                ids.append(self.piece_id[piece])
            else:
                ids.extend(self.byte_id[b] for b in piece.encode("utf-8"))
        return ids

    def decode(self, ids: list[int]) -> str:
        """Text of `ids`; control tokens vanish, the space that encoding put in front is removed."""
        out = bytearray()
        for i in ids:
            if self.types[i] == TYPE_BYTE:
                out.append(int(self.tokens[i][3:5], 16))
            elif self.types[i] == TYPE_NORMAL:
                out += self.tokens[i].replace(SPACE, " ").encode("utf-8")
        text = out.decode("utf-8", errors="replace")
        return text[1:] if text.startswith(" ") else text

    def _score(self, piece: str):
        i = self.piece_id.get(piece)
        return None if i is None else self.scores[i]


def merge(text: str, score) -> list[str]:
    """Merges neighbours of `text` by score(concatenation), highest first, leftmost among equals; None is no piece."""
    symbols = list(text)
    after = list(range(1, len(symbols) + 1))
    before = list(range(-1, len(symbols) - 1))
    heap = []

    def push(left: int, right: int) -> None:
        if left < 0 or right >= len(symbols):
            return
        s = score(symbols[left] + symbols[right])
        if s is not None:
            heapq.heappush(heap, (-s, left, right, symbols[left], symbols[right]))

    for i in range(len(symbols) - 1):
        push(i, i + 1)
    while heap:
        _, left, right, a, b = heapq.heappop(heap)
        if symbols[left] != a or symbols[right] != b or after[left] != right:
            continue  # one of the two has merged with another neighbour since
        symbols[left] = a + b
        symbols[right] = ""
        after[left] = after[right]
        if after[right] < len(symbols):
            before[after[right]] = left
        push(before[left], left)
        push(left, after[left])
    return [s for s in symbols if s]


def words_of(text: str) -> list[str]:
    """Cuts text at spaces and between letters and other characters; no piece crosses such a cut."""
    return re.findall(rf"{SPACE}?[A-Za-z]+|{SPACE}?[^A-Za-z{SPACE}]+|{SPACE}", SPACE + text.replace(" ", SPACE))


def train(texts: list[str], vocab_size: int) -> Tokenizer:
    """Learns a vocabulary of exactly `vocab_size` tokens, control and byte tokens included."""
    count = collections.Counter()
    for text in texts:
        count.update(words_of(text))
    characters = collections.Counter()
    for word, n in count.items():
        for c in word:
            characters[c] += n
    wanted = vocab_size - FIRST_PIECE - len(characters)
    if wanted < 0:
        raise ValueError(f"tokenizer: a vocabulary of {vocab_size} cannot hold {FIRST_PIECE} fixed tokens and "
                         f"{len(characters)} characters; ask for more")

    rank: dict[str, int] = {}
    segmented = {word: list(word) for word in count}
    pairs = collections.Counter()
    where = collections.defaultdict(set)

    def tally(word: str, sign: int) -> None:
        parts = segmented[word]
        for a, b in zip(parts, parts[1:]):
            pairs[a + b] += sign * count[word]
            where[a + b].add(word)

    for word in count:
        tally(word, 1)
    while len(rank) < wanted:
        if not pairs:
            raise ValueError(f"tokenizer: the text yields only {len(rank)} merges, {wanted} wanted")
        best = max(pairs, key=lambda p: (pairs[p], p))
        rank[best] = len(rank)
        for word in sorted(where.pop(best)):
            tally(word, -1)
            segmented[word] = merge(word, lambda s: -rank[s] if s in rank else None)
            tally(word, 1)
        pairs = +pairs

    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    scores = [0.0] * FIRST_PIECE
    types = [TYPE_UNKNOWN, TYPE_CONTROL, TYPE_CONTROL] + [TYPE_BYTE] * 256
    pieces = list(rank) + [c for c, _ in sorted(characters.items(), key=lambda kv: (-kv[1], kv[0]))]
    tokens += pieces
    scores += [-float(i) for i in range(len(pieces))]
    types += [TYPE_NORMAL] * len(pieces)

    tokenizer = Tokenizer(tokens, scores, types)
    for word, parts in segmented.items():
        got = merge(word, tokenizer._score)
        if got != parts:
            raise AssertionError(f"tokenizer: '{word}' was learned as {parts} but encodes as {got}")
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE / "build",
                        help="where train.json is and vocab.json goes")
    parser.add_argument("--vocab-size", type=int, default=1024)
    args = parser.parse_args()

    texts = [" ".join(verses) for verses in json.loads((args.build / "train.json").read_text())]
    tokenizer = train(texts, args.vocab_size)
    (args.build / "vocab.json").write_text(json.dumps(
        {"tokens": tokenizer.tokens, "scores": tokenizer.scores, "types": tokenizer.types}, indent=0))

    tokens = 0
    for text in texts:  # whole chapters, so that merges across words would show
        ids = tokenizer.encode(text, add_bos=False)
        words = [i for w in words_of(text) for i in map(tokenizer.piece_id.get, merge(w, tokenizer._score))]
        if ids != words:
            raise AssertionError("tokenizer: a chapter encodes differently from its words")
        if tokenizer.decode(ids) != text:
            raise AssertionError("tokenizer: a chapter does not survive encode and decode")
        tokens += len(ids)
    characters = sum(map(len, texts))
    print(f"{len(tokenizer.tokens)} tokens; text of {characters} characters is {tokens} tokens, "
          f"{characters / tokens:.3f} characters each; chapters and words encode alike and round-trip")


if __name__ == "__main__":
    main()
