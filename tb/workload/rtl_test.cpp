// Whole models on the RTL of one configuration (WREN_TEST_CONFIG), with the lockstep checker
// comparing every architectural write, and the logits bit for bit with the instruction-set model's.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>

#include "gtest/gtest.h"
#include "workloads.h"
#include "wren/compiler/attention.h"
#include "wren/error.h"

namespace wren::test {
namespace {

constexpr const char* kConfig = WREN_TEST_CONFIG;

struct Timing {
  int latency_min = 60, latency_max = 60, stall_percent = 0;
  bool interleave = false;
};
constexpr Timing kHostile{1, 2000, 40, true};

struct OnRtl {
  OnRtl(const ModelFile& model, const compiler::CompileOptions& compile, const Timing& timing) {
    auto plan =
        std::make_unique<compiler::LanguageModel>(model, isa::Config::Named(kConfig), compile);
    runtime::RtlDeviceOptions options;
    options.lockstep = true;
    options.rtl.seed = Seed();
    options.rtl.memory.bytes = plan->ext_end();
    options.rtl.memory.latency_min = timing.latency_min;
    options.rtl.memory.latency_max = timing.latency_max;
    options.rtl.memory.stall_percent = timing.stall_percent;
    options.rtl.memory.interleave = timing.interleave;
    options.test = std::string("workload_rtl_") + kConfig;
    device =
        std::make_unique<runtime::RtlDevice>(sim::ParseConfig(kConfig), plan->ext_end(), options);
    text = std::make_unique<runtime::DeviceText>(std::move(plan), device.get());
  }
  std::unique_ptr<runtime::RtlDevice> device;
  std::unique_ptr<runtime::DeviceText> text;
};

// `count` greedy tokens after `prompt`: the same on both, logits to the bit.
void Compare(const ModelFile& model, const std::vector<int>& prompt, int count,
             const Timing& timing, const compiler::CompileOptions& compile = {}) {
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  OnIsa isa(model, kConfig, compile);
  OnRtl rtl(model, compile, timing);
  std::vector<float> want_logits, logits;
  const std::vector<int> want = Greedy(isa.text.get(), prompt, count, &want_logits);
  const std::vector<int> got = Greedy(rtl.text.get(), prompt, count, &logits);
  EXPECT_EQ(got, want);
  EXPECT_EQ(BitDifferences(logits, want_logits), 0u);
  ASSERT_NE(rtl.device->lockstep(), nullptr);
  EXPECT_GT(rtl.device->lockstep()->compared(), 1000u);
  const runtime::Counters& counters = rtl.device->counters();
  std::printf("%s: %zu + %d tokens, %llu cycles, %llu writes compared: %s\n", kConfig,
              prompt.size(), count, static_cast<unsigned long long>(counters.cycles),
              static_cast<unsigned long long>(rtl.device->lockstep()->compared()),
              model.tokenizer.Decode(got).c_str());
  for (const auto& engine : counters.engines) {
    uint64_t sum = 0;
    for (const uint64_t bucket : engine) sum += bucket;
    EXPECT_EQ(sum, counters.cycles) << "the buckets of an engine are all of its cycles";
  }
}

std::vector<int> Prompt(const ModelFile& model) {
  return model.tokenizer.Encode("And the LORD said unto Moses,", true);
}

TEST(RtlBundledModel, SaysTheInstructionSetModelsTokensToTheBit) {
  const ModelFile model = Bundled();
  Compare(model, Prompt(model), 12, {});
}

TEST(RtlBundledModel, SaysTheSameFromAHostileMemory) {
  const ModelFile model = Bundled();
  Compare(model, Prompt(model), 4, kHostile);
}

TEST(RtlGptNanoSort, SortsASampleOfInputs) {
  WREN_NEED_DATA("models/gpt-nano-sort/model.json");
  const ModelFile model = Sorter();
  OnIsa isa(model, kConfig);
  OnRtl rtl(model, {}, {});
  for (int i = 0; i < 40; ++i) {
    const std::vector<int> letters = SortInput(i * 18 + static_cast<int>(Seed() % 18));
    std::vector<int> sorted = letters;
    std::sort(sorted.begin(), sorted.end());
    std::vector<float> want, got;
    Greedy(isa.text.get(), letters, 6, &want);
    EXPECT_EQ(Greedy(rtl.text.get(), letters, 6, &got), sorted) << model.tokenizer.Decode(letters);
    EXPECT_EQ(BitDifferences(got, want), 0u) << model.tokenizer.Decode(letters);
  }
}

TEST(RtlStories260K, TellsItsStory) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const ModelFile model = Stories();
  compiler::CompileOptions options;
  options.max_context = 128;
  Compare(model, {model.tokenizer.bos()}, 8, {}, options);
}

TEST(RtlStories260K, TellsItsStoryFromAHostileMemory) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const ModelFile model = Stories();
  compiler::CompileOptions options;
  options.max_context = 128;
  Compare(model, {model.tokenizer.bos()}, 2, kHostile, options);
}

// The schedule for many rows, with everything it has: a group of heads, the causal mask, more than
// one tile, keys that are no multiple of 32. `huge`: scores that it cannot hold. `two_below`: rows
// that see fewer keys have two numbers per probability.
bool RunAttention(bool huge, int two_below, const Timing& timing) {
  const isa::Config config = isa::Config::Named(kConfig);
  compiler::AttentionProblem p;
  p.heads = 2, p.group = 2, p.rows = p.keys = 150, p.head = 64, p.causal = true;
  p.two_below = two_below;
  p.base = 0x800000;
  compiler::PlaceAttention(&p, config);
  runtime::RtlDeviceOptions options;
  options.rtl.seed = Seed();
  options.rtl.memory.bytes = p.end;
  options.rtl.memory.latency_min = timing.latency_min;
  options.rtl.memory.latency_max = timing.latency_max;
  options.rtl.memory.stall_percent = timing.stall_percent;
  options.rtl.memory.interleave = timing.interleave;
  options.test = std::string("workload_rtl_") + kConfig;
  runtime::RtlDevice device(sim::ParseConfig(kConfig), p.end, options);
  std::mt19937_64 random(Seed());
  std::vector<uint8_t> bytes(p.task.out - p.base);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random() % 255 - 127);
  const auto scales = [&](uint64_t at, uint64_t end, uint16_t base) {
    for (; at < end; at += 2) {
      const auto d = static_cast<uint16_t>(base + random() % 256);
      std::memcpy(&bytes[at - p.base], &d, 2);
    }
  };
  scales(p.task.q_scale, p.task.k, huge ? 0x4000 : 0x1C00);  // from 2, or from 2^-8
  scales(p.task.k_scale, p.task.v, 0x2000);
  scales(p.task.v_scale, p.task.out, 0x2000);
  device.Write(p.base, bytes.data(), bytes.size());
  const std::vector<uint8_t> tables = compiler::AttentionConstants();
  device.Write(p.tables, tables.data(), tables.size());
  EXPECT_FALSE(device.TakeNumeric());
  device.Run(compiler::BuildAttention(p, config));
  EXPECT_GT(device.lockstep()->compared(), 1000u);
  const bool numeric = device.TakeNumeric();
  EXPECT_FALSE(device.TakeNumeric());  // taken
  return numeric;
}

TEST(RtlAttention, EveryWriteIsTheModels) {
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  for (const int two_below : {0, 80}) {
    EXPECT_FALSE(RunAttention(false, two_below, {}));
    EXPECT_FALSE(RunAttention(false, two_below, kHostile));
  }
}

TEST(RtlAttention, ScoresItCannotHoldRaiseNumeric) { EXPECT_TRUE(RunAttention(true, 0, {})); }

}  // namespace
}  // namespace wren::test
