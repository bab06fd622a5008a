#!/usr/bin/env python3
"""Makes the training text: the King James Bible as plain prose.

The words come from the program `bible` of the Debian package bible-kjv; the text is in the public domain. Verse
numbers are dropped, white space becomes single spaces, and every 200th chapter is held out for validation. The
training file keeps verses apart, because training sequences begin where verses do.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERSES = 31102  # what the King James Bible has
HOLDOUT_EVERY = 200  # chapters; six of 1189 fall out, about 20 KB
HOLDOUT_FIRST = 150  # index of the first chapter held out, counted from zero


def read_verses(program: str) -> list[tuple[str, str]]:
    """Returns (chapter name, verse text) for every verse, in order."""
    try:
        out = subprocess.run([program, "-f", "gen1:1-rev22:21"], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit(f"corpus: the program '{program}' is missing; install it with `apt-get install bible-kjv`")
    verses = []
    for line in out.stdout.splitlines():
        match = re.match(r"^(\S+?):(\d+) (.*)$", line)
        if not match:
            sys.exit(f"corpus: cannot read this line of `{program}`: {line[:60]!r}")
        verses.append((match[1], " ".join(match[3].split())))
    if len(verses) != VERSES:
        sys.exit(f"corpus: expected {VERSES} verses, got {len(verses)}; is this the King James text?")
    return verses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="bible", help="the verse printer (default: bible)")
    parser.add_argument("--build", type=pathlib.Path, default=HERE / "build", help="where train.json goes")
    parser.add_argument("--valid", type=pathlib.Path, default=HERE / "valid.txt", help="where the held-out chapters go")
    args = parser.parse_args()

    chapters = collections.OrderedDict()
    for name, text in read_verses(args.program):
        chapters.setdefault(name, []).append(text)
    train, valid, names = [], [], []
    for index, (name, verses) in enumerate(chapters.items()):
        if index % HOLDOUT_EVERY == HOLDOUT_FIRST:
            valid.append(" ".join(verses))
            names.append(name)
        else:
            train.append(verses)

    args.build.mkdir(parents=True, exist_ok=True)
    (args.build / "train.json").write_text(json.dumps(train))
    args.valid.write_text("\n".join(valid) + "\n")
    print(f"training: {len(train)} chapters, {sum(len(' '.join(c)) for c in train)} characters")
    print(f"held out: {names}, {sum(map(len, valid))} characters")


if __name__ == "__main__":
    main()
