// What the encoder tests share: the bundled Vision Transformer, the test images, a model on the
// instruction-set model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "wren/compiler/encoder.h"
#include "wren/formats/image.h"
#include "wren/formats/model_file.h"
#include "wren/golden/golden.h"
#include "wren/runtime/device.h"
#include "wren/runtime/encoder_model.h"

// Ends the test unless the test images are there.
#define WREN_NEED_IMAGES()                                                                 \
  ASSERT_TRUE(::wren::test::Exists(::wren::test::kImages))                                 \
      << ::wren::test::kImages << " is missing; run scripts/setup.sh (or apt-get install " \
      << "dataset-fashion-mnist)"

namespace wren::test {

inline const std::string kImages = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
inline const std::string kLabels = "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz";

inline ModelFile BundledVit() { return LoadModel(SourcePath("models/wren-vit.gguf")); }

inline std::vector<runtime::EncoderInput> ImageInputs(const ModelFile& model, int count) {
  const Images images = LoadImages(kImages, model.hp);
  EXPECT_GE(images.count, count);
  std::vector<runtime::EncoderInput> inputs(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    inputs[static_cast<size_t>(i)].patches = ImagePatches(model.hp, images.at(i));
  return inputs;
}

struct EncoderOnIsa {
  EncoderOnIsa(const ModelFile& model, const char* config_name,
               const compiler::EncoderOptions& options = {}) {
    const isa::Config config = isa::Config::Named(config_name);
    auto plan = std::make_unique<compiler::Encoder>(model, config, options);
    device = std::make_unique<runtime::IsaDevice>(config, plan->ext_end());
    encoder = std::make_unique<runtime::DeviceEncoder>(model, std::move(plan), device.get());
  }
  std::unique_ptr<runtime::IsaDevice> device;
  std::unique_ptr<runtime::DeviceEncoder> encoder;
};

}  // namespace wren::test
