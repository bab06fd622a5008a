// Sentence encoders on the golden model and the instruction-set model. Those of MiniLM-L6 run where
// scripts/setup.sh --with embed has put it.
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "encoders.h"
#include "wren/formats/to_golden.h"

namespace wren::test {
namespace {

constexpr double kLeastCosine = 0.999;

TEST(SmallBert, ComesCloseToFp32OnEveryConfiguration) {
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  const ModelFile model = SmallBert();
  const std::vector<runtime::EncoderInput> inputs =
      TextInputs(model, {std::begin(kSmallSentences), std::end(kSmallSentences)});
  const std::vector<std::vector<float>> want = runtime::GoldenEncoderModel(model).Run(inputs);
  const std::vector<std::vector<float>> full = EncoderOnIsa(model, "full").encoder->Run(inputs);
  for (size_t i = 0; i < want.size(); ++i) EXPECT_GE(Cosine(full[i], want[i]), kLeastCosine) << i;
  EXPECT_EQ(EncoderOnIsa(model, "small").encoder->Run(inputs), full);
  // nano takes matrices in parts and long sentences in chunks.
  EXPECT_EQ(EncoderOnIsa(model, "nano").encoder->Run(inputs), full);
}

struct Reference {
  std::vector<std::string> texts;
  std::vector<std::vector<int>> ids;
  // Hugging Face's BertModel with the published weights, and with those of the GGUF file.
  std::vector<std::vector<float>> published, same_weights;
};

Reference Stored() {
  std::ifstream in(SourcePath("tb/workload/minilm.json"));
  Reference out;
  const nlohmann::json stored = nlohmann::json::parse(in);
  for (const nlohmann::json& s : stored.at("sentences")) {
    out.texts.push_back(s.at("text"));
    out.ids.push_back(s.at("ids").get<std::vector<int>>());
    out.published.push_back(s.at("fp32").get<std::vector<float>>());
    out.same_weights.push_back(s.at("q8_0").get<std::vector<float>>());
  }
  return out;
}

TEST(MiniLm, IsInFp32WhatHuggingFaceMakesOfIt) {
  WREN_NEED_MINILM();
  const ModelFile model = LoadModel(MiniLmPath());
  const Reference want = Stored();
  ASSERT_GE(want.texts.size(), 6u);
  const std::vector<runtime::EncoderInput> inputs = TextInputs(model, want.texts);
  const std::vector<std::vector<float>> got = runtime::GoldenEncoderModel(model).Run(inputs);
  double worst = 0, least = 1;
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(inputs[i].tokens, want.ids[i]) << want.texts[i];
    ASSERT_EQ(got[i].size(), want.same_weights[i].size());
    for (size_t k = 0; k < got[i].size(); ++k)
      worst = std::max(worst, std::fabs(static_cast<double>(got[i][k]) - want.same_weights[i][k]));
    least = std::min(least, Cosine(got[i], want.published[i]));
  }
  std::printf("same weights: difference at most %.2e; published weights: cosine at least %.6f\n",
              worst, least);
  EXPECT_LT(worst, 2e-6);  // values of 0.05, summed in another order
  EXPECT_GE(least, kLeastCosine);
}

TEST(MiniLm, ComesCloseToFp32AndIsTheSameOnSmallAndFull) {
  WREN_NEED_MINILM();
  const ModelFile model = LoadModel(MiniLmPath());
  const Reference reference = Stored();
  const std::vector<runtime::EncoderInput> inputs = TextInputs(model, reference.texts);
  const std::vector<std::vector<float>> want = runtime::GoldenEncoderModel(model).Run(inputs);
  compiler::EncoderOptions options;
  options.max_tokens = 128;
  EncoderOnIsa small(model, "small", options);
  const std::vector<std::vector<float>> full =
      EncoderOnIsa(model, "full", options).encoder->Run(inputs);
  double least = 1;
  for (size_t i = 0; i < want.size(); ++i) {
    const double cosine = Cosine(full[i], want[i]);
    std::printf("%zu tokens: cosine %.6f, with the published weights %.6f\n",
                inputs[i].tokens.size(), cosine, Cosine(full[i], reference.published[i]));
    least = std::min(least, cosine);
  }
  std::printf("small takes %d rows at a time\n",
              EncoderOnIsa(model, "small").encoder->plan().rows());
  EXPECT_GE(least, kLeastCosine);
  EXPECT_EQ(small.encoder->Run(inputs), full);
}

}  // namespace
}  // namespace wren::test
