// Encoders on the RTL of one configuration (WREN_TEST_CONFIG), every architectural write compared,
// results bit for bit those of the instruction-set model.
#include <cstdio>

#include "encoders.h"

namespace wren::test {
namespace {

constexpr const char* kConfig = WREN_TEST_CONFIG;

// `model` on the RTL and on the instruction-set model: the same to the bit; returns it.
std::vector<std::vector<float>> RunBoth(const ModelFile& model,
                                        const std::vector<runtime::EncoderInput>& inputs,
                                        const compiler::EncoderOptions& plan_options) {
  const isa::Config config = isa::Config::Named(kConfig);
  auto plan = std::make_unique<compiler::Encoder>(model, config, plan_options);
  runtime::RtlDeviceOptions options;
  options.rtl.seed = Seed();
  options.rtl.memory.bytes = plan->ext_end();
  options.test = std::string("workload_encoder_rtl_") + kConfig + "_test";
  runtime::RtlDevice device(sim::ParseConfig(kConfig), plan->ext_end(), options);
  runtime::DeviceEncoder rtl(model, std::move(plan), &device);
  const std::vector<std::vector<float>> got = rtl.Run(inputs);
  EXPECT_EQ(got, EncoderOnIsa(model, kConfig, plan_options).encoder->Run(inputs));
  if (device.lockstep() == nullptr) {
    ADD_FAILURE() << "no lockstep checker";
    return got;
  }
  EXPECT_GT(device.lockstep()->compared(), 10000u);
  const auto cycles = static_cast<double>(device.counters().cycles);
  const isa::Config& c = device.config();
  std::printf("%s: %zu inputs, %.0f cycles each, %.1f%% of peak, %llu writes compared\n", kConfig,
              inputs.size(), cycles / static_cast<double>(inputs.size()),
              100 * static_cast<double>(rtl.useful_macs()) / (cycles * c.rows * c.cols * 32),
              static_cast<unsigned long long>(device.lockstep()->compared()));
  return got;
}

void ExpectCloseToFp32(const ModelFile& model, const std::vector<runtime::EncoderInput>& inputs,
                       const std::vector<std::vector<float>>& got) {
  const std::vector<std::vector<float>> want = runtime::GoldenEncoderModel(model).Run(inputs);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) EXPECT_GE(Cosine(got[i], want[i]), 0.999) << i;
}

TEST(RtlSmallBert, EmbedsSentencesAsTheInstructionSetModelToTheBit) {
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  const ModelFile model = SmallBert();
  const std::vector<runtime::EncoderInput> inputs =
      TextInputs(model, {std::begin(kSmallSentences), std::end(kSmallSentences)});
  ExpectCloseToFp32(model, inputs, RunBoth(model, inputs, {}));
}

TEST(RtlMiniLm, EmbedsSentencesAsTheInstructionSetModelToTheBit) {
  if (std::string(kConfig) != "full") GTEST_SKIP() << "MiniLM is too wide for " << kConfig;
  WREN_NEED_MINILM();
  const ModelFile model = LoadModel(MiniLmPath());
  const std::vector<runtime::EncoderInput> inputs = TextInputs(
      model, {"The wren is a tiny songbird that sings very loudly.", "A small bird, a big voice."});
  compiler::EncoderOptions options;
  options.max_tokens = 16;
  options.max_batch = 2;
  ExpectCloseToFp32(model, inputs, RunBoth(model, inputs, options));
}

TEST(RtlBundledVit, Gives50ImagesTheInstructionSetModelsLogitsToTheBit) {
  WREN_NEED_IMAGES();
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  const ModelFile model = BundledVit();
  const std::vector<runtime::EncoderInput> inputs = ImageInputs(model, 50);
  RunBoth(model, inputs, {});
}

}  // namespace
}  // namespace wren::test
