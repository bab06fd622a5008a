// UTF-8 and tables of code points, for the tokenizers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wren::formats_internal {

struct CodePointRange {
  uint32_t first;
  uint32_t last;
};

// Whether `cp` is in one of the ranges, which ascend.
template <size_t N>
bool InRanges(const CodePointRange (&ranges)[N], uint32_t cp) {
  const auto* range =
      std::lower_bound(ranges, ranges + N, cp,
                       [](const CodePointRange& r, uint32_t value) { return r.last < value; });
  return range != ranges + N && range->first <= cp;
}

// The property White_Space, without the controls U+000B, U+000C and U+001C .. U+001F that only some
// definitions have.
inline bool IsWideSpace(uint32_t cp) {
  return cp == 0x85 || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
         cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

struct Char {
  uint32_t code;
  size_t length;  // bytes
};

// The UTF-8 character at the start of `text` (not empty). A byte that starts no valid character
// stands alone, as U+FFFD.
inline Char NextChar(std::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xf0 && lead < 0xf5   ? 4
                        : lead >= 0xe0 && lead < 0xf0 ? 3
                        : lead >= 0xc2 && lead < 0xe0 ? 2
                                                      : 1;
  if (length == 1 || text.size() < length) return {0xfffd, 1};
  uint32_t code = lead & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0xfffd, 1};
    code = code << 6 | (byte(i) & 0x3f);
  }
  return {code, length};
}

inline void AppendUtf8(uint32_t code, std::string* out) {
  const auto put = [&](uint32_t byte) { *out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6), put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  }
}

inline std::string Utf8(uint32_t code) {
  std::string out;
  AppendUtf8(code, &out);
  return out;
}

}  // namespace wren::formats_internal
