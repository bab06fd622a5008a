// `wren run --backend uart` as its users meet it, with a simulated board behind a pseudo-terminal:
// the text of the other backends, also over a bad line, and what it says when there is no board.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

namespace wren {
namespace {

using nlohmann::json;

// The program's output, its errors and its exit code.
struct Result {
  int code = -1;
  std::string out, err;
};
Result Wren(const std::string& arguments) {
  char name[] = "/tmp/wren_board_XXXXXX";
  const int file = mkstemp(name);
  Result result;
  FILE* pipe = popen((std::string(WREN_BINARY) + " " + arguments + " 2>" + name).c_str(), "r");
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.out.append(buffer, n);
  const int status = pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  for (ssize_t n; (n = read(file, buffer, sizeof buffer)) > 0;)
    result.err.append(buffer, static_cast<size_t>(n));
  close(file);
  unlink(name);
  return result;
}

class Simulation {
 public:
  explicit Simulation(const char* fault_every) {
    int ends[2];
    if (pipe(ends) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], 1);
      close(ends[0]);
      close(ends[1]);
      execl(WREN_BOARD_SIM, "wren-board-sim", "--fault-every", fault_every, nullptr);
      _exit(127);
    }
    close(ends[1]);
    FILE* out = fdopen(ends[0], "r");
    char line[256] = {};
    if (fgets(line, sizeof line, out) != nullptr) name_ = std::string(line, strcspn(line, "\n"));
    fclose(out);
  }
  ~Simulation() {
    kill(pid_, SIGTERM);
    int status = 0;
    waitpid(pid_, &status, 0);
    EXPECT_EQ(status, 0) << "wren-board-sim ended with an error";
  }
  const std::string& name() const { return name_; }

 private:
  pid_t pid_ = -1;
  std::string name_;
};

const char kRun[] =
    "run --json --quiet --no-compare --tokens 3 --temperature 0.7 --seed 1 --prompt 'And the "
    "LORD' " WREN_SOURCE_DIR "/models/wren-kjv-q4_0.gguf ";

json Expected() {
  const Result r = Wren(std::string(kRun) + "--backend isa");
  EXPECT_EQ(r.code, 0) << r.err;
  return json::parse(r.out, nullptr, false);
}

TEST(BoardCli, WritesTheTextOfTheInstructionSetModel) {
  const json expected = Expected();
  Simulation board("0");
  ASSERT_EQ(board.name().rfind("/dev/pts/", 0), 0u) << board.name();
  const Result r = Wren(std::string(kRun) + "--backend uart --device " + board.name());
  ASSERT_EQ(r.code, 0) << r.err;
  const json got = json::parse(r.out, nullptr, false);
  EXPECT_EQ(got.at("tokens"), expected.at("tokens"));
  EXPECT_EQ(got.at("text"), expected.at("text"));
  EXPECT_GT(got.at("cycles").get<uint64_t>(), 0u);
  EXPECT_GT(got.at("upload_bytes").get<uint64_t>(), 200'000u);
  // Another session on the same board; what it cannot do is said at once.
  const Result other =
      Wren(std::string(kRun) + "--backend uart --config full --device " + board.name());
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("give --config nano"), std::string::npos) << other.err;
}

TEST(BoardCli, WritesTheSameTextOrReportsAnErrorOverABadLine) {
  const json expected = Expected();
  Simulation board("8000");
  const Result r = Wren(std::string(kRun) + "--backend uart --device " + board.name());
  if (r.code != 0) {
    EXPECT_EQ(r.code, 2) << r.err;
    EXPECT_NE(r.err.find("no good answer from the board"), std::string::npos) << r.err;
    return;
  }
  const json got = json::parse(r.out, nullptr, false);
  EXPECT_EQ(got.at("tokens"), expected.at("tokens"));
  EXPECT_GT(got.at("line_repeats").get<int>(), 10);
}

void ExpectRefusal(const std::string& arguments, const std::string& what) {
  const Result r = Wren("run --backend uart --tokens 1 --quiet " + arguments);
  EXPECT_EQ(r.code, 2) << r.err;
  EXPECT_EQ(r.out, "");
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  EXPECT_NE(r.err.find(what), std::string::npos) << r.err;
}

TEST(BoardCli, SaysWhatIsWrongWithTheDevice) {
  ExpectRefusal("--device /dev/no-such-board", "is not there; connect the board");
  ExpectRefusal("--device /dev/null", "is not a serial device");
  ExpectRefusal("--device " WREN_SOURCE_DIR "/README.md", "is not a serial device");
  ExpectRefusal("--baud 12345", "no serial rate of 12345");

  // A line with nobody at its end; then one that another program uses.
  const int fd = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_TRUE(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
  const std::string name = ptsname(fd);
  const int own = open(name.c_str(), O_RDWR | O_NOCTTY);
  ASSERT_GE(own, 0);
  ExpectRefusal("--device " + name, "no good answer from the board after 4 tries");
  ASSERT_EQ(flock(own, LOCK_EX), 0);
  ExpectRefusal("--device " + name, "is used by another program");
  ASSERT_EQ(flock(own, LOCK_UN), 0);
  if (geteuid() != 0) {
    ASSERT_EQ(fchmod(own, 0), 0);
    ExpectRefusal("--device " + name, "may not be opened; join the group");
  }
  close(own);
  close(fd);
}

}  // namespace
}  // namespace wren
