// Encoder: its programs are legal, mean the same in every order, come close to FP32, and its errors
// say what to do.
#include "wren/compiler/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

#include "engines.h"
#include "gtest/gtest.h"
#include "loaded.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/compiler/language_model.h"
#include "wren/cosine.h"
#include "wren/error.h"
#include "wren/formats/image.h"
#include "wren/formats/to_golden.h"

namespace wren::compiler::test {
namespace {

using wren::test::Seed;
using wren::test::TinyEncoder;

ModelFile Load(std::vector<uint8_t> file) {
  return LoadModel(FileBytes::FromBuffer(std::move(file), "tiny.gguf"), nullptr);
}

TinyEncoder Shape(int dim, int heads, int head, int hidden) {
  TinyEncoder tiny;
  tiny.dim = dim, tiny.n_heads = tiny.n_kv_heads = heads, tiny.head_dim = head;
  tiny.hidden = hidden;
  return tiny;
}

struct Case {
  const char* name;
  TinyEncoder tiny;
  bool text;
  EncoderOptions options;
  std::vector<int> lengths;  // of the sequences of one step
};

std::vector<Case> Cases() {
  std::vector<Case> out;
  const auto image = [&](const char* name, TinyEncoder tiny, int size, int patch, int channels,
                         bool cls, int count, int rows) {
    tiny.image_size = size, tiny.patch_size = patch, tiny.channels = channels, tiny.cls = cls;
    EncoderOptions options;
    options.ext_base = 4096;
    options.max_batch = count;
    options.max_rows = rows;
    const int tokens = (size / patch) * (size / patch) + (cls ? 1 : 0);
    out.push_back(
        {name, tiny, false, options, std::vector<int>(static_cast<size_t>(count), tokens)});
  };
  image("mean over 16 patches of 49", Shape(64, 2, 32, 128), 28, 7, 1, false, 3, 0);
  image("class token, sizes that need padding", Shape(40, 2, 20, 72), 15, 5, 3, true, 2, 0);
  image("one sequence in chunks", Shape(32, 1, 32, 64), 16, 2, 1, false, 1, 16);
  image("a class token in chunks", Shape(32, 2, 16, 64), 14, 2, 1, true, 2, 16);
  image("heads of two blocks", Shape(64, 1, 64, 64), 12, 4, 1, false, 3, 0);
  const auto text = [&](const char* name, TinyEncoder tiny, bool cls, std::vector<int> lengths,
                        int rows) {
    tiny.context = 50, tiny.cls = cls;
    EncoderOptions options;
    options.ext_base = 4096;
    options.max_batch = static_cast<int>(lengths.size());
    options.max_rows = rows;
    out.push_back({name, tiny, true, options, std::move(lengths)});
  };
  text("sentences of many lengths", Shape(64, 2, 32, 128), false, {1, 7, 7, 32, 2, 50, 33}, 0);
  text("the first token, sizes that need padding", Shape(40, 2, 20, 72), true, {5, 4, 9}, 0);
  text("short ones together, long ones in chunks", Shape(32, 1, 32, 64), false, {3, 50, 5, 40}, 16);
  text("the first token, in chunks", Shape(32, 2, 16, 64), true, {50}, 16);
  return out;
}

ModelFile ModelOf(const Case& c) {
  TinyEncoder tiny = c.tiny;
  tiny.matrix_scale = 0.4f;
  return Load(c.text ? wren::test::TinyBertGguf(&tiny, Seed())
                     : wren::test::TinyVitGguf(&tiny, Seed()));
}

struct LoadedEncoder : Loaded<Encoder> {
  using Loaded<Encoder>::Loaded;
  // Random inputs for every sequence of the case; returns what FP32 makes of them.
  std::vector<std::vector<float>> PutInputs(const ModelFile& file, const Case& c) {
    std::mt19937_64 random(Seed() + 7);
    const golden::EncoderNetwork network = golden::ToGoldenEncoder(file);
    golden::GoldenEncoder golden(network);
    std::vector<std::vector<float>> want;
    for (size_t s = 0; s < c.lengths.size(); ++s) {
      const int index = static_cast<int>(s);
      if (c.text) {
        std::vector<int> tokens;
        for (int t = 0; t < c.lengths[s]; ++t)
          tokens.push_back(static_cast<int>(random() % static_cast<uint64_t>(file.hp.vocab)));
        const std::vector<uint32_t> ids(tokens.begin(), tokens.end());
        ext->Write(plan->tokens_address(index), ids.data(), ids.size() * 4);
        want.push_back(golden.EncodeTokens(tokens));
        continue;
      }
      std::vector<uint8_t> pixels(static_cast<size_t>(file.hp.image_bytes()));
      for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random());
      const std::vector<float> patches = ImagePatches(file.hp, pixels.data());
      want.push_back(golden.EncodePatches(patches));
      const auto values = static_cast<size_t>(file.hp.patch_values());
      for (int p = 0; p < file.hp.patches(); ++p) {
        const int row = p + file.hp.context - file.hp.patches();
        ext->Write(plan->patches_address(index) + static_cast<uint64_t>(row * plan->patch_stride()),
                   &patches[static_cast<size_t>(p) * values], values * 4);
      }
    }
    return want;
  }
  std::vector<float> Result(int i) {
    std::vector<float> out(static_cast<size_t>(plan->result_size()));
    ext->Read(plan->result_address(i), out.data(), out.size() * 4);
    return out;
  }
};

TEST(Encoder, EveryCommandIsLegal) {
  for (const char* name : {"nano", "small", "full"}) {
    for (const Case& c : Cases()) {
      SCOPED_TRACE(std::string(name) + ": " + c.name);
      LoadedEncoder on(ModelOf(c), name, c.options);
      const Program program = on.plan->BuildStep(c.lengths);
      ASSERT_EQ(program.commands.size(), program.labels.size());
      int dummies = 0;
      for (size_t i = 0; i < program.commands.size(); ++i) {
        const CommandBytes& command = program.commands[i];
        const isa::Status status = on.model->Check(command.data());
        ASSERT_TRUE(status.ok()) << status.ToString() << ": " << isa::Disassemble(command);
        ASSERT_FALSE(program.labels[i].tensor.empty()) << isa::Disassemble(command);
        dummies += program.labels[i].tensor == "synchronisation" ? 1 : 0;
      }
      const isa::Command last = isa::Decode(program.commands.back());
      ASSERT_TRUE(std::holds_alternative<isa::CtlFence>(last));
      EXPECT_EQ(isa::HeaderOf(last).irq, 1u);
      EXPECT_EQ(on.plan->BuildStep(c.lengths).commands, program.commands);
      std::printf("%s, %s: %d rows, %zu commands, %d of them only synchronise\n", name, c.name,
                  on.plan->rows(), program.commands.size(), dummies);
    }
  }
}

// Random weights make the worst of quantization; trained models come closer.
constexpr double kLeastCosine = 0.9995;

TEST(Encoder, ComesCloseToTheGoldenModelOnEveryConfiguration) {
  for (const char* name : {"nano", "small", "full"}) {
    for (const Case& c : Cases()) {
      SCOPED_TRACE(std::string(name) + ": " + c.name + ", WREN_SEED=" + std::to_string(Seed()));
      const ModelFile file = ModelOf(c);
      LoadedEncoder on(file, name, c.options);
      const std::vector<std::vector<float>> want = on.PutInputs(file, c);
      on.Run(on.plan->BuildStep(c.lengths));
      if (HasFatalFailure()) return;
      EXPECT_FALSE(on.model->numeric()) << "no value was infinite or no number";
      double least = 1;
      for (size_t s = 0; s < want.size(); ++s) {
        least = std::min(least, Cosine(on.Result(static_cast<int>(s)), want[s]));
      }
      EXPECT_GE(least, kLeastCosine);
      std::printf("%s, %s: cosine at least %.5f\n", name, c.name, least);
    }
  }
}

// Whatever a configuration splits (sequences into chunks of a pass, matrices along k), sums run in
// one order. Sizes are such that each is split somewhere and whole somewhere else.
TEST(Encoder, GivesTheSameBitsOnEveryConfigurationHoweverItSplits) {
  std::vector<Case> cases = Cases();
  const auto text = [&](const char* name, TinyEncoder tiny, bool cls, std::vector<int> lengths) {
    tiny.context = 130, tiny.cls = cls;
    EncoderOptions options;
    options.ext_base = 4096;
    options.max_batch = static_cast<int>(lengths.size());
    cases.push_back({name, tiny, true, options, std::move(lengths)});
  };
  text("wide, long and short", Shape(128, 2, 64, 192), false, {130, 3, 17, 66, 3});
  text("odd sizes, the first token", Shape(100, 3, 20, 200), true, {97, 1, 130});
  text("odd sizes", Shape(96, 3, 32, 224), false, {97, 2, 1, 130, 49, 31});
  bool chunked = false, whole = false;
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.name) + ", WREN_SEED=" + std::to_string(Seed()));
    const ModelFile file = ModelOf(c);
    std::vector<std::vector<float>> want;
    for (const char* name : {"full", "small", "nano"}) {
      for (const int rows : {0, 64, 48, 20, 8}) {
        EncoderOptions options = c.options;
        options.max_rows = rows;
        LoadedEncoder on(file, name, options);
        on.PutInputs(file, c);
        on.Run(on.plan->BuildStep(c.lengths));
        if (HasFatalFailure()) return;
        const int longest = *std::max_element(c.lengths.begin(), c.lengths.end());
        (longest > on.plan->rows() ? chunked : whole) = true;
        for (size_t s = 0; s < c.lengths.size(); ++s) {
          const std::vector<float> got = on.Result(static_cast<int>(s));
          if (want.size() <= s) want.push_back(got);
          ASSERT_EQ(got.size(), want[s].size());
          EXPECT_EQ(std::memcmp(got.data(), want[s].data(), got.size() * 4), 0)
              << name << ", " << on.plan->rows() << " rows, sequence " << s << " of "
              << c.lengths[s];
        }
      }
    }
  }
  EXPECT_TRUE(chunked && whole);
}

TEST(Encoder, StepsMeanTheSameInEveryOrderTheMachineMayChoose) {
  for (const char* name : {"nano", "small"}) {
    for (const Case& c : Cases()) {
      SCOPED_TRACE(std::string(name) + ": " + c.name + ", WREN_SEED=" + std::to_string(Seed()));
      const ModelFile file = ModelOf(c);
      LoadedEncoder on(file, name, c.options);
      on.PutInputs(file, c);
      const Program program = on.plan->BuildStep(c.lengths);
      const Memories before = Memories::Of(*on.model, *on.ext);
      on.Run(program);
      if (HasFatalFailure()) return;
      for (const uint8_t semaphore : on.model->semaphores()) ASSERT_EQ(semaphore, 0);
      const Memories want = Memories::Of(*on.model, *on.ext);
      int most = 0;
      for (uint64_t o = 0; o < 6; ++o) {
        before.PutInto(on.model.get(), on.ext.get());
        std::mt19937_64 order(Seed() * 1000 + o);
        const Interleaving run = Interleave(program, on.model.get(), &order);
        ASSERT_EQ(run.error, "") << "order " << o;
        ASSERT_EQ(want.Difference(Memories::Of(*on.model, *on.ext)), "") << "order " << o;
        for (const int left : run.left) ASSERT_EQ(left, 0);
        most = std::max(most, run.most_under_way);
      }
      EXPECT_GE(most, 3);
    }
  }
}

TEST(Encoder, ABatchGivesWhatItsSequencesGiveAlone) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const ModelFile file = ModelOf(c);
    LoadedEncoder together(file, "full", c.options);
    together.PutInputs(file, c);
    together.Run(together.plan->BuildStep(c.lengths));
    LoadedEncoder alone(file, "full", c.options);
    const size_t bytes = static_cast<size_t>(together.plan->patch_stride() * c.lengths[0]);
    for (int s = 0; s < static_cast<int>(c.lengths.size()); ++s) {
      std::vector<uint8_t> input(bytes);
      const auto address = c.text ? &Encoder::tokens_address : &Encoder::patches_address;
      if (c.text) input.resize(static_cast<size_t>(c.lengths[static_cast<size_t>(s)]) * 4);
      together.ext->Read((together.plan.get()->*address)(s), input.data(), input.size());
      alone.ext->Write((alone.plan.get()->*address)(0), input.data(), input.size());
      alone.Run(alone.plan->BuildStep({c.lengths[static_cast<size_t>(s)]}));
      EXPECT_EQ(alone.Result(0), together.Result(s)) << "sequence " << s;
    }
  }
}

template <class Call>
std::string MessageOf(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Encoder, SaysWhatDoesNotFit) {
  const isa::Config nano = isa::Config::Named("nano");
  TinyEncoder wide = Shape(1024, 16, 64, 4096);
  wide.n_layers = 1;
  const ModelFile model = Load(wren::test::TinyVitGguf(&wide, 1));
  const std::string message = MessageOf([&] { Encoder(model, nano, {}); });
  EXPECT_NE(message.find("width 1024"), std::string::npos) << message;
  EXPECT_NE(message.find("use a larger configuration"), std::string::npos) << message;
  TinyEncoder many = Shape(32, 1, 32, 32);
  many.image_size = 40, many.patch_size = 2, many.n_layers = 1;
  const ModelFile patches = Load(wren::test::TinyVitGguf(&many, 1));
  EXPECT_NE(MessageOf([&] { Encoder(patches, nano, {}); }).find("scores of 400 tokens"),
            std::string::npos);

  const Case c = Cases()[0];
  const ModelFile tiny = ModelOf(c);
  Encoder plan(tiny, nano, c.options);
  EXPECT_NE(MessageOf([&] { plan.BuildStep({}); }).find("0 sequences"), std::string::npos);
  EXPECT_NE(MessageOf([&] { plan.BuildStep(std::vector<int>(4, 16)); }).find("4 sequences"),
            std::string::npos);
  EXPECT_NE(MessageOf([&] { plan.BuildStep({15}); }).find("15 tokens"), std::string::npos);

  wren::test::TinyModel llama;
  const ModelFile language = Load(wren::test::TinyLlamaGguf(&llama, 1));
  EXPECT_NE(MessageOf([&] { Encoder(language, nano, {}); }).find("is no encoder"),
            std::string::npos);
  EXPECT_NE(MessageOf([&] { LanguageModel(tiny, nano, {}); }).find("wren classify"),
            std::string::npos);
}

TEST(Encoder, CountsTheMultiplicationsOfTheMathematics) {
  const Case c = Cases()[0];  // 16 patches of 49, width 64, hidden 128, 2 layers, 5 classes
  const ModelFile file = ModelOf(c);
  const Encoder plan(file, isa::Config::Named("full"), c.options);
  const uint64_t layer = 16 * (4 * 64 * 64 + 2 * 64 * 128) + 2 * 16 * 16 * 64;
  EXPECT_EQ(plan.UsefulMacs({16, 16}), 2 * (2 * layer + 16 * 49 * 64 + 64 * 5));
}

}  // namespace
}  // namespace wren::compiler::test
