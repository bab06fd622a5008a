// Text to token numbers and back, with the tokenizer that came with the model.
//
// Kinds:
//   kSpm      SentencePiece BPE as llama.cpp's "llama" tokenizer and llama2.c run it: the adjacent
//             pair whose joined piece has the best score merges first (leftmost on a tie);
//             characters outside the vocabulary become <0xHH> byte tokens; a space is put before
//             the text when the file asks for it (the usual case).
//   kBpe      GPT-2's byte-level BPE: the text is split by GPT-2's pattern (Unicode 14 letter,
//             number and space classes), bytes are written as printable characters, and pairs merge
//             in the order of the merge list.
//   kWordPiece  BERT's, for uncased models: controls are dropped, accents stripped (Unicode's
//   canonical
//             decomposition), letters lower-cased; punctuation and CJK ideographs stand alone; each
//             word becomes the longest pieces that make it up, from left to right, or [UNK] if none
//             do or it has more than 100 characters. Whatever is newer than Unicode 8 may fall into
//             other classes than in other implementations.
//   kLetters  One token per character, from a fixed list.
//   kNone     The file had none: Encode and Decode throw wren::Error.
//
// Text never becomes a control token (<s>, <|endoftext|>): those enter by number only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wren {

// Cuts text into words as GPT-2's pattern does:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// The words together are the text; bytes that are not UTF-8 count as symbols.
std::vector<std::string_view> SplitLikeGpt2(std::string_view text);

// Cuts text into words as BERT does, normalized (see kWordPiece); bytes that are not UTF-8 are
// dropped.
std::vector<std::string> SplitLikeBert(std::string_view text);

class Tokenizer {
 public:
  enum class Kind { kNone, kSpm, kBpe, kWordPiece, kLetters };
  // Numbered as tokenizer.ggml.token_type.
  enum class PieceType : int {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6
  };

  struct Piece {
    // spm: with plain spaces (not U+2581); bpe: in GPT-2's printable bytes; wordpiece: pieces that
    // begin a word have a space before it.
    std::string text;
    float score = 0.0f;
    PieceType type = PieceType::kNormal;
  };

  Tokenizer() = default;

  // All throw wren::Error on a NaN score, a piece or merge that makes no sense, or special ids out
  // of range. Special ids are -1 when absent.
  static Tokenizer Spm(std::vector<Piece> pieces, int bos, int eos, int unk, bool space_prefix);
  static Tokenizer Bpe(std::vector<Piece> pieces, const std::vector<std::string>& merges, int bos,
                       int eos, int unk);
  // `cls` and `sep` count as beginning and end of text; these three become control tokens. Throws
  // also when `unk` is -1 or no piece begins a word.
  static Tokenizer WordPiece(std::vector<Piece> pieces, int cls, int sep, int unk);
  static Tokenizer Letters(const std::string& letters);

  // `add_bos` puts the beginning-of-text token first when the vocabulary has one (wordpiece: and
  // the end-of-text token last). Any byte string is accepted. Throws wren::Error when a character
  // has no token and there is no unknown token.
  std::vector<int> Encode(std::string_view text, bool add_bos) const;

  // Encode(text, true), cut to `most` tokens; `cut` says whether it was. Wordpiece: the last one is
  // [SEP] nevertheless.
  std::vector<int> EncodeAtMost(std::string_view text, size_t most, bool* cut) const;

  // The whole text. Encode and Decode are inverses for text that needs no unknown token (wordpiece:
  // for normalized text but for spaces around punctuation).
  std::string Decode(const std::vector<int>& ids) const;

  // The bytes that token `id` adds after token `prev` (prev = -1: at the very start). Streams: a
  // multi-byte character may arrive in parts. The space that Encode put before the text is taken
  // off the first piece; control tokens give "". Throws wren::Error when id is not in the
  // vocabulary.
  std::string DecodeToken(int prev, int id) const;

  Kind kind() const { return kind_; }
  int size() const { return static_cast<int>(pieces_.size()); }
  const Piece& piece(int id) const { return pieces_[static_cast<size_t>(id)]; }
  int bos() const { return bos_; }  // -1 when there is none
  int eos() const { return eos_; }
  int unk() const { return unk_; }
  // Whether the model expects a beginning-of-text token (tokenizer.ggml.add_bos_token, or the
  // kind's custom).
  bool wants_bos() const { return wants_bos_; }
  void set_wants_bos(bool wants) { wants_bos_ = wants && bos_ >= 0; }
  // True for the tokens after which generation stops.
  bool IsEnd(int id) const {
    return id >= 0 && (id == eos_ || (kind_ == Kind::kSpm && id == bos_));
  }

 private:
  void Index(const char* what);
  int Find(std::string_view text) const;
  void EncodeSpm(const std::string& text, std::vector<int>* out) const;
  void EncodeBpe(std::string_view text, std::vector<int>* out) const;
  void EncodeBpeWord(std::string_view word, std::vector<int>* out) const;
  void EncodeWordPiece(std::string_view text, std::vector<int>* out) const;
  void EmitBytes(std::string_view bytes, std::vector<int>* out) const;

  Kind kind_ = Kind::kNone;
  std::vector<Piece> pieces_;
  std::unordered_map<std::string, int>
      ids_;                 // text to lowest id, without control, unknown and byte pieces
  int byte_ids_[256] = {};  // spm: <0xHH>; -1 when absent
  std::unordered_map<std::string, int> merge_ranks_;  // bpe: "left right" to rank
  int bos_ = -1;
  int eos_ = -1;
  int unk_ = -1;
  bool space_prefix_ = false;
  bool wants_bos_ = false;
};

}  // namespace wren
