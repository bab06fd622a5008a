#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "model_options.h"
#include "wren/error.h"
#include "wren/runtime/capture.h"

namespace wren::cli {
namespace {

struct CheckOptions {
  ModelOptions model;
  std::string prompt = "And the LORD said unto Moses,";
  bool json = false;
  bool rtl = false;
  double min_cosine = 0.98;
};

struct Difference {
  std::string tensor;
  int rows = 0, cols = 0;
  double worst = 0, rms = 0, reference_rms = 0, cosine = 1;
};

// The machine lays heads out at distances of whole blocks of 32; the golden model side by side.
struct Heads {
  int real = 0, padded = 0;  // elements of a head; equal: columns are the same
  int Column(int c) const { return c / real * padded + c % real; }
};

// The tensors whose columns are heads.
bool IsOfHeads(const std::string& name) {
  const std::string last = name.substr(name.rfind('.') + 1);
  return last == "q" || last == "k" || last == "v" || last == "attn";
}

Difference Compare(const std::string& name, const runtime::Captured& got,
                   const std::vector<std::vector<float>>& want, const Heads& heads) {
  Difference d;
  d.tensor = name;
  d.rows = static_cast<int>(want.size());
  d.cols = static_cast<int>(want[0].size());
  double dot = 0, gg = 0, ww = 0, ee = 0;
  for (size_t r = 0; r < want.size(); ++r) {
    for (size_t c = 0; c < want[r].size(); ++c) {
      const double g = got.row(static_cast<int>(r))[heads.Column(static_cast<int>(c))],
                   w = want[r][c];
      dot += g * w;
      gg += g * g;
      ww += w * w;
      ee += (g - w) * (g - w);
      d.worst = std::max(d.worst, std::fabs(g - w));
    }
  }
  const double n = static_cast<double>(d.rows) * d.cols;
  d.rms = std::sqrt(ee / n);
  d.reference_rms = std::sqrt(ww / n);
  if (gg > 0 && ww > 0) d.cosine = dot / std::sqrt(gg * ww);
  return d;
}

int Check(const CheckOptions& o) {
  const ModelFile model = o.model.Load();
  const std::vector<int> tokens = model.tokenizer.Encode(o.prompt, model.tokenizer.wants_bos());
  std::unique_ptr<compiler::LanguageModel> plan = o.model.Compile(model);
  if (static_cast<int>(tokens.size()) > plan->context())
    throw Error("the prompt does not fit the context; shorten it");

  // The golden model's intermediates, token by token.
  std::map<std::string, std::vector<std::vector<float>>> want;
  std::vector<std::string> order;
  runtime::GoldenText golden(model);
  golden.golden().set_hook([&](const std::string& name, const float* values, int n) {
    if (want.count(name) == 0) order.push_back(name);
    want[name].emplace_back(values, values + n);
  });
  golden.Append(tokens, true);

  // The machine's, step by step.
  const uint64_t bytes = plan->ext_end();
  const isa::Config config = isa::Config::Named(o.model.config);
  runtime::IsaDevice device(config, bytes);
  runtime::Capture capture(&device);
  const int rows = plan->max_rows();
  runtime::DeviceText isa_text(std::move(plan), &device);
  device.set_hook(std::ref(capture));
  std::map<std::string, std::vector<std::vector<float>>> got_rows;
  std::vector<float> logits;
  for (size_t done = 0; done < tokens.size();) {
    const size_t count = std::min(static_cast<size_t>(rows), tokens.size() - done);
    capture.Clear();
    const std::vector<float> part =
        isa_text.Append({tokens.begin() + static_cast<std::ptrdiff_t>(done),
                         tokens.begin() + static_cast<std::ptrdiff_t>(done + count)},
                        true);
    logits.insert(logits.end(), part.begin(), part.end());
    for (const auto& [name, t] : capture.tensors()) {
      for (int r = 0; r < t.rows && r < static_cast<int>(count); ++r)
        got_rows[name].emplace_back(t.row(r), t.row(r) + t.cols);
    }
    done += count;
  }

  std::vector<Difference> differences;
  for (const std::string& name : order) {
    const auto it = got_rows.find(name);
    if (it == got_rows.end() || it->second.size() != want[name].size())
      continue;  // fused away on the machine
    runtime::Captured t;
    t.rows = static_cast<int>(it->second.size());
    t.cols = static_cast<int>(it->second[0].size());
    const int head = model.hp.head_dim, cols = static_cast<int>(want[name][0].size());
    const Heads heads = IsOfHeads(name) ? Heads{head, (head + 31) / 32 * 32} : Heads{cols, cols};
    if (t.cols <= heads.Column(cols - 1)) continue;  // only a part
    for (const auto& row : it->second) t.values.insert(t.values.end(), row.begin(), row.end());
    differences.push_back(Compare(name, t, want[name], heads));
  }

  bool identical = true;
  if (o.rtl) {
    std::unique_ptr<compiler::LanguageModel> again = o.model.Compile(model);
    runtime::RtlDevice rtl(sim::ParseConfig(o.model.config), bytes, {});
    runtime::DeviceText rtl_text(std::move(again), &rtl);
    const std::vector<float> rtl_logits = rtl_text.Append(tokens, true);
    identical = rtl_logits.size() == logits.size() &&
                std::equal(logits.begin(), logits.end(), rtl_logits.begin());
  }

  bool good = identical;
  nlohmann::json out = {
      {"config", o.model.config}, {"model", o.model.Path()}, {"tokens", tokens.size()}};
  if (o.rtl) out["rtl_logits_identical"] = identical;
  if (!o.json)
    fmt::print("{:<20} {:>6} {:>6} {:>12} {:>12} {:>12} {:>10}\n", "tensor", "rows", "cols",
               "max error", "rms error", "rms value", "cosine");
  for (const Difference& d : differences) {
    good = good && d.cosine >= o.min_cosine;
    out["tensors"].push_back({{"name", d.tensor},
                              {"rows", d.rows},
                              {"cols", d.cols},
                              {"max_error", d.worst},
                              {"rms_error", d.rms},
                              {"rms", d.reference_rms},
                              {"cosine", d.cosine}});
    if (!o.json) {
      fmt::print("{:<20} {:>6} {:>6} {:>12.5f} {:>12.5f} {:>12.5f} {:>10.6f}{}\n", d.tensor, d.rows,
                 d.cols, d.worst, d.rms, d.reference_rms, d.cosine,
                 d.cosine < o.min_cosine ? "  <-- too far" : "");
    }
  }
  out["good"] = good;
  if (o.json) {
    fmt::print("{}\n", out.dump());
  } else {
    if (o.rtl)
      fmt::print("RTL logits {} the instruction-set model's\n",
                 identical ? "equal" : "DIFFER from");
    fmt::print("{}\n", good ? "good" : "NOT good");
  }
  return good ? 0 : kFailed;
}

}  // namespace

std::function<int()> AddCheck(CLI::App* app) {
  auto o = std::make_shared<CheckOptions>();
  o->model.AddTo(app);
  app->add_option("--prompt", o->prompt, "Text to run")->capture_default_str();
  app->add_flag("--rtl", o->rtl, "Also run the RTL and demand the same logits, bit for bit");
  app->add_option("--min-cosine", o->min_cosine,
                  "Fail when a tensor's cosine with the FP32 one is less")
      ->capture_default_str();
  app->add_flag("--json", o->json, "One JSON object on stdout");
  return [o] { return Check(*o); };
}

}  // namespace wren::cli
