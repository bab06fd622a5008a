// The model whose sums and products the host computes (sim/host) is the RTL: the same results, the
// same cycles, the same counters. Every other program runs in lockstep with the instruction-set
// model, in which the processor's flushing is set for each evaluation; in the others it is set for
// the run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "same_run.h"

namespace wren {
namespace {

using compiler::test::ExpectSame;
using compiler::test::RandomRun;
using compiler::test::RandomRunOptions;

TEST(HostArithmetic, IsTheRtls) {
  const char* text = std::getenv("WREN_SEED");
  const uint64_t first = text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
  for (uint64_t i = 0; i < WREN_PROGRAMS; ++i) {
    RandomRunOptions o;
    o.config = WREN_CONFIG_NAME, o.seed = first * 1000 + i, o.test = "host_arithmetic_test";
    SCOPED_TRACE("random program " + std::to_string(i) + " of WREN_SEED=" + std::to_string(first));
    const RandomRun rtl = compiler::test::RunRandomProgram(o);
    o.host_arithmetic = true;
    o.lockstep = i % 2 == 0;
    const RandomRun host = compiler::test::RunRandomProgram(o);
    ExpectSame(rtl, host);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace wren
