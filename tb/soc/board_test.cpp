// The whole board in simulation (Wren, SDRAM, serial line) writes text: the same token ids and, to
// the bit, the same logits as the instruction-set model, also over a line that loses, doubles and
// garbles bytes.
#include "wren/board/board.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "wren/compiler/language_model.h"
#include "wren/error.h"
#include "wren/formats/model_file.h"
#include "wren/golden/golden.h"
#include "wren/isa/csr.h"
#include "wren/link/serial_link.h"
#include "wren/runtime/board_device.h"
#include "wren/runtime/text_model.h"

namespace wren {
namespace {

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

class SimPort : public link::Port {
 public:
  explicit SimPort(board::Board* board) : board_(board) {}
  void Send(const std::vector<uint8_t>& bytes) override {
    for (const uint8_t byte : bytes) board_->Send(byte);
  }
  int Receive() override {
    auto& received = board_->received();
    for (int idle = 0; received.empty();) {
      board_->Tick();
      idle = board_->sending() || board_->receiving() ? 0 : idle + 1;
      if (idle > 5000) return -1;
    }
    const int byte = received.front();
    received.pop_front();
    return byte;
  }
  void Settle() override {
    for (int idle = 0; idle < 2 * board::Board::kQuiet; ++idle) {
      board_->Tick();
      if (board_->sending() || board_->receiving()) idle = 0;
    }
    board_->received().clear();
  }

 private:
  board::Board* board_;
};

ModelFile Bundled(const char* name) {
  return LoadModel(std::string(WREN_SOURCE_DIR "/models/") + name, {});
}

// Then the line gets bad, and the same session goes on.
TEST(Board, WritesTheTextOfTheInstructionSetModel) {
  const ModelFile file = Bundled("wren-kjv.gguf");
  const isa::Config config = isa::Config::Named("nano");
  auto plan = std::make_unique<compiler::LanguageModel>(file, config);
  uint64_t image = 0;
  for (const compiler::Image& i : plan->images()) image += i.bytes.size();
  runtime::IsaDevice isa(config, plan->ext_end());
  runtime::DeviceText model(std::make_unique<compiler::LanguageModel>(file, config), &isa);

  board::Board board(0, Seed());
  SimPort port(&board);
  link::SerialLink link(&port);
  runtime::BoardDevice device(&link, "nano", plan->ext_end());
  const uint64_t begin = board.cycle();
  uint64_t uploaded = 0;
  link.set_progress([&](uint64_t bytes) {
    if (uploaded == 0 && bytes >= image) uploaded = board.cycle() - begin;
  });
  runtime::DeviceText text(std::move(plan), &device);
  link.set_progress({});
  const double seconds = static_cast<double>(uploaded) / board::Board::kHz;
  const double line = static_cast<double>(board::Board::kHz) / board::Board::kDivider / 10;
  std::printf("image: %d bytes in %.4f s of simulated time: %.0f bytes/s, %.1f %% of the line\n",
              static_cast<int>(image), seconds, static_cast<double>(image) / seconds,
              100 * static_cast<double>(image) / seconds / line);
  EXPECT_GT(static_cast<double>(image) / seconds / line, 0.9);

  std::vector<int> next =
      file.tokenizer.Encode("And the LORD said unto Moses,", file.tokenizer.wants_bos());
  golden::Sampler sampler(0.7f, 1);  // as `make run`
  const auto append = [&] {
    const uint64_t sent = link.written(), clock = board.cycle(), busy = device.counters().cycles;
    const std::vector<float> expected = model.Append(next, false), got = text.Append(next, false);
    ASSERT_EQ(got.size(), expected.size());
    ASSERT_EQ(std::memcmp(got.data(), expected.data(), got.size() * 4), 0)
        << "logits at position " << text.position() << ", WREN_SEED=" << Seed();
    std::printf("%d token(s): %d bytes of programs, %d clocks, the core busy in %d\n",
                static_cast<int>(next.size()), static_cast<int>(link.written() - sent),
                static_cast<int>(board.cycle() - clock),
                static_cast<int>(device.counters().cycles - busy));
    next = {sampler.Sample(got)};
  };
  for (int i = 0; i < 3; ++i) ASSERT_NO_FATAL_FAILURE(append());
  EXPECT_EQ(link.repeats(), 0u);
  EXPECT_EQ(board.leds() & 0x10, 0) << "no frame was dropped";

  board.set_fault_every(500);
  for (int i = 0; i < 2; ++i) ASSERT_NO_FATAL_FAILURE(append());
  std::vector<uint8_t> noise(50'000), got(noise.size());
  std::mt19937_64 rng(Seed());
  for (uint8_t& b : noise) b = static_cast<uint8_t>(rng());
  device.Write(0x1800000, noise.data(), noise.size());
  board.set_fault_every(0);
  device.Read(0x1800000, got.data(), got.size());
  EXPECT_EQ(got, noise);
  std::printf("%d bytes disturbed, %d frames sent again\n", static_cast<int>(board.faults()),
              static_cast<int>(link.repeats()));
  EXPECT_GT(board.faults(), 50u);
  EXPECT_GT(link.repeats(), 50u);
  EXPECT_NE(board.leds() & 0x10, 0) << "frames were dropped";
}

TEST(Board, RefusesAModelThatIsTooLargeAndAnotherConfiguration) {
  board::Board board;
  SimPort port(&board);
  link::SerialLink link(&port);
  const auto message = [&](const char* config, uint64_t bytes) {
    try {
      runtime::BoardDevice device(&link, config, bytes);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("nano", 32u << 20), "");
  EXPECT_NE(message("nano", (32u << 20) + 4).find("the board has less"), std::string::npos);
  EXPECT_NE(message("full", 1 << 20).find("give --config nano"), std::string::npos);
  EXPECT_EQ(message("nano", 1 << 20), "");
}

// A command that cannot be: the error names it, and the next session works.
TEST(Board, ReportsACommandThatStopsTheCore) {
  board::Board board;
  SimPort port(&board);
  link::SerialLink link(&port);
  for (int round = 0; round < 2; ++round) {
    runtime::BoardDevice device(&link, "nano", 32u << 20);
    compiler::Program program;
    isa::LdCopy copy;
    copy.dst_space = isa::LdDst::kVm, copy.src = 0x900000, copy.len = 64;
    program.commands.push_back(isa::Encode(copy));
    copy.src = uint64_t{1} << 30;  // outside the SDRAM
    program.commands.push_back(isa::Encode(copy));
    program.labels = {{"first"}, {"second"}};
    try {
      device.Run(program);
      FAIL() << "nothing was reported";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("axi_read"), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("of second"), std::string::npos) << error.what();
    }
  }
}

// Bytes at any address, and programs round the end of the ring.
TEST(Board, MovesBytesAndProgramsOfAnyLength) {
  board::Board board;
  SimPort port(&board);
  link::SerialLink link(&port);
  runtime::BoardDevice device(&link, "nano", 32u << 20);
  std::mt19937_64 rng(Seed());
  std::vector<uint8_t> bytes(1000), got(1000);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng());
  device.Write(0x900000, bytes.data(), bytes.size());
  for (int i = 0; i < 20; ++i) {
    const size_t at = rng() % 900, n = rng() % 100;
    for (size_t k = at; k < at + n; ++k) bytes[k] = static_cast<uint8_t>(rng());
    device.Write(0x900000 + at, &bytes[at], n);
  }
  device.Read(0x900000, got.data(), got.size());
  EXPECT_EQ(got, bytes);
  device.Read(0x900003, got.data(), 10);
  EXPECT_EQ(std::memcmp(got.data(), &bytes[3], 10), 0);
}

}  // namespace
}  // namespace wren
