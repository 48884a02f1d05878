//===- Network.cpp - How a program gets networks -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw-c/Network.h"

#include "fpw/Embedding/Model.h"
#include "fpw/Support/Version.h"
#include "llvm/ADT/StringExtras.h"
#include <cstring>

using namespace fpw;

struct fpw_network {
  Model model;
};

static thread_local std::string message;

static fpw_status fail(fpw_status status, const llvm::Twine &text) {
  message = text.str();
  return status;
}

static fpw_status fail(fpw_status status, llvm::Error error) {
  return fail(status, llvm::toString(std::move(error)));
}

/// The status of an error: there is no such GPU, or something is wrong with the file.
static fpw_status fail(llvm::Error error) {
  fpw_status status = FPW_INVALID_FILE;
  error = llvm::handleErrors(std::move(error), [&](std::unique_ptr<llvm::StringError> info) {
    if (info->convertToErrorCode() == std::errc::no_such_device)
      status = FPW_NO_DEVICE;
    return llvm::Error(std::move(info));
  });
  return fail(status, std::move(error));
}

/// The options of whatever version of the struct the program knows.
static fpw_compile_options readOptions(const fpw_compile_options *given) {
  fpw_compile_options options = {};
  if (given)
    std::memcpy(&options, given, std::min(given->size, sizeof(options)));
  return options;
}

/// The network that is compiled: converted, if the options want it.
static Expected<Network> readNetwork(const char *path, const fpw_compile_options &options) {
  Expected<Network> network = Network::load(path);
  if (!network || options.bits == 0)
    return network;
  nn::FixedPointWeightOptions conversion;
  conversion.weight.bits = conversion.bias.bits = options.bits;
  std::vector<std::string> warnings; // which C programs have no place for
  return network->convert(conversion, warnings);
}

/// What a function that makes a network returns.
static fpw_status finish(Expected<Model> model, fpw_network **result) {
  *result = nullptr;
  if (!model)
    return fail(model.takeError());
  if (!model->get())
    return fail(FPW_INVALID_ARGUMENT,
                "expected processors like this one but got " + model->getTarget());
  *result = new fpw_network{std::move(*model)};
  return FPW_OK;
}

fpw_status fpw_compile_file(const char *path, const fpw_compile_options *given,
                            fpw_network **result) {
  fpw_compile_options options = readOptions(given);
  *result = nullptr;
  Expected<Network> network = readNetwork(path, options);
  if (!network)
    return finish(network.takeError(), result);
  ModelOptions compile;
  if (options.arithmetic != FPW_ARITHMETIC_DEFAULT)
    compile.arithmetic =
        options.arithmetic == FPW_ARITHMETIC_FLOAT ? Arithmetic::Float : Arithmetic::Digits;
  if (options.activation_bits != 0)
    compile.activationBits = options.activation_bits;
  if (options.processors)
    compile.target = options.processors;
  if (options.device) {
    if (options.processors)
      return fail(FPW_INVALID_ARGUMENT, "expected processors or a device but got both");
    compile.target = options.device;
  }
  if (options.architectures)
    for (StringRef name : llvm::split(options.architectures, ","))
      compile.architectures.push_back(name.str());
  return finish(Model::compile(*network, compile), result);
}

fpw_status fpw_load_library(const char *path, fpw_network **result) {
  return finish(Model::load(path), result);
}

fpw_status fpw_write_library(const fpw_network *network, const char *path) {
  llvm::Error error = network->model.save(path);
  return error ? fail(FPW_INVALID_FILE, std::move(error)) : FPW_OK;
}

const fpw_model *fpw_get_model(const fpw_network *network) { return network->model.get(); }

void fpw_destroy_network(fpw_network *network) { delete network; }

const char *fpw_get_network_error(void) { return message.c_str(); }

const char *fpw_get_version(void) { return getVersion().data(); }
