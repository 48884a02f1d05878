"""The runtimes of the comparison, each behind one class.

`prepare(work, precision, threads, folder)` gets a network ready and leaves in `call` what runs it once;
`result()` is then what it computed, channels first, and `kernels` says what it ran. NotImplementedError means
that the runtime has nothing for this work.
"""

import collections
import importlib.util
import subprocess

import numpy as np

import compiled_model
import network
import onednn


class Fpw:
    """FPW itself: precisions are bits of activations, and whether the steps of a network are fixed beforehand."""

    title, packages, program = "FPW", [], None

    def prepare(self, work, precision, threads, folder):
        bits, *static = precision.split()
        if static and work.alone:
            raise NotImplementedError("steps of a layer by itself cost next to nothing")
        # Inputs are not negative, and int8 peers are told so by their static steps.
        text = network.write(work.nodes, work.shape, channel_last=work.alone, batch=work.x.shape[0],
                             rectify_input=bits == "8")
        name = "-".join(["fpw", bits, *static])
        module, library = folder / f"{name}.mlir", folder / f"{name}.so"
        module.write_text(text)
        if static:
            self.fix_steps(module, work.x, folder / f"{name}.npy")
        self.run_program("compile", module, "-o", library, "--arithmetic", "digits", "--activation-bits", bits)
        module.unlink()
        self.model = compiled_model.CompiledModel(str(library), work.x.shape[0], threads)
        self.images = work.alone and work.x.ndim == 4
        self.call = self.model.bind(work.x.transpose(0, 2, 3, 1) if self.images else work.x)
        self.kernels = self.model.features

    def fix_steps(self, module, x, data):
        """Steps from the very input without any margin, as those of the int8 peers."""
        np.save(data, x)
        self.run_program("calibrate", module, "--input", data, "--margin", "0", "-o", module)
        data.unlink()

    def run_program(self, *arguments):
        subprocess.run([self.program, *arguments], check=True, capture_output=True, text=True)

    def result(self):
        return self.model.output.transpose(0, 3, 1, 2) if self.images else self.model.output


class OnnxRuntime:
    title, packages = "onnxruntime", ["onnx", "onnxruntime"]

    def prepare(self, work, precision, threads, folder):
        import onnxruntime
        session = onnxruntime.InferenceSession(self.model(work, precision), self.options(threads),
                                               providers=["CPUExecutionProvider"])
        self.binding = session.io_binding()
        self.x = onnxruntime.OrtValue.ortvalue_from_numpy(work.x)
        self.y = onnxruntime.OrtValue.ortvalue_from_shape_and_type(list(work.shape[work.result]), np.float32)
        self.binding.bind_ortvalue_input(session.get_inputs()[0].name, self.x)
        self.binding.bind_ortvalue_output(session.get_outputs()[0].name, self.y)
        self.call = lambda: session.run_with_iobinding(self.binding)
        self.kernels = "CPUExecutionProvider"

    def model(self, work, precision):
        import onnx_models
        if precision == "fp32":
            return onnx_models.Float(work).model()
        if any(node["op"] == "deconv" for node in work.nodes):
            raise NotImplementedError("no integer deconvolution")
        # Its integer convolutions give codes only, so the result is quantised too.
        return onnx_models.Quantised(work, work.nodes[-1]["op"] != "affine").model()

    def options(self, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.force_spinning_stop", "1")  # others take turns
        return options

    def result(self):
        return self.y.numpy()


class OpenVino:
    title, packages = "OpenVINO", ["onnx", "openvino"]

    def prepare(self, work, precision, threads, folder):
        import onnx_models
        import openvino
        core = openvino.Core()
        builder = onnx_models.Float(work) if precision == "fp32" else onnx_models.Quantised(work, False)
        model = core.read_model(builder.model())
        x, self.images = work.x, work.alone and work.x.ndim == 4
        if self.images:
            model, x = self.channels_last(model), np.ascontiguousarray(x.transpose(0, 2, 3, 1))
        compiled = core.compile_model(model, "CPU", self.options(threads))
        self.request = compiled.create_infer_request()
        self.request.set_input_tensor(openvino.Tensor(x))
        self.call = self.request.infer
        self.kernels = self.used(compiled)

    def channels_last(self, model):
        """Images as the CPU plug-in computes with them, or it would transpose them in every run."""
        import openvino
        from openvino.preprocess import PrePostProcessor
        steps = PrePostProcessor(model)
        for end in (steps.input(), steps.output()):
            end.tensor().set_layout(openvino.Layout("NHWC"))
            end.model().set_layout(openvino.Layout("NCHW"))
        return steps.build()

    def options(self, threads):
        # The default may be bf16 where the processor has it.
        return {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
                "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False, "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}

    def used(self, compiled):
        count = collections.Counter()
        for node in compiled.get_runtime_model().get_ops():
            info = node.get_rt_info()
            layer, kernel = (str(getattr(info[key], "value", info[key])) for key in ("layerType", "primitiveType"))
            if layer in ("FullyConnected", "Convolution", "Deconvolution", "MatMul"):
                count[f"{layer} {kernel}"] += 1
        return ", ".join(f"{number} {name}" for name, number in count.items())

    def result(self):
        y = self.request.get_output_tensor().data
        return y.transpose(0, 3, 1, 2) if self.images else y


RUNTIMES = {"fpw": Fpw, "onnxruntime": OnnxRuntime, "openvino": OpenVino, "onednn": onednn.OneDnn}
PRECISIONS = {"fpw": ["32", "24", "16", "8", "8 static"]}
PEER_PRECISIONS = ["fp32", "int8"]


def missing(name):
    """The packages that a runtime needs and this Python lacks."""
    runtime = RUNTIMES[name]
    lacking = [package for package in runtime.packages if importlib.util.find_spec(package) is None]
    return lacking + (["onednn"] if name == "onednn" and not onednn.library() else [])
