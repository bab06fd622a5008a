// The golden encoder against the same mathematics written a second time (naive_encoder.h), on small
// random models that come through a GGUF file.
#include "wren/golden/encoder.h"

#include <random>
#include <stdexcept>

#include "gtest/gtest.h"
#include "naive_encoder.h"
#include "test_data.h"
#include "wren/formats/image.h"
#include "wren/formats/to_golden.h"

namespace wren::golden {
namespace {

using test::NaiveEncoder;
using test::Seed;
using test::TinyEncoder;

// FP32 against double over two layers: sums of up to 72 terms, a few 1e-7 of the largest value
// each.
constexpr double kTolerance = 2e-5;  // relative to the largest value

void ExpectClose(const std::vector<float>& got, const NaiveEncoder::Row& want) {
  ASSERT_EQ(got.size(), want.size());
  double largest = 0;
  for (const double value : want) largest = std::max(largest, std::fabs(value));
  for (size_t i = 0; i < want.size(); ++i)
    ASSERT_NEAR(got[i], want[i], kTolerance * largest) << "seed " << Seed() << " element " << i;
}

void CompareImages(TinyEncoder tiny) {
  const ModelFile model =
      LoadModel(FileBytes::FromBuffer(test::TinyVitGguf(&tiny, Seed()), "tiny.gguf"), nullptr);
  const EncoderNetwork network = ToGoldenEncoder(model);
  GoldenEncoder golden(network);
  const NaiveEncoder naive(tiny, false);
  std::mt19937_64 random(Seed());
  for (int i = 0; i < 5; ++i) {
    std::vector<uint8_t> pixels(static_cast<size_t>(model.hp.image_bytes()));
    for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random());
    ExpectClose(golden.EncodePatches(ImagePatches(model.hp, pixels.data())), naive.Picture(pixels));
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(GoldenEncoder, MatchesTheNaiveVitThatPoolsByTheMean) { CompareImages(TinyEncoder()); }

TEST(GoldenEncoder, MatchesTheNaiveVitWithAClassTokenAndThreeChannels) {
  TinyEncoder tiny;
  tiny.cls = true;
  tiny.channels = 3;
  tiny.dim = 36, tiny.n_heads = 3, tiny.head_dim = 20, tiny.hidden = 50;
  CompareImages(tiny);
}

TEST(GoldenEncoder, MatchesTheNaiveBert) {
  for (const bool cls : {false, true}) {
    TinyEncoder tiny;
    tiny.cls = cls;
    const ModelFile model =
        LoadModel(FileBytes::FromBuffer(test::TinyBertGguf(&tiny, Seed()), "tiny.gguf"), nullptr);
    const EncoderNetwork network = ToGoldenEncoder(model);
    GoldenEncoder golden(network);
    const NaiveEncoder naive(tiny, true);
    std::mt19937_64 random(Seed());
    for (const int length : {1, 2, 5, tiny.context}) {
      std::vector<int> tokens(static_cast<size_t>(length));
      for (int& token : tokens)
        token = static_cast<int>(random() % static_cast<uint64_t>(tiny.vocab));
      ExpectClose(golden.EncodeTokens(tokens), naive.Text(tokens));
      if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_THROW(golden.EncodeTokens({}), std::out_of_range);
    EXPECT_THROW(golden.EncodeTokens({tiny.vocab}), std::out_of_range);
    EXPECT_THROW(golden.EncodeTokens(std::vector<int>(13)), std::out_of_range);
  }
}

TEST(GoldenEncoder, RefusesPatchesThatDoNotFitThePositions) {
  TinyEncoder tiny;
  const ModelFile model =
      LoadModel(FileBytes::FromBuffer(test::TinyVitGguf(&tiny, 1), "tiny.gguf"), nullptr);
  const EncoderNetwork network = ToGoldenEncoder(model);
  GoldenEncoder golden(network);
  EXPECT_THROW(golden.EncodePatches(std::vector<float>(8 * 4)), std::out_of_range);
}

TEST(GoldenEncoder, NamesWhatItComputes) {
  TinyEncoder tiny;
  const ModelFile model =
      LoadModel(FileBytes::FromBuffer(test::TinyVitGguf(&tiny, 1), "tiny.gguf"), nullptr);
  const EncoderNetwork network = ToGoldenEncoder(model);
  GoldenEncoder golden(network);
  std::vector<std::string> names;
  golden.set_hook([&](const std::string& name, const std::vector<float>& values, int cols) {
    EXPECT_EQ(values.size() % static_cast<size_t>(cols), 0u) << name;
    names.push_back(name);
  });
  golden.EncodePatches(std::vector<float>(9 * 4));
  const std::vector<std::string> want = {
      "embed",         "blk.0.q",       "blk.0.k",      "blk.0.v",    "blk.0.attn", "blk.0.resid1",
      "blk.0.ffn_act", "blk.0.resid2",  "blk.1.q",      "blk.1.k",    "blk.1.v",    "blk.1.attn",
      "blk.1.resid1",  "blk.1.ffn_act", "blk.1.resid2", "final_norm", "pooled",     "result"};
  EXPECT_EQ(names, want);
}

}  // namespace
}  // namespace wren::golden
