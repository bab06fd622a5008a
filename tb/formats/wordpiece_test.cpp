// BERT's tokenizer against the ids that Hugging Face's `tokenizers` makes
// (tb/formats/wordpiece.json, by models/wordpiece_cases.py), and what a GGUF file must say about
// it.
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/error.h"
#include "wren/formats/gguf.h"

namespace wren {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

Strings GgufPieces(const json& vocabulary) {
  Strings out;
  for (const std::string text : vocabulary) {
    if (text.front() == '[' && text.back() == ']' && text.size() > 2) {
      out.push_back(text);
    } else {
      out.push_back(text.rfind("##", 0) == 0 && text.size() > 2 ? text.substr(2)
                                                                : "\xe2\x96\x81" + text);
    }
  }
  return out;
}

ModelFile TinyBert(const Strings& pieces, bool name_specials = true) {
  test::TinyEncoder tiny;
  return LoadGguf(
      FileBytes::FromBuffer(test::TinyBertGguf(&tiny, 1, &pieces, name_specials), "tiny.gguf"));
}

Tokenizer Tiny(const Strings& pieces) { return TinyBert(pieces).tokenizer; }

std::string Piece(const std::string& text) { return "\xe2\x96\x81" + text; }

const Strings kPieces = {
    "[PAD]", "[UNK]", "[CLS]", "[SEP]",    Piece("wren"), Piece("sing"), Piece("sin"),
    "s",     "g",     "ing",   Piece(","), Piece("a"),    Piece("un"),   Piece("\xe6\xbc\xa2")};

Strings Words(const Tokenizer& t, const std::string& text) {
  Strings out;
  for (const int id : t.Encode(text, false)) out.push_back(t.piece(id).text);
  return out;
}

TEST(WordPieceTokenizer, GivesTheIdsOfHuggingFacesTokenizers) {
  std::ifstream in(test::SourcePath("tb/formats/wordpiece.json"));
  const json stored = json::parse(in);
  const Tokenizer t = Tiny(GgufPieces(stored.at("vocab")));
  const auto most = stored.at("most").get<size_t>();
  ASSERT_GT(stored.at("cases").size(), 300u);
  size_t ids = 0;
  for (const json& c : stored.at("cases")) {
    const auto text = c.at(0).get<std::string>();
    const auto want = c.at(1).get<std::vector<int>>();
    bool cut = false;
    EXPECT_EQ(t.EncodeAtMost(text, most, &cut), want) << text;
    if (want.size() < most) EXPECT_FALSE(cut) << text;
    ids += want.size();
  }
  EXPECT_GT(ids, 5000u);
}

TEST(WordPieceTokenizer, TakesTheLongestPiecesFromTheLeft) {
  const Tokenizer t = Tiny(kPieces);
  EXPECT_EQ(Words(t, "Wren, sings"), (Strings{" wren", " ,", " sing", "s"}));
  EXPECT_EQ(Words(t, "sinsing"), (Strings{" sin", "s", "ing"}));
  EXPECT_EQ(Words(t, "a\xe6\xbc\xa2"), (Strings{" a", " \xe6\xbc\xa2"}));
  // A word without pieces for all of it is unknown as a whole.
  EXPECT_EQ(Words(t, "wrenx"), (Strings{"[UNK]"}));
  EXPECT_EQ(Words(t, "[CLS]").size(), 3u) << "text never makes control tokens";
}

TEST(WordPieceTokenizer, EnclosesAndCutsAndWritesTextAgain) {
  const Tokenizer t = Tiny(kPieces);
  EXPECT_EQ(t.Encode("wren", true), (std::vector<int>{2, 4, 3}));
  EXPECT_EQ(t.Encode("", true), (std::vector<int>{2, 3}));
  EXPECT_TRUE(t.wants_bos());
  bool cut = false;
  EXPECT_EQ(t.EncodeAtMost("wren sings a", 4, &cut), (std::vector<int>{2, 4, 5, 3}));
  EXPECT_TRUE(cut);
  EXPECT_EQ(t.EncodeAtMost("wren sing", 4, &cut), (std::vector<int>{2, 4, 5, 3}));
  EXPECT_FALSE(cut);
  EXPECT_EQ(t.Decode(t.Encode("Wren sings a", true)), "wren sings a");
}

TEST(WordPieceTokenizer, DropsBytesThatAreNotUtf8) {
  const Tokenizer t = Tiny(kPieces);
  EXPECT_EQ(Words(t,
                  "wr\xff"
                  "en \xe2\x96"),
            (Strings{" wren"}));
}

TEST(WordPieceTokenizer, ReadsSpecialTokensByKeyOrByName) {
  for (const bool named : {true, false}) {
    const Tokenizer t = TinyBert(kPieces, named).tokenizer;
    EXPECT_EQ(t.bos(), 2);
    EXPECT_EQ(t.eos(), 3);
    EXPECT_EQ(Words(t, "zzz"), (Strings{"[UNK]"}));
  }
}

TEST(WordPieceTokenizer, RefusesVocabulariesThatCannotWork) {
  const auto error = [](const Strings& pieces) -> std::string {
    try {
      TinyBert(pieces, false);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_NE(error({"[CLS]", "[SEP]", Piece("a")}).find("no unknown token"), std::string::npos);
  EXPECT_NE(error({"[CLS]", "[SEP]", "[UNK]", "a", "##b"}).find("no token begins a word"),
            std::string::npos);
}

}  // namespace
}  // namespace wren
