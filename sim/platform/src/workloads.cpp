#include "workloads.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <vector>

#include "wren/compiler/gemm.h"
#include "wren/compiler/language_model.h"
#include "wren/error.h"
#include "wren/fp.h"
#include "wren/isa/isa.h"
#include "wren/runtime/text_model.h"

namespace wren::platform {
namespace {

using nlohmann::json;
using runtime::Counters;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  if (!in || !(bytes << in.rdbuf()))
    throw Error(fmt::format("cannot read {}; check the path", path));
  return bytes.str();
}

// C = A W^T, A and W in Q8_0, C in FP32, all in L2 or all in external memory; checked against the
// instruction-set model.
class Gemm final : public Workload {
 public:
  explicit Gemm(const Options& o) : config_(isa::Config::Named(sim::ConfigName(o.config))) {
    const char* const kOptions = "options --gemm.m, .n, .k";
    if (o.m < 1 || o.n < 1 || o.k < 1 || o.n % 32 != 0 || o.k % 32 != 0) {
      throw UsageError(fmt::format("{}: {} x {} x {}; m must be positive, n and k multiples of 32",
                                   kOptions, o.m, o.n, o.k));
    }
    space_ = o.external ? isa::ExtSpace::kExt : isa::ExtSpace::kL2;
    problem_.m = o.m, problem_.n = o.n, problem_.k = o.k;
    problem_.a_space = problem_.w_space = problem_.c_space = space_;
    const compiler::GemmBytes end = compiler::PlaceGemm(&problem_, config_, kBase);
    if (end.l2 > config_.l2)
      throw UsageError(fmt::format(
          "{}: operands and result take {} bytes of L2, '{}' has {}; give --gemm.operands=ext",
          kOptions, end.l2, sim::ConfigName(o.config), config_.l2));
    scratch_ = (end.ext + 4095) / 4096 * 4096;
    end_ = scratch_ + end.l2;
    try {
      program_ = compiler::BuildGemm(problem_, config_);
    } catch (const Error& error) {
      throw UsageError(fmt::format("{}: {}", kOptions, error.what()));
    }
    // Elements over the whole range, scales around 2^-7 so that results are of the order of 1.
    std::mt19937_64 random(o.seed);
    const auto elements = [&](uint64_t count) {
      std::vector<uint8_t> bytes(count);
      for (uint8_t& b : bytes) b = static_cast<uint8_t>(static_cast<int>(random() % 255) - 127);
      return bytes;
    };
    const auto scales = [&](uint64_t count) {
      std::vector<uint16_t> values(count);
      for (uint16_t& d : values)
        d = fp::F32ToF16(std::ldexp(1.0f + static_cast<float>(random() % 1024) / 1024.0f, -7));
      return values;
    };
    images_.emplace_back(problem_.a, elements(compiler::InputBytes(o.m, o.k, config_)));
    const std::vector<uint16_t> d = scales(compiler::InputScaleBytes(o.m, o.k, config_) / 2);
    images_.emplace_back(problem_.a_scale, std::vector<uint8_t>(d.size() * 2));
    std::memcpy(images_.back().second.data(), d.data(), d.size() * 2);
    const uint64_t weights = Size(o.n, o.k);
    const compiler::WeightPlan plan =
        compiler::PlanWeights(o.m, o.n, o.k, isa::WeightFormat::kQ8, config_);
    const std::vector<uint8_t> q = elements(weights);
    images_.emplace_back(problem_.w, compiler::PackWeights(plan, q, scales(weights / 32), config_));
  }

  uint64_t memory_bytes() const override { return end_; }

  void Run(runtime::RtlDevice* device, json* result) override {
    Prepare(device);
    const Counters before = device->counters();
    device->Run(program_);
    const Counters& after = device->counters();
    const uint64_t cycles = after.cycles - before.cycles;
    const uint64_t bytes =
        after.read_bytes + after.write_bytes - before.read_bytes - before.write_bytes;
    runtime::IsaDevice model(config_, end_);
    Prepare(&model);
    model.Run(program_);
    if (Fetch(device) != Fetch(&model))
      throw Error("the product differs from the instruction-set model's; run with --lockstep");
    const uint64_t macs = Size(problem_.m, problem_.n) * static_cast<uint64_t>(problem_.k);
    (*result)["gemm"] = {
        {"m", problem_.m},
        {"n", problem_.n},
        {"k", problem_.k},
        {"cycles", cycles},
        {"macs", macs},
        {"ext_bytes", bytes},
        {"ext_bytes_per_cycle", static_cast<double>(bytes) / static_cast<double>(cycles)},
        {"utilization", static_cast<double>(macs) / (config_.rows * config_.cols * 32.0) /
                            static_cast<double>(cycles)},
        {"verified", true}};
  }

  std::string Summary(const json& result) const override {
    const json& g = result["gemm"];
    return fmt::format(
        "gemm {} x {} x {}: {} cycles, {:.1f}% of the array's peak, {:.2f} bytes of external "
        "memory per cycle; result checked\n",
        g["m"].get<int>(), g["n"].get<int>(), g["k"].get<int>(), g["cycles"].get<uint64_t>(),
        100 * g["utilization"].get<double>(), g["ext_bytes_per_cycle"].get<double>());
  }

 private:
  static constexpr uint64_t kBase = 0x800000;  // behind the command ring
  static uint64_t Size(int rows, int cols) {
    return static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols);
  }

  // Operands to their places; those in L2 by way of external memory.
  void Prepare(runtime::Device* device) {
    if (space_ == isa::ExtSpace::kExt) {
      for (const auto& [address, bytes] : images_)
        device->Write(address, bytes.data(), bytes.size());
      return;
    }
    compiler::Emitter load(config_, 0, 0);
    for (const auto& [address, bytes] : images_) {
      device->Write(scratch_ + address, bytes.data(), bytes.size());
      isa::LdCopy ld;
      ld.src = scratch_ + address;
      ld.dst_space = isa::LdDst::kL2;
      ld.dst = static_cast<uint32_t>(address);
      ld.len = static_cast<uint32_t>(bytes.size());
      load.Emit(ld, {"operands"});
    }
    device->Run(load.Finish());
  }

  std::vector<uint8_t> Fetch(runtime::Device* device) {
    std::vector<uint8_t> bytes(Size(problem_.m, problem_.n) * 4);
    uint64_t address = problem_.c;
    if (space_ == isa::ExtSpace::kL2) {
      compiler::Emitter fetch(config_, 0, 0);
      isa::StCopy st;
      st.src_space = isa::StSrc::kL2;
      st.src = static_cast<uint32_t>(problem_.c);
      st.dst = address = scratch_ + problem_.c;
      st.len = static_cast<uint32_t>(bytes.size());
      fetch.Emit(st, {"c"});
      device->Run(fetch.Finish());
    }
    device->Read(address, bytes.data(), bytes.size());
    return bytes;
  }

  const isa::Config config_;
  isa::ExtSpace space_;
  compiler::GemmProblem problem_;
  std::vector<std::pair<uint64_t, std::vector<uint8_t>>> images_;  // operands and their addresses
  compiler::Program program_;
  uint64_t scratch_ = 0, end_ = 0;
};

// Greedy text.
class Text final : public Workload {
 public:
  explicit Text(const Options& o)
      : o_(o),
        model_(LoadModel(o.model.empty() ? WREN_SOURCE_DIR "/models/wren-kjv.gguf" : o.model)),
        plan_(std::make_unique<compiler::LanguageModel>(
            model_, isa::Config::Named(sim::ConfigName(o.config)))),
        end_(plan_->ext_end()) {
    prompt_ = model_.tokenizer.Encode(o.prompt, model_.tokenizer.wants_bos());
    if (prompt_.empty()) throw UsageError("option --text.prompt: it has no token");
    if (static_cast<int>(prompt_.size()) + o.tokens > plan_->context())
      throw UsageError(fmt::format(
          "option --text.tokens: {} prompt tokens and {} new ones do not fit the context of {}",
          prompt_.size(), o.tokens, plan_->context()));
  }

  uint64_t memory_bytes() const override { return end_; }

  void Run(runtime::RtlDevice* device, json* result) override {
    runtime::DeviceText text(std::move(plan_), device);
    const uint64_t start = device->counters().cycles;
    uint64_t prefill = 0;
    std::vector<int> tokens, next = prompt_;
    std::string out;
    int previous = prompt_.back();
    while (static_cast<int>(tokens.size()) < o_.tokens) {
      const int token = golden::Argmax(text.Append(next, false));
      if (tokens.empty()) prefill = device->counters().cycles - start;
      tokens.push_back(token);
      if (model_.tokenizer.IsEnd(token)) break;
      out += model_.tokenizer.DecodeToken(previous, token);
      previous = token;
      next = {token};
    }
    const uint64_t decode = device->counters().cycles - start - prefill;
    json& t = (*result)["text"];
    t = {{"prompt", o_.prompt},       {"prompt_tokens", prompt_.size()},
         {"tokens", tokens},          {"text", out},
         {"prefill_cycles", prefill}, {"decode_cycles", decode},
         {"macs", text.useful_macs()}};
    if (tokens.size() > 1)
      t["cycles_per_token"] = static_cast<double>(decode) / static_cast<double>(tokens.size() - 1);
  }

  std::string Summary(const json& result) const override {
    const json& t = result["text"];
    std::string text = fmt::format("{}|{}\n\nprefill of {} tokens: {} cycles\n", o_.prompt,
                                   t["text"].get<std::string>(), t["prompt_tokens"].get<size_t>(),
                                   t["prefill_cycles"].get<uint64_t>());
    if (t.contains("cycles_per_token"))
      text += fmt::format(
          "{:.0f} cycles per token: {:.0f} tokens/s\n", t["cycles_per_token"].get<double>(),
          1e12 / static_cast<double>(o_.period_ps) / t["cycles_per_token"].get<double>());
    return text;
  }

 private:
  const Options& o_;
  ModelFile model_;
  std::unique_ptr<compiler::LanguageModel> plan_;
  uint64_t end_;
  std::vector<int> prompt_;
};

// Commands of a text file.
class ProgramFile final : public Workload {
 public:
  explicit ProgramFile(const Options& o) : o_(o) {
    std::istringstream lines(ReadFile(o.program));
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      const std::string text = line.substr(0, line.find('#'));
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      try {
        program_.commands.push_back(isa::Encode(isa::Assemble(text)));
      } catch (const Error& error) {
        throw UsageError(fmt::format("{}:{}: {}", o.program, number, error.what()));
      }
      program_.labels.push_back({});
    }
    isa::CtlFence end;
    end.irq = 1;
    program_.commands.push_back(isa::Encode(end));
    program_.labels.push_back({});
    for (const LoadOption& load : o.loads) files_.push_back(ReadFile(load.file));
  }

  uint64_t memory_bytes() const override { return uint64_t{1} << 30; }

  void Run(runtime::RtlDevice* device, json* result) override {
    for (size_t i = 0; i < files_.size(); ++i)
      device->Write(o_.loads[i].address, files_[i].data(), files_[i].size());
    (*result)["program"] = {{"commands", program_.commands.size()}};
    device->Run(program_);
    for (const DumpOption& dump : o_.dumps) {
      std::string bytes(dump.bytes, '\0');
      device->Read(dump.address, bytes.data(), bytes.size());
      std::ofstream out(dump.file, std::ios::binary);
      if (!(out << bytes).flush())
        throw Error(fmt::format("cannot write {}; check the path and the space left", dump.file));
    }
  }

  std::string Summary(const json& result) const override {
    return fmt::format("{} commands of {}\n", result["program"]["commands"].get<size_t>(),
                       o_.program);
  }

 private:
  const Options& o_;
  compiler::Program program_;
  std::vector<std::string> files_;
};

}  // namespace

std::unique_ptr<Workload> MakeWorkload(const Options& o) {
  if (o.workload == "gemm") return std::make_unique<Gemm>(o);
  if (o.workload == "text") return std::make_unique<Text>(o);
  return std::make_unique<ProgramFile>(o);
}

}  // namespace wren::platform
