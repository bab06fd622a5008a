#include "wren/formats/tokenizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <queue>

#include "unicode.h"
#include "wren/error.h"

namespace wren {
namespace {

using formats_internal::Char;
using formats_internal::CodePointRange;
using formats_internal::InRanges;
using formats_internal::NextChar;
using formats_internal::Utf8;

#include "unicode_ranges.inc"

enum class CharClass { kLetter, kNumber, kSpace, kOther };

CharClass Classify(uint32_t cp) {
  if ((cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || formats_internal::IsWideSpace(cp))
    return CharClass::kSpace;
  if (InRanges(kLetterRanges, cp)) return CharClass::kLetter;
  if (InRanges(kNumberRanges, cp)) return CharClass::kNumber;
  return CharClass::kOther;
}

// GPT-2's printable stand-in for every byte: printable Latin-1 stands for itself, the others follow
// from U+0100.
const std::array<std::string, 256>& ByteToPrintable() {
  static const std::array<std::string, 256> table = [] {
    std::array<std::string, 256> out;
    uint32_t next = 0x100;
    for (uint32_t b = 0; b < 256; ++b) {
      const bool printable = (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
      out[b] = Utf8(printable ? b : next++);
    }
    return out;
  }();
  return table;
}

const std::unordered_map<uint32_t, char>& PrintableToByte() {
  static const std::unordered_map<uint32_t, char> table = [] {
    std::unordered_map<uint32_t, char> out;
    for (size_t b = 0; b < 256; ++b)
      out[NextChar(ByteToPrintable()[b]).code] = static_cast<char>(b);
    return out;
  }();
  return table;
}

// "<0x0A>" to 10; -1 for anything else.
int ByteOfPiece(const std::string& text) {
  if (text.size() != 6 || text.compare(0, 3, "<0x") != 0 || text[5] != '>') return -1;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  const int high = digit(text[3]);
  const int low = digit(text[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// Symbols of a text in a doubly linked list, so that merging a pair costs O(1).
struct Symbol {
  size_t start;
  size_t length;  // 0: merged into its left neighbour
  int prev;
  int next;
};

std::vector<Symbol> SplitChars(std::string_view text) {
  std::vector<Symbol> symbols;
  for (size_t i = 0; i < text.size();) {
    const size_t length = NextChar(text.substr(i)).length;
    const int index = static_cast<int>(symbols.size());
    symbols.push_back({i, length, index - 1, index + 1});
    i += length;
  }
  if (!symbols.empty()) symbols.back().next = -1;
  return symbols;
}

struct Candidate {
  float score;  // the higher merges first
  int left;
  int right;
  size_t length;
};

struct Later {
  bool operator()(const Candidate& a, const Candidate& b) const {
    return a.score != b.score ? a.score < b.score : a.left > b.left;
  }
};

// Merges adjacent symbols, best score first, leftmost on a tie, until no pair has a score.
// `score(left, right, &s)` says whether the two pieces may merge.
template <typename Score>
void MergePairs(std::string_view text, std::vector<Symbol>* symbols, const Score& score) {
  std::priority_queue<Candidate, std::vector<Candidate>, Later> queue;
  const auto push = [&](int left, int right) {
    if (left < 0 || right < 0) return;
    const Symbol& a = (*symbols)[left];
    const Symbol& b = (*symbols)[right];
    float s = 0.0f;
    if (score(text.substr(a.start, a.length), text.substr(b.start, b.length), &s)) {
      queue.push({s, left, right, a.length + b.length});
    }
  };
  for (size_t i = 1; i < symbols->size(); ++i) push(static_cast<int>(i) - 1, static_cast<int>(i));
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& a = (*symbols)[best.left];
    Symbol& b = (*symbols)[best.right];
    // Stale when either side has been merged since.
    if (a.length == 0 || b.length == 0 || a.length + b.length != best.length) continue;
    a.length += b.length;
    b.length = 0;
    a.next = b.next;
    if (a.next >= 0) (*symbols)[a.next].prev = best.left;
    push(a.prev, best.left);
    push(best.left, a.next);
  }
}

// The end of the word that GPT-2's pattern takes from the start of `text` (not empty).
size_t Gpt2Word(std::string_view text) {
  for (std::string_view suffix : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.substr(0, suffix.size()) == suffix) return suffix.size();
  }
  size_t end = text[0] == ' ' && text.size() > 1 ? 1 : 0;
  const CharClass first = Classify(NextChar(text.substr(end)).code);
  if (first != CharClass::kSpace) {
    while (end < text.size()) {
      const Char c = NextChar(text.substr(end));
      if (Classify(c.code) != first) break;
      end += c.length;
    }
    return end;
  }
  // A run of spaces: all of it at the end of the text, otherwise all but the last one (if there is
  // more than one).
  size_t last = 0;
  end = 0;
  while (end < text.size()) {
    const Char c = NextChar(text.substr(end));
    if (Classify(c.code) != CharClass::kSpace) break;
    last = end;
    end += c.length;
  }
  return end < text.size() && last > 0 ? last : end;
}

void CheckSpecial(const char* what, int id, size_t size) {
  if (id < -1 || id >= static_cast<int>(size)) {
    throw Error(std::string("tokenizer: the ") + what + " token " + std::to_string(id) +
                " is outside the vocabulary of " + std::to_string(size));
  }
}

}  // namespace

std::vector<std::string_view> SplitLikeGpt2(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = Gpt2Word(text);
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

void Tokenizer::Index(const char* what) {
  CheckSpecial("bos", bos_, pieces_.size());
  CheckSpecial("eos", eos_, pieces_.size());
  CheckSpecial("unknown", unk_, pieces_.size());
  std::fill(std::begin(byte_ids_), std::end(byte_ids_), -1);
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    const int id = static_cast<int>(i);
    if (std::isnan(piece.score)) {
      throw Error(std::string(what) + " tokenizer: the score of token " + std::to_string(i) +
                  " is not a number");
    }
    if (piece.type == PieceType::kByte) {
      const int byte = ByteOfPiece(piece.text);
      if (byte < 0)
        throw Error(std::string(what) + " tokenizer: byte token " + std::to_string(i) +
                    " is not written <0xHH>");
      if (byte_ids_[byte] < 0) byte_ids_[byte] = id;
    } else if (piece.type == PieceType::kNormal || piece.type == PieceType::kUserDefined) {
      if (!piece.text.empty()) ids_.emplace(piece.text, id);
    }
  }
}

Tokenizer Tokenizer::Spm(std::vector<Piece> pieces, int bos, int eos, int unk, bool space_prefix) {
  Tokenizer out;
  out.kind_ = Kind::kSpm;
  out.pieces_ = std::move(pieces);
  out.bos_ = bos;
  out.eos_ = eos;
  out.unk_ = unk;
  out.space_prefix_ = space_prefix;
  out.wants_bos_ = bos >= 0;
  out.Index("llama");
  return out;
}

Tokenizer Tokenizer::Bpe(std::vector<Piece> pieces, const std::vector<std::string>& merges, int bos,
                         int eos, int unk) {
  Tokenizer out;
  out.kind_ = Kind::kBpe;
  out.pieces_ = std::move(pieces);
  out.bos_ = bos;
  out.eos_ = eos;
  out.unk_ = unk;
  out.Index("gpt2");
  if (merges.size() >= size_t{1} << 24) throw Error("gpt2 tokenizer: more than 2^24 merges");
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const size_t space = merges[rank].find(' ', 1);
    if (space == std::string::npos || space + 1 == merges[rank].size()) {
      throw Error("gpt2 tokenizer: merge " + std::to_string(rank) +
                  " is not two pieces with a space between");
    }
    out.merge_ranks_.emplace(merges[rank], static_cast<int>(rank));
  }
  return out;
}

Tokenizer Tokenizer::Letters(const std::string& letters) {
  Tokenizer out;
  out.kind_ = Kind::kLetters;
  for (char c : letters) out.pieces_.push_back({std::string(1, c), 0.0f, PieceType::kNormal});
  out.Index("letter");
  return out;
}

int Tokenizer::Find(std::string_view text) const {
  const auto it = ids_.find(std::string(text));
  return it == ids_.end() ? -1 : it->second;
}

// Bytes that no piece covers: byte tokens, else one unknown token.
void Tokenizer::EmitBytes(std::string_view bytes, std::vector<int>* out) const {
  std::vector<int> ids;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const int id = kind_ == Kind::kBpe ? Find(ByteToPrintable()[byte]) : byte_ids_[byte];
    if (id >= 0) {
      ids.push_back(id);
    } else if (unk_ >= 0) {
      ids.assign(1, unk_);
      break;
    } else {
      static const char kHex[] = "0123456789ABCDEF";
      throw Error(std::string("the model's vocabulary has no token for byte 0x") + kHex[byte >> 4] +
                  kHex[byte & 15] + " of the text; use only characters it knows");
    }
  }
  out->insert(out->end(), ids.begin(), ids.end());
}

void Tokenizer::EncodeSpm(const std::string& text, std::vector<int>* out) const {
  std::vector<Symbol> symbols = SplitChars(text);
  MergePairs(text, &symbols, [this](std::string_view left, std::string_view right, float* score) {
    std::string joined(left);
    joined += right;
    const int id = Find(joined);
    if (id < 0) return false;
    *score = pieces_[static_cast<size_t>(id)].score;
    return true;
  });
  for (const Symbol& symbol : symbols) {
    if (symbol.length == 0) continue;
    const std::string_view piece = std::string_view(text).substr(symbol.start, symbol.length);
    const int id = Find(piece);
    if (id >= 0) {
      out->push_back(id);
    } else {
      EmitBytes(piece, out);
    }
  }
}

void Tokenizer::EncodeBpeWord(std::string_view word, std::vector<int>* out) const {
  std::string text;
  for (char c : word) text += ByteToPrintable()[static_cast<unsigned char>(c)];
  std::vector<Symbol> symbols = SplitChars(text);
  MergePairs(text, &symbols, [this](std::string_view left, std::string_view right, float* score) {
    std::string pair(left);
    pair += ' ';
    pair += right;
    const auto it = merge_ranks_.find(pair);
    if (it == merge_ranks_.end()) return false;
    *score = -static_cast<float>(it->second);  // exact: fewer than 2^24 merges
    return true;
  });
  for (const Symbol& symbol : symbols) {
    if (symbol.length == 0) continue;
    const std::string_view piece = std::string_view(text).substr(symbol.start, symbol.length);
    const int id = Find(piece);
    if (id >= 0) {
      out->push_back(id);
      continue;
    }
    std::string bytes;
    for (size_t i = 0; i < piece.size();) {
      const Char c = NextChar(piece.substr(i));
      bytes += PrintableToByte().at(c.code);
      i += c.length;
    }
    EmitBytes(bytes, out);
  }
}

void Tokenizer::EncodeBpe(std::string_view text, std::vector<int>* out) const {
  for (std::string_view word : SplitLikeGpt2(text)) EncodeBpeWord(word, out);
}

std::vector<int> Tokenizer::Encode(std::string_view text, bool add_bos) const {
  std::vector<int> out;
  if (add_bos && bos_ >= 0) out.push_back(bos_);
  if (text.empty() && kind_ != Kind::kWordPiece) return out;
  switch (kind_) {
    case Kind::kNone:
      throw Error(
          "the model has no tokenizer; give one with --tokenizer (llama2.c: tok512.bin, "
          "tokenizer.bin)");
    case Kind::kSpm:
      EncodeSpm((space_prefix_ ? " " : "") + std::string(text), &out);
      break;
    case Kind::kBpe:
      EncodeBpe(text, &out);
      break;
    case Kind::kWordPiece:
      EncodeWordPiece(text, &out);
      if (add_bos && eos_ >= 0) out.push_back(eos_);
      break;
    case Kind::kLetters:
      for (char c : text) {
        const int id = Find(std::string_view(&c, 1));
        if (id < 0) {
          throw Error("this model reads only the letters " + pieces_.front().text + " to " +
                      pieces_.back().text);
        }
        out.push_back(id);
      }
      break;
  }
  return out;
}

std::string Tokenizer::DecodeToken(int prev, int id) const {
  if (kind_ == Kind::kNone) {
    throw Error(
        "the model has no tokenizer; give one with --tokenizer (llama2.c: tok512.bin, "
        "tokenizer.bin)");
  }
  if (id < 0 || id >= size()) {
    throw Error("token " + std::to_string(id) + " is outside the vocabulary of " +
                std::to_string(size()));
  }
  const Piece& piece = pieces_[static_cast<size_t>(id)];
  if (piece.type == PieceType::kControl || piece.type == PieceType::kUnused) return "";
  if (piece.type == PieceType::kByte)
    return std::string(1, static_cast<char>(ByteOfPiece(piece.text)));
  if (kind_ == Kind::kBpe && piece.type == PieceType::kNormal) {
    std::string bytes;
    for (size_t i = 0; i < piece.text.size();) {
      const Char c = NextChar(std::string_view(piece.text).substr(i));
      const auto it = PrintableToByte().find(c.code);
      if (it != PrintableToByte().end() && c.code != 0xfffd) {
        bytes += it->second;
      } else {
        bytes.append(piece.text, i, c.length);
      }
      i += c.length;
    }
    return bytes;
  }
  const bool at_start = prev < 0 || prev == bos_;
  if ((space_prefix_ || kind_ == Kind::kWordPiece) && at_start && !piece.text.empty() &&
      piece.text[0] == ' ')
    return piece.text.substr(1);
  return piece.text;
}

std::string Tokenizer::Decode(const std::vector<int>& ids) const {
  std::string out;
  int prev = -1;
  for (int id : ids) {
    out += DecodeToken(prev, id);
    prev = id;
  }
  return out;
}

}  // namespace wren
