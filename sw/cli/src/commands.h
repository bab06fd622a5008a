// The subcommands of `wren`. Each adds its options to a CLI11 subcommand and returns what to call
// when it was chosen; that returns the exit code and may throw wren::Error.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace wren::cli {

// Exit codes: 0 success, 1 a run that failed or found a difference, 2 bad usage or input.
constexpr int kFailed = 1;
constexpr int kBadInput = 2;

std::function<int()> AddRun(CLI::App* app);
std::function<int()> AddClassify(CLI::App* app);
std::function<int()> AddEmbed(CLI::App* app);
std::function<int()> AddInfo(CLI::App* app);
std::function<int()> AddAsm(CLI::App* app);
std::function<int()> AddDis(CLI::App* app);
std::function<int()> AddCheck(CLI::App* app);

}  // namespace wren::cli
