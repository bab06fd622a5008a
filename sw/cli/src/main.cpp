// wren: runs language models and encoders on the Wren NPU (its RTL or its instruction-set model),
// and reads and writes command streams.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "commands.h"
#include "wren/error.h"
#include "wren/runtime/lockstep.h"

int main(int argc, char** argv) {
  CLI::App app{"wren: language models and encoders on the Wren NPU"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  std::vector<std::pair<CLI::App*, std::function<int()>>> commands;
  const auto add = [&](const char* name, const char* help, auto adder) {
    CLI::App* sub = app.add_subcommand(name, help);
    commands.emplace_back(sub, adder(sub));
  };
  add("run", "Generate or score text", wren::cli::AddRun);
  add("classify", "Classify images", wren::cli::AddClassify);
  add("embed", "Turn sentences into vectors and compare them", wren::cli::AddEmbed);
  add("info", "Show a model file and how it maps to a configuration", wren::cli::AddInfo);
  add("check", "Compare backends layer by layer", wren::cli::AddCheck);
  add("asm", "Assemble command text to bytes", wren::cli::AddAsm);
  add("dis", "Disassemble command bytes to text", wren::cli::AddDis);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : wren::cli::kBadInput;
  }
  try {
    for (const auto& [sub, run] : commands) {
      if (sub->parsed()) return run();
    }
  } catch (const wren::runtime::Mismatch& error) {
    std::fprintf(stderr, "\n%s\n", error.what());
    return wren::cli::kFailed;
  } catch (const wren::Error& error) {
    std::fprintf(stderr, "wren: %s\n", error.what());
    return wren::cli::kBadInput;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wren: unexpected: %s\n", error.what());
    return wren::cli::kFailed;
  }
  return 0;
}
