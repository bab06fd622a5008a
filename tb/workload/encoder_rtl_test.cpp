// Encoders on the RTL of one configuration (WREN_TEST_CONFIG), every architectural write compared,
// results bit for bit those of the instruction-set model.
#include <cstdio>

#include "encoders.h"

namespace wren::test {
namespace {

constexpr const char* kConfig = WREN_TEST_CONFIG;

TEST(RtlBundledVit, Gives50ImagesTheInstructionSetModelsLogitsToTheBit) {
  WREN_NEED_IMAGES();
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  const ModelFile model = BundledVit();
  const std::vector<runtime::EncoderInput> inputs = ImageInputs(model, 50);
  EncoderOnIsa isa(model, kConfig);
  auto plan = std::make_unique<compiler::Encoder>(model, isa::Config::Named(kConfig));
  runtime::RtlDeviceOptions options;
  options.rtl.seed = Seed();
  options.rtl.memory.bytes = plan->ext_end();
  options.test = std::string("workload_encoder_rtl_") + kConfig + "_test";
  runtime::RtlDevice device(sim::ParseConfig(kConfig), plan->ext_end(), options);
  runtime::DeviceEncoder rtl(model, std::move(plan), &device);
  EXPECT_EQ(rtl.Run(inputs), isa.encoder->Run(inputs));
  ASSERT_NE(device.lockstep(), nullptr);
  EXPECT_GT(device.lockstep()->compared(), 10000u);
  const auto cycles = static_cast<double>(device.counters().cycles);
  const isa::Config& c = device.config();
  std::printf("%s: 50 images, %.0f cycles each, %.1f%% of peak, %llu writes compared\n", kConfig,
              cycles / 50,
              100 * static_cast<double>(rtl.useful_macs()) / (cycles * c.rows * c.cols * 32),
              static_cast<unsigned long long>(device.lockstep()->compared()));
}

}  // namespace
}  // namespace wren::test
