// The emitter: its programs must mean the same in every order that the machine may choose.
#include <cstdlib>

#include "engines.h"
#include "gtest/gtest.h"
#include "random_program.h"
#include "wren/error.h"

namespace wren::compiler::test {
namespace {

uint64_t Seed() {
  const char* seed = std::getenv("WREN_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 0);
}

// A configuration with no more L2 than the test needs.
isa::Config Shrunk(const char* name) {
  isa::Config config = isa::Config::Named(name);
  config.l2 = 2 * kL2Bytes;
  return config;
}

constexpr int kWaitByte = 8, kPostByte = 12;

Emitter MakeEmitter(const isa::Config& config) {
  Emitter emit(config, kScratchVm, kScratchExt);
  emit.SetConstant(kConstantExt, kConstantExt + 2048);
  return emit;
}

int Dummies(const Program& program) {
  int count = 0;
  for (const Label& label : program.labels) count += label.tensor == "synchronisation" ? 1 : 0;
  return count;
}

// A machine with random contents, and what a program makes of them in program order.
struct Machine {
  explicit Machine(const isa::Config& config) : ext(kExtSize), model(config, ext) {}
  isa::FlatMemory ext;
  isa::Model model;
};

// Takes the n-th wait of the program out, with the post it met; false when there are fewer waits.
bool DropWait(Program* program, int n) {
  std::array<int, isa::kSemaphores> seen{};
  for (CommandBytes& c : program->commands) {
    for (const size_t at : {size_t{kWaitByte}, size_t{kWaitByte} + 2}) {
      if (c[at + 1] == 0) continue;
      const int semaphore = c[at], order = seen[static_cast<size_t>(semaphore)]++;
      if (n-- > 0) continue;
      c[at + 1] = 0;
      int posts = 0;
      for (CommandBytes& p : program->commands) {
        for (const size_t post : {size_t{kPostByte}, size_t{kPostByte} + 2}) {
          if (p[post + 1] == 0 || p[post] != semaphore || posts++ != order) continue;
          p[post + 1] = 0;
          return true;
        }
      }
      return true;
    }
  }
  return false;
}

class EmitterOn : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Configurations, EmitterOn, testing::Values("nano", "small", "full"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(EmitterOn, ProgramsMeanTheSameInEveryOrderTheMachineMayChoose) {
  const isa::Config config = Shrunk(GetParam());
  const bool nano = config.rows == 2;
  const int programs = nano ? 40 : 6, orders = nano ? 30 : 8, commands = 120;
  Machine machine(config);
  int most = 0, dummies = 0, waits = 0;
  for (int p = 0; p < programs; ++p) {
    const uint64_t seed = Seed() * 1000 + static_cast<uint64_t>(p);
    SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()) + " program " + std::to_string(p));
    RandomProgram random(config, seed);
    random.Fill(&machine.model, &machine.ext);
    const Memories before = Memories::Of(machine.model, machine.ext);
    Emitter emit = MakeEmitter(config);
    std::vector<CommandBytes> plain;
    for (int i = 0; i < commands; ++i) {
      plain.push_back(random.Next());
      emit.Emit(isa::Decode(plain.back()));
    }
    const Program program = emit.Finish();
    ASSERT_EQ(program.commands.size(), program.labels.size());
    dummies += Dummies(program);

    // In program order: commands as they were given, without the emitter.
    for (size_t i = 0; i < plain.size(); ++i) {
      const isa::Status status = machine.model.Execute(plain[i].data());
      ASSERT_TRUE(status.ok()) << i << ": " << status.ToString() << " "
                               << isa::Disassemble(plain[i]);
    }
    const Memories want = Memories::Of(machine.model, machine.ext);

    for (size_t i = 0; i < program.commands.size(); ++i) {
      const CommandBytes& c = program.commands[i];
      ASSERT_TRUE(machine.model.Check(c.data()).ok()) << isa::Disassemble(c);
      const isa::Command command = isa::Decode(c);
      const isa::Header& h = isa::HeaderOf(command);
      ASSERT_EQ(h.tag, i) << "the tag is the command's index";
      ASSERT_LE(h.wait0_cnt, 1u);
      ASSERT_LE(h.wait1_cnt, 1u);
      waits += static_cast<int>(h.wait0_cnt + h.wait1_cnt);
    }
    before.PutInto(&machine.model, &machine.ext);
    machine.model.SoftReset();
    const isa::RunResult in_order =
        machine.model.RunProgram(program.bytes(), program.commands.size());
    ASSERT_TRUE(in_order.status.ok()) << in_order.status.ToString();
    ASSERT_EQ(want.Difference(Memories::Of(machine.model, machine.ext)), "");
    for (const uint8_t semaphore : machine.model.semaphores()) ASSERT_EQ(semaphore, 0);

    for (int o = 0; o < orders; ++o) {
      before.PutInto(&machine.model, &machine.ext);
      std::mt19937_64 order(seed * 7919 + static_cast<uint64_t>(o));
      const Interleaving run = Interleave(program, &machine.model, &order);
      ASSERT_EQ(run.error, "") << "order " << o;
      ASSERT_EQ(want.Difference(Memories::Of(machine.model, machine.ext)), "") << "order " << o;
      for (const int left : run.left)
        ASSERT_EQ(left, 0) << "a semaphore is not zero at the end, order " << o;
      most = std::max(most, run.most_under_way);
    }
  }
  EXPECT_GE(most, 4) << "the orders never had many commands under way";
  std::printf(
      "%s: %d programs of %d commands: %d waits, %d commands that only synchronise, up to %d "
      "commands under way\n",
      GetParam(), programs, commands, waits, dummies, most);
}

// How many of the waits of random programs matter, measured by taking each out.
TEST(Emitter, AMissingWaitShows) {
  const isa::Config config = Shrunk("nano");
  int mutants = 0, found = 0;
  for (uint64_t p = 0; p < 4; ++p) {
    Machine machine(config);
    RandomProgram random(config, Seed() * 1009 + p);
    random.Fill(&machine.model, &machine.ext);
    const Memories before = Memories::Of(machine.model, machine.ext);
    Emitter emit = MakeEmitter(config);
    for (int i = 0; i < 60; ++i) emit.Emit(isa::Decode(random.Next()));
    const Program program = emit.Finish();
    ASSERT_TRUE(machine.model.RunProgram(program.bytes(), program.commands.size()).status.ok());
    const Memories want = Memories::Of(machine.model, machine.ext);
    Program mutant = program;
    for (int wait = 0; DropWait(&mutant, wait); mutant = program, ++wait, ++mutants) {
      bool differs = false;
      for (uint64_t o = 0; o < 120 && !differs; ++o) {
        before.PutInto(&machine.model, &machine.ext);
        std::mt19937_64 order(Seed() * 100003 + o);
        const Interleaving run = Interleave(mutant, &machine.model, &order);
        differs = !run.error.empty() ||
                  !want.Difference(Memories::Of(machine.model, machine.ext)).empty();
      }
      found += differs ? 1 : 0;
    }
  }
  std::printf("%d of %d missing waits change a result\n", found, mutants);
  ASSERT_GT(mutants, 80);
  // The others: intervals are wider than strided accesses, and results may be overwritten unread.
  EXPECT_GE(found * 10, mutants * 6) << found << " of " << mutants;
}

TEST(Emitter, AMissingWaitOfAChosenChainShowsAlways) {
  const isa::Config config = Shrunk("nano");
  Machine machine(config);
  RandomProgram random(config, Seed());
  random.Fill(&machine.model, &machine.ext);
  const Memories before = Memories::Of(machine.model, machine.ext);
  Emitter emit = MakeEmitter(config);
  isa::LdCopy load;  // VM <- memory
  load.src = kExtBegin;
  load.dst_space = isa::LdDst::kVm;
  load.dst = 1024;
  load.len = 128;
  isa::GtaOp twice;  // VM <- x + x
  twice.cols = 32;
  twice.x = 1024;
  twice.b_mode = isa::OperandMode::kMat;
  twice.b = 1024;
  twice.out_space = isa::OutSpace::kVm;
  twice.out = 2048;
  isa::StCopy store;  // memory <- VM
  store.dst = kExtBegin + 1024;
  store.src = 2048;
  store.len = 128;
  emit.Emit(load);
  emit.Emit(twice);
  emit.Emit(store);
  load.src += 128;
  emit.Emit(load);  // must wait until the sum has read the first values
  twice.x_swap = 1;
  emit.Emit(twice);  // must wait for the load and the store
  const Program program = emit.Finish();
  ASSERT_TRUE(machine.model.RunProgram(program.bytes(), program.commands.size()).status.ok());
  const Memories want = Memories::Of(machine.model, machine.ext);
  int mutants = 0;
  for (Program mutant = program; DropWait(&mutant, mutants); mutant = program, ++mutants) {
    bool differs = false;
    for (uint64_t o = 0; o < 300 && !differs; ++o) {
      before.PutInto(&machine.model, &machine.ext);
      std::mt19937_64 order(o);
      Interleave(mutant, &machine.model, &order);
      differs = !want.Difference(Memories::Of(machine.model, machine.ext)).empty();
    }
    EXPECT_TRUE(differs) << "wait " << mutants << " can go without harm";
  }
  EXPECT_EQ(mutants, 5);
}

TEST(Emitter, AnOverlapThatMayNotBeShows) {
  const isa::Config config = Shrunk("nano");
  Machine machine(config);
  RandomProgram random(config, Seed());
  random.Fill(&machine.model, &machine.ext);
  const Memories before = Memories::Of(machine.model, machine.ext);
  isa::GtaOp first;
  first.cols = 32;
  first.x = 1024;
  first.SetBImm(1.0f);
  first.out_space = isa::OutSpace::kVm;
  first.out = 2048;
  isa::GtaOp other = first, second = first, third = first;
  other.x = 4096, other.out = 5120;
  second.x = 2048, second.out = 3072;
  third.x = 3072, third.out = 4096;
  Emitter emit = MakeEmitter(config);
  emit.Emit(first);
  emit.Emit(other);   // independent
  emit.Emit(second);  // reads what the first wrote, which is done when a third command starts
  emit.Emit(third);   // reads what the one before it writes
  Program program = emit.Finish();
  EXPECT_EQ(std::get<isa::GtaOp>(isa::Decode(program.commands[1])).overlap, 1u);
  EXPECT_EQ(std::get<isa::GtaOp>(isa::Decode(program.commands[2])).overlap, 1u);
  EXPECT_EQ(std::get<isa::GtaOp>(isa::Decode(program.commands[3])).overlap, 0u);
  ASSERT_TRUE(machine.model.RunProgram(program.bytes(), program.commands.size()).status.ok());
  const Memories want = Memories::Of(machine.model, machine.ext);
  program.commands[3][1] |= 2;  // overlap
  bool differs = false;
  for (uint64_t o = 0; o < 300 && !differs; ++o) {
    before.PutInto(&machine.model, &machine.ext);
    std::mt19937_64 order(o);
    Interleave(program, &machine.model, &order);
    differs = !want.Difference(Memories::Of(machine.model, machine.ext)).empty();
  }
  EXPECT_TRUE(differs);
}

isa::LdCopy LoadVm(uint32_t at) {
  isa::LdCopy load;
  load.src = kExtBegin;
  load.dst_space = isa::LdDst::kVm;
  load.dst = at;
  load.len = 128;
  return load;
}

isa::GtaOp AddOne(uint32_t from, uint32_t to) {
  isa::GtaOp op;
  op.cols = 32;
  op.x = from;
  op.SetBImm(1.0f);
  op.out_space = isa::OutSpace::kVm;
  op.out = to;
  return op;
}

TEST(Emitter, NeedsNoCommandOfItsOwnForTwoWaitsOrPosts) {
  Emitter emit = MakeEmitter(isa::Config::Named("nano"));
  emit.Emit(LoadVm(1024));
  isa::StCopy store;
  store.dst = kExtBegin + 1024;
  store.src = 1024;
  store.len = 128;
  emit.Emit(store);               // load posts once
  emit.Emit(AddOne(1024, 2048));  // and twice
  emit.Emit(AddOne(3072, 1024));  // waits for the store only: the load is known to be done
  const Program program = emit.Finish();
  EXPECT_EQ(Dummies(program), 0);
  EXPECT_EQ(program.commands.size(), 5u);
}

TEST(Emitter, AThirdPostComesFromACommandOfItsOwn) {
  Emitter emit = MakeEmitter(isa::Config::Named("nano"));
  emit.Emit(LoadVm(1024));
  isa::StCopy store;
  store.dst = kExtBegin + 1024;
  store.src = 1024;
  store.len = 128;
  emit.Emit(store);
  emit.Emit(AddOne(1024, 2048));
  isa::LdGather gather;  // the load channel itself reads what it loaded
  gather.src = kConstantExt;
  gather.dst_space = isa::LdDst::kAb;
  gather.len = 16;
  gather.idx = 1024;
  emit.Emit(gather);
  const Program program = emit.Finish();
  EXPECT_EQ(Dummies(program), 1);
  ASSERT_EQ(program.commands.size(), 6u);
  EXPECT_EQ(program.labels[3].tensor, "synchronisation");
  EXPECT_EQ(isa::EngineOf(isa::Decode(program.commands[3])), isa::Engine::kLd);
}

TEST(Emitter, AThirdWaitIsTakenByACommandOfItsOwn) {
  const isa::Config config = isa::Config::Named("nano");
  Emitter emit = MakeEmitter(config);
  isa::MxeGemm gemm;
  gemm.rows = 2;
  gemm.ncg = 16;
  emit.Emit(gemm);
  emit.Emit(LoadVm(1024));
  isa::StCopy store;
  store.dst = kExtBegin + 1024;
  store.src = 2048;
  store.len = 128;
  emit.Emit(store);
  isa::GtaOp op = AddOne(0, 2048);  // waits for the product, the load and the store
  op.x_space = isa::XSpace::kAcc;
  op.b_mode = isa::OperandMode::kMat;
  op.b_stride = 0;
  op.b = 1024;
  emit.Emit(op);
  const Program program = emit.Finish();
  EXPECT_EQ(Dummies(program), 1);
  ASSERT_EQ(program.commands.size(), 6u);
  EXPECT_EQ(program.labels[3].tensor, "synchronisation");
  int waits = 0;
  for (const size_t i : {3u, 4u}) {
    const isa::Command command = isa::Decode(program.commands[i]);
    EXPECT_EQ(isa::EngineOf(command), isa::Engine::kGta);
    waits += static_cast<int>(isa::HeaderOf(command).wait0_cnt + isa::HeaderOf(command).wait1_cnt);
  }
  EXPECT_EQ(waits, 3);
}

TEST(Emitter, ConstantsNeedNoOrder) {
  Emitter emit = MakeEmitter(isa::Config::Named("nano"));
  isa::StCopy store;
  store.dst = kExtBegin;
  store.src = 1024;
  store.len = 128;
  emit.Emit(store);
  isa::LdGather gather;  // reaches, as far as its fields say, to the end of memory
  gather.src = kConstantExt;
  gather.dst_space = isa::LdDst::kAb;
  gather.len = 16;
  gather.idx = kIndexVm;
  emit.Emit(gather);
  gather.src = kExtBegin;
  emit.Emit(gather);
  const Program program = emit.Finish();
  EXPECT_EQ(isa::HeaderOf(isa::Decode(program.commands[1])).wait0_cnt, 0u);
  EXPECT_EQ(isa::HeaderOf(isa::Decode(program.commands[2])).wait0_cnt, 1u);
}

// A producer far ahead of its consumer must not run a semaphore over.
TEST(Emitter, SemaphoresNeverOverflow) {
  const isa::Config config = isa::Config::Named("small");
  Machine machine(config);
  Emitter emit = MakeEmitter(config);
  constexpr uint32_t kCount = 400;
  for (uint32_t i = 0; i < kCount; ++i) {
    emit.Emit(LoadVm(1024 + 128 * i));
    emit.Emit(AddOne(1024 + 128 * i, 65536 + 128 * (i % 4)));
  }
  const Program interleaved = emit.Finish();
  for (uint32_t i = 0; i < kCount; ++i) emit.Emit(LoadVm(1024 + 128 * i));
  for (uint32_t i = 0; i < kCount; ++i) emit.Emit(AddOne(1024 + 128 * i, 65536 + 128 * (i % 4)));
  const Program apart = emit.Finish();
  for (const Program* program : {&interleaved, &apart}) {
    machine.model.SoftReset();
    const isa::RunResult in_order =
        machine.model.RunProgram(program->bytes(), program->commands.size());
    EXPECT_TRUE(in_order.status.ok()) << in_order.status.ToString();
    for (uint64_t o = 0; o < 40; ++o) {
      std::mt19937_64 order(o);
      const Interleaving run = Interleave(*program, &machine.model, &order, false);
      ASSERT_EQ(run.error, "") << "order " << o;
    }
  }
}

TEST(Emitter, StartsAfreshAfterFinish) {
  Emitter emit = MakeEmitter(isa::Config::Named("nano"));
  emit.Emit(LoadVm(1024));
  emit.Emit(AddOne(1024, 2048));
  const Program first = emit.Finish();
  emit.Emit(LoadVm(1024));
  emit.Emit(AddOne(1024, 2048));
  const Program second = emit.Finish();
  EXPECT_EQ(first.commands, second.commands);
}

}  // namespace
}  // namespace wren::compiler::test
