// The golden model against models and activations that others published.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "wren/formats/gpt_nano.h"
#include "wren/formats/to_golden.h"

namespace wren::golden {
namespace {

TEST(Stories260K, TellsItsStoryGreedily) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const ModelFile model = LoadModel(test::DataPath("models/stories260K/stories260K.bin"),
                                    {test::DataPath("models/stories260K/tok512.bin")});
  const Network network = ToGolden(model);
  Golden golden(network);
  std::vector<int> tokens = {model.tokenizer.bos()};
  const std::vector<int> more = Greedy(&golden, tokens, 100);
  tokens.insert(tokens.end(), more.begin(), more.end());
  const std::string want =
      "Once upon a time, there was a little girl named Lily. She loved to play outside in the "
      "park.";
  EXPECT_EQ(model.tokenizer.Decode(tokens).substr(0, want.size()), want);
}

TEST(GptNanoSort, SortsAll729Inputs) {
  WREN_NEED_DATA("models/gpt-nano-sort/model.json");
  const ModelFile model = LoadModel(test::DataPath("models/gpt-nano-sort/model.json"));
  const Network network = ToGolden(model);
  Golden golden(network);
  for (int input = 0; input < 729; ++input) {
    std::vector<int> letters;
    for (int i = 0, rest = input; i < 6; ++i, rest /= 3) letters.push_back(rest % 3);
    std::vector<int> sorted = letters;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(Greedy(&golden, letters, 6), sorted) << model.tokenizer.Decode(letters);
  }
}

std::vector<float> Floats(const nlohmann::json& tensor) {
  const std::vector<uint8_t> bytes = DecodeBase64(tensor.at("data").get<std::string>());
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

TEST(GptNanoSort, MatchesThePublishedActivations) {
  WREN_NEED_DATA("models/gpt-nano-sort/partials-t0.json");
  const ModelFile model = LoadModel(test::DataPath("models/gpt-nano-sort/model.json"));
  std::ifstream in(test::DataPath("models/gpt-nano-sort/partials-t0.json"));
  const nlohmann::json partials = nlohmann::json::parse(in);

  // Published name by ours. The heads of q, k and v are published as {batch, head, position,
  // element}; all else is {batch, position, element}.
  const std::map<std::string, std::string> published = {
      {"embed", "x"},
      {"blk.0.attn_norm", "ln1"},
      {"blk.0.q", "q"},
      {"blk.0.k", "k"},
      {"blk.0.v", "v"},
      {"blk.0.attn", "y"},
      {"blk.0.attn_out", "yProj"},
      {"blk.0.resid1", "attnResid"},
      {"blk.0.ffn_norm", "ln2"},
      {"blk.0.ffn_up", "fc"},
      {"blk.0.ffn_act", "gelu"},
      {"blk.0.ffn_down", "mlp"},
      {"blk.0.resid2", "block0"},
      {"blk.1.resid2", "block1"},
      {"blk.2.resid2", "block2"},
      {"final_norm", "ln_f"},
      {"logits", "lm_head"},
  };
  constexpr int kBatch = 3;
  constexpr int kPositions = 11;
  constexpr int kHeads = 3;
  constexpr double kTolerance = 2e-5;

  const Network network = ToGolden(model);
  Golden golden(network);
  const std::vector<float> inputs = Floats(partials.at("idx"));
  ASSERT_EQ(inputs.size(), static_cast<size_t>(kBatch * kPositions));
  std::map<std::string, std::vector<float>> values;
  for (const auto& [ours, theirs] : published) values[ours] = Floats(partials.at(theirs));

  int batch = 0;
  int pos = 0;
  std::map<std::string, int> compared;
  double worst = 0;
  golden.set_hook([&](const std::string& name, const float* got, int n) {
    const auto it = values.find(name);
    if (it == values.end()) return;
    const bool heads = partials.at(published.at(name)).at("shape").size() == 4;
    const int head_dim = n / kHeads;
    for (int i = 0; i < n; ++i) {
      const int at =
          heads ? ((batch * kHeads + i / head_dim) * kPositions + pos) * head_dim + i % head_dim
                : (batch * kPositions + pos) * n + i;
      const float want = it->second.at(static_cast<size_t>(at));
      worst = std::max(worst, std::abs(static_cast<double>(got[i]) - want));
      ASSERT_NEAR(got[i], want, kTolerance)
          << name << " batch " << batch << " position " << pos << " element " << i;
    }
    compared[name] += n;
  });
  for (batch = 0; batch < kBatch; ++batch) {
    golden.Reset();
    for (pos = 0; pos < kPositions; ++pos) {
      golden.Forward(static_cast<int>(inputs[static_cast<size_t>(batch * kPositions + pos)]), pos);
      if (HasFatalFailure()) return;
    }
  }
  for (const auto& [ours, theirs] : published) {
    EXPECT_EQ(static_cast<size_t>(compared[ours]), values[ours].size())
        << ours << " was not compared in full with " << theirs;
  }
  RecordProperty("worst_difference", std::to_string(worst));
  std::printf("largest difference over all activations: %.3g\n", worst);
}

// The bundled model and what models/reference.py (numpy) computed from the same file.
class WrenKjv : public testing::Test {
 protected:
  void SetUp() override {
    const std::string gguf = test::SourcePath("models/wren-kjv.gguf");
    const std::string json = test::SourcePath("models/wren-kjv.json");
    ASSERT_TRUE(test::Exists(gguf) && test::Exists(json))
        << gguf << " or its .json is missing; they belong to the source tree";
    model_ = LoadModel(gguf);
    network_ = ToGolden(model_);
    std::ifstream in(json);
    stated_ = nlohmann::json::parse(in);
  }

  ModelFile model_;
  Network network_;
  nlohmann::json stated_;
};

TEST_F(WrenKjv, ContinuesGreedilyAsStated) {
  const nlohmann::json& greedy = stated_.at("greedy");
  const std::vector<int> prompt = greedy.at("prompt_ids");
  const std::vector<int> want = greedy.at("ids");
  ASSERT_GE(want.size(), 20u);
  EXPECT_EQ(model_.tokenizer.Encode(greedy.at("prompt").get<std::string>(), true), prompt);
  Golden golden(network_);
  EXPECT_EQ(Greedy(&golden, prompt, static_cast<int>(want.size())), want);
  std::vector<int> all = prompt;
  all.insert(all.end(), want.begin(), want.end());
  EXPECT_EQ(model_.tokenizer.Decode(all), greedy.at("text").get<std::string>());
}

TEST_F(WrenKjv, HasTheStatedLogitsAfterThePrompt) {
  const std::vector<int> prompt = stated_.at("greedy").at("prompt_ids");
  Golden golden(network_);
  std::vector<float> logits;
  for (size_t i = 0; i < prompt.size(); ++i)
    logits = golden.Forward(prompt[i], static_cast<int>(i));
  const nlohmann::json& first = stated_.at("greedy").at("first_logits");
  ASSERT_FALSE(first.empty());
  for (const auto& [token, value] : first.items()) {
    EXPECT_NEAR(logits.at(static_cast<size_t>(std::stoi(token))), value.get<double>(), 1e-4)
        << token;
  }
}

TEST_F(WrenKjv, HasTheStatedLossOnItsValidationText) {
  std::ifstream in(test::SourcePath("models/valid.txt"));
  ASSERT_TRUE(in) << "models/valid.txt is missing; it belongs to the source tree";
  Golden golden(network_);
  const size_t context = static_cast<size_t>(network_.context);
  double nats = 0;
  int count = 0;
  // Every line and an end token, cut into windows of at most `context` targets, each behind a
  // beginning token.
  for (std::string line; std::getline(in, line);) {
    std::vector<int> ids = model_.tokenizer.Encode(line, false);
    ids.push_back(model_.tokenizer.eos());
    int token = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      const int pos = static_cast<int>(i % context);
      if (pos == 0) token = model_.tokenizer.bos();
      nats -= LogProbability(golden.Forward(token, pos), ids[i]);
      token = ids[i];
      ++count;
    }
  }
  const nlohmann::json& validation = stated_.at("validation");
  EXPECT_EQ(count, validation.at("tokens").get<int>());
  EXPECT_NEAR(nats / count, validation.at("q8_0_weights").at("nats_per_token").get<double>(), 1e-5);
}

}  // namespace
}  // namespace wren::golden
