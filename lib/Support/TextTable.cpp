//===- TextTable.cpp - Aligned columns of text -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/TextTable.h"

#include "llvm/Support/raw_ostream.h"

using namespace fpw;

void TextTable::print(raw_ostream &os) const {
  SmallVector<size_t> widths(alignment.size(), 0);
  for (const auto &row : rows)
    for (auto [width, cell] : llvm::zip(widths, row))
      width = std::max(width, cell.size());
  for (const auto &row : rows) {
    std::string line;
    for (auto [column, width] : llvm::enumerate(widths)) {
      std::string cell = row.empty() ? std::string(width, '-') : row[column];
      std::string space(width - cell.size(), ' ');
      line += alignment[column] == 'r' ? space + cell : cell + space;
      line += "  ";
    }
    os << StringRef(line).rtrim() << '\n';
  }
}

std::string fpw::withThousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (int64_t place = int64_t(digits.size()) - 3; place > 0; place -= 3)
    digits.insert(place, ",");
  return digits;
}
