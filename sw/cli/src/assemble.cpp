#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "commands.h"
#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::cli {
namespace {

struct Files {
  std::string in = "-";
  std::string out = "-";

  void AddTo(CLI::App* app, const char* in_help, const char* out_help) {
    app->add_option("input", in, in_help)->capture_default_str();
    app->add_option("-o,--output", out, out_help)->capture_default_str();
  }

  std::string Read() const {
    std::ostringstream bytes;
    if (in == "-") {
      bytes << std::cin.rdbuf();
      return bytes.str();
    }
    std::ifstream file(in, std::ios::binary);
    if (!file) throw Error(fmt::format("cannot read {}; check the path", in));
    bytes << file.rdbuf();
    return bytes.str();
  }

  void Write(const std::string& bytes) const {
    if (out == "-") {
      std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush();
      if (!std::cout) throw Error("cannot write to standard output; is the disk full?");
      return;
    }
    std::ofstream file(out, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush();
    if (!file) throw Error(fmt::format("cannot write {}; check the path and the space left", out));
  }
};

int Asm(const Files& files) {
  std::istringstream lines(files.Read());
  std::string bytes, line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string text = line.substr(0, line.find('#'));
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      const isa::Bytes command = isa::Encode(isa::Assemble(text));
      bytes.append(reinterpret_cast<const char*>(command.data()), command.size());
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: {}", files.in == "-" ? "standard input" : files.in, number,
                              error.what()));
    }
  }
  files.Write(bytes);
  return 0;
}

int Dis(const Files& files) {
  const std::string bytes = files.Read();
  if (bytes.size() % isa::kCommandBytes != 0) {
    throw Error(fmt::format(
        "{} has {} bytes, which is not a multiple of {}; it is truncated or not a command stream",
        files.in, bytes.size(), isa::kCommandBytes));
  }
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += isa::kCommandBytes) {
    isa::Bytes command;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i), command.size(), command.begin());
    text += isa::Disassemble(command) + "\n";
  }
  files.Write(text);
  return 0;
}

}  // namespace

std::function<int()> AddAsm(CLI::App* app) {
  auto files = std::make_shared<Files>();
  files->AddTo(app, "Text, one command a line, # comments (- is standard input)",
               "Bytes, 64 a command");
  return [files] { return Asm(*files); };
}

std::function<int()> AddDis(CLI::App* app) {
  auto files = std::make_shared<Files>();
  files->AddTo(app, "Bytes, 64 a command (- is standard input)", "Text");
  return [files] { return Dis(*files); };
}

}  // namespace wren::cli
