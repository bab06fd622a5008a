// What the workload tests share: models by name, a model on the instruction-set model, differences
// of logits.
#pragma once

#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "wren/compiler/language_model.h"
#include "wren/cosine.h"
#include "wren/formats/model_file.h"
#include "wren/golden/golden.h"
#include "wren/runtime/device.h"
#include "wren/runtime/text_model.h"

namespace wren::test {

// The bundled model.
inline ModelFile Bundled() { return LoadModel(SourcePath("models/wren-kjv.gguf")); }

inline ModelFile Stories() {
  return LoadModel(DataPath("models/stories260K/stories260K.bin"),
                   {DataPath("models/stories260K/tok512.bin")});
}

inline ModelFile Sorter() { return LoadModel(DataPath("models/gpt-nano-sort/model.json")); }

// Token numbers of the start of a text.
inline std::vector<int> TokensOf(const ModelFile& model, const std::string& path, size_t count) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  std::vector<int> tokens = model.tokenizer.Encode(text.str(), model.tokenizer.wants_bos());
  EXPECT_GE(tokens.size(), count) << path;
  tokens.resize(std::min(count, tokens.size()));
  return tokens;
}

// A model compiled for a configuration, on the instruction-set model.
struct OnIsa {
  OnIsa(const ModelFile& model, const char* config_name, compiler::CompileOptions options = {}) {
    const isa::Config config = isa::Config::Named(config_name);
    auto plan = std::make_unique<compiler::LanguageModel>(model, config, options);
    device = std::make_unique<runtime::IsaDevice>(config, plan->ext_end());
    text = std::make_unique<runtime::DeviceText>(std::move(plan), device.get());
  }
  std::unique_ptr<runtime::IsaDevice> device;
  std::unique_ptr<runtime::DeviceText> text;
};

// Logits after every token, appended in steps of `chunk`.
inline std::vector<float> Logits(runtime::TextModel* text, const std::vector<int>& tokens,
                                 size_t chunk) {
  text->Reset();
  std::vector<float> all;
  for (size_t done = 0; done < tokens.size(); done += chunk) {
    const size_t end = std::min(tokens.size(), done + chunk);
    const std::vector<float> part =
        text->Append({tokens.begin() + static_cast<std::ptrdiff_t>(done),
                      tokens.begin() + static_cast<std::ptrdiff_t>(end)},
                     true);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// Greedy continuation: `count` new tokens; logits of every step are appended to `logits` when
// given.
inline std::vector<int> Greedy(runtime::TextModel* text, const std::vector<int>& prompt, int count,
                               std::vector<float>* logits = nullptr) {
  text->Reset();
  std::vector<int> tokens, next = prompt;
  for (int i = 0; i < count; ++i) {
    const std::vector<float> now = text->Append(next, false);
    if (logits != nullptr) logits->insert(logits->end(), now.begin(), now.end());
    next = {golden::Argmax(now)};
    tokens.push_back(next[0]);
  }
  return tokens;
}

// How many values differ in their bits.
inline size_t BitDifferences(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return std::max(a.size(), b.size());
  size_t count = 0;
  for (size_t i = 0; i < a.size(); ++i) count += std::memcmp(&a[i], &b[i], 4) != 0 ? 1 : 0;
  return count;
}

// The smallest cosine of a row of {rows, vocab} logits.
inline double WorstCosine(const std::vector<float>& a, const std::vector<float>& b, int vocab) {
  double worst = 1;
  for (size_t i = 0; i < a.size(); i += static_cast<size_t>(vocab))
    worst = std::min(worst, Cosine(&a[i], &b[i], static_cast<size_t>(vocab)));
  return worst;
}

// The letters of one of the 729 inputs of gpt-nano-sort.
inline std::vector<int> SortInput(int number) {
  std::vector<int> letters;
  for (int i = 0, rest = number; i < 6; ++i, rest /= 3) letters.push_back(rest % 3);
  return letters;
}

}  // namespace wren::test
