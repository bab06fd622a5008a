// The one exception type of the C++ side.
#pragma once

#include <stdexcept>
#include <string>

namespace wren {

// What went wrong, in one line that names the cause and, where there is one, the cure:
//   throw wren::Error("mxe.gemm: field 'k' is 70000, the limit is 65535; split the command");
// Thrown for everything a user, a file or a command can get wrong. Programs print what() after
// "error: " and exit with status 1; it is never caught to carry on with a guess.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace wren
