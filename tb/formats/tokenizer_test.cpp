#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/error.h"
#include "wren/formats/gguf.h"
#include "wren/formats/llama2c.h"

namespace wren {
namespace {

using test::Seed;

Tokenizer TinySpmTokenizer() {
  test::TinyModel model;
  return LoadGguf(FileBytes::FromBuffer(test::TinyLlamaGguf(&model, 1), "tiny.gguf")).tokenizer;
}

Tokenizer TinyBpeTokenizer() {
  test::TinyModel model;
  return LoadGguf(FileBytes::FromBuffer(test::TinyGpt2Gguf(&model, 1), "tiny.gguf")).tokenizer;
}

std::vector<std::string> Pieces(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<std::string> out;
  for (int id : tokenizer.Encode(text, false)) out.push_back(tokenizer.piece(id).text);
  return out;
}

using Strings = std::vector<std::string>;

// Letters, spaces, punctuation, multi-byte characters and now and then a byte that is no UTF-8.
std::string RandomText(std::mt19937_64* random) {
  static const char* kParts[] = {"a",  "b",    "c",    "d",    "ab",       "abcd", "the",   " ",
                                 " ",  "  ",   "\n",   "'s",   "é",        "漢",   "🐦",     ".",
                                 "12", "Lily", " was", "\xff", "\xe2\x96", "<s>",  "<0x41>"};
  std::string out;
  for (uint64_t n = (*random)() % 30; n > 0; --n)
    out += kParts[(*random)() % (sizeof(kParts) / sizeof(kParts[0]))];
  return out;
}

TEST(SpmTokenizer, MergesTheBestScoreFirst) {
  const Tokenizer t = TinySpmTokenizer();
  // "ab" (-5) beats "bc" (-6) and " a" (-7); "abcd" needs "ab" and "cd".
  EXPECT_EQ(Pieces(t, "abc"), (Strings{" ", "ab", "c"}));
  EXPECT_EQ(Pieces(t, "abcd"), (Strings{" ", "abcd"}));
  EXPECT_EQ(Pieces(t, "acd"), (Strings{" a", "cd"}));
}

TEST(SpmTokenizer, MergesTheLeftmostPairOnATie) {
  EXPECT_EQ(Pieces(TinySpmTokenizer(), "baaa"), (Strings{" ", "b", "aa", "a"}));
}

TEST(SpmTokenizer, FallsBackToBytesAndNeverMakesControlTokens) {
  const Tokenizer t = TinySpmTokenizer();
  EXPECT_EQ(Pieces(t, "x"), (Strings{" ", "<0x78>"}));
  EXPECT_EQ(Pieces(t, "é"), (Strings{" ", "é"}));
  EXPECT_EQ(Pieces(t, "漢"), (Strings{" ", "<0xE6>", "<0xBC>", "<0xA2>"}));
  for (int id : t.Encode("<s></s><unk>", false)) EXPECT_GT(id, 2);
}

TEST(SpmTokenizer, PutsBosFirstAndTakesTheSpaceOffAgain) {
  const Tokenizer t = TinySpmTokenizer();
  const std::vector<int> ids = t.Encode("ab ab", true);
  EXPECT_EQ(ids.front(), t.bos());
  EXPECT_TRUE(t.wants_bos());
  EXPECT_EQ(t.Decode(ids), "ab ab");
  std::string streamed;
  int prev = -1;
  for (int id : ids) {
    streamed += t.DecodeToken(prev, id);
    prev = id;
  }
  EXPECT_EQ(streamed, "ab ab");
  EXPECT_EQ(t.Encode("", true), std::vector<int>{t.bos()});
  EXPECT_TRUE(t.Encode("", false).empty());
  EXPECT_THROW(t.DecodeToken(-1, t.size()), Error);
}

TEST(SpmTokenizer, ReturnsEveryByteStringThatItEncodes) {
  const Tokenizer t = TinySpmTokenizer();
  std::mt19937_64 random(Seed());
  for (int round = 0; round < 2000; ++round) {
    const std::string text = RandomText(&random);
    ASSERT_EQ(t.Decode(t.Encode(text, true)), text) << "seed " << Seed() << " round " << round;
  }
}

// The merge loop as its definition reads: look at all pairs, join the best, until none is left.
std::vector<int> NaiveSpm(const Tokenizer& t, const std::string& text) {
  std::map<std::string, int> ids;
  std::map<int, int> bytes;
  for (int i = 0; i < t.size(); ++i) {
    const Tokenizer::Piece& piece = t.piece(i);
    if (piece.type == Tokenizer::PieceType::kNormal) ids.emplace(piece.text, i);
    if (piece.type == Tokenizer::PieceType::kByte)
      bytes[std::stoi(piece.text.substr(3, 2), nullptr, 16)] = i;
  }
  std::vector<std::string> symbols;
  for (char c : " " + text) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80 && !symbols.empty()) {
      symbols.back() += c;
    } else {
      symbols.push_back(std::string(1, c));
    }
  }
  for (;;) {
    int best = -1;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto it = ids.find(symbols[i] + symbols[i + 1]);
      if (it == ids.end()) continue;
      if (best < 0 ||
          t.piece(it->second).score >
              t.piece(
                   ids[symbols[static_cast<size_t>(best)] + symbols[static_cast<size_t>(best) + 1]])
                  .score) {
        best = static_cast<int>(i);
      }
    }
    if (best < 0) break;
    const size_t b = static_cast<size_t>(best);
    symbols[b] += symbols[b + 1];
    symbols.erase(symbols.begin() + best + 1);
  }
  std::vector<int> out;
  for (const std::string& symbol : symbols) {
    if (ids.count(symbol) != 0) {
      out.push_back(ids[symbol]);
    } else {
      for (char c : symbol) out.push_back(bytes.at(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

TEST(SpmTokenizer, AgreesWithTheNaiveMergeLoopOnStories260K) {
  WREN_NEED_DATA("models/stories260K/tok512.bin");
  const Tokenizer t =
      LoadLlama2cTokenizer(FileBytes::Map(test::DataPath("models/stories260K/tok512.bin")), 512);
  std::mt19937_64 random(Seed());
  const char* parts[] = {"Once", " upon", " a", " time", ",",  " there", "ee", "é",
                         "漢",   ".",     "\n", " ",     "  ", "Lily",   "zq", "ing"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (uint64_t n = 1 + random() % 20; n > 0; --n) text += parts[random() % 16];
    const std::vector<int> ids = t.Encode(text, false);
    ASSERT_EQ(ids, NaiveSpm(t, text)) << "seed " << Seed() << " text " << text;
    ASSERT_EQ(t.Decode(ids), text) << "seed " << Seed();
  }
}

Strings Split(const std::string& text) {
  Strings out;
  for (std::string_view word : SplitLikeGpt2(text)) out.emplace_back(word);
  return out;
}

TEST(Gpt2Split, FollowsThePattern) {
  EXPECT_EQ(Split("I'm 3 dogs' 12ab  x\n\n y "),
            (Strings{"I", "'m", " 3", " dogs", "'", " 12", "ab", " ", " x", "\n\n", " y", " "}));
  EXPECT_EQ(Split("we'll they've he'd it's can't you're"),
            (Strings{"we", "'ll", " they", "'ve", " he", "'d", " it", "'s", " can", "'t", " you",
                     "'re"}));
  EXPECT_EQ(Split("'so"), (Strings{"'s", "o"}));
  EXPECT_EQ(Split(" 's"), (Strings{" '", "s"}));
  EXPECT_EQ(Split("a...b!? -- c"), (Strings{"a", "...", "b", "!?", " --", " c"}));
  EXPECT_EQ(Split("\nx"), (Strings{"\n", "x"}));
  EXPECT_EQ(Split(" \t\n"), (Strings{" \t\n"}));
  EXPECT_EQ(Split("a\n\n\nb"), (Strings{"a", "\n\n", "\n", "b"}));
}

TEST(Gpt2Split, KnowsLettersNumbersAndSpacesOfUnicode) {
  EXPECT_EQ(Split("naïve Ωμέγα ½ 漢字٣🐦"), (Strings{"naïve", " Ωμέγα", " ½", " 漢字", "٣", "🐦"}));
  EXPECT_EQ(Split("a\xe3\x80\x80\xc2\xa0z"), (Strings{"a", "\xe3\x80\x80", "\xc2\xa0", "z"}));
  EXPECT_EQ(Split("a\xff\xfe b"), (Strings{"a", "\xff\xfe", " b"}));
}

TEST(BpeTokenizer, MergesInRankOrderInsideWordsOnly) {
  const Tokenizer t = TinyBpeTokenizer();
  // " w" then "or", "ld", "orld", " world": the space is written U+0120.
  EXPECT_EQ(Pieces(t, "hello world"), (Strings{"hello", "\xc4\xa0world"}));
  EXPECT_EQ(Pieces(t, "hell"), (Strings{"hell"}));
  EXPECT_EQ(Pieces(t, "he llo"), (Strings{"he", "\xc4\xa0", "ll", "o"}));
  EXPECT_FALSE(t.wants_bos());
  EXPECT_TRUE(t.IsEnd(t.eos()));
  EXPECT_EQ(t.Decode({t.eos()}), "");
}

TEST(BpeTokenizer, ReturnsEveryByteStringThatItEncodes) {
  const Tokenizer t = TinyBpeTokenizer();
  std::mt19937_64 random(Seed());
  for (int round = 0; round < 2000; ++round) {
    std::string text = RandomText(&random);
    for (uint64_t n = random() % 8; n > 0; --n) text += static_cast<char>(random());
    ASSERT_EQ(t.Decode(t.Encode(text, false)), text) << "seed " << Seed() << " round " << round;
  }
}

TEST(BpeTokenizer, SaysWhichByteTheVocabularyLacks) {
  std::vector<Tokenizer::Piece> pieces = {{"a", 0, Tokenizer::PieceType::kNormal},
                                          {"b", 0, Tokenizer::PieceType::kNormal}};
  const Tokenizer t = Tokenizer::Bpe(pieces, {}, -1, -1, -1);
  EXPECT_EQ(t.Encode("ab", true), (std::vector<int>{0, 1}));
  try {
    t.Encode("ac", false);
    FAIL() << "a byte outside the vocabulary was accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("0x63"), std::string::npos) << error.what();
  }
}

TEST(Tokenizer, RefusesNotANumberScoresBadMergesAndBadSpecialTokens) {
  const std::vector<Tokenizer::Piece> nan = {{"a", std::nanf(""), Tokenizer::PieceType::kNormal}};
  EXPECT_THROW(Tokenizer::Spm(nan, -1, -1, -1, true), Error);
  const std::vector<Tokenizer::Piece> fine = {{"a", 0, Tokenizer::PieceType::kNormal}};
  EXPECT_THROW(Tokenizer::Spm(fine, 1, -1, -1, true), Error);
  EXPECT_THROW(Tokenizer::Bpe(fine, {"ab"}, -1, -1, -1), Error);
  EXPECT_THROW(Tokenizer::Bpe(fine, {"a "}, -1, -1, -1), Error);
  EXPECT_THROW(Tokenizer().Encode("a", false), Error);
}

TEST(LetterTokenizer, KnowsItsLettersOnly) {
  const Tokenizer t = Tokenizer::Letters("ABC");
  EXPECT_EQ(t.Encode("CAB", true), (std::vector<int>{2, 0, 1}));
  EXPECT_EQ(t.Decode({2, 0, 1}), "CAB");
  EXPECT_THROW(t.Encode("CAD", false), Error);
}

}  // namespace
}  // namespace wren
