// Where tests find published models, and what they do when those are not there.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace wren::test {

inline std::string DataPath(const std::string& relative) {
  const char* dir = std::getenv("WREN_DATA_DIR");
  return std::string(dir != nullptr && *dir != '\0' ? dir : WREN_DATA_DIR) + "/" + relative;
}

inline std::string SourcePath(const std::string& relative) {
  return std::string(WREN_SOURCE_DIR) + "/" + relative;
}

inline bool Exists(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0;
}

inline bool SharedDataOff() {
  const char* off = std::getenv("WREN_NO_SHARED_DATA");
  return off != nullptr && std::string(off) == "1";
}

inline uint64_t Seed() {
  const char* seed = std::getenv("WREN_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 0);
}

inline std::vector<uint8_t> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace wren::test

// Ends the test unless the published file is there: off with a message by WREN_NO_SHARED_DATA=1, a
// failure otherwise.
#define WREN_NEED_DATA(relative)                                                  \
  if (::wren::test::SharedDataOff())                                              \
    GTEST_SKIP() << "WREN_NO_SHARED_DATA=1: " << (relative) << " is not checked"; \
  ASSERT_TRUE(::wren::test::Exists(::wren::test::DataPath(relative)))             \
      << ::wren::test::DataPath(relative)                                         \
      << " is missing; set WREN_DATA_DIR, or WREN_NO_SHARED_DATA=1 to go without"
