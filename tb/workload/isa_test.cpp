// Whole models on the instruction-set model, against the FP32 golden model and against themselves.
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "gtest/gtest.h"
#include "tiny_models.h"
#include "workloads.h"
#include "wren/error.h"
#include "wren/formats/gpt_nano.h"
#include "wren/runtime/capture.h"

namespace wren::test {
namespace {

constexpr const char* kConfigs[] = {"nano", "small", "full"};

std::vector<int> Prompt(const ModelFile& model) {
  return model.tokenizer.Encode("And the LORD said unto Moses,", true);
}

TEST(BundledModel, SaysTheSameToTheBitOnEveryConfiguration) {
  const ModelFile model = Bundled();
  std::vector<int> want;
  std::vector<float> want_logits;
  for (const char* config : kConfigs) {
    OnIsa isa(model, config);
    std::vector<float> logits;
    const std::vector<int> tokens = Greedy(isa.text.get(), Prompt(model), 40, &logits);
    if (want.empty()) {
      want = tokens;
      want_logits = logits;
    }
    EXPECT_EQ(tokens, want) << config;
    EXPECT_EQ(BitDifferences(logits, want_logits), 0u) << config;
  }
  std::printf("%s\n", model.tokenizer.Decode(want).c_str());
}

TEST(BundledModel, SaysWhatTheGoldenModelSays) {
  const ModelFile model = Bundled();
  OnIsa isa(model, "nano");
  runtime::GoldenText golden(model);
  EXPECT_EQ(Greedy(isa.text.get(), Prompt(model), 24), Greedy(&golden, Prompt(model), 24));
}

// A row's arithmetic does not depend on the rows beside it.
TEST(BundledModel, PrefillInAnyStepsIsTokenByTokenToTheBit) {
  const ModelFile model = Bundled();
  const std::vector<int> tokens = TokensOf(model, SourcePath("models/valid.txt"), 75);
  std::vector<float> want;
  for (const char* config : kConfigs) {
    OnIsa isa(model, config);
    if (want.empty()) want = Logits(isa.text.get(), tokens, 1);
    for (const size_t chunk : {size_t{1}, size_t{2}, size_t{7}, size_t{33}, tokens.size()}) {
      EXPECT_EQ(BitDifferences(Logits(isa.text.get(), tokens, chunk), want), 0u)
          << config << ", steps of " << chunk << " of at most " << isa.text->plan().max_rows();
    }
  }
}

TEST(BundledModel, PerplexityIsWithin2PerCentOfTheGoldenModels) {
  const ModelFile model = Bundled();
  const std::vector<int> tokens = TokensOf(model, SourcePath("models/valid.txt"), 200);
  runtime::GoldenText golden(model);
  const double want = runtime::Perplexity(&golden, tokens);
  for (const char* config : {"nano", "full"}) {
    OnIsa isa(model, config);
    const double got = runtime::Perplexity(isa.text.get(), tokens);
    std::printf("%s: perplexity %.4f, golden %.4f (%+.2f%%)\n", config, got, want,
                100 * (got / want - 1));
    EXPECT_NEAR(got, want, 0.02 * want);
  }
}

// The same model with every 4-bit block as int8: value of the code, same scale.
ModelFile InEightBits(const ModelFile& model) {
  ModelFile wide = model;
  for (auto& [name, tensor] : wide.tensors) {
    const bool q4 = tensor.dtype == DType::kQ4_0, mx = tensor.dtype == DType::kMXFP4;
    if (!q4 && !mx && tensor.dtype != DType::kIQ4_NL) continue;
    auto bytes = std::make_shared<std::vector<uint8_t>>();
    for (size_t at = 0; at < tensor.size; at += mx ? 17 : 18) {
      const uint8_t* block = tensor.data + at;
      // 2^(e - 128) as FP16; OfPowersOfTwo makes only exponents that FP16 has.
      const uint16_t d = mx ? static_cast<uint16_t>((block[0] - 128 + 15) << 10)
                            : static_cast<uint16_t>(block[0] | block[1] << 8);
      bytes->push_back(static_cast<uint8_t>(d));
      bytes->push_back(static_cast<uint8_t>(d >> 8));
      block += mx ? 1 : 2;
      for (int i = 0; i < 32; ++i) {
        const int code = i < 16 ? block[i] & 15 : block[i - 16] >> 4;
        bytes->push_back(static_cast<uint8_t>(q4   ? code - 8
                                              : mx ? kMxfp4Codebook[code]
                                                   : kIq4NlCodebook[code]));
      }
    }
    tensor.dtype = DType::kQ8_0;
    tensor.data = bytes->data();
    tensor.size = bytes->size();
    tensor.owner = bytes;
  }
  return wide;
}

// A Q4_0 tensor as MXFP4: the same nibbles, scales cut to powers of two.
Tensor OfPowersOfTwo(const Tensor& q4) {
  auto bytes = std::make_shared<std::vector<uint8_t>>();
  for (size_t at = 0; at < q4.size; at += 18) {
    const int exponent = q4.data[at + 1] >> 2 & 31;  // of the FP16
    bytes->push_back(static_cast<uint8_t>(std::max(exponent, 1) - 15 + 128));
    bytes->insert(bytes->end(), q4.data + at + 2, q4.data + at + 18);
  }
  Tensor out = q4;
  out.dtype = DType::kMXFP4;
  out.data = bytes->data();
  out.size = bytes->size();
  out.owner = bytes;
  return out;
}

// Blocks of 4 bits stay as the file has them and mean what the same blocks mean in 8 bits.
TEST(BundledModel, InFourBitsIsTheSameModelInEightBitsToTheBit) {
  ModelFile model = LoadModel(SourcePath("models/wren-kjv-q4_0.gguf"));
  const std::vector<int> tokens = TokensOf(model, SourcePath("models/valid.txt"), 60);
  const ModelFile q4 = model;
  for (const DType dtype : {DType::kQ4_0, DType::kIQ4_NL, DType::kMXFP4}) {
    model = q4;
    for (auto& [name, tensor] : model.tensors) {
      if (tensor.dtype != DType::kQ4_0) continue;
      if (dtype == DType::kMXFP4) tensor = OfPowersOfTwo(tensor);
      tensor.dtype = dtype;  // the same nibbles, other codebook
    }
    const ModelFile wide = InEightBits(model);
    for (const char* config : kConfigs) {
      OnIsa packed(model, config), isa(wide, config);
      const auto bytes = [](const OnIsa& on) {
        size_t sum = 0;
        for (const compiler::Image& image : on.text->plan().images()) sum += image.bytes.size();
        return sum;
      };
      // 17 or 18 bytes per block instead of 34, for all matrices; vectors and tables stay.
      EXPECT_LT(bytes(packed) + 150000, bytes(isa)) << config;
      EXPECT_EQ(
          BitDifferences(Logits(packed.text.get(), tokens, 7), Logits(isa.text.get(), tokens, 7)),
          0u)
          << config << " " << DTypeName(dtype);
    }
  }
}

TEST(BundledModel, FillsItsWholeContext) {
  const ModelFile model = Bundled();
  const std::vector<int> tokens = TokensOf(model, SourcePath("models/valid.txt"), 256);
  for (const char* config : kConfigs) {
    OnIsa isa(model, config);
    ASSERT_EQ(isa.text->context(), 256);
    runtime::GoldenText golden(model);
    // Most of it as prefill, the end token by token.
    const std::vector<int> first(tokens.begin(), tokens.begin() + 240);
    isa.text->Append(first, false);
    golden.Append(first, false);
    double worst = 1;
    for (size_t i = 240; i < 256; ++i) {
      const std::vector<float> got = isa.text->Append({tokens[i]}, false),
                               want = golden.Append({tokens[i]}, false);
      worst = std::min(worst, WorstCosine(got, want, model.hp.vocab));
    }
    std::printf("%s: smallest cosine of logits at positions 240 .. 255: %.6f\n", config, worst);
    EXPECT_GT(worst, 0.999);
    EXPECT_THROW(isa.text->Append({1}, false), Error);
  }
}

TEST(Stories260K, TellsTheGoldenModelsStory) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const ModelFile model = Stories();
  const std::vector<int> prompt = {model.tokenizer.bos()};
  runtime::GoldenText golden(model);
  const std::vector<int> want = Greedy(&golden, prompt, 40);
  for (const char* config : kConfigs) {
    OnIsa isa(model, config, {0x800000, config[0] == 'n' ? 128 : 0, 0});
    EXPECT_EQ(Greedy(isa.text.get(), prompt, 40), want)
        << config << ": " << model.tokenizer.Decode(want);
  }
}

TEST(Stories260K, PerplexityOfItsOwnStoryIsWithin2PerCentOfTheGoldenModels) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const ModelFile model = Stories();
  runtime::GoldenText golden(model);
  std::vector<int> tokens = {model.tokenizer.bos()};
  const std::vector<int> story = Greedy(&golden, tokens, 199);
  tokens.insert(tokens.end(), story.begin(), story.end());
  const double want = runtime::Perplexity(&golden, tokens);
  for (const char* config : {"small", "full"}) {
    OnIsa isa(model, config);
    const double got = runtime::Perplexity(isa.text.get(), tokens);
    std::printf("%s: perplexity %.4f, golden %.4f (%+.2f%%)\n", config, got, want,
                100 * (got / want - 1));
    EXPECT_NEAR(got, want, 0.02 * want);
  }
}

TEST(Stories260K, FillsItsWholeContext) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const ModelFile model = Stories();
  runtime::GoldenText golden(model);
  OnIsa isa(model, "full");
  const int context = isa.text->context();
  ASSERT_EQ(context, model.hp.context);
  std::vector<int> tokens = {model.tokenizer.bos()};
  const std::vector<int> story = Greedy(&golden, tokens, context - 1);
  tokens.insert(tokens.end(), story.begin(), story.end());
  const std::vector<float> want = Logits(&golden, tokens, 64),
                           got = Logits(isa.text.get(), tokens, 64);
  // Single positions differ more (a few tokens sit near a tie in an early head), wherever they
  // stand in the context.
  double mean = 0;
  int same = 0;
  const auto vocab = static_cast<size_t>(model.hp.vocab);
  for (size_t i = 0; i < want.size(); i += vocab) {
    mean += Cosine(&want[i], &got[i], vocab) / context;
    same += std::max_element(&want[i], &want[i] + vocab) - &want[i] ==
                    std::max_element(&got[i], &got[i] + vocab) - &got[i]
                ? 1
                : 0;
  }
  std::printf(
      "cosine of logits over %d positions: mean %.6f, smallest %.6f; same most likely token at "
      "%d\n",
      context, mean, WorstCosine(got, want, model.hp.vocab), same);
  EXPECT_GT(mean, 0.999);
  EXPECT_GE(same, context * 98 / 100);
  EXPECT_THROW(isa.text->Append({1}, false), Error);
}

TEST(GptNanoSort, SortsAll729Inputs) {
  WREN_NEED_DATA("models/gpt-nano-sort/model.json");
  const ModelFile model = Sorter();
  for (const char* config : {"nano", "full"}) {
    OnIsa isa(model, config);
    int wrong = 0;
    for (int input = 0; input < 729; ++input) {
      const std::vector<int> letters = SortInput(input);
      std::vector<int> sorted = letters;
      std::sort(sorted.begin(), sorted.end());
      const std::vector<int> got = Greedy(isa.text.get(), letters, 6);
      if (got != sorted) {
        ++wrong;
        ADD_FAILURE() << config << ": " << model.tokenizer.Decode(letters) << " became "
                      << model.tokenizer.Decode(got);
      }
    }
    EXPECT_EQ(wrong, 0);
  }
}

std::vector<float> Floats(const nlohmann::json& tensor) {
  const std::vector<uint8_t> bytes = DecodeBase64(tensor.at("data").get<std::string>());
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

// The published activations, tensor by tensor: the error of 8-bit blocks, as RMS relative to the
// tensor's own RMS.
TEST(GptNanoSort, ActivationsArePublishedOnesWithinQuantizationError) {
  WREN_NEED_DATA("models/gpt-nano-sort/partials-t0.json");
  const ModelFile model = Sorter();
  std::ifstream in(DataPath("models/gpt-nano-sort/partials-t0.json"));
  const nlohmann::json partials = nlohmann::json::parse(in);
  constexpr int kBatch = 3, kPositions = 11, kHeads = 3, kHead = 16, kPadded = 32;
  const struct {
    const char *ours, *theirs;
    bool heads;  // published as {batch, head, position, element}; ours have heads side by side,
                 // padded
  } kTensors[] = {{"embed", "x", false},
                  {"blk.0.attn_norm", "ln1", false},
                  {"blk.0.q", "q", true},
                  {"blk.0.k", "k", true},
                  {"blk.0.v", "v", true},
                  {"blk.0.resid1", "attnResid", false},
                  {"blk.0.ffn_norm", "ln2", false},
                  {"blk.0.ffn_act", "gelu", false},
                  {"blk.0.resid2", "block0", false},
                  {"blk.1.resid2", "block1", false},
                  {"blk.2.resid2", "block2", false},
                  {"final_norm", "ln_f", false},
                  {"logits", "lm_head", false}};
  constexpr double kBound = 0.02;
  const std::vector<float> inputs = Floats(partials.at("idx"));
  ASSERT_EQ(inputs.size(), static_cast<size_t>(kBatch * kPositions));
  for (const char* config : {"nano", "full"}) {
    OnIsa isa(model, config);
    runtime::Capture capture(isa.device.get());
    isa.device->set_hook(std::ref(capture));
    std::map<std::string, std::pair<double, double>> sums;  // squares of errors, of values
    for (int batch = 0; batch < kBatch; ++batch) {
      isa.text->Reset();
      std::map<std::string, std::vector<std::vector<float>>> rows;  // by name and position
      const int step = std::min(isa.text->plan().max_rows(), 6);
      for (int first = 0; first < kPositions; first += step) {
        capture.Clear();
        std::vector<int> tokens;
        for (int i = first; i < std::min(first + step, kPositions); ++i)
          tokens.push_back(static_cast<int>(inputs[static_cast<size_t>(batch * kPositions + i)]));
        ASSERT_GT(tokens.size(), 1u);
        isa.text->Append(tokens, true);
        for (const auto& [name, t] : capture.tensors()) {
          for (int r = 0; r < std::min(t.rows, static_cast<int>(tokens.size())); ++r)
            rows[name].emplace_back(t.row(r), t.row(r) + t.cols);
        }
      }
      for (const auto& t : kTensors) {
        const std::vector<float> want = Floats(partials.at(t.theirs));
        const auto& got = rows[t.ours];
        ASSERT_EQ(got.size(), static_cast<size_t>(kPositions)) << t.ours;
        const int n = static_cast<int>(want.size()) / (kBatch * kPositions);
        auto& [errors, values] = sums[t.ours];
        for (int row = 0; row < kPositions; ++row) {
          for (int c = 0; c < n; ++c) {
            const int head = c / kHead, element = c % kHead;
            const int at = t.heads ? ((batch * kHeads + head) * kPositions + row) * kHead + element
                                   : (batch * kPositions + row) * n + c;
            const double g = got[static_cast<size_t>(row)].at(
                             static_cast<size_t>(t.heads ? head * kPadded + element : c)),
                         w = want[static_cast<size_t>(at)];
            errors += (g - w) * (g - w);
            values += w * w;
          }
        }
      }
      // The heads' results lie side by side, padded; published without padding.
      const std::vector<float> want = Floats(partials.at("y"));
      for (int head = 0; head < kHeads; ++head) {
        const auto& got = rows["blk.0.attn"];
        ASSERT_EQ(got.size(), static_cast<size_t>(kPositions));
        auto& [errors, values] = sums["blk.0.attn"];
        for (int row = 0; row < kPositions; ++row) {
          for (int e = 0; e < kHead; ++e) {
            const double g = got[static_cast<size_t>(row)].at(
                             static_cast<size_t>(head * kPadded + e)),
                         w = want[static_cast<size_t>((batch * kPositions + row) * kHeads * kHead +
                                                      head * kHead + e)];
            errors += (g - w) * (g - w);
            values += w * w;
          }
        }
      }
    }
    ASSERT_EQ(sums.size(), std::size(kTensors) + 1);
    std::printf("%s: relative RMS error:", config);
    for (const auto& [name, sum] : sums) {
      const double relative = std::sqrt(sum.first / sum.second);
      std::printf(" %s %.4f", name.c_str(), relative);
      EXPECT_LT(relative, kBound) << config << " " << name;
    }
    std::printf("\n");
  }
}

struct Case {
  const char* name;
  bool gpt2;
  int dim, hidden, layers, heads, kv, head, context;
  bool tied, biases, freqs;
  const char* config;
};

class RandomModel : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(
    Shapes, RandomModel,
    testing::Values(
        Case{"Gpt2OnNano", true, 64, 128, 2, 4, 4, 16, 48, true, false, false, "nano"},
        Case{"Gpt2OnFull", true, 128, 512, 2, 2, 2, 64, 160, false, false, false, "full"},
        Case{"Gpt2OddWidth", true, 60, 100, 2, 3, 3, 20, 40, false, false, false, "small"},
        Case{"LlamaHead64Groups4", false, 128, 320, 2, 8, 2, 64, 100, true, false, false, "full"},
        Case{"LlamaHead64OnSmall", false, 128, 256, 2, 2, 1, 64, 100, true, false, false, "small"},
        Case{"LlamaHead128Groups2", false, 128, 256, 2, 4, 2, 128, 200, false, false, false,
             "full"},
        Case{"LlamaHead128OnNano", false, 64, 96, 1, 2, 1, 128, 40, true, false, false, "nano"},
        Case{"LlamaBiasesAndFrequencies", false, 96, 160, 2, 6, 3, 32, 70, true, true, true,
             "nano"},
        Case{"LlamaOddWidths", false, 72, 88, 2, 3, 1, 24, 50, true, false, false, "nano"},
        // Less than one group of ROWS at a time fits VM.
        Case{"LlamaWidth1024", false, 1024, 128, 1, 16, 16, 64, 24, true, false, false, "full"},
        Case{"LlamaGroupsOf7", false, 64, 128, 2, 7, 1, 32, 90, true, false, false, "small"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(RandomModel, LogitsAreTheGoldenModels) {
  const Case& c = GetParam();
  TinyModel tiny;
  tiny.dim = c.dim, tiny.hidden = c.hidden, tiny.n_layers = c.layers, tiny.n_heads = c.heads,
  tiny.n_kv_heads = c.kv;
  tiny.head_dim = tiny.rope_dim = c.head;
  // Products keep the size of their inputs, as in trained models (scores of hundreds would make
  // every softmax a choice of one key, and its rounding a different choice).
  tiny.matrix_scale = 3.4f / std::sqrt(static_cast<float>(c.dim));
  tiny.context = c.context, tiny.tied = c.tied, tiny.biases = c.biases, tiny.rope_freqs = c.freqs;
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  std::vector<uint8_t> file = c.gpt2 ? TinyGpt2Gguf(&tiny, Seed()) : TinyLlamaGguf(&tiny, Seed());
  const ModelFile model = LoadModel(FileBytes::FromBuffer(std::move(file), "tiny.gguf"), nullptr);
  std::mt19937_64 random(Seed() + 5);
  std::vector<int> tokens;
  for (int i = 0; i < c.context; ++i)
    tokens.push_back(static_cast<int>(random() % static_cast<uint64_t>(model.hp.vocab)));
  runtime::GoldenText golden(model);
  const std::vector<float> want = Logits(&golden, tokens, 16);
  OnIsa isa(model, c.config);
  const std::vector<float> one = Logits(isa.text.get(), tokens, 1),
                           many = Logits(isa.text.get(), tokens, 19);
  EXPECT_EQ(BitDifferences(one, many), 0u) << "prefill in steps of 19 differs from token by token";
  double mean = 0;
  const auto vocab = static_cast<size_t>(model.hp.vocab);
  for (size_t i = 0; i < want.size(); i += vocab) mean += Cosine(&one[i], &want[i], vocab);
  mean /= static_cast<double>(tokens.size());
  const double worst = WorstCosine(one, want, model.hp.vocab);
  std::printf("%s: cosine of logits: mean %.6f, smallest %.6f\n", c.name, mean, worst);
  EXPECT_GT(worst, 0.999);
}

// Scores that lie hundreds above those of the first 32 tokens raise NUMERIC; the step runs again
// with the exact attention, and gives what that gives alone.
TEST(DeviceText, AStepWhoseScoresOverflowRunsAgainExactly) {
  TinyModel tiny;
  tiny.dim = 64, tiny.hidden = 128, tiny.n_layers = 2, tiny.n_heads = 4, tiny.n_kv_heads = 2;
  tiny.head_dim = tiny.rope_dim = 32, tiny.context = 64;
  tiny.matrix_scale = 12;
  std::vector<uint8_t> file = TinyLlamaGguf(&tiny, 3);
  const ModelFile model = LoadModel(FileBytes::FromBuffer(std::move(file), "tiny.gguf"), nullptr);
  std::vector<int> tokens;
  for (int i = 0; i < 64; ++i) tokens.push_back((i * 29 + 5) % model.hp.vocab);
  OnIsa isa(model, "full");
  ASSERT_EQ(isa.text->plan().max_rows(), 32);  // so there is a step of its own for each half
  const std::vector<float> got = isa.text->Append(tokens, true);
  EXPECT_EQ(isa.text->exact_steps(), 1);
  for (const float x : got) ASSERT_TRUE(std::isfinite(x));

  const isa::Config config = isa::Config::Named("full");
  compiler::LanguageModel plan(model, config);
  runtime::IsaDevice device(config, plan.ext_end());
  for (const compiler::Image& image : plan.images())
    device.Write(image.address, image.bytes.data(), image.bytes.size());
  device.Run(plan.BuildSetup());
  const std::vector<uint32_t> ids(tokens.begin(), tokens.end());
  const auto vocab = static_cast<size_t>(plan.vocab());
  std::vector<float> want(64 * vocab);
  for (int pos = 0; pos < 64; pos += 32) {
    device.Write(plan.tokens_address(), &ids[static_cast<size_t>(pos)], 32 * 4);
    device.Run(plan.BuildStep(pos, 32, true, pos == 32));
    for (int i = 0; i < 32; ++i)
      device.Read(plan.logits_address(i), &want[static_cast<size_t>(pos + i) * vocab], vocab * 4);
  }
  EXPECT_EQ(BitDifferences(got, want), 0u);

  // A step without such scores stays as it is.
  isa.text->Reset();
  isa.text->Append({tokens[0]}, true);
  EXPECT_EQ(isa.text->exact_steps(), 1);
}

}  // namespace
}  // namespace wren::test
