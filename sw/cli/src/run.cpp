#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "commands.h"
#include "model_options.h"
#include "report.h"
#include "wren/error.h"
#include "wren/golden/golden.h"
#include "wren/link/tty_port.h"
#include "wren/runtime/board_device.h"
#include "wren/runtime/counters_json.h"

namespace wren::cli {
namespace {

using nlohmann::json;
using runtime::Counters;
using runtime::Device;

struct RunOptions {
  ModelOptions model;
  std::string backend = "isa";
  std::string prompt;
  bool prompt_given = false;
  int tokens = 64;
  uint64_t seed = 1;
  float temperature = 0.0f;
  std::string score;
  bool json = false;
  bool no_lockstep = false;
  bool no_compare = false;
  bool quiet = false;
  sim::MemoryOptions memory;  // latency_max below latency_min: fixed latency
  std::string dram = "fixed";
  std::string device = "/dev/ttyUSB0";
  int baud = 1000000;
  std::string trace;
  uint64_t trace_from = 0, trace_to = UINT64_MAX;
  std::string command;  // this run, for the line that reruns it with waves
};

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("cannot read {}; check the path", path));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Backend {
  std::unique_ptr<link::TtyPort> port;  // of a board
  std::unique_ptr<link::SerialLink> link;
  double upload_seconds = 0;
  uint64_t upload_bytes = 0;
  std::unique_ptr<Device> device;
  std::unique_ptr<runtime::TextModel> text;
  runtime::DeviceText* compiled = nullptr;
};

Backend MakeBackend(const RunOptions& o, const ModelFile& model) {
  Backend backend;
  if (o.backend == "golden") {
    backend.text = std::make_unique<runtime::GoldenText>(model);
    return backend;
  }
  std::unique_ptr<compiler::LanguageModel> plan = o.model.Compile(model);
  if (o.backend == "isa") {
    backend.device =
        std::make_unique<runtime::IsaDevice>(isa::Config::Named(o.model.config), plan->ext_end());
  } else if (o.backend == "uart") {
    backend.port = std::make_unique<link::TtyPort>(o.device, o.baud);
    backend.link = std::make_unique<link::SerialLink>(backend.port.get());
    backend.device =
        std::make_unique<runtime::BoardDevice>(backend.link.get(), o.model.config, plan->ext_end());
  } else {
    runtime::RtlDeviceOptions options;
    options.lockstep = !o.no_lockstep;
    options.rtl.seed = o.seed;
    options.rtl.memory = o.memory;
    options.rtl.memory.latency_max = std::max(o.memory.latency_min, o.memory.latency_max);
    options.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
    options.rtl.memory.bytes = plan->ext_end();
    options.rtl.trace_file = o.trace;
    options.rtl.trace_from = o.trace_from;
    options.rtl.trace_to = o.trace_to;
    options.test = o.command;
    backend.device = std::make_unique<runtime::RtlDevice>(sim::ParseConfig(o.model.config),
                                                          plan->ext_end(), options);
  }
  // What goes over a line is worth showing.
  uint64_t image_bytes = 0;
  for (const compiler::Image& image : plan->images()) image_bytes += image.bytes.size();
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Progress progress(o.quiet, nullptr);
  if (backend.link != nullptr) {
    backend.link->set_progress([&](uint64_t bytes) {
      if (backend.upload_seconds == 0 && bytes >= image_bytes) backend.upload_seconds = seconds();
      progress.Show(fmt::format("model to the board: {} of {} kB, {:.1f} kB/s",
                                std::min(bytes, image_bytes) / 1000, image_bytes / 1000,
                                static_cast<double>(bytes) / seconds() / 1e3));
    });
  }
  auto text = std::make_unique<runtime::DeviceText>(std::move(plan), backend.device.get());
  if (backend.link != nullptr) {
    backend.link->set_progress({});
    backend.upload_bytes = image_bytes;
    progress.Clear();
    if (!o.quiet)
      fmt::print(stderr, "{} kB of model to {} in {:.1f} s: {:.1f} kB/s\n", image_bytes / 1000,
                 o.device, backend.upload_seconds,
                 static_cast<double>(image_bytes) / backend.upload_seconds / 1e3);
  }
  backend.compiled = text.get();
  backend.text = std::move(text);
  return backend;
}

int Run(const RunOptions& o) {
  const ModelFile model = o.model.Load();
  if (IsEncoder(model.arch)) {
    throw Error(fmt::format("{}: an encoder ({}) writes no text; see `wren {}`", o.model.Path(),
                            ArchitectureName(model.arch),
                            model.arch == Architecture::kBert ? "embed" : "classify"));
  }
  const bool timed = o.backend == "rtl" || o.backend == "uart";
  std::string prompt = o.prompt;
  if (!o.prompt_given && o.model.model.empty()) prompt = "And the LORD said unto Moses,";

  json out;
  out["backend"] = o.backend;
  out["config"] = o.backend == "golden" ? json(nullptr) : json(o.model.config);
  out["model"] = {{"path", o.model.Path()},
                  {"name", model.name},
                  {"architecture", ArchitectureName(model.arch)}};
  out["seed"] = o.seed;
  out["temperature"] = o.temperature;

  std::vector<int> score_tokens, prompt_tokens;
  if (!o.score.empty()) {
    score_tokens = model.tokenizer.Encode(ReadText(o.score), model.tokenizer.wants_bos());
  } else {
    prompt_tokens = model.tokenizer.Encode(prompt, model.tokenizer.wants_bos());
    if (prompt_tokens.empty())
      throw Error(
          "the prompt has no token and the model has no beginning-of-text token; give --prompt");
  }
  Backend backend = MakeBackend(o, model);
  std::unique_ptr<runtime::GoldenText> golden;
  if (!o.no_compare && o.backend != "golden") golden = std::make_unique<runtime::GoldenText>(model);
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Progress progress(o.quiet, backend.device.get());
  const Counters setup = backend.device != nullptr ? backend.device->counters() : Counters();

  if (!o.score.empty()) {
    const size_t room = static_cast<size_t>(backend.text->context());
    if (score_tokens.size() > room) {
      throw Error(fmt::format("{} has {} tokens and the context holds {}; give a shorter text",
                              o.score, score_tokens.size(), room));
    }
    const double perplexity =
        runtime::Perplexity(backend.text.get(), score_tokens, [&](size_t done) {
          progress.Show(fmt::format("scored {} of {} tokens", done, score_tokens.size()));
        });
    progress.Clear();
    out["tokens"] = score_tokens;
    out["prompt_tokens"] = 0;
    out["text"] = model.tokenizer.Decode(score_tokens);
    out["perplexity"] = perplexity;
    if (golden != nullptr)
      out["perplexity_golden"] = runtime::Perplexity(golden.get(), score_tokens);
    if (!o.json) {
      fmt::print("perplexity {:.4f} over {} tokens", perplexity, score_tokens.size());
      if (golden != nullptr)
        fmt::print(" (FP32 golden model: {:.4f})", out["perplexity_golden"].get<double>());
      fmt::print("\n");
    }
  } else {
    const int room = backend.text->context() - static_cast<int>(prompt_tokens.size());
    if (room < 0)
      throw Error(fmt::format("the prompt has {} tokens and the context holds {}; shorten it",
                              prompt_tokens.size(), backend.text->context()));
    const int wanted = std::min(o.tokens, room);
    if (wanted < o.tokens)
      std::fprintf(stderr, "wren: the context of %d leaves room for %d tokens\n",
                   backend.text->context(), wanted);
    golden::Sampler sampler(o.temperature, o.seed);
    std::vector<int> tokens;
    int agree = 0, compared = 0;
    double worst = 0;
    int previous = -1;
    const auto say = [&](int token) {
      if (o.json) return;
      progress.Clear();
      fmt::print("{}", model.tokenizer.DecodeToken(previous, token));
      std::fflush(stdout);
    };
    for (const int token : prompt_tokens) {
      say(token);
      previous = token;
    }
    std::vector<int> next = prompt_tokens;
    Counters prefill;
    bool ended = false;
    for (int i = 0; i < wanted && !ended; ++i) {
      progress.Show(i == 0 ? fmt::format("prefill of {} tokens", prompt_tokens.size())
                           : fmt::format("token {} of {}", i, wanted));
      const std::vector<float> logits = backend.text->Append(next, false);
      if (i == 0 && backend.device != nullptr) prefill = backend.device->counters();
      if (golden != nullptr) {
        const std::vector<float> reference = golden->Append(next, false);
        ++compared;
        agree += golden::Argmax(reference) == golden::Argmax(logits) ? 1 : 0;
        for (size_t v = 0; v < logits.size(); ++v)
          worst = std::max(worst, std::fabs(static_cast<double>(logits[v]) - reference[v]));
      }
      const int token = sampler.Sample(logits);
      tokens.push_back(token);
      ended = model.tokenizer.IsEnd(token);
      if (!ended) say(token);
      previous = token;
      next = {token};
    }
    progress.Clear();
    if (!o.json) fmt::print("\n");
    out["prompt"] = prompt;
    out["prompt_tokens"] = prompt_tokens.size();
    out["tokens"] = tokens;
    std::string text;
    int before = prompt_tokens.back();
    for (const int token : tokens) {
      text += model.tokenizer.DecodeToken(before, token);
      before = token;
    }
    out["text"] = text;
    if (golden != nullptr)
      out["golden"] = {{"compared", compared}, {"same_argmax", agree}, {"max_logit_error", worst}};
    if (backend.device != nullptr && timed) {
      const uint64_t decode_cycles = backend.device->counters().cycles - prefill.cycles;
      const size_t decoded = tokens.size() > 1 ? tokens.size() - 1 : 0;
      out["prefill_cycles"] = prefill.cycles - setup.cycles;
      if (decoded > 0) {
        const double per_token = static_cast<double>(decode_cycles) / static_cast<double>(decoded);
        out["cycles_per_token"] = per_token;
        out["tokens_per_second_at_1GHz"] = 1e9 / per_token;
      } else {
        out["cycles_per_token"] = nullptr;
      }
    }
    if (!o.json) {
      fmt::print(
          stderr,
          "\n{} prompt tokens, {} new tokens in {:.1f} s ({:.1f} tokens/s of wall time) on {}\n",
          prompt_tokens.size(), tokens.size(), seconds(),
          static_cast<double>(tokens.size()) / seconds(),
          o.backend == "golden" ? "golden" : o.backend + " " + o.model.config);
      if (out.contains("cycles_per_token") && !out["cycles_per_token"].is_null()) {
        fmt::print(stderr, "{:.0f} cycles per token: {:.0f} tokens/s at 1 GHz; prefill {} cycles\n",
                   out["cycles_per_token"].get<double>(),
                   out["tokens_per_second_at_1GHz"].get<double>(),
                   out["prefill_cycles"].get<uint64_t>());
      }
      if (golden != nullptr) {
        fmt::print(stderr,
                   "FP32 golden model: same most likely token at {} of {} positions, largest logit "
                   "difference {:.4f}\n",
                   agree, compared, worst);
      }
    }
  }

  if (backend.device != nullptr) {
    const Counters& total = backend.device->counters();
    out["cycles"] = timed ? json(total.cycles) : json(nullptr);
    out["engines"] = timed ? runtime::EnginesJson(total) : json(nullptr);
    out["commands"] = total.commands;
    if (!out.contains("cycles_per_token")) out["cycles_per_token"] = nullptr;
    if (backend.link != nullptr) {
      out["upload_bytes"] = backend.upload_bytes;
      out["upload_seconds"] = backend.upload_seconds;
      out["line_repeats"] = backend.link->repeats();
      if (!o.json && backend.link->repeats() > 0)
        fmt::print(stderr, "{} frames were sent again\n", backend.link->repeats());
    }
    if (timed) {
      if (o.backend == "rtl") out["dram"] = o.dram;
      const isa::Config& c = backend.device->config();
      const double peak = static_cast<double>(total.cycles) * c.rows * c.cols * 32;
      out["macs"] = backend.compiled->useful_macs();
      out["utilization"] =
          peak > 0 ? static_cast<double>(backend.compiled->useful_macs()) / peak : 0.0;
      out["read_bytes"] = total.read_bytes;
      out["write_bytes"] = total.write_bytes;
      if (!o.json) {
        fmt::print(stderr,
                   "{} cycles, {} useful MACs ({:.1f}% of peak), {} bytes read, {} written{}\n{}\n",
                   total.cycles, backend.compiled->useful_macs(),
                   100 * out["utilization"].get<double>(), total.read_bytes, total.write_bytes,
                   o.backend == "uart"
                       ? ""
                       : fmt::format("; simulated at {:.0f} kHz{}",
                                     static_cast<double>(total.cycles) / seconds() / 1e3,
                                     o.no_lockstep ? "" : " with every write checked"),
                   EngineTable(total));
      }
      const auto* rtl = dynamic_cast<runtime::RtlDevice*>(backend.device.get());
      if (rtl != nullptr && rtl->lockstep() != nullptr)
        out["lockstep_writes"] = rtl->lockstep()->compared();
    }
  } else {
    out["cycles"] = nullptr;
    out["cycles_per_token"] = nullptr;
    out["engines"] = nullptr;
  }
  out["seconds"] = seconds();
  if (o.json) fmt::print("{}\n", out.dump());
  return 0;
}

}  // namespace

std::function<int()> AddRun(CLI::App* app) {
  auto o = std::make_shared<RunOptions>();
  o->model.AddTo(app);
  app->add_option("--backend", o->backend,
                  "golden: FP32; isa: instruction-set model; rtl: Verilated RTL; uart: a board on "
                  "a serial line")
      ->check(CLI::IsMember({"golden", "isa", "rtl", "uart"}))
      ->capture_default_str();
  auto* prompt = app->add_option("--prompt", o->prompt, "Text to continue");
  app->add_option("--tokens", o->tokens, "Tokens to generate")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app->add_option("--seed", o->seed, "Seed of sampling and of the memory's random timing")
      ->capture_default_str();
  app->add_option("--temperature", o->temperature, "0: greedy")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app->add_option("--score", o->score, "Score this text file (perplexity) instead of generating");
  app->add_flag("--json", o->json, "One JSON object on stdout");
  app->add_flag("--no-lockstep", o->no_lockstep,
                "rtl: do not compare every write with the instruction-set model");
  app->add_flag("--no-compare", o->no_compare, "Do not run the FP32 golden model beside it");
  app->add_flag("--quiet", o->quiet, "No progress line");
  app->add_option("--mem-latency", o->memory.latency_min,
                  "rtl: cycles from a read's address to its first beat")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app->add_option("--mem-latency-max", o->memory.latency_max,
                  "rtl: draw each burst's latency between --mem-latency and this")
      ->check(CLI::Range(1, 100000));
  app->add_option("--mem-stall", o->memory.stall_percent,
                  "rtl: per cent of cycles in which each memory channel stalls")
      ->check(CLI::Range(0, 95))
      ->capture_default_str();
  app->add_option(
         "--dram", o->dram,
         "rtl: fixed (--mem-latency), or the timing of ideal, lpddr5, hbm2e_307, hbm2e_461")
      ->check(CLI::IsMember({"fixed", "ideal", "lpddr5", "hbm2e_307", "hbm2e_461"}))
      ->capture_default_str();
  app->add_option("--device", o->device, "uart: the board's serial device")->capture_default_str();
  app->add_option("--baud", o->baud, "uart: bits per second")->capture_default_str();
  app->add_option("--trace", o->trace, "rtl: FST file (needs the tracing build: make waves)");
  app->add_option("--trace-from", o->trace_from, "First cycle in the trace");
  app->add_option("--trace-to", o->trace_to, "Last cycle in the trace");
  return [o, prompt] {
    o->prompt_given = prompt->count() > 0;
    o->command = fmt::format("wren run --backend rtl --config {} --tokens {} --temperature {}",
                             o->model.config, o->tokens, o->temperature);
    if (o->prompt_given)
      o->command +=
          fmt::format(" --prompt {}", o->prompt.find_first_of(" \"'$\\") == std::string::npos
                                          ? o->prompt
                                          : "'" + o->prompt + "'");
    if (!o->model.model.empty()) o->command += " " + o->model.model;
    if (!o->model.tokenizer.empty()) o->command += " --tokenizer " + o->model.tokenizer;
    o->command +=
        fmt::format(" --mem-latency {} --mem-latency-max {} --mem-stall {}", o->memory.latency_min,
                    o->memory.latency_max, o->memory.stall_percent);
    if (o->dram != "fixed") o->command += " --dram " + o->dram;
    return Run(*o);
  };
}

}  // namespace wren::cli
