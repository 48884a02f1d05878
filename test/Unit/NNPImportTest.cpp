//===- NNPImportTest.cpp - Importing whole .nnp files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GoldenData.h"
#include "NNPFiles.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Importer/NNP.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "nnp.pb.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"
#include <random>

using namespace fpw;
using namespace fpw::test;

/// Imports a file and collects what is said about it.
class NNPImport : public testing::Test {
protected:
  mlir::OwningOpRef<ModuleOp> import(StringRef file, const NNPImportOptions &options = {}) {
    messages.clear();
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
        messages.push_back(diagnostic.str());
      return success();
    });
    return importNNP(llvm::MemoryBufferRef(file, "model.nnp"), &context, options);
  }

  /// Imports a file that may be damaged: either it gives a module, or there is exactly one error.
  void importDamaged(StringRef file) {
    bool succeeded = bool(import(file));
    EXPECT_EQ(messages.size(), succeeded ? 0u : 1u);
  }

  MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::vector<std::string> messages;
};

/// The shapes of a function's types fit the shapes of golden arrays, whose batch may be another
/// one.
static void expectShape(Type type, ArrayRef<int64_t> shape) {
  auto tensor = cast<RankedTensorType>(type);
  ASSERT_EQ(tensor.getRank(), int64_t(shape.size()));
  for (auto [size, expected] : llvm::zip_equal(tensor.getShape(), shape))
    if (!mlir::ShapedType::isDynamic(size))
      EXPECT_EQ(size, expected);
}

TEST_F(NNPImport, Layers) {
  llvm::json::Value cases = readJSON("layers/cases.json");
  unsigned count = 0;
  for (const llvm::json::Value &value : *cases.getAsObject()->getArray("cases")) {
    StringRef name = *value.getAsObject()->getString("name");
    SCOPED_TRACE(name.str());
    std::string file = readData(("layers/" + name + ".nnp").str());
    mlir::OwningOpRef<ModuleOp> module = import(file);
    ASSERT_TRUE(module) << (messages.empty() ? "" : messages[0]);
    llvm::StringMap<FloatTensor> golden = readNpz(("layers/" + name + ".npz").str());
    auto func = *module->getOps<mlir::func::FuncOp>().begin();
    expectShape(func.getArgumentTypes()[0], golden["x"].shape);
    expectShape(func.getResultTypes()[0], golden["y"].shape);
    ++count;
  }
  EXPECT_EQ(count, 70u);
}

TEST_F(NNPImport, Models) {
  std::error_code error;
  unsigned count = 0;
  for (llvm::sys::fs::recursive_directory_iterator file(dataPath("models"), error), end;
       file != end && !error; file.increment(error)) {
    StringRef path = file->path();
    if (!path.ends_with(".nnp"))
      continue;
    SCOPED_TRACE(path.str());
    mlir::OwningOpRef<ModuleOp> module = import((*llvm::MemoryBuffer::getFile(path))->getBuffer());
    ASSERT_TRUE(module) << (messages.empty() ? "" : messages[0]);
    auto folder = llvm::sys::path::parent_path(path);
    FloatTensor x = llvm::cantFail(readNpy((folder + "/x.npy").str()));
    FloatTensor y = llvm::cantFail(readNpy((folder + "/y_float.npy").str()));
    auto func = *module->getOps<mlir::func::FuncOp>().begin();
    expectShape(func.getArgumentTypes()[0], x.shape);
    expectShape(func.getResultTypes()[0], y.shape);
    ++count;
  }
  EXPECT_EQ(count, 12u);
}

TEST_F(NNPImport, ParametersAreAligned) {
  mlir::OwningOpRef<ModuleOp> module = import(readData("models/lenet_digits/lenet_digits.nnp"));
  ASSERT_TRUE(module);
  unsigned count = 0;
  module->walk([&](nn::ParameterOp parameter) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(parameter.getRawData().data()) % 64, 0u);
    ++count;
  });
  EXPECT_GT(count, 0u);
}

//===----------------------------------------------------------------------===//
// Damage
//===----------------------------------------------------------------------===//

TEST_F(NNPImport, SurvivesTruncation) {
  for (const char *name : {"models/edge_zero/edge_zero.nnp", "layers/bn_2d.nnp"}) {
    std::string file = readData(name);
    for (size_t size = 0; size < file.size(); size += 23)
      importDamaged(StringRef(file).take_front(size));
  }
}

TEST_F(NNPImport, SurvivesChangedBytes) {
  std::mt19937 random(1);
  for (const char *name : {"models/edge_tied/edge_tied.nnp", "layers/flatten_affine.nnp"}) {
    std::string file = readData(name);
    // Checksums would hide the damage: change the members, not the archive.
    std::vector<ZipMember> members;
    nnp::Archive archive = llvm::cantFail(nnp::Archive::read(file, {}));
    for (const nnp::Member &member : archive.getMembers())
      members.push_back({member.name, member.content.str()});
    for (unsigned i = 0; i < 500; ++i) {
      std::vector<ZipMember> damaged = members;
      std::string &content = damaged[random() % damaged.size()].content;
      content[random() % content.size()] = char(random());
      importDamaged(makeZip(damaged));
      std::string changed = file;
      changed[random() % changed.size()] ^= char(1 << random() % 8);
      importDamaged(changed);
    }
  }
}

TEST_F(NNPImport, RefusesOtherFiles) {
  for (StringRef file :
       {StringRef(""), StringRef("PK"), StringRef("PK\x05\x06"), StringRef("\0\1", 2),
        StringRef("\x89HDF\r\n\x1a\n"), StringRef("module {}")}) {
    EXPECT_FALSE(import(file));
    EXPECT_EQ(messages.size(), 1u);
  }
  EXPECT_FALSE(import(makeZip({{"parameter.h5", readHDF5("layers/conv_cl_note.nnp")}})));
  EXPECT_EQ(messages[0], "expected a description (.nntxt) in the archive but found none");
  EXPECT_FALSE(import(makeZip({{"a.nntxt", "network { }"}, {"b.nntxt", "network { }"}})));
  EXPECT_EQ(messages[0], "expected one description in the archive");
}

// Time and memory grow with the number of inputs, not with its square.
TEST_F(NNPImport, SurvivesManyInputs) {
  std::string text = "network { ";
  for (unsigned i = 0; i < 20000; ++i) {
    std::string n = std::to_string(i), shape = "\" type: \"Buffer\" shape { dim: 1 } } ";
    text += "variable { name: \"x" + n + shape + "variable { name: \"y" + n + shape +
            "function { type: \"Exp\" input: \"x" + n + "\" output: \"y" + n + "\" } ";
  }
  EXPECT_TRUE(import(text + "}"));
}

//===----------------------------------------------------------------------===//
// The table of functions
//===----------------------------------------------------------------------===//

// A function with numbers needs a field for them in the schema.
TEST_F(NNPImport, SchemaHasEveryNumber) {
  getNNPFunctions(&context);
  const auto *function = nnp::proto::Function::descriptor();
  for (mlir::RegisteredOperationName op : context.getRegisteredOperations()) {
    if (!op.getInterface<nn::ElementwiseOpInterface>() || op.getAttributeNames().empty())
      continue;
    const auto *field = function->FindFieldByName(op.stripDialect().str() + "_param");
    ASSERT_NE(field, nullptr) << op.getStringRef().str();
    for (StringAttr name : op.getAttributeNames()) {
      const auto *number = field->message_type()->FindFieldByName(name.str());
      ASSERT_NE(number, nullptr) << op.getStringRef().str() << " " << name.str();
      EXPECT_EQ(number->cpp_type(), google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE);
    }
  }
}

// The page lists what the importer knows, in order.
TEST_F(NNPImport, PageListsFunctions) {
  std::string page = readData("../../docs/Importers/NNP.md");
  std::string rows;
  for (const auto &[function, op] : getNNPFunctions(&context))
    rows += "| " + function + " | `" + op + "` |\n";
  EXPECT_NE(page.find("| nnabla | FPW |\n| --- | --- |\n" + rows + "\n"), std::string::npos)
      << "expected these rows in docs/Importers/NNP.md:\n"
      << rows;
}
