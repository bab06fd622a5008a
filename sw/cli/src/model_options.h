// Options that several subcommands share: which model, on what.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "wren/runtime/device.h"
#include "wren/runtime/text_model.h"

namespace CLI {
class App;
}

namespace wren::cli {

struct ModelOptions {
  std::string model;      // file; empty: the bundled one
  std::string tokenizer;  // llama2.c
  std::string config = "nano";
  int context = 0;
  int rows = 0;

  void AddTo(CLI::App* app);
  std::string Path() const;
  ModelFile Load() const;
  std::unique_ptr<compiler::LanguageModel> Compile(const ModelFile& model) const;
};

}  // namespace wren::cli
