// The RTL of nano behind each kind of memory, with the lockstep checker
// comparing every write.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/runtime/device.h"

namespace wren {
namespace {

constexpr uint64_t kSource = 0x800000, kTarget = 0xA00000, kBytes = 32768;

// Copies 32 KiB to L2 and back; returns the cycles both programs took.
uint64_t CopyThere(sim::MemoryKind kind, bool procedural = false) {
  const char* text = std::getenv("WREN_SEED");
  const uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
  SCOPED_TRACE("WREN_SEED=" + std::to_string(seed));
  runtime::RtlDeviceOptions options;
  options.lockstep = !procedural;
  options.rtl.seed = seed;
  options.rtl.memory.bytes = 0xC00000;
  options.rtl.memory.kind = kind;
  options.rtl.memory.procedural = procedural;
  options.test = "dram_rtl_test";
  runtime::RtlDevice device(sim::Config::kNano, options.rtl.memory.bytes, options);
  std::vector<uint8_t> want(kBytes), got(kBytes);
  if (procedural) {
    for (uint64_t i = 0; i < kBytes; ++i) want[i] = sim::ProceduralByte(kSource + i);
  } else {
    std::mt19937_64 random(seed);
    for (uint8_t& byte : want) byte = static_cast<uint8_t>(random());
    device.Write(kSource, want.data(), kBytes);
  }
  compiler::Emitter load(device.config(), 0, 0), store(device.config(), 0, 0);
  isa::LdCopy ld;
  ld.src = kSource;
  ld.dst_space = isa::LdDst::kL2;
  ld.len = kBytes;
  load.Emit(ld, {"source"});
  device.Run(load.Finish());
  isa::StCopy st;
  st.src_space = isa::StSrc::kL2;
  st.dst = kTarget;
  st.len = kBytes;
  store.Emit(st, {"target"});
  device.Run(store.Finish());
  device.Read(kTarget, got.data(), kBytes);
  EXPECT_EQ(got, want);
  return device.counters().cycles;
}

TEST(DramRtl, CopiesThroughEveryKindOfMemory) {
  std::vector<uint64_t> cycles;
  for (const sim::MemoryKind kind : sim::kMemoryKinds) {
    cycles.push_back(CopyThere(kind));
    std::printf("%-10s %llu cycles\n", sim::MemoryKindName(kind),
                static_cast<unsigned long long>(cycles.back()));
    EXPECT_EQ(CopyThere(kind), cycles.back()) << "the same run again";
    // 16 bytes per cycle each way is the port's rate.
    EXPECT_GE(cycles.back(), 2 * kBytes / 16);
    EXPECT_LE(cycles.back(), 2 * kBytes / 16 * 3 / 2);
  }
  // 60 cycles away, both, and faster than the port.
  EXPECT_NEAR(static_cast<double>(cycles[0]), static_cast<double>(cycles[1]), 16);
  EXPECT_GT(cycles[2], cycles[1]) << "lpddr5 opens rows";
}

TEST(DramRtl, CopiesHashBytesThatNobodyWrote) { CopyThere(sim::MemoryKind::kLpddr5, true); }

}  // namespace
}  // namespace wren
