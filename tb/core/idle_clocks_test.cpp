// Units whose clocks stop while they have nothing to do (wren_clk_idle) behave as if they ran: the
// same results, the same cycles, the same counters.
#include <gtest/gtest.h>

#include "same_run.h"

namespace wren {
namespace {

using compiler::test::ExpectSame;
using compiler::test::ForPrograms;
using compiler::test::RandomRun;
using compiler::test::RandomRunOptions;
using compiler::test::RunRandomProgram;

TEST(IdleClocks, ChangeNothing) {
  ForPrograms(WREN_CONFIG_NAME, "idle_clocks_test", WREN_PROGRAMS,
              [](RandomRunOptions o, uint64_t) {
                const RandomRun stopping = RunRandomProgram(o);
                o.run_idle_clocks = true;
                ExpectSame(stopping, RunRandomProgram(o));
              });
}

}  // namespace
}  // namespace wren
