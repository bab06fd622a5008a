// Bounds-checked little-endian reading, and messages that say where a file broke.
#pragma once

#include <cstring>
#include <string>

#include "wren/error.h"
#include "wren/formats/model_file.h"

namespace wren::formats_internal {

[[noreturn]] inline void Fail(const std::string& path, const std::string& what) {
  throw Error(path + ": " + what);
}

// A name or key from a file, made safe for a one-line message.
inline std::string Quote(const std::string& text) {
  std::string out = "'";
  for (char c : text.substr(0, 64)) out += (c >= 0x20 && c < 0x7f) ? c : '?';
  return out + (text.size() > 64 ? "...'" : "'");
}

class Reader {
 public:
  explicit Reader(const FileBytes& bytes) : bytes_(bytes) {}

  size_t position() const { return position_; }
  size_t left() const { return bytes_.size - position_; }

  // The next n bytes. `what` names the field in the message.
  const uint8_t* Take(uint64_t n, const char* what) {
    if (n > left()) {
      Fail(bytes_.path, std::string("truncated or corrupt: ") + what + " needs " +
                            std::to_string(n) + " bytes at offset " + std::to_string(position_) +
                            ", " + std::to_string(left()) +
                            " are left; fetch or export the file again");
    }
    const uint8_t* start = bytes_.data + position_;
    position_ += static_cast<size_t>(n);
    return start;
  }

  template <typename T>
  T Read(const char* what) {
    T value;
    std::memcpy(&value, Take(sizeof(T), what), sizeof(T));
    return value;
  }

  std::string String(uint64_t n, const char* what) {
    const uint8_t* start = Take(n, what);
    return std::string(reinterpret_cast<const char*>(start), static_cast<size_t>(n));
  }

 private:
  const FileBytes& bytes_;
  size_t position_ = 0;
};

}  // namespace wren::formats_internal
