// Two runs of one random program, on models that are to be the same.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

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

// Calls check(options, number) for `programs` programs of `config`, until one fails; WREN_SEED
// chooses other programs. `test`: what asks.
template <class Check>
void ForPrograms(const char* config, const char* test, uint64_t programs, Check check) {
  const char* text = std::getenv("WREN_SEED");
  const uint64_t first = text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
  for (uint64_t i = 0; i < programs && !testing::Test::HasFatalFailure(); ++i) {
    RandomRunOptions o;
    o.config = config, o.seed = first * 1000 + i, o.test = test;
    SCOPED_TRACE("random program " + std::to_string(i) + " of WREN_SEED=" + std::to_string(first));
    check(o, i);
  }
}

}  // namespace wren::compiler::test
