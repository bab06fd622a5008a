// Units whose clocks stop while they have nothing to do (wren_clk_idle) behave as if they ran: the
// same results, the same cycles, the same counters.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "same_run.h"

namespace wren {
namespace {

using compiler::test::ExpectSame;
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
    ExpectSame(stopping, running);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace wren
