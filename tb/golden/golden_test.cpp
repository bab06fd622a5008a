// The golden model against the same mathematics written a second time (naive.h), on small random
// models that come through a GGUF file: this covers the loader's orientation and names as well.
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "naive.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/formats/to_golden.h"

namespace wren::golden {
namespace {

using test::NaiveTransformer;
using test::Seed;
using test::TinyModel;

Network Load(const std::vector<uint8_t>& bytes) {
  return ToGolden(LoadModel(FileBytes::FromBuffer(bytes, "tiny.gguf"), nullptr));
}

// FP32 against double over two layers of 32: the error of sums of 32 to 64 terms, a few 1e-7 of the
// largest logit each.
constexpr double kLogitTolerance = 1e-5;  // relative to the largest logit

void CompareWithNaive(const TinyModel& tiny, const std::vector<uint8_t>& bytes, bool gpt2) {
  const Network network = Load(bytes);
  Golden golden(network);
  const NaiveTransformer naive(tiny, gpt2);
  std::mt19937_64 random(Seed());
  std::vector<int> tokens;
  for (int pos = 0; pos < tiny.context; ++pos) {
    tokens.push_back(static_cast<int>(random() % static_cast<uint64_t>(tiny.vocab)));
    const std::vector<float>& got = golden.Forward(tokens.back(), pos);
    const test::Row want = naive.Logits(tokens);
    ASSERT_EQ(got.size(), want.size());
    double largest = 0;
    for (double value : want) largest = std::max(largest, std::abs(value));
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_NEAR(got[i], want[i], kLogitTolerance * largest)
          << "seed " << Seed() << " position " << pos << " token " << i;
    }
  }
}

TEST(Golden, MatchesTheNaiveGpt2) {
  TinyModel tiny;
  CompareWithNaive(tiny, TinyGpt2Gguf(&tiny, Seed()), true);
}

TEST(Golden, MatchesTheNaiveGpt2WithItsOwnOutputMatrix) {
  TinyModel tiny;
  tiny.tied = false;
  tiny.hidden = 40;
  CompareWithNaive(tiny, TinyGpt2Gguf(&tiny, Seed()), true);
}

TEST(Golden, MatchesTheNaiveLlamaWithGroupedHeads) {
  TinyModel tiny;
  CompareWithNaive(tiny, TinyLlamaGguf(&tiny, Seed()), false);
}

TEST(Golden, MatchesTheNaiveLlamaWithBiasesPartialRopeAndScaledFrequencies) {
  TinyModel tiny;
  tiny.tied = false;
  tiny.biases = true;
  tiny.head_dim = 12;  // heads together wider than dim
  tiny.rope_dim = 6;
  tiny.n_kv_heads = 1;
  tiny.rope_freqs = true;
  tiny.rope_theta = 500.0f;
  tiny.dim = 36;
  tiny.hidden = 50;
  CompareWithNaive(tiny, TinyLlamaGguf(&tiny, Seed()), false);
}

TEST(Golden, ComputesTheErfGelu) {
  TinyModel tiny;
  Network network = Load(TinyGpt2Gguf(&tiny, Seed()));
  network.activation = Activation::kGelu;
  Golden golden(network);
  std::vector<float> up;
  int compared = 0;
  golden.set_hook([&](const std::string& name, const float* values, int n) {
    if (name == "blk.0.ffn_up") up.assign(values, values + n);
    if (name != "blk.0.ffn_act") return;
    for (int i = 0; i < n; ++i, ++compared) {
      const double x = up[static_cast<size_t>(i)];
      EXPECT_NEAR(values[i], x * std::erfc(-x / std::sqrt(2.0)) / 2, 1e-6 * (1 + std::abs(x)));
    }
  });
  golden.Forward(1, 0);
  EXPECT_EQ(compared, tiny.hidden);
}

TEST(Golden, ShowsEveryIntermediateInOrder) {
  TinyModel tiny;
  tiny.n_layers = 1;
  const auto names = [](const Network& network) {
    std::vector<std::string> out;
    Golden golden(network);
    golden.set_hook([&](const std::string& name, const float*, int n) {
      out.push_back(name + ":" + std::to_string(n));
    });
    golden.Forward(0, 0);
    return out;
  };
  const std::string vocab = std::to_string(test::TinySpm().tokens.size());
  EXPECT_EQ(names(Load(TinyLlamaGguf(&tiny, 1))),
            (std::vector<std::string>{"embed:32", "blk.0.attn_norm:32", "blk.0.q:32", "blk.0.k:16",
                                      "blk.0.v:16", "blk.0.q_rope:32", "blk.0.k_rope:16",
                                      "blk.0.attn:32", "blk.0.attn_out:32", "blk.0.resid1:32",
                                      "blk.0.ffn_norm:32", "blk.0.ffn_gate:64", "blk.0.ffn_up:64",
                                      "blk.0.ffn_act:64", "blk.0.ffn_down:32", "blk.0.resid2:32",
                                      "final_norm:32", "logits:" + vocab}));
  const std::string bpe = std::to_string(test::TinyBpe().tokens.size());
  EXPECT_EQ(names(Load(TinyGpt2Gguf(&tiny, 1))),
            (std::vector<std::string>{"embed:32", "blk.0.attn_norm:32", "blk.0.q:32", "blk.0.k:32",
                                      "blk.0.v:32", "blk.0.attn:32", "blk.0.attn_out:32",
                                      "blk.0.resid1:32", "blk.0.ffn_norm:32", "blk.0.ffn_up:64",
                                      "blk.0.ffn_act:64", "blk.0.ffn_down:32", "blk.0.resid2:32",
                                      "final_norm:32", "logits:" + bpe}));
}

TEST(Golden, GoesBackToAnEarlierPosition) {
  TinyModel tiny;
  const Network network = Load(TinyLlamaGguf(&tiny, Seed()));
  Golden golden(network);
  golden.Forward(5, 0);
  const std::vector<float> first = golden.Forward(6, 1);
  golden.Forward(7, 2);
  EXPECT_EQ(golden.Forward(6, 1), first);
  golden.Reset();
  golden.Forward(5, 0);
  EXPECT_EQ(golden.Forward(6, 1), first);
}

TEST(Golden, RefusesTokensAndPositionsOutOfRange) {
  TinyModel tiny;
  Network network = Load(TinyLlamaGguf(&tiny, 1));
  Golden golden(network);
  EXPECT_THROW(golden.Forward(-1, 0), std::out_of_range);
  EXPECT_THROW(golden.Forward(tiny.vocab, 0), std::out_of_range);
  EXPECT_THROW(golden.Forward(0, 1), std::out_of_range);
  EXPECT_THROW(golden.Forward(0, -1), std::out_of_range);
  for (int pos = 0; pos < tiny.context; ++pos) golden.Forward(0, pos);
  EXPECT_THROW(golden.Forward(0, tiny.context), std::out_of_range);
  network.layers[1].k.weight.pop_back();
  EXPECT_THROW(Golden{network}, std::invalid_argument);
}

}  // namespace
}  // namespace wren::golden
