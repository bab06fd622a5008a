// A core with a planted bug must be caught at its first wrong write, with everything that a person
// needs to go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wren/formats/model_file.h"
#include "wren/runtime/text_model.h"

namespace wren::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Lockstep, ReportsTheFirstWrongWriteOfAFlippedBitInTheGta) {
  const ModelFile model = LoadModel(WREN_SOURCE_DIR "/models/wren-kjv.gguf");
  auto plan = std::make_unique<compiler::LanguageModel>(model, isa::Config::Named("nano"));
  RtlDeviceOptions options;
  options.rtl.memory.bytes = plan->ext_end();
  options.test = "lockstep_planted_test:Lockstep.ReportsTheFirstWrongWriteOfAFlippedBitInTheGta";
  RtlDevice device(sim::Config::kNano, plan->ext_end(), options);
  DeviceText text(std::move(plan), &device);  // set-up has no product: it passes
  bool caught = false;
  try {
    text.Append({1, 5, 9}, false);
  } catch (const Mismatch& mismatch) {
    caught = true;
    const MismatchInfo& info = mismatch.info();
    std::printf("%s\n", mismatch.what());
    EXPECT_EQ(info.engine, sim::Engine::kGta);
    // The first products of the model are in its first norm. (In the sum of squares rounding may
    // hide the flipped bit.)
    EXPECT_THAT(info.tensor, StartsWith("blk.0.attn_norm"));
    EXPECT_GE(info.row, 0);
    EXPECT_GE(info.col, 0);
    EXPECT_THAT(info.stream, StartsWith("VM"));
    EXPECT_THAT(info.command, HasSubstr("gta.op"));
    EXPECT_NE(info.got, info.want);
    EXPECT_THAT(info.got, HasSubstr("0x"));
    EXPECT_GT(info.cycle, 0u);
    EXPECT_THAT(info.rerun, HasSubstr("make waves TEST=\"lockstep_planted_test:Lockstep.Reports"));
    EXPECT_THAT(info.rerun, HasSubstr(" FROM="));
    EXPECT_THAT(info.rerun, HasSubstr(" ENGINE=gta"));
  }
  EXPECT_TRUE(caught) << "the planted bug was not noticed";
}

}  // namespace
}  // namespace wren::runtime
