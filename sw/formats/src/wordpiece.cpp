// BERT's tokenizer (the uncased kind): basic tokenization, then WordPiece in each word.
// Source: BERT (arXiv 1810.04805) and the normalizer, pre-tokenizer and model of those names in
// Hugging Face's `tokenizers`, whose choices of Unicode classes these are.
#include <algorithm>

#include "unicode.h"
#include "wren/error.h"
#include "wren/formats/tokenizer.h"

namespace wren {
namespace {

using formats_internal::AppendUtf8;
using formats_internal::Char;
using formats_internal::CodePointRange;
using formats_internal::InRanges;
using formats_internal::NextChar;

// Each code point from first to last by steps of `step` becomes the one as far behind `to`.
struct FoldRun {
  uint32_t first, last, step, to;
};
struct LongFold {
  uint32_t from;
  uint32_t to[3];  // zeros behind the last
};

#include "bert_unicode.inc"

constexpr size_t kLongestWord = 100;  // characters; a longer word is unknown

constexpr CodePointRange kIdeographRanges[] = {
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
    {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F}};

// Decomposed, without accents, in lower case: at most three code points.
struct Folded {
  uint32_t code[3];
  size_t size;
};

Folded Fold(uint32_t cp) {
  constexpr uint32_t kHangul = 0xAC00, kSyllables = 11172, kLead = 0x1100, kVowel = 0x1161,
                     kTail = 0x11A7, kVowels = 21, kTails = 28;
  if (cp - kHangul < kSyllables) {
    const uint32_t s = cp - kHangul, tail = s % kTails;
    return {{kLead + s / (kVowels * kTails), kVowel + s / kTails % kVowels, kTail + tail},
            tail == 0 ? size_t{2} : size_t{3}};
  }
  const auto* run = std::lower_bound(std::begin(kFoldRuns), std::end(kFoldRuns), cp,
                                     [](const FoldRun& r, uint32_t c) { return r.last < c; });
  if (run != std::end(kFoldRuns) && run->first <= cp && (cp - run->first) % run->step == 0)
    return {{run->to + (cp - run->first)}, 1};
  const auto* folded = std::lower_bound(std::begin(kLongFolds), std::end(kLongFolds), cp,
                                        [](const LongFold& f, uint32_t c) { return f.from < c; });
  if (folded == std::end(kLongFolds) || folded->from != cp) return {{cp}, 1};
  return {{folded->to[0], folded->to[1], folded->to[2]},
          folded->to[2] == 0 ? size_t{2} : size_t{3}};
}

}  // namespace

std::vector<std::string> SplitLikeBert(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  while (!text.empty()) {
    const Char c = NextChar(text);
    text.remove_prefix(c.length);
    if (c.code == ' ' || c.code == '\t' || c.code == '\n' || c.code == '\r') {
      end_word();
      continue;
    }
    if (InRanges(kDroppedRanges, c.code)) continue;
    if (formats_internal::IsWideSpace(c.code)) {
      end_word();
      continue;
    }
    const bool ideograph = InRanges(kIdeographRanges, c.code);
    if (ideograph) end_word();
    const Folded folded = Fold(c.code);
    for (size_t i = 0; i < folded.size; ++i) {
      const bool punctuation = InRanges(kPunctuationRanges, folded.code[i]);
      if (punctuation) end_word();
      AppendUtf8(folded.code[i], &word);
      if (punctuation) end_word();
    }
    if (ideograph) end_word();
  }
  end_word();
  return words;
}

Tokenizer Tokenizer::WordPiece(std::vector<Piece> pieces, int cls, int sep, int unk) {
  Tokenizer out;
  out.kind_ = Kind::kWordPiece;
  out.pieces_ = std::move(pieces);
  out.bos_ = cls;
  out.eos_ = sep;
  out.unk_ = unk;
  if (unk < 0) throw Error("bert tokenizer: there is no unknown token");
  for (const int id : {cls, sep, unk}) {
    if (id >= 0 && id < out.size()) out.pieces_[static_cast<size_t>(id)].type = PieceType::kControl;
  }
  out.Index("bert");
  const bool whole = std::any_of(out.ids_.begin(), out.ids_.end(),
                                 [](const auto& piece) { return piece.first[0] == ' '; });
  if (!whole)
    throw Error("bert tokenizer: no token begins a word (with U+2581, as GGUF writes them)");
  out.wants_bos_ = cls >= 0;
  return out;
}

void Tokenizer::EncodeWordPiece(std::string_view text, std::vector<int>* out) const {
  for (const std::string& word : SplitLikeBert(text)) {
    std::vector<size_t> ends;  // of the characters
    for (size_t i = 0; i < word.size();)
      ends.push_back(i += NextChar(std::string_view(word).substr(i)).length);
    std::vector<int> ids;
    size_t start = 0;
    for (size_t first = 0; first < ends.size() && ends.size() <= kLongestWord;) {
      size_t last = ends.size();
      int id = -1;
      for (; last > first && id < 0; --last) {
        const std::string piece = word.substr(start, ends[last - 1] - start);
        id = Find(start == 0 ? " " + piece : piece);
      }
      if (id < 0) break;
      ids.push_back(id);
      first = last + 1;
      start = ends[last];
    }
    if (start < word.size()) ids = {unk_};
    out->insert(out->end(), ids.begin(), ids.end());
  }
}

std::vector<int> Tokenizer::EncodeAtMost(std::string_view text, size_t most, bool* cut) const {
  std::vector<int> ids = Encode(text, true);
  *cut = ids.size() > most;
  if (!*cut) return ids;
  ids.resize(most);
  if (kind_ == Kind::kWordPiece && eos_ >= 0 && most > 0) ids.back() = eos_;
  return ids;
}

}  // namespace wren
