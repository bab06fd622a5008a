#!/usr/bin/env python3
"""Writes tb/formats/wordpiece.json: token ids that Hugging Face's `tokenizers` makes of varied texts.

The vocabulary of all-MiniLM-L6-v2 is cut to the pieces that occur in a word of the texts, so that the same pieces are
found: `vocab` lists them in order, `ids` their numbers in the whole vocabulary; `cases` are texts and token numbers
in the cut one. Needs models/requirements-reference.txt.
"""

import argparse
import json
import pathlib
import random
import unicodedata

import tokenizers
from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20
MOST = 256  # tokens

WRITTEN = """
A small bird with a big voice.
Hello, World! How are YOU?
I'm sure they've said "we'll" and can't stop; it's John's, isn't it?
The quick brown fox jumps over the lazy dog
unaffable untranslatable antidisestablishmentarianism
supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis
Naïve café résumé coöperate façade jalapeño Zoë Ångström
À la carte, crème brûlée, déjà vu, œuvre, Œdipus
Der Zaunkönig wiegt 9 g; Straße, GROẞ, Fußgängerübergänge
El niño comió piñas y ¿qué más? ¡Olé!
São Paulo não é a capital; coração, ações, avó
Příliš žluťoučký kůň úpěl ďábelské ódy
Zażółć gęślą jaźń, Łódź
İstanbul'da ışık ve iğde; Iğdır
Tiếng Việt có nhiều dấu: Nguyễn, phở, đường
Þórður Íslendingur, ð æ ø å
Быстрая коричневая лиса; Ёлка, й, Київ, їжак
Η γρήγορη αλεπού, ΟΔΥΣΣΕΥΣ, Ὀδυσσεύς, ὦ ἄνδρες Ἀθηναῖοι
שלום עולם, בְּרֵאשִׁית
مرحبا بالعالم، كَتَبَ
नमस्ते दुनिया, हिन्दी क़लम
สวัสดีชาวโลก
안녕하세요 세계 한국어 뷁
こんにちは世界、カタカナ ガギグ ﾊﾝｶｸ
你好，世界！中文没有空格。漢字
混ぜた text with 漢字and no space
日本語abc123
１２３ ａｂｃ ＡＢＣ full width
① ② Ⅳ ½ ™ ® © € £ ¥ § ¶ † ‡ •
ﬁne ﬂow oﬀice ligatures
emoji 😀 👍🏽 family 👨‍👩‍👧 flag 🇩🇪 heart ❤️
a—b – c ‑ d … e ‘f’ “g” «h» ‹i›
\u00a0no-break\u2003em\u200bzero\u2028line\u3000wide\ufeffbom
control\u0000\u0007\u001b[31mred\u007f\u0085next
soft\u00adhyphen joiner\u200d\u200c mark\u202eright-to-left
\ufffd replaced \ufffd
combining e\u0301 A\u030a o\u0302\u0323 \u0301alone
\u212b \u2126 \u1e9b\u0323 \u01c5 \u01f0 \u0149 \u0130
math ∑ ∫ √ ∞ ≠ ≤ ± × ÷ x² H₂O 10⁻⁶ µm μm
arrows → ← ⇒ ↔ box ┌─┐ █ ▁ ▂
$100 100% #hashtag @user a_b a-b a/b a\\b a|b a~b a^b a`b a=b a+b a<b>c {d} [e] (f)
http://www.example.com/path?query=1&x=%20#frag
user.name+tag@example.co.uk
C:\\Windows\\System32\\drivers\\etc\\hosts
for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; } // dot
def f(x): return {"key": [1, 2.5, None], 'other': x**2}
SELECT * FROM t WHERE a >= 10 AND name LIKE '%x%';
v1.2.3-rc4+build.5 0x7FC00000 1e-12 3.14159 1,234,567.89
2026-11-23T09:28:12Z +49 (0)30 123-456 12:30pm
AAAAAAAAAAAAAAAAAAAAAAAA
... !!! ??? --- ___ *** ,,,
.
a
 
##ing ## # ###
ing ##s unused0 [unused1]
İ ı ſ K Å ß ẞ ŉ ǰ ΐ
Ⴀ Ა Ꭰ ꭰ Ⓐ 𝐀 𝔸 𐐀 𑢠
ꙮ ꜩ Ꜩ ɐ ʰ ˈ ː
ဗမာ ქართული Հայերեն አማርኛ ខ្មែរ ລາວ བོད
\U0001d15e \U0001d1bb \U0002f800 \uf900 \ufa0e \u2f00 \u3105 \uac00\u11a8
\u09cb \u0b94 \u0dde \u1b06 \u0958 \u0f43 \u0344 \u0f73
~`!@#$%^&*()_+-={}[]|\\:;"'<>,.?/
""".strip("\n").split("\n") + ["tabs\tand\nnewlines\r\nand  many   spaces "]

ALPHABETS = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", " ", ".,;:!?'\"()-",
             "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ", "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸŠŽĆČ", "абвгдежзиклмнопрстуфхцчшщыьэюя",
             "αβγδεζηθικλμνξοπρστυφχψω", "中文字日本人大小山水", "😀🐦→½€…—“”", "\u0301\u0308\u200b\u00ad\t"]


def generated(rng: random.Random, text: str) -> list[str]:
    out = []
    for _ in range(140):  # pieces of a book
        begin = rng.randrange(len(text) - 300)
        part = text[begin:begin + rng.randrange(1, 160)]
        out.append(rng.choice([part, part, part.upper(), part.replace(" ", ""), part.title()])[:200])
    for _ in range(80):  # letters as they come
        out.append("".join(rng.choice(rng.choice(ALPHABETS)) for _ in range(rng.randrange(1, 60))))
    # Any character of Unicode 3.2 among letters: the classes of younger ones differ between implementations.
    for _ in range(60):
        chars = []
        while len(chars) < 12:
            c = chr(rng.randrange(0x20, 0x3000) if rng.random() < 0.7 else rng.randrange(0x3000, 0x20000))
            if unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Cs"):
                chars.append(c)
        out.append("".join(rng.choice(["x", "Y", " ", ""]) + c for c in chars))
    for n in (99, 100, 101, 250):  # the longest word that is looked at
        out.append("x" * n + " é" + "y" * n)
    out.append("the bird sings " * 100)  # more than fits
    out.append(text[:4000])
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the package's folder `model`")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "tb/formats/wordpiece.json")
    args = parser.parse_args()
    whole = Tokenizer.from_file(str(args.source / "tokenizer.json"))
    whole.no_padding()
    whole.enable_truncation(MOST)
    book = (HERE / "valid.txt").read_text()
    texts = ["", *WRITTEN, *generated(random.Random(SEED), book)]

    def words(text):
        return [w for w, _ in whole.pre_tokenizer.pre_tokenize_str(whole.normalizer.normalize_str(text))]

    seen = {w for t in texts for w in words(t)}
    parts = {w[i:j] for w in seen for i in range(len(w)) for j in range(i + 1, min(len(w), i + 24) + 1)}
    vocab = whole.get_vocab()
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    kept = sorted((i, t) for t, i in vocab.items() if t in special or t in parts or (t[:2] == "##" and t[2:] in parts))
    number = {i: n for n, (i, _) in enumerate(kept)}
    cut = json.loads(whole.to_str())
    cut["model"]["vocab"] = {t: n for n, (_, t) in enumerate(kept)}
    for token in cut["added_tokens"]:
        token["id"] = number[token["id"]]
    for token in cut["post_processor"]["special_tokens"].values():
        token["ids"] = [number[i] for i in token["ids"]]
    small = Tokenizer.from_str(json.dumps(cut))
    cases = []
    for text in texts:
        if any(s in text for s in special):
            raise ValueError("special tokens as text are Wren's own matter")
        ids = small.encode(text).ids
        if [kept[i][0] for i in ids] != whole.encode(text).ids:
            raise ValueError(f"the cut vocabulary gives other pieces for {text!r}")
        cases.append([text, ids])
    result = dict(made_by=f"models/wordpiece_cases.py with tokenizers {tokenizers.__version__}", most=MOST,
                  vocab=[t for _, t in kept], ids=[i for i, _ in kept], cases=cases)
    args.out.write_text(json.dumps(result, separators=(",", ":")).replace("],[\"", "],\n[\"") + "\n")
    print(f"{len(cases)} texts, {len(kept)} tokens, {sum(len(c[1]) for c in cases)} ids, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
