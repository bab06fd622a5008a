// The bundled Vision Transformer on the instruction-set model: as many right answers as in FP32, to
// half a point. WREN_IMAGES says how many of the 10,000 test images to take.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "encoders.h"

namespace wren::test {
namespace {

int Count() {
  const char* count = std::getenv("WREN_IMAGES");
  return count == nullptr ? 500 : std::atoi(count);
}

TEST(BundledVit, ClassifiesAsWellAsInFp32) {
  WREN_NEED_IMAGES();
  const ModelFile model = BundledVit();
  const std::vector<int> labels = LoadLabels(kLabels);
  const int count = Count();
  const std::vector<runtime::EncoderInput> inputs = ImageInputs(model, count);
  runtime::GoldenEncoderModel golden(model);
  EncoderOnIsa isa(model, "full");
  const std::vector<std::vector<float>> want = golden.Run(inputs), got = isa.encoder->Run(inputs);
  ASSERT_EQ(got.size(), inputs.size());
  int right = 0, golden_right = 0, same = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    right += golden::Argmax(got[i]) == labels[i] ? 1 : 0;
    golden_right += golden::Argmax(want[i]) == labels[i] ? 1 : 0;
    same += golden::Argmax(got[i]) == golden::Argmax(want[i]) ? 1 : 0;
  }
  std::printf("%d images: %.2f%% right, FP32 %.2f%%, same class %d\n", count, 100.0 * right / count,
              100.0 * golden_right / count, same);
  EXPECT_LE(std::abs(right - golden_right), 0.005 * count);
  EXPECT_GE(golden_right, 0.8 * count) << "the bundled model itself has suffered";
}

TEST(BundledVit, SaysTheSameOnEveryConfiguration) {
  WREN_NEED_IMAGES();
  const ModelFile model = BundledVit();
  const std::vector<runtime::EncoderInput> inputs = ImageInputs(model, 8);
  const std::vector<std::vector<float>> want = EncoderOnIsa(model, "full").encoder->Run(inputs);
  for (const char* config : {"nano", "small"})
    EXPECT_EQ(EncoderOnIsa(model, config).encoder->Run(inputs), want) << config;
}

}  // namespace
}  // namespace wren::test
