// wren-bench: runs a list of problems on the RTL and prints what they cost.
#include <fmt/format.h>
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "src/bench.h"
#include "wren/error.h"

namespace {

using nlohmann::json;
using wren::bench::List;
using wren::bench::Options;
namespace runtime = wren::runtime;

const List kLists[] = {
    {"gemm", "products in L2", wren::bench::Gemm},
    {"decode", "one row times a layer whose weights stream from LPDDR5", wren::bench::Decode},
    {"mlp", "an MLP block with GELU in L2", wren::bench::Mlp},
    {"norm", "LayerNorm and RMSNorm, in L2 and from LPDDR5", wren::bench::Norm},
    {"7b-token",
     "a token of a network of the shape of Llama 2 7B, Q4_0, on LPDDR5 (minutes; on nano and small "
     "a smaller network)",
     wren::bench::Token7b},
    {"sim", "speed of the simulation", wren::bench::Sim},
    {"train", "a product and attention, once each: what the program's code is laid out by",
     wren::bench::Train},
    {"text", "the bundled text model", wren::bench::Text},
    {"isa", "tokens per second of the instruction-set model, bundled text model", wren::bench::Isa},
    {"dram", "bandwidth of each --dram, and the text model on fixed and lpddr5", wren::bench::Dram},
    {"minilm", "the sentence encoder of scripts/setup.sh --with embed, on LPDDR5",
     wren::bench::MiniLm},
    {"vit", "the bundled Vision Transformer", wren::bench::Vit},
    {"attention", "attention of 128 to 2,048 rows from and to LPDDR5", wren::bench::Attention},
    {"attention_short", "the shapes of attention that are gated", wren::bench::AttentionShort},
};

void PrintRow(const json& r, bool first) {
  if (!r.contains("cycles")) return;  // a list of its own shape
  if (first) {
    fmt::print("{:<30} {:>6} {:>11} {:>14} {:>8} {:>8} {:>8} {:>11} {:>8} {:>8}\n", "name",
               "config", "cycles", "MACs", "of bound", "compute", "bytes", "to move", "ext B/c",
               "sim kHz");
  }
  const auto percent = [&](const char* field) { return 100 * r[field].get<double>(); };
  fmt::print("{:<30} {:>6} {:>11} {:>14} {:>7.1f}% {:>7.1f}% {:>7.1f}% {:>11} {:>8.2f} {:>8.0f}\n",
             r["name"].get<std::string>(), r["config"].get<std::string>(),
             r["cycles"].get<uint64_t>(), r["macs"].get<uint64_t>(), percent("share_of_bound"),
             percent("utilization"), percent("bandwidth_share"), r["bytes"].get<uint64_t>(),
             r["ext_bytes_per_cycle"].get<double>(), r["sim_khz"].get<double>());
  for (const char* engine : runtime::kEngineNames) {
    fmt::print("  {:<4}", engine);
    for (const char* bucket : runtime::kBucketNames)
      fmt::print(" {} {:>5.1f}%", bucket,
                 100 * r["engines"][engine][bucket].get<double>() / r["cycles"].get<double>());
    fmt::print("\n");
  }
  std::fflush(stdout);
}

int Main(const Options& o) {
  std::vector<json> results;
  bool first = true;
  for (const List& list : kLists) {
    if (o.list != list.name) continue;
    list.run(o, [&](const json& r) {
      PrintRow(r, first);
      first = first && !r.contains("cycles");
      results.push_back(r);
    });
  }
  utsname host{};
  uname(&host);
  const json out = {{"schema", 1},
                    {"command", fmt::format("wren-bench --config {} --list {} --seed {} --dram {}",
                                            o.config, o.list, o.seed, o.dram)},
                    {"dram", o.dram},
                    {"host",
                     {{"system", host.sysname},
                      {"machine", host.machine},
                      {"processors", std::thread::hardware_concurrency()}}},
                    {"results", results}};
  const std::filesystem::path path = o.out;
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream file(path);
  file << out.dump(1) << "\n";
  file.flush();
  if (!file)
    throw wren::Error(fmt::format("cannot write {}; check the path and the space left", o.out));
  fmt::print("wrote {}\n", o.out);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"wren-bench: what problems cost on the RTL"};
  std::string help;
  std::vector<std::string> names;
  for (const List& list : kLists) {
    help += fmt::format("{}{}: {}", help.empty() ? "" : "; ", list.name, list.help);
    names.emplace_back(list.name);
  }
  app.add_option("--list", o.list, help)->check(CLI::IsMember(names))->capture_default_str();
  app.add_option("--config", o.config, "Configuration")
      ->check(CLI::IsMember({"nano", "small", "full"}))
      ->capture_default_str();
  app.add_option("--only", o.only,
                 "attention, minilm, sim, train: problems whose name contains this");
  app.add_option("--out", o.out, "JSON file (default: build/bench/<list>.json)");
  app.add_option("--timeline", o.timeline,
                 "Folder for a timeline of each problem that ui.perfetto.dev opens (slower; not "
                 "for text and dram)")
      ->check(CLI::ExistingDirectory);
  app.add_option("--dram", o.dram, "External memory: its timing")
      ->check(CLI::IsMember({"fixed", "ideal", "lpddr5", "hbm2e_307", "hbm2e_461"}))
      ->capture_default_str();
  app.add_option(
         "--arithmetic", o.arithmetic,
         "Model of full: its sums and products by the host's processor (the same results and "
         "cycles, faster), or by the RTL's own text")
      ->check(CLI::IsMember({"host", "rtl"}))
      ->capture_default_str();
  app.add_option("--repeat", o.repeat, "train: runs of each, of which the fastest counts")
      ->check(CLI::PositiveNumber);
  app.add_option("--layers", o.layers, "7b-token: only the first so many layers")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", o.seed, "Seed of operands and memory timing")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (o.out.empty()) o.out = fmt::format("build/bench/{}.json", o.list);
  try {
    return Main(o);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wren-bench: %s\n", error.what());
    return 1;
  }
}
