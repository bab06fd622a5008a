// A compiled network in the memory of an instruction-set model.
#pragma once

#include <memory>

#include "gtest/gtest.h"
#include "wren/compiler/network.h"
#include "wren/isa/model.h"

namespace wren::compiler::test {

// Plan: LanguageModel or Encoder.
template <class Plan>
struct Loaded {
  template <class Options>
  Loaded(const ModelFile& file, const char* config_name, const Options& options)
      : config(isa::Config::Named(config_name)) {
    plan = std::make_unique<Plan>(file, config, options);
    ext = std::make_unique<isa::FlatMemory>(plan->ext_end());
    model = std::make_unique<isa::Model>(config, *ext);
    for (const Image& image : plan->images())
      ext->Write(image.address, image.bytes.data(), image.bytes.size());
    Run(plan->BuildSetup());
  }
  void Run(const Program& program) {
    const isa::RunResult run = model->RunProgram(program.bytes(), program.commands.size());
    ASSERT_TRUE(run.status.ok()) << "command " << run.executed << " of "
                                 << program.labels[run.executed].tensor << ": "
                                 << run.status.ToString();
  }

  isa::Config config;
  std::unique_ptr<Plan> plan;
  std::unique_ptr<isa::FlatMemory> ext;
  std::unique_ptr<isa::Model> model;
};

}  // namespace wren::compiler::test
