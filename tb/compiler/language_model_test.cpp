// LanguageModel: its programs are legal, mean the same in every order, and its errors say what to
// do.
#include "wren/compiler/language_model.h"

#include <cstdio>
#include <random>

#include "engines.h"
#include "gtest/gtest.h"
#include "loaded.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/error.h"

namespace wren::compiler::test {
namespace {

ModelFile Tiny(bool gpt2, int dim = 64, int head = 32, int heads = 4, int kv = 2, int context = 64,
               int layers = 2) {
  wren::test::TinyModel tiny;
  tiny.dim = dim, tiny.hidden = 128, tiny.n_layers = layers, tiny.n_heads = heads,
  tiny.n_kv_heads = kv;
  tiny.head_dim = tiny.rope_dim = head, tiny.context = context;
  std::vector<uint8_t> file =
      gpt2 ? wren::test::TinyGpt2Gguf(&tiny, 3) : wren::test::TinyLlamaGguf(&tiny, 3);
  return LoadModel(FileBytes::FromBuffer(std::move(file), "tiny.gguf"), nullptr);
}

struct LoadedModel : Loaded<LanguageModel> {
  LoadedModel(const ModelFile& file, const char* config_name)
      : Loaded<LanguageModel>(file, config_name, CompileOptions{4096, 0, 0}) {}
  void PutTokens(const std::vector<uint32_t>& ids) {
    ext->Write(plan->tokens_address(), ids.data(), ids.size() * 4);
  }
};

TEST(LanguageModel, EveryCommandIsLegal) {
  for (const char* name : {"nano", "small", "full"}) {
    for (const bool gpt2 : {false, true}) {
      LoadedModel on(Tiny(gpt2), name);
      int commands = 0, dummies = 0;
      for (const int pos : {0, 1, 31, 32, 40, 63}) {
        for (const int count : {1, 2, on.plan->max_rows()}) {
          if (pos + count > on.plan->context()) continue;
          for (const bool all : {false, true}) {
            const Program program = on.plan->BuildStep(pos, count, all);
            ASSERT_EQ(program.commands.size(), program.labels.size());
            for (size_t i = 0; i < program.commands.size(); ++i) {
              const CommandBytes& c = program.commands[i];
              ASSERT_NO_THROW(isa::Decode(c));
              const isa::Status status = on.model->Check(c.data());
              ASSERT_TRUE(status.ok())
                  << name << " " << status.ToString() << ": " << isa::Disassemble(c);
              ASSERT_FALSE(program.labels[i].tensor.empty()) << isa::Disassemble(c);
              dummies += program.labels[i].tensor == "synchronisation" ? 1 : 0;
            }
            commands += static_cast<int>(program.commands.size());
            const isa::Command last = isa::Decode(program.commands.back());
            ASSERT_TRUE(std::holds_alternative<isa::CtlFence>(last));
            EXPECT_EQ(isa::HeaderOf(last).irq, 1u);
          }
        }
      }
      std::printf("%s %s: %d commands, %d of them only synchronise\n", name,
                  gpt2 ? "gpt2" : "llama", commands, dummies);
    }
  }
}

// A prefill and a decode step in orders that the machine may choose: the same memories.
TEST(LanguageModel, StepsMeanTheSameInEveryOrderTheMachineMayChoose) {
  for (const char* name : {"nano", "small"}) {
    for (const bool gpt2 : {false, true}) {
      SCOPED_TRACE(std::string(name) + (gpt2 ? " gpt2" : " llama") +
                   " WREN_SEED=" + std::to_string(wren::test::Seed()));
      LoadedModel on(Tiny(gpt2), name);
      const int rows = std::min(on.plan->max_rows(), 6);
      on.PutTokens({65, 66, 67, 68, 69, 70});
      const Program steps[] = {on.plan->BuildStep(0, rows, true),
                               on.plan->BuildStep(rows, 1, false)};
      for (const Program& program : steps) {
        const Memories before = Memories::Of(*on.model, *on.ext);
        on.Run(program);
        if (HasFatalFailure()) return;
        for (const uint8_t semaphore : on.model->semaphores()) ASSERT_EQ(semaphore, 0);
        const Memories want = Memories::Of(*on.model, *on.ext);
        int most = 0;
        std::array<int, isa::kSemaphores> largest{};
        for (uint64_t o = 0; o < 20; ++o) {
          before.PutInto(on.model.get(), on.ext.get());
          std::mt19937_64 order(wren::test::Seed() * 1000 + o);
          const Interleaving run = Interleave(program, on.model.get(), &order);
          ASSERT_EQ(run.error, "") << "order " << o;
          ASSERT_EQ(want.Difference(Memories::Of(*on.model, *on.ext)), "") << "order " << o;
          for (size_t s = 0; s < largest.size(); ++s) {
            ASSERT_EQ(run.left[s], 0);
            largest[s] = std::max(largest[s], run.largest[s]);
          }
          most = std::max(most, run.most_under_way);
        }
        EXPECT_GE(most, 3);
        std::printf("%s: up to %d commands under way, semaphores at most %d\n", name, most,
                    *std::max_element(largest.begin(), largest.end()));
      }
    }
  }
}

TEST(LanguageModel, ProgramsOfTheSameStepAreEqual) {
  LoadedModel on(Tiny(false), "nano");
  EXPECT_EQ(on.plan->BuildStep(5, 2, false).commands, on.plan->BuildStep(5, 2, false).commands);
}

// One program moved over the whole context, there and back, is what is compiled for each position.
void ExpectMovedStepsAreCompiledSteps(LanguageModel* plan) {
  std::vector<int> positions;
  for (int pos = 0; pos < plan->context(); ++pos) positions.push_back(pos);
  for (int pos = plan->context() - 1; pos >= 0; --pos) positions.push_back(pos);
  std::mt19937_64 random(wren::test::Seed());
  for (int i = 0; i < 40; ++i)
    positions.push_back(static_cast<int>(random() % static_cast<uint64_t>(plan->context())));
  size_t moving = 0;
  for (const int pos : positions) {
    const Program& moved = plan->Step(pos, 1, false);
    const Program fresh = plan->BuildStep(pos, 1, false);
    ASSERT_EQ(moved.commands.size(), fresh.commands.size()) << pos;
    for (size_t i = 0; i < fresh.commands.size(); ++i) {
      ASSERT_EQ(moved.commands[i], fresh.commands[i])
          << pos << ": " << isa::Disassemble(moved.commands[i]) << "\n"
          << isa::Disassemble(fresh.commands[i]);
      ASSERT_EQ(moved.labels[i].tensor, fresh.labels[i].tensor) << pos;
      ASSERT_EQ(moved.labels[i].row, fresh.labels[i].row) << pos << moved.labels[i].tensor;
      ASSERT_EQ(moved.labels[i].col, fresh.labels[i].col) << pos << moved.labels[i].tensor;
    }
    moving += moved.moving.size();
  }
  EXPECT_GT(moving, positions.size());
}

TEST(LanguageModel, AMovedStepIsTheCompiledOneAtEveryPosition) {
  for (const char* name : {"nano", "small", "full"}) {
    for (const bool gpt2 : {false, true}) {
      for (const int head : {32, 64}) {
        SCOPED_TRACE(std::string(name) + (gpt2 ? " gpt2" : " llama") + " head " +
                     std::to_string(head) + " WREN_SEED=" + std::to_string(wren::test::Seed()));
        LoadedModel on(Tiny(gpt2, 4 * head, head, 4, gpt2 ? 4 : 2, 150), name);
        ExpectMovedStepsAreCompiledSteps(on.plan.get());
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(LanguageModel, AMovedStepOfTheBundledModelIsTheCompiledOneAtEveryPosition) {
  const ModelFile file = LoadModel(wren::test::SourcePath("models/wren-kjv.gguf"));
  for (const char* name : {"nano", "full"}) {
    SCOPED_TRACE(std::string(name) + " WREN_SEED=" + std::to_string(wren::test::Seed()));
    LanguageModel plan(file, isa::Config::Named(name));
    ExpectMovedStepsAreCompiledSteps(&plan);
    if (HasFatalFailure()) return;
  }
}

TEST(LanguageModel, StepsOfSeveralTokensAndTheirErrorsComeBetweenMovedOnes) {
  LoadedModel on(Tiny(false), "nano");
  EXPECT_EQ(on.plan->Step(3, 1, false).commands, on.plan->BuildStep(3, 1, false).commands);
  EXPECT_EQ(on.plan->Step(4, 3, true).commands, on.plan->BuildStep(4, 3, true).commands);
  EXPECT_EQ(on.plan->Step(4, 3, false).commands, on.plan->BuildStep(4, 3, false).commands);
  EXPECT_EQ(on.plan->Step(7, 1, true).commands, on.plan->BuildStep(7, 1, true).commands);
  EXPECT_THROW(on.plan->Step(64, 1, false), wren::Error);
  EXPECT_THROW(on.plan->Step(-1, 1, false), wren::Error);
  EXPECT_EQ(on.plan->Step(9, 1, false).commands, on.plan->BuildStep(9, 1, false).commands);
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

TEST(LanguageModel, SaysWhenAModelDoesNotFit) {
  const isa::Config nano = isa::Config::Named("nano"), full = isa::Config::Named("full");
  const ModelFile wide = Tiny(false, 1024, 64, 16, 16, 64, 1);
  const std::string message = MessageOf([&] { LanguageModel(wide, nano, {}); });
  EXPECT_NE(message.find("width 1024"), std::string::npos) << message;
  EXPECT_NE(message.find("use a larger configuration"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_EQ(MessageOf([&] { EXPECT_GE(LanguageModel(wide, full, {}).max_rows(), 1); }), "");
  // A head that does not fit the weight buffer.
  const ModelFile head = Tiny(false, 64, 4096, 1, 1, 64, 1);
  EXPECT_NE(MessageOf([&] { LanguageModel(head, nano, {}); }).find("heads of 4096"),
            std::string::npos);
}

TEST(LanguageModel, RefusesStepsOutsideTheContext) {
  LoadedModel on(Tiny(false), "nano");
  LanguageModel& plan = *on.plan;
  ASSERT_EQ(plan.context(), 64);
  for (const auto& [pos, count] :
       {std::pair{-1, 1}, {0, 0}, {64, 1}, {63, 2}, {0, plan.max_rows() + 1}}) {
    const std::string message = MessageOf([&, p = pos, c = count] { plan.BuildStep(p, c, false); });
    EXPECT_NE(message.find("do not fit steps of"), std::string::npos)
        << pos << " " << count << ": " << message;
  }
  EXPECT_EQ(MessageOf([&] { plan.BuildStep(63, 1, true); }), "");
}

TEST(LanguageModel, TakesNoMoreRowsAndContextThanAsked) {
  const ModelFile file = Tiny(false);
  CompileOptions options;
  options.max_context = 20;
  options.max_rows = 4;
  LanguageModel plan(file, isa::Config::Named("full"), options);
  EXPECT_EQ(plan.context(), 20);
  EXPECT_LE(plan.max_rows(), 8);  // whole groups of ROWS
}

TEST(LanguageModel, ImagesDoNotOverlapAndLeaveTheRingAlone) {
  const ModelFile file = Tiny(true);
  LanguageModel plan(file, isa::Config::Named("small"), {});
  uint64_t end = CompileOptions().ext_base;
  for (const Image& image : plan.images()) {
    EXPECT_GE(image.address, end) << image.name;
    EXPECT_EQ(image.address % 64, 0u) << image.name;
    end = image.address + image.bytes.size();
  }
  EXPECT_LE(end, plan.tokens_address());
  EXPECT_LE(plan.logits_address(plan.max_rows()), plan.ext_end());
}

TEST(LanguageModel, CountsTheMultiplicationsOfTheMathematics) {
  const ModelFile file = Tiny(false);  // width 64, hidden 128, 2 layers, 4 heads of 32 over 2
  LanguageModel plan(file, isa::Config::Named("full"), {});
  const uint64_t matrices = 64 * 128 + 2 * 64 * 64 + 128 * 64 + 3 * 64 * 128,
                 vocab = static_cast<uint64_t>(file.hp.vocab);
  EXPECT_EQ(plan.UsefulMacs(9, 1, false), 2 * (matrices + 2 * 10 * 128) + 64 * vocab);
  EXPECT_EQ(plan.UsefulMacs(0, 3, true),
            2 * (3 * matrices + 2 * (1 + 2 + 3) * 128) + 3 * 64 * vocab);
}

}  // namespace
}  // namespace wren::compiler::test
