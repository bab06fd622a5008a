#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/formats/to_golden.h"

namespace wren::golden {
namespace {

TEST(Sampler, IsGreedyAtTemperatureZeroAndTakesTheFirstOfEquals) {
  Sampler sampler(0.0f, 1);
  EXPECT_EQ(sampler.Sample({1, 5, 2, 5}), 1);
  EXPECT_EQ(Argmax({-3, -1, -1}), 1);
}

TEST(Sampler, RepeatsItsDrawsFromTheSameSeed) {
  const std::vector<float> logits = {0.1f, 0.2f, 0.3f, 0.4f, 1.5f};
  Sampler a(1.0f, 42), b(1.0f, 42), c(1.0f, 43);
  int different = 0;
  for (int i = 0; i < 200; ++i) {
    const int draw = a.Sample(logits);
    EXPECT_EQ(draw, b.Sample(logits));
    different += draw != c.Sample(logits) ? 1 : 0;
  }
  EXPECT_GT(different, 0);
}

TEST(Sampler, DrawsWithTheProbabilitiesOfTheSoftmax) {
  const std::vector<float> logits = {0.0f, 1.0f, -2.0f, 0.5f};
  constexpr float kTemperature = 0.7f;
  constexpr int kDraws = 200000;
  double sum = 0;
  for (float logit : logits) sum += std::exp(logit / kTemperature);
  Sampler sampler(kTemperature, test::Seed());
  std::vector<int> counts(logits.size());
  for (int i = 0; i < kDraws; ++i) ++counts[static_cast<size_t>(sampler.Sample(logits))];
  for (size_t i = 0; i < logits.size(); ++i) {
    const double p = std::exp(logits[i] / kTemperature) / sum;
    const double sigma = std::sqrt(kDraws * p * (1 - p));
    EXPECT_NEAR(counts[i], kDraws * p, 5 * sigma) << "token " << i << " seed " << test::Seed();
  }
}

TEST(LogProbability, IsTheLogOfTheSoftmax) {
  EXPECT_NEAR(LogProbability({0, 0, 0, 0}, 2), -std::log(4.0), 1e-15);
  EXPECT_NEAR(LogProbability({1000, 0}, 1), -1000, 1e-9);
  EXPECT_NEAR(LogProbability({1, 2, 3}, 0),
              1 - std::log(std::exp(1.0) + std::exp(2.0) + std::exp(3.0)), 1e-12);
}

Network TinyNetwork() {
  test::TinyModel tiny;
  return ToGolden(
      LoadModel(FileBytes::FromBuffer(test::TinyLlamaGguf(&tiny, 1), "tiny.gguf"), nullptr));
}

TEST(Perplexity, IsTheVocabularyWhenEveryTokenIsEquallyLikely) {
  Network network = TinyNetwork();
  network.output.assign(network.token_embd.size(), 0.0f);
  Golden golden(network);
  EXPECT_NEAR(Perplexity(&golden, {1, 2, 3, 4, 5}), network.vocab, 1e-6 * network.vocab);
}

TEST(Perplexity, IsTheProductOfTheProbabilities) {
  const Network network = TinyNetwork();
  Golden golden(network);
  const std::vector<int> tokens = {1, 70, 80, 90};
  double product = 1;
  for (int i = 0; i < 3; ++i) {
    product *= std::exp(LogProbability(golden.Forward(tokens[static_cast<size_t>(i)], i),
                                       tokens[static_cast<size_t>(i) + 1]));
  }
  EXPECT_NEAR(std::log(Perplexity(&golden, tokens)), -std::log(product) / 3, 1e-9);
  EXPECT_THROW(Perplexity(&golden, {1}), std::invalid_argument);
  EXPECT_THROW(Perplexity(&golden, std::vector<int>(static_cast<size_t>(network.context) + 2, 1)),
               std::invalid_argument);
}

TEST(Greedy, StopsAtTheCountOrTheEndOfTheContext) {
  const Network network = TinyNetwork();
  Golden golden(network);
  EXPECT_EQ(Greedy(&golden, {1, 2, 3}, 4).size(), 4u);
  EXPECT_TRUE(Greedy(&golden, {1, 2, 3}, 0).empty());
  // The last position's logits still give a token.
  EXPECT_EQ(Greedy(&golden, {1, 2, 3}, 1000).size(), static_cast<size_t>(network.context - 2));
  EXPECT_THROW(Greedy(&golden, {}, 1), std::invalid_argument);
}

}  // namespace
}  // namespace wren::golden
