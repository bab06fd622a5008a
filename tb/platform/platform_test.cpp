// The built wren-platform. `--plain` runs the same workload, with the same driver, on the plain C++
// bench: every count of the core must be the same there.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "wren/sim/memory_model.h"

namespace wren::platform {
namespace {

using nlohmann::json;

struct Result {
  int code = -1;
  std::string out, err;
};

class Platform : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/wren_platform_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  std::string WriteFile(const std::string& name, const std::string& bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }
  static std::string Slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
  }

  Result Run(const std::string& arguments) const {
    Result r;
    const std::string command =
        fmt::format("{} {} >{} 2>{}", WREN_PLATFORM, arguments, Path("out"), Path("err"));
    const int status = std::system(command.c_str());
    r.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    r.out = Slurp(Path("out"));
    r.err = Slurp(Path("err"));
    return r;
  }

  json Json(const std::string& arguments, int code = 0) const {
    const Result r = Run(arguments + " --json=-");
    EXPECT_EQ(r.code, code) << arguments << "\n" << r.err;
    const json j = json::parse(r.out, nullptr, false);
    EXPECT_FALSE(j.is_discarded()) << arguments << "\n" << r.out << r.err;
    return j;
  }

  // The result on SystemC, after comparing it with the plain bench's.
  json Same(const std::string& arguments) const {
    SCOPED_TRACE(arguments);
    json tlm = Json(arguments);
    const json plain = Json(arguments + " --plain");
    for (const char* what : {"cycles", "simulated_cycles", "commands", "engines", "read_bytes",
                             "write_bytes", "fetch_bytes", "gemm", "text"}) {
      EXPECT_EQ(tlm.value(what, json()), plain.value(what, json())) << what;
    }
    EXPECT_GT(tlm.value("cycles", 0), 0);
    // All of the core's traffic went through the sockets, a beat each.
    const json& t = tlm.at("tlm");
    const int bus = tlm.at("options").at("config") == "nano" ? 16 : 64;
    EXPECT_GE(t.at("read_bytes"), tlm.at("read_bytes"));
    EXPECT_EQ(t.at("reads").get<uint64_t>() * static_cast<uint64_t>(bus), t.at("read_bytes"));
    EXPECT_GT(t.at("writes"), 0);
    EXPECT_FALSE(plain.contains("tlm"));
    return tlm;
  }

  void ExpectUsageError(const std::string& arguments, const std::string& words) const {
    SCOPED_TRACE(arguments);
    const Result r = Run(arguments);
    EXPECT_EQ(r.code, 2) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_NE(r.err.find(words), std::string::npos) << r.err;
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  }

  std::string dir_;
};

TEST_F(Platform, MultipliesInTheCyclesOfThePlainBenchOnEveryConfiguration) {
  std::istringstream configs(WREN_CONFIGS);
  for (std::string config; std::getline(configs, config, ',');) {
    for (const char* kind : {"fixed", "ideal", "lpddr5"}) {
      const json r = Same(fmt::format("--config {} --dram.kind {}", config, kind));
      std::printf("%-5s %-6s %llu cycles\n", config.c_str(), kind,
                  static_cast<unsigned long long>(r.at("cycles")));
      EXPECT_EQ(r.contains("dram"), std::string(kind) != "fixed");
    }
    // Operands and result in the DRAM.
    const json r = Same(fmt::format("--config {} --gemm.operands ext", config));
    EXPECT_GT(r.at("dram").at("row_hits"), 1000);
  }
}

TEST_F(Platform, WritesTheSameTextInTheSameCycles) {
  std::string text;
  for (const char* kind : {"fixed", "ideal", "lpddr5"}) {
    const json r =
        Same(fmt::format("--config nano --workload text --text.tokens 4 --dram.kind {}", kind));
    const std::string now = r.at("text").at("text");
    EXPECT_FALSE(now.empty());
    EXPECT_TRUE(text.empty() || text == now) << text << " / " << now;
    text = now;
    if (r.contains("dram")) {
      const json& d = r.at("dram");
      // The tail of a burst is read whole; nothing is read twice.
      EXPECT_GE(d.at("reads").get<uint64_t>() * d.at("access_bytes").get<uint64_t>(),
                r.at("tlm").at("read_bytes"));
    }
  }
}

TEST_F(Platform, KeepsTheCyclesUnderStallsRandomLatenciesLimitsAndOtherClocks) {
  const std::string gemm = "--config nano --gemm.m 32 --gemm.n 64 --gemm.k 64 ";
  Same(gemm + "--dram.kind fixed --dram.latency 1");
  Same(gemm + "--dram.kind fixed --dram.latency 5 --dram.latency-max 300 --seed 7");
  Same(gemm + "--memory.stall 30 --memory.interleave --seed 3");
  Same(gemm + "--memory.max-reads 1 --memory.max-writes 1");
  Same(gemm + "--dram.latency 300");
  Same(gemm + "--clock.period 833ps --dram.kind hbm2e_307");
  // 60 ns away: 60 cycles of 1 ns, 20 of 3 ns.
  const auto first = [&](const char* period) {
    const json r = Same(fmt::format("{}--dram.kind ideal --clock.period {}", gemm, period));
    return r.at("cycles").get<int>();
  };
  EXPECT_GT(first("1ns"), first("3ns"));
}

TEST_F(Platform, ChecksEveryWriteInLockstep) {
  const json r = Same("--config nano --gemm.m 32 --gemm.n 32 --gemm.k 64 --lockstep");
  EXPECT_GT(r.at("lockstep_writes"), 1000);
}

// On nano, whose counters and semaphores take turns, the interval moves the count by up to two
// cycles.
TEST_F(Platform, PollsInsteadOfSleeping) {
  const std::string gemm = "--config small --gemm.m 32 --gemm.n 32 --gemm.k 64 --dram.kind fixed ";
  const json sleeps = Json(gemm);
  for (int interval : {50, 51, 1000}) {
    const json polls =
        Json(fmt::format("{}--host.wait poll --host.poll-interval {}", gemm, interval));
    EXPECT_EQ(polls.at("gemm").at("cycles"), sleeps.at("gemm").at("cycles")) << interval;
    EXPECT_GT(polls.at("tlm").at("csr_reads"), sleeps.at("tlm").at("csr_reads"));
  }
}

TEST_F(Platform, RunsACommandFileOnLoadedAndOnProceduralMemory) {
  std::string bytes(4096, '\0');
  std::mt19937 random(1);
  for (char& b : bytes) b = static_cast<char>(random());
  const std::string load = WriteFile("in.bin", bytes);
  const std::string program = WriteFile("copy.txt",
                                        "# there and back\n"
                                        "ld.copy src=0x900000 dst_space=l2 len=4096 post=(1,1)\n"
                                        "\n"
                                        "st.copy dst=0xa00000 src_space=l2 len=4096 wait=(1,1)\n");
  const std::string run =
      fmt::format("--config nano --workload program --program.file {} ", program);
  json r = Json(fmt::format("{} --program.load {}@0x900000 --program.dump 0xa00000:4096:{}", run,
                            load, Path("out.bin")));
  EXPECT_TRUE(Slurp(Path("out.bin")) == bytes);
  EXPECT_EQ(r.at("program").at("commands"), 3);
  EXPECT_EQ(r.at("tlm").at("writes"), 256);
  // 4 GiB of it, none of them in a file or in host memory.
  r = Json(fmt::format("{} --memory.procedural --memory.size 4GiB --program.dump 0xa00000:4KiB:{}",
                       run, Path("hash.bin")));
  std::string hash(4096, '\0');
  for (uint64_t i = 0; i < hash.size(); ++i)
    hash[i] = static_cast<char>(sim::ProceduralByte(0x900000 + i));
  EXPECT_TRUE(Slurp(Path("hash.bin")) == hash);
  EXPECT_EQ(r.at("options").at("memory.size"), uint64_t{4} << 30);
}

// What TLM answers with an error arrives in the core's error record.
TEST_F(Platform, ErrorAnswersReachTheErrorRecord) {
  const std::string read =
      WriteFile("read.txt", "ctl.nop\nld.copy src=0x1001000 dst_space=l2 len=4096 tag=77\n");
  const std::string write = WriteFile("write.txt", "st.copy dst=0x900000 src_space=l2 len=256\n");
  struct Case {
    std::string arguments;
    const char *code, *engine;
    int info;
    uint64_t address;
  };
  const Case cases[] = {
      // Beyond the memory: DECERR.
      {read + " --memory.size 16MiB", "axi_read", "ld", 3, 0x1001000},
      {write + " --memory.size 8MiB", "axi_write", "st", 3, 0},
      // A hole that answers SLVERR, or DECERR.
      {read + " --memory.fault 0x1001800:1:slverr", "axi_read", "ld", 2, 0x1001800},
      {read + " --memory.fault 0x1001fff:1:decerr", "axi_read", "ld", 3, 0x1001ff0},
      {write + " --memory.fault 0x900040:16:slverr", "axi_write", "st", 2, 0},
      // The command ring.
      {write + " --memory.fault 0:64:slverr", "fetch", "ctl", 2, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.arguments);
    const std::string arguments =
        "--config nano --workload program --dram.kind lpddr5 --program.file " + c.arguments;
    const json r = Json(arguments, 1);
    const json record = r.at("error").at("record");
    EXPECT_EQ(record.at("code"), c.code);
    EXPECT_EQ(record.at("info"), c.info);
    if (c.address != 0) {
      EXPECT_EQ(record.at("address"), c.address);
    }
    EXPECT_EQ(record, Json(arguments + " --plain", 1).at("error").at("record"));
    EXPECT_GT(r.at("tlm").at("read_errors").get<int>() + r.at("tlm").at("write_errors").get<int>(),
              0);
    const Result text = Run(arguments);
    EXPECT_EQ(text.code, 1);
    EXPECT_NE(text.err.find(c.code), std::string::npos) << text.err;
  }
  const json tagged =
      Json("--config nano --workload program --memory.size 16MiB --program.file " + read, 1);
  EXPECT_EQ(tagged.at("error").at("record").at("tag"), 77);
  EXPECT_EQ(tagged.at("error").at("record").at("index"), 1);
}

TEST_F(Platform, NamesTheOptionThatIsWrong) {
  ExpectUsageError("--dram.kidn=lpddr5", "dram.kidn");
  ExpectUsageError("--dram=lpddr5", "dram");  // no abbreviations
  ExpectUsageError("stray", "too many positional options");
  ExpectUsageError("--config huge", "--config");
  ExpectUsageError("--dram.kind ddr3", "--dram.kind");
  ExpectUsageError("--dram.latency soon", "dram.latency");
  ExpectUsageError("--dram.kind fixed --dram.latency 0", "--dram.latency");
  ExpectUsageError("--dram.kind lpddr5 --dram.latency-max 9", "--dram.latency-max");
  ExpectUsageError("--clock.period 3", "--clock.period");
  ExpectUsageError("--clock.period 1.0001ns", "--clock.period");
  ExpectUsageError("--memory.size 1000", "--memory.size");
  ExpectUsageError("--memory.size 4096 --config nano", "the workload needs");
  ExpectUsageError("--memory.stall 99", "--memory.stall");
  ExpectUsageError("--memory.fault 12", "--memory.fault");
  ExpectUsageError("--gemm.n 33", "--gemm.m");
  ExpectUsageError("--config nano --gemm.m 4096", "of L2");
  ExpectUsageError("--gemm.operands disk", "--gemm.operands");
  ExpectUsageError("--workload dance", "--workload");
  ExpectUsageError("--workload program", "--program.file");
  ExpectUsageError("--config nano --workload program --program.file " +
                       WriteFile("bad.txt", "ctl.nop\nld.copi\n"),
                   "bad.txt:2:");
  ExpectUsageError("--config-file /nonexistent.ini", "/nonexistent.ini");
  ExpectUsageError("--config-file " + WriteFile("bad.ini", "[dram]\nkidn = lpddr5\n"),
                   "bad.ini: unrecognised option 'dram.kidn'");
  ExpectUsageError("--config nano --l2.size 4MiB", "the RTL of 'nano' has 131072");
  EXPECT_EQ(Run("--config nano --workload program --program.file /nonexistent").code, 1);
  const Result help = Run("--help");
  EXPECT_EQ(help.code, 0);
  for (const char* option : {"--config-file", "--dram.kind", "--l2.size", "--clock.period"})
    EXPECT_NE(help.out.find(option), std::string::npos) << option;
}

TEST_F(Platform, TheCommandLineWinsOverLaterFilesOverEarlierOnes) {
  const std::string first = WriteFile("first.ini",
                                      "config = nano\nseed = 5\n[dram]\nkind = hbm2e_307\n"
                                      "[gemm]\nm = 16\nn = 32\nk = 32\n");
  const std::string second = WriteFile("second.ini", "seed = 6\ndram.kind = ideal\n");
  const json r = Json(
      fmt::format("--gemm.m 8 --config-file {} --config-file {} --l2.size 128KiB", first, second));
  const json &o = r.at("options"), &by = r.at("set_by");
  EXPECT_EQ(o.at("config"), "nano");
  EXPECT_EQ(by.at("config"), first);
  EXPECT_EQ(o.at("seed"), 6);
  EXPECT_EQ(by.at("seed"), second);
  EXPECT_EQ(o.at("dram.kind"), "ideal");
  EXPECT_EQ(by.at("dram.kind"), second);
  EXPECT_EQ(o.at("dram.latency"), 59);
  EXPECT_EQ(o.at("gemm.m"), 8);
  EXPECT_EQ(by.at("gemm.m"), "command line");
  EXPECT_EQ(o.at("gemm.n"), 32);
  EXPECT_EQ(o.at("clock.period"), "1ns");
  EXPECT_EQ(by.at("clock.period"), "default");
  EXPECT_EQ(o.at("l2.size"), 131072);
  EXPECT_EQ(r.at("gemm").at("m"), 8);
  // The same in the text.
  const Result text =
      Run(fmt::format("--gemm.m 8 --config-file {} --json {}", first, Path("r.json")));
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("hbm2e_307"), std::string::npos) << text.out;
  EXPECT_EQ(json::parse(Slurp(Path("r.json"))).at("options").at("dram.kind"), "hbm2e_307");
}

}  // namespace
}  // namespace wren::platform
