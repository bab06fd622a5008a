// Units whose clocks stop while they have nothing to do (wren_clk_idle) behave as if they ran: the
// same results, the same cycles, the same counters.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "random_run.h"

namespace wren {
namespace {

using compiler::test::RandomRun;
using compiler::test::RandomRunOptions;

TEST(IdleClocks, ChangeNothing) {
  const char* text = std::getenv("WREN_SEED");
  const uint64_t first = text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
  for (uint64_t i = 0; i < WREN_PROGRAMS; ++i) {
    RandomRunOptions o;
    o.config = WREN_CONFIG_NAME, o.seed = first * 1000 + i, o.test = "idle_clocks_test";
    SCOPED_TRACE("random program " + std::to_string(i) + " of WREN_SEED=" + std::to_string(first));
    const RandomRun stopping = compiler::test::RunRandomProgram(o);
    o.run_idle_clocks = true;
    const RandomRun running = compiler::test::RunRandomProgram(o);
    ASSERT_EQ(stopping.cycles, running.cycles);
    ASSERT_EQ(stopping.registers.size(), running.registers.size());
    for (size_t r = 0; r < running.registers.size(); ++r)
      ASSERT_EQ(stopping.registers[r], running.registers[r])
          << "register at byte " << r * 4 % 0x200 << (r * 4 < 0x200 ? "" : " after the error");
    ASSERT_EQ(stopping.memory, running.memory);
  }
}

}  // namespace
}  // namespace wren
