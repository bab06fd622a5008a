#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "model_options.h"

namespace wren::cli {
namespace {

int Info(const ModelOptions& o, bool as_json) {
  const ModelFile model = o.Load();
  const Hyperparameters& hp = model.hp;
  const std::unique_ptr<compiler::LanguageModel> plan = o.Compile(model);
  int64_t parameters = 0;
  for (const auto& [name, tensor] : model.tensors) parameters += tensor.elements();
  uint64_t constant = 0;
  for (const compiler::Image& image : plan->images()) constant += image.bytes.size();
  const int position = std::min(plan->context(), 64) - 1;
  const compiler::Program step = plan->BuildStep(position, 1, false);

  nlohmann::json out = {{"path", o.Path()},
                        {"name", model.name},
                        {"architecture", ArchitectureName(model.arch)},
                        {"parameters", parameters},
                        {"dim", hp.dim},
                        {"hidden", hp.hidden},
                        {"layers", hp.n_layers},
                        {"heads", hp.n_heads},
                        {"kv_heads", hp.n_kv_heads},
                        {"head_dim", hp.head_dim},
                        {"vocab", hp.vocab},
                        {"context", hp.context},
                        {"config", o.config},
                        {"plan",
                         {{"context", plan->context()},
                          {"prefill_rows", plan->max_rows()},
                          {"constant_bytes", constant},
                          {"ext_bytes", plan->ext_end()},
                          {"commands_per_token", step.commands.size()},
                          {"macs_per_token", plan->UsefulMacs(position, 1, false)}}}};
  for (const auto& [name, tensor] : model.tensors)
    out["tensors"].push_back(
        {{"name", name}, {"shape", tensor.shape}, {"type", DTypeName(tensor.dtype)}});
  if (as_json) {
    fmt::print("{}\n", out.dump());
    return 0;
  }
  fmt::print("{}: {} ({}), {} parameters\n", o.Path(), model.name, ArchitectureName(model.arch),
             parameters);
  fmt::print(
      "  width {}, hidden {}, {} layers, {} heads of {} ({} for keys and values), vocabulary {}, "
      "context {}\n",
      hp.dim, hp.hidden, hp.n_layers, hp.n_heads, hp.head_dim, hp.n_kv_heads, hp.vocab, hp.context);
  fmt::print(
      "  on {}: context {}, prefill {} rows at a time, {} bytes of constants, {} commands and {} "
      "MACs for token {}\n",
      o.config, plan->context(), plan->max_rows(), constant, step.commands.size(),
      plan->UsefulMacs(position, 1, false), position);
  for (const auto& [name, tensor] : model.tensors) {
    std::string shape;
    for (const int64_t n : tensor.shape)
      shape += fmt::format("{}{}", shape.empty() ? "" : " x ", n);
    fmt::print("  {:<32} {:<16} {}\n", name, shape, DTypeName(tensor.dtype));
  }
  return 0;
}

}  // namespace

std::function<int()> AddInfo(CLI::App* app) {
  auto o = std::make_shared<ModelOptions>();
  auto as_json = std::make_shared<bool>(false);
  o->AddTo(app);
  app->add_flag("--json", *as_json, "One JSON object on stdout");
  return [o, as_json] { return Info(*o, *as_json); };
}

}  // namespace wren::cli
