// Two runs of one random program, on models that are to be the same.
#pragma once

#include <gtest/gtest.h>

#include "random_run.h"

namespace wren::compiler::test {

// The same cycle, registers before and after the refused command, counters among them, and memory.
inline void ExpectSame(const RandomRun& a, const RandomRun& b) {
  ASSERT_EQ(a.cycles, b.cycles);
  ASSERT_EQ(a.registers.size(), b.registers.size());
  for (size_t r = 0; r < b.registers.size(); ++r)
    ASSERT_EQ(a.registers[r], b.registers[r])
        << "register at byte " << r * 4 % 0x200 << (r * 4 < 0x200 ? "" : " after the error");
  ASSERT_EQ(a.memory, b.memory);
}

}  // namespace wren::compiler::test
