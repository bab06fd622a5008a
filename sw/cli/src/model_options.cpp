#include "model_options.h"

#include <CLI/CLI.hpp>

#include "wren/error.h"

namespace wren::cli {

void ModelOptions::AddTo(CLI::App* app) {
  app->add_option("model", model,
                  "Model file: GGUF (llama, gpt2), llama2.c checkpoint or gpt-nano JSON (default: "
                  "the bundled KJV model)");
  app->add_option("--tokenizer", tokenizer, "Tokenizer file of a llama2.c checkpoint");
  app->add_option("--config", config, "Configuration of the core")
      ->check(CLI::IsMember({"nano", "small", "full"}))
      ->capture_default_str();
  app->add_option("--context", context,
                  "Tokens of KV cache (default: the model's context, at most 2048)")
      ->check(CLI::PositiveNumber);
  app->add_option("--rows", rows,
                  "Most prompt tokens in one prefill step (default: what fits, at most 64)")
      ->check(CLI::PositiveNumber);
}

std::string ModelOptions::Path() const {
  return model.empty() ? std::string(WREN_SOURCE_DIR "/models/wren-kjv.gguf") : model;
}

ModelFile ModelOptions::Load() const { return LoadModel(Path(), {tokenizer}); }

std::unique_ptr<compiler::LanguageModel> ModelOptions::Compile(const ModelFile& file) const {
  compiler::CompileOptions options;
  options.max_context = context;
  options.max_rows = rows;
  return std::make_unique<compiler::LanguageModel>(file, isa::Config::Named(config), options);
}

}  // namespace wren::cli
