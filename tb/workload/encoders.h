// What the encoder tests share: the bundled Vision Transformer, the test images, sentence encoders,
// a model on the instruction-set model.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/compiler/encoder.h"
#include "wren/cosine.h"
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

// The sentence encoder that scripts/setup.sh --with embed makes; WREN_MINILM names another place.
inline std::string MiniLmPath() {
  const char* path = std::getenv("WREN_MINILM");
  return path != nullptr && *path != '\0' ? path : SourcePath("models/minilm.gguf");
}

// Ends the test, as skipped, unless that model is there.
#define WREN_NEED_MINILM()                               \
  if (!::wren::test::Exists(::wren::test::MiniLmPath())) \
  GTEST_SKIP() << ::wren::test::MiniLmPath()             \
               << " is missing; `scripts/setup.sh --with embed` makes it (or set WREN_MINILM)"

// A small random BERT with heads of 32 and a vocabulary of its own.
inline ModelFile SmallBert() {
  std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"};
  for (const char* word : {"the", "wren", "sing", "small", "bird", "a", "loud", ",", "."})
    pieces.push_back(std::string("\xe2\x96\x81") + word);
  for (const char* rest : {"s", "er", "est", "ly", "ing"}) pieces.emplace_back(rest);
  TinyEncoder tiny;
  tiny.dim = 96, tiny.hidden = 192, tiny.n_layers = 3;
  tiny.n_heads = tiny.n_kv_heads = 3, tiny.head_dim = 32;
  tiny.context = 64;
  tiny.matrix_scale = 0.4f;
  return LoadModel(FileBytes::FromBuffer(TinyBertGguf(&tiny, Seed(), &pieces), "small-bert.gguf"),
                   nullptr);
}

inline const char* const kSmallSentences[] = {
    "The wren sings loudly.", "a small, small bird", "Wren",
    "The loudest bird sings, the small wren sings, a small bird sings, the wren sings louder, a."};

inline std::vector<runtime::EncoderInput> TextInputs(const ModelFile& model,
                                                     const std::vector<std::string>& texts) {
  std::vector<runtime::EncoderInput> inputs;
  for (const std::string& text : texts) {
    bool cut = false;
    inputs.emplace_back();
    inputs.back().tokens = model.tokenizer.EncodeAtMost(text, 256, &cut);
  }
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
