// SPDX-License-Identifier: BSD-3-Clause
#include <nlohmann/json.hpp>
#include <rnnscope/rnnscope.hpp>

int main() {
  const nlohmann::json json = {{"points", rnnscope::PointSet<float>{}.size()}};
  return json.dump() == R"({"points":0})" ? 0 : 1;
}
