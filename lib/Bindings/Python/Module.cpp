//===- Module.cpp - The Python module behind the package fpw -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The package fpw makes this comfortable; nobody else imports it. Everything that takes time goes
// on without the interpreter's lock.
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"

#include "fpw/Embedding/Model.h"
#include "fpw/Execution/ContextPool.h"
#include "fpw/Support/Version.h"
#include "llvm/Support/JSON.h"
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

using namespace fpw;
using namespace fpw::python;

namespace {

/// What Python knows as fpw.Error.
struct PythonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void check(llvm::Error error) {
  if (error)
    throw PythonError(llvm::toString(std::move(error)));
}

template <typename T> T check(llvm::Expected<T> value) {
  if (!value)
    throw PythonError(llvm::toString(value.takeError()));
  return std::move(*value);
}

/// A compiled network and the contexts of its runs.
class PythonModel {
public:
  PythonModel(Model model, unsigned threads)
      : threads(threads), model(std::make_unique<Model>(std::move(model))) {
    if (this->model->get())
      contexts = std::make_unique<ContextPool>(this->model->get());
  }

  nb::object run(nb::args positional, nb::kwargs named) {
    if (!contexts)
      throw PythonError("expected a model for this machine but got one for " +
                        model->getTarget().str());
    nb::object out;
    if (named.contains("out"))
      out = nb::borrow(named["out"]);
    std::vector<Input> inputs = collectInputs(model->getInputs(), positional, named);
    int64_t batch = getBatch(model->getInputs(), inputs);
    std::vector<Output> outputs = makeOutputs(model->getOutputs(), batch, out);
    std::vector<const void *> from;
    std::vector<void *> to;
    for (const Input &input : inputs)
      from.push_back(input.getData());
    for (const Output &output : outputs)
      to.push_back(output.data);
    checkOverlap(inputs, outputs);
    {
      nb::gil_scoped_release release;
      check(contexts->run(batch, from, to, threads));
    }
    return getResults(outputs);
  }

  const Model &get() const { return *model; }
  unsigned threads;

private:
  std::unique_ptr<Model> model;
  std::unique_ptr<ContextPool> contexts; // destroyed before the model
};

std::string toJSON(const Report &report) {
  std::string text;
  llvm::raw_string_ostream(text) << report.toJSON("");
  return text;
}

std::string toText(const Report &report) {
  std::string text;
  llvm::raw_string_ostream os(text);
  report.print(os);
  return text;
}

/// Name and shape of each; the batch is None.
std::vector<std::pair<std::string, nb::tuple>> describe(ArrayRef<TensorInfo> infos) {
  std::vector<std::pair<std::string, nb::tuple>> result;
  for (const TensorInfo &info : infos) {
    nb::list shape;
    for (int64_t size : info.shape)
      shape.append(size < 0 ? nb::none() : nb::object(nb::int_(size)));
    result.emplace_back(info.name, nb::tuple(shape));
  }
  return result;
}

Network load(const std::string &path, const std::string &network, const std::string &executor) {
  NNPImportOptions options;
  options.network = network;
  options.executor = executor;
  return check(Network::load(path, options));
}

/// What `fpw convert` takes, with its names.
std::pair<Network, std::vector<std::string>>
convert(const Network &network, unsigned weightBits, unsigned biasBits,
        std::optional<float> weightDelta, std::optional<float> biasDelta, bool weightSigned,
        bool biasSigned, bool bias, bool floor, bool perChannel,
        const std::vector<std::string> &functions, const std::vector<std::string> &exclude) {
  nn::FixedPointWeightOptions options;
  options.weight = {/*quantize=*/true, weightSigned, weightBits, weightDelta};
  options.bias = {bias, biasSigned, biasBits, biasDelta};
  options.functions.assign(functions.begin(), functions.end());
  options.exclude.assign(exclude.begin(), exclude.end());
  options.rounding = floor ? StepRounding::Floor : StepRounding::Ceil;
  options.perChannel = perChannel;
  std::vector<std::string> warnings;
  nb::gil_scoped_release release;
  Network converted = check(network.convert(options, warnings));
  return {std::move(converted), std::move(warnings)};
}

PythonModel compile(const Network &network, unsigned threads, unsigned activationBits,
                    const std::optional<std::string> &arithmetic, const std::string &target,
                    const std::vector<std::string> &architectures, const std::string &name) {
  ModelOptions options;
  if (arithmetic && *arithmetic != "float" && *arithmetic != "digits")
    throw nb::value_error(
        ("expected arithmetic 'float' or 'digits' but got '" + *arithmetic + "'").c_str());
  if (arithmetic)
    options.arithmetic = *arithmetic == "float" ? Arithmetic::Float : Arithmetic::Digits;
  options.activationBits = activationBits;
  options.target = target;
  options.architectures = architectures;
  options.name = name;
  nb::gil_scoped_release release;
  return PythonModel(check(Model::compile(network, options)), threads);
}

} // namespace

NB_MODULE(_fpw, module) {
  nb::exception<PythonError>(module, "Error", PyExc_RuntimeError).attr("__doc__") =
      "What FPW says about a file, a conversion, a compilation or a run.";
  module.attr("version") = getVersion().str();
  using namespace nb::literals;
  auto withoutLock = nb::call_guard<nb::gil_scoped_release>();

  nb::class_<Network>(module, "Network")
      .def_static("load", load, "path"_a, "network"_a, "executor"_a, withoutLock)
      .def("convert", convert, "weight_bits"_a, "bias_bits"_a, "weight_delta"_a.none(),
           "bias_delta"_a.none(), "weight_signed"_a, "bias_signed"_a, "bias"_a, "floor"_a,
           "per_channel"_a, "functions"_a, "exclude"_a)
      .def(
          "report",
          [](const Network &network) {
            Report report = check(network.report());
            return std::pair(toJSON(report), toText(report));
          },
          withoutLock)
      .def(
          "save",
          [](const Network &network, const std::string &path) { check(network.save(path)); },
          "path"_a, withoutLock)
      .def("print", &Network::print, withoutLock)
      .def("is_converted", &Network::isConverted)
      .def("inputs", [](const Network &network) { return describe(network.getInputs()); })
      .def("outputs", [](const Network &network) { return describe(network.getOutputs()); })
      .def("compile", compile, "threads"_a, "activation_bits"_a, "arithmetic"_a.none(), "target"_a,
           "architectures"_a, "name"_a);

  nb::class_<PythonModel>(module, "Model")
      .def_static(
          "load",
          [](const std::string &path, unsigned threads) {
            return PythonModel(check(Model::load(path)), threads);
          },
          "path"_a, "threads"_a, withoutLock)
      .def("run", &PythonModel::run)
      .def(
          "save",
          [](const PythonModel &model, const std::string &path) { check(model.get().save(path)); },
          "path"_a, withoutLock)
      .def("inputs", [](const PythonModel &model) { return describe(model.get().getInputs()); })
      .def("outputs", [](const PythonModel &model) { return describe(model.get().getOutputs()); })
      .def("target", [](const PythonModel &model) { return model.get().getTarget().str(); })
      .def_rw("threads", &PythonModel::threads);
}
