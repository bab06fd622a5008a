// A core with a planted bug must be caught at its first wrong write, with everything that a person
// needs to go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wren/formats/model_file.h"
#include "wren/isa/isa.h"
#include "wren/runtime/text_model.h"

namespace wren::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The first wrong write that `run` meets on a new core.
template <class Run>
MismatchInfo FirstWrongWrite(const std::string& name, uint64_t ext_bytes, Run run) {
  RtlDeviceOptions options;
  options.rtl.memory.bytes = ext_bytes;
  options.test = "lockstep_planted_test:Lockstep." + name;
  RtlDevice device(sim::Config::kNano, ext_bytes, options);
  try {
    run(&device);
  } catch (const Mismatch& mismatch) {
    std::printf("%s\n", mismatch.what());
    return mismatch.info();
  }
  ADD_FAILURE() << "the planted bug was not noticed";
  return {};
}

TEST(Lockstep, NamesTheElementThatAFlippedBitInTheGtaMakesWrong) {
  const isa::Config config = isa::Config::Named("nano");
  compiler::Emitter emit(config, 0, 0);
  isa::LdFill fill;
  fill.pattern = 0x3F800000;  // 1.0
  fill.dst_space = isa::LdDst::kVm;
  fill.dst = 1024;
  fill.len = 512;
  emit.Emit(fill, {"ones"});
  isa::GtaOp scale;  // 4 x 32 ones times 3: lane 1 of the multiplier flips the lowest bit
  scale.rows = 4;
  scale.cols = 32;
  scale.x = 1024;
  scale.x_stride = 128;
  scale.SetAImm(3.0f);
  scale.out_space = isa::OutSpace::kVm;
  scale.out = 4096;
  scale.out_stride = 128;
  emit.Emit(scale, {"threes", 10, 64});
  const compiler::Program program = emit.Finish();

  const MismatchInfo info =
      FirstWrongWrite("NamesTheElementThatAFlippedBitInTheGtaMakesWrong", 1 << 23,
                      [&](RtlDevice* device) { device->Run(program); });
  EXPECT_EQ(info.engine, sim::Engine::kGta);
  EXPECT_EQ(info.index, 1u);
  EXPECT_EQ(info.tensor, "threes");
  EXPECT_EQ(info.row, 10);
  EXPECT_EQ(info.col, 64 + 1);
  EXPECT_EQ(info.got, "3.00000024 (0x40400001)");
  EXPECT_EQ(info.want, "3 (0x40400000)");
  EXPECT_THAT(info.place, HasSubstr("0x1004"));
  EXPECT_THAT(info.command, StartsWith("gta.op "));
  EXPECT_GT(info.cycle, 0u);
  EXPECT_THAT(info.rerun, StartsWith("make waves TEST=\"lockstep_planted_test:Lockstep.Names"));
  EXPECT_THAT(info.rerun, HasSubstr(" FROM="));
  EXPECT_THAT(info.rerun, HasSubstr(" ENGINE=gta"));
}

TEST(Lockstep, ListsWhatTheEngineDidBeforeTheWrongCommand) {
  compiler::Emitter emit(isa::Config::Named("nano"), 0, 0);
  isa::LdFill fill;
  fill.pattern = 0x3F800000;  // 1.0
  fill.dst_space = isa::LdDst::kVm;
  fill.len = 512;
  emit.Emit(fill, {"ones"});
  isa::GtaOp copy;  // without a product it is right
  copy.rows = 4;
  copy.cols = 32;
  copy.x_stride = 128;
  copy.out_space = isa::OutSpace::kVm;
  copy.out = 4096;
  copy.out_stride = 128;
  emit.Emit(copy, {"copy"});
  isa::GtaOp scale = copy;
  scale.x = 4096;
  scale.out = 8192;
  scale.SetAImm(3.0f);
  emit.Emit(scale, {"threes"});
  const compiler::Program program = emit.Finish();

  const MismatchInfo info = FirstWrongWrite("ListsWhatTheEngineDidBeforeTheWrongCommand", 1 << 23,
                                            [&](RtlDevice* device) { device->Run(program); });
  EXPECT_EQ(info.tensor, "threes");
  ASSERT_EQ(info.history.size(), 1u);
  EXPECT_THAT(info.history[0], HasSubstr("gta.op "));
  EXPECT_THAT(info.history[0], HasSubstr("out=4096"));
}

// Where rounding lets the flipped bit through first depends on the weights; the first layer is far
// enough.
TEST(Lockstep, StopsAModelInItsFirstLayer) {
  const ModelFile model = LoadModel(WREN_SOURCE_DIR "/models/wren-kjv.gguf");
  auto plan = std::make_unique<compiler::LanguageModel>(model, isa::Config::Named("nano"));
  const uint64_t ext_bytes = plan->ext_end();
  const MismatchInfo info =
      FirstWrongWrite("StopsAModelInItsFirstLayer", ext_bytes, [&](RtlDevice* device) {
        DeviceText text(std::move(plan), device);  // set-up has no product: it passes
        text.Append({1, 5, 9}, false);
      });
  EXPECT_EQ(info.engine, sim::Engine::kGta);
  EXPECT_THAT(info.tensor, StartsWith("blk.0."));
  EXPECT_GE(info.row, 0);
  EXPECT_GE(info.col, 0);
  EXPECT_NE(info.got, info.want);
}

}  // namespace
}  // namespace wren::runtime
