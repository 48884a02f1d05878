//===- TextTable.h - Aligned columns of text -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_SUPPORT_TEXTTABLE_H
#define FPW_SUPPORT_TEXTTABLE_H

#include "fpw/Support/LLVM.h"
#include <string>

namespace fpw {

/// Rows of cells, printed in columns as wide as their widest cell.
class TextTable {
public:
  /// One letter per column: 'l' for left aligned, 'r' for right aligned.
  explicit TextTable(StringRef alignment) : alignment(alignment) {}

  void addRow(SmallVector<std::string> cells) { rows.push_back(std::move(cells)); }

  /// A row of dashes.
  void addRule() { rows.emplace_back(); }

  void print(raw_ostream &os) const;

private:
  StringRef alignment;
  SmallVector<SmallVector<std::string>> rows;
};

/// 1234567 as 1,234,567.
std::string withThousands(uint64_t number);

} // namespace fpw

#endif // FPW_SUPPORT_TEXTTABLE_H
