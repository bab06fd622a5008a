// wren-board-sim: a board in simulation behind a pseudo-terminal, for `wren run --backend uart
// --device /dev/pts/N`. It prints that name and runs until it is ended.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "wren/board/board.h"
#include "wren/error.h"

namespace {

volatile std::sig_atomic_t stop = 0;
void Stop(int) { stop = 1; }

void Run(int fault_every, uint64_t seed) {
  const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0)
    throw wren::Error(std::string("cannot make a pseudo-terminal: ") + std::strerror(errno));
  const std::string name = ptsname(fd);
  // An end of our own stays open, so that hosts may come and go; and nothing is echoed before the
  // first has set its mode.
  const int own = open(name.c_str(), O_RDWR | O_NOCTTY);
  termios mode{};
  if (own < 0 || tcgetattr(own, &mode) != 0)
    throw wren::Error("cannot open " + name + ": " + std::strerror(errno));
  cfmakeraw(&mode);
  tcsetattr(own, TCSANOW, &mode);
  fmt::print("{}\n", name);
  std::fflush(stdout);

  wren::board::Board board(fault_every, seed);
  constexpr int kSlice = 400;  // clocks between looks at the terminal: ten bytes' time
  uint64_t quiet = 0;          // clocks since the last byte either way
  while (stop == 0) {
    if (board.unsent() < 64) {
      // After a while of silence there is nothing to do but to wait; the core's own work has its
      // end in less than that.
      pollfd p{fd, POLLIN, 0};
      if (poll(&p, 1, quiet > 20'000'000 ? 50 : 0) > 0) {
        uint8_t bytes[64];
        const ssize_t n = read(fd, bytes, sizeof bytes);
        for (ssize_t i = 0; i < n; ++i) board.Send(bytes[i]);
        if (n > 0) quiet = 0;
      }
    }
    for (int i = 0; i < kSlice; ++i) board.Tick();
    quiet += kSlice;
    auto& received = board.received();
    while (!received.empty()) {
      quiet = 0;
      const uint8_t byte = received.front();
      if (write(fd, &byte, 1) != 1) break;  // the host does not read: later
      received.pop_front();
    }
  }
  const auto& counts = board.chip().counts();
  fmt::print(stderr,
             "{} clocks, {:.3f} s at {} MHz; SDRAM: {} rows opened, {} beats read, {} written, {} "
             "refreshes; {} bytes disturbed\n",
             board.cycle(), static_cast<double>(board.cycle()) / wren::board::Board::kHz,
             wren::board::Board::kHz / 1'000'000, counts.active, counts.read, counts.write,
             counts.refresh, board.faults());
  close(own);
  close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "wren-board-sim: a simulated board (nano, UART, SDRAM) behind a pseudo-terminal, whose name "
      "it prints"};
  app.failure_message(CLI::FailureMessage::simple);
  int fault_every = 0;
  uint64_t seed = 1;
  app.add_option("--fault-every", fault_every,
                 "Lose, double or garble one byte of the line in so many, at random (0: none)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", seed, "Seed of the faults")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGINT, Stop);
  std::signal(SIGTERM, Stop);
  try {
    Run(fault_every, seed);
  } catch (const wren::Error& error) {
    std::fprintf(stderr, "wren-board-sim: %s\n", error.what());
    return 1;
  }
  return 0;
}
