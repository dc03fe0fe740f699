// SPDX-License-Identifier: BSD-3-Clause
// Does not compile: the test is that the compiler says which duty of an expansion is missing.
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/nn/elman.hpp"

using namespace rnnscope;
using Cell = Elman<double>;

struct None {
  static constexpr std::string_view name = "none";
};
struct NotConst {
  static constexpr std::string_view name = "not const";
  UnitCoefficients<Cell> coefficients(const TokenInput<Cell>& in);
};
struct Both {
  static constexpr std::string_view name = "both";
  UnitCoefficients<Cell> coefficients(const TokenInput<Cell>& in) const;
  UnitCoefficients<Cell> coefficients(const CellInput<Cell>& in) const;
};
struct WrongResult {
  static constexpr std::string_view name = "wrong result";
  double coefficients(const TokenInput<Cell>& in) const;
};
struct Nameless {
  UnitCoefficients<Cell> coefficients(const TokenInput<Cell>& in) const;
};

template void rnnscope::require_expansion<None, Cell>();
template void rnnscope::require_expansion<NotConst, Cell>();
template void rnnscope::require_expansion<Both, Cell>();
template void rnnscope::require_expansion<WrongResult, Cell>();
template void rnnscope::require_expansion<Nameless, Cell>();
