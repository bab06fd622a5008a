// The model whose sums and products the host computes (sim/host) is the RTL: the same results, the
// same cycles, the same counters. Every other program runs in lockstep with the instruction-set
// model, in which the processor's flushing is set for each evaluation; in the others it is set for
// the run.
#include <gtest/gtest.h>

#include "same_run.h"

namespace wren {
namespace {

using compiler::test::ExpectSame;
using compiler::test::ForPrograms;
using compiler::test::RandomRun;
using compiler::test::RandomRunOptions;
using compiler::test::RunRandomProgram;

TEST(HostArithmetic, IsTheRtls) {
  ForPrograms(WREN_CONFIG_NAME, "host_arithmetic_test", WREN_PROGRAMS,
              [](RandomRunOptions o, uint64_t program) {
                const RandomRun rtl = RunRandomProgram(o);
                o.host_arithmetic = true;
                o.lockstep = program % 2 == 0;
                ExpectSame(rtl, RunRandomProgram(o));
              });
}

}  // namespace
}  // namespace wren
