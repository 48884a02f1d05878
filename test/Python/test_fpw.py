"""The Python package: networks of test/data through load, convert, report, compile, call and save."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

import fpw
import numpy

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
DIGITS = DATA / "models/lenet_digits"


def load_digits():
    return fpw.load(DIGITS / "lenet_digits.nnp")


class NetworkTest(unittest.TestCase):
    def test_describes_itself(self):
        network = load_digits()
        self.assertEqual(network.inputs, (fpw.Tensor("x", (None, 1, 16, 16)),))
        self.assertEqual(network.outputs[0].shape, (None, 10))
        self.assertFalse(network.is_converted)
        self.assertEqual(repr(network), "<fpw network 'lenet_digits': x ?x1x16x16 -> y ?x10>")
        self.assertIn("nn.convolution", str(network))

    def test_converts_without_changing(self):
        network = load_digits()
        converted = network.convert(bits=6)
        self.assertTrue(converted.is_converted)
        self.assertFalse(network.is_converted)

    def test_reports(self):
        report = load_digits().convert(6).report()
        self.assertEqual(len(report), 6)
        self.assertEqual(report[0]["name"], "conv1/conv/W")
        self.assertEqual({row["bits"] for row in report}, {6})
        self.assertLess(report.totals["bytes_after"], report.totals["bytes_before"])
        self.assertIn("total: 6 tensors", str(report))

    def test_takes_the_options_of_the_converter(self):
        network = load_digits()
        rows = network.convert(weight_bits=5, bias_bits=9, exclude=["conv1/*"]).report()
        self.assertEqual({row["bits"] for row in rows}, {5, 9})
        self.assertNotIn("conv1/conv/W", [row["name"] for row in rows])
        self.assertLess(len(network.convert(bias=False).report()), len(network.convert().report()))
        per_channel = network.convert(per_channel=True).report()
        self.assertNotEqual(per_channel[0]["delta"], network.convert().report()[0]["delta"])

    def test_warns_of_clipping(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            load_digits().convert(4, weight_delta=0.001)
        self.assertTrue(any(issubclass(warning.category, fpw.ConversionWarning) for warning in caught))

    def test_errors_have_the_diagnostic(self):
        with self.assertRaisesRegex(fpw.Error, "expected n-w to be 2 to 16 for signed numbers but got 40"):
            load_digits().convert(40)
        with self.assertRaisesRegex(fpw.Error, "missing.nnp.*No such file"):
            fpw.load("missing.nnp")
        with self.assertRaisesRegex(fpw.Error, "expected fixed-point layers"):
            load_digits().compile(arithmetic="digits")
        with self.assertRaisesRegex(ValueError, "expected arithmetic 'float' or 'digits' but got 'fast'"):
            load_digits().compile(arithmetic="fast")
        with self.assertRaisesRegex(fpw.Error, "name of an x86-64 processor but got 'rocket'"):
            load_digits().compile(target="rocket")

        with self.assertRaisesRegex(TypeError, "expected threads with a library only"):
            fpw.load(DIGITS / "lenet_digits.nnp", threads=2)

    def test_refuses_damaged_files(self):
        with tempfile.TemporaryDirectory() as folder:
            whole = pathlib.Path(folder, "whole.mlirbc")
            load_digits().convert().save(whole)
            content = whole.read_bytes()
            for name, damaged in [("half.mlirbc", content[: len(content) // 2]), ("text.mlir", b"nonsense"),
                                  ("empty.nnp", b""), ("zip.nnp", b"PK\3\4" + bytes(100)),
                                  ("text.so", b"nonsense"), ("elf.so", b"\x7fELF" + bytes(60))]:
                path = pathlib.Path(folder, name)
                path.write_bytes(damaged)
                with self.assertRaisesRegex(fpw.Error, name):
                    fpw.load(path)


class TypesTest(unittest.TestCase):
    """Token ids and masks of ONNX models."""

    TEXT = """
    func.func @net(%ids: tensor<?x3xi64> {nn.name = "ids"})
        -> (tensor<?x3xf32> {nn.name = "y"}, tensor<?x3xi8> {nn.name = "mask"}) {
      %y = nn.to_float %ids : (tensor<?x3xi64>) -> tensor<?x3xf32>
      %mask = nn.from_float %y as i8 : (tensor<?x3xf32>) -> tensor<?x3xi8>
      return %y, %mask : tensor<?x3xf32>, tensor<?x3xi8>
    }
    """

    def test_takes_and_gives_integers_and_truth_values(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "net.mlir"
            path.write_text(self.TEXT)
            model = fpw.load(path).compile()
        ids = numpy.array([[0, 1, 1], [1, 0, 0]], numpy.int64)
        y, mask = model(ids)
        self.assertEqual((y.dtype, mask.dtype), (numpy.float32, numpy.bool_))
        numpy.testing.assert_array_equal(y, ids)
        numpy.testing.assert_array_equal(mask, ids == 1)
        numpy.testing.assert_array_equal(model(ids.T.copy().T)[0], ids)  # in another order
        with self.assertRaisesRegex(TypeError, "input 'ids' of int64 but got int32"):
            model(ids.astype("i4"))
        with self.assertRaisesRegex(TypeError, "input 'ids' of int64 but got float32"):
            model(ids.astype("f4"))


class ModelTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.x = numpy.load(DIGITS / "x.npy")
        cls.network = load_digits().convert(8)
        cls.model = cls.network.compile()
        cls.y = cls.model(cls.x)

    def test_is_right(self):
        expected = numpy.load(DIGITS / "y_ceil_n8.npy")
        self.assertEqual(self.y.dtype, numpy.float32)
        numpy.testing.assert_allclose(self.y, expected, atol=1e-4 * numpy.abs(expected).max())
        labels = numpy.load(DIGITS / "labels.npy")
        self.assertGreater((self.y.argmax(axis=1) == labels.ravel()).mean(), 0.97)

    def test_has_the_same_bits_however_it_is_called(self):
        numpy.testing.assert_array_equal(self.model(x=self.x[:7]), self.y[:7])
        more = self.network.compile(threads=3)
        self.assertEqual(more.threads, 3)
        numpy.testing.assert_array_equal(more(self.x), self.y)
        baseline = self.network.compile(target=["x86-64", "x86-64-v3"])
        numpy.testing.assert_array_equal(baseline(self.x[:9]), self.y[:9])
        self.assertEqual(self.model(self.x[:0]).shape, (0, 10))

    def test_takes_any_layout(self):
        channels_last = numpy.ascontiguousarray(self.x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        numpy.testing.assert_array_equal(self.model(self.x[::-1]), self.y[::-1])
        numpy.testing.assert_array_equal(self.model(channels_last[:, :, :, :]), self.y)
        read_only = self.x.copy()
        read_only.setflags(write=False)
        numpy.testing.assert_array_equal(self.model(read_only), self.y)

    def test_takes_dlpack(self):
        class Tensor:
            def __init__(self, array):
                self.array = array

            def __dlpack__(self, **options):
                return self.array.__dlpack__()

            def __dlpack_device__(self):
                return self.array.__dlpack_device__()

        numpy.testing.assert_array_equal(self.model(Tensor(self.x)), self.y)
        again = numpy.from_dlpack(self.model(self.x[:2]))
        numpy.testing.assert_array_equal(again, self.y[:2])

    def test_writes_into_the_caller_memory(self):
        out = numpy.full((5, 10), numpy.nan, numpy.float32)
        self.assertIs(self.model(self.x[:5], out=out), out)
        numpy.testing.assert_array_equal(out, self.y[:5])
        self.assertIs(self.model(self.x[:5], out=[out]), out)

    def test_refuses_what_does_not_fit(self):
        x, model = self.x[:2], self.model
        read_only = numpy.zeros((2, 10), numpy.float32)
        read_only.setflags(write=False)
        memory = numpy.zeros(2 * 256, numpy.float32)
        for error, pattern, call in [
            (TypeError, "input 'x' of float32 but got float64", lambda: model(x.astype("f8"))),
            (TypeError, "input 'x' of float32 but got int8", lambda: model(x.astype("i1"))),
            (TypeError, "an array for input 'x' but got list", lambda: model([1, 2])),
            (TypeError, "expected input 'x' but got none", lambda: model()),
            (TypeError, "expected 1 inputs but got 2", lambda: model(x, x)),
            (TypeError, "expected no input 'z'", lambda: model(x, z=x)),
            (TypeError, "expected no input 'x'", lambda: model(x, x=x)),
            (ValueError, r"of shape \(batch, 1, 16, 16\) but got \(2, 1, 16, 8\)", lambda: model(x[..., :8])),
            (ValueError, r"but got \(512\)", lambda: model(x.ravel())),
            (ValueError, r"output 'y' of shape \(2, 10\) but got \(3, 10\)",
             lambda: model(x, out=numpy.zeros((3, 10), "f4"))),
            (ValueError, "C-contiguous", lambda: model(x, out=numpy.zeros((10, 2), "f4").T)),
            (TypeError, "output 'y' of float32 but got float64", lambda: model(x, out=numpy.zeros((2, 10)))),
            (TypeError, "can be written for output 'y'", lambda: model(x, out=read_only)),
            (ValueError, "1 arrays in out but got 2", lambda: model(x, out=[memory, memory])),
            (ValueError, "one in an input's",
             lambda: model(memory.reshape(2, 1, 16, 16), out=memory[:20].reshape(2, 10))),
        ]:
            with self.subTest(pattern), self.assertRaisesRegex(error, pattern):
                call()
        numpy.testing.assert_array_equal(model(x), self.y[:2])

    def test_serves_many_threads(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for result in pool.map(lambda i: self.model(self.x[i : i + 9]) == self.y[i : i + 9], range(100)):
                self.assertTrue(result.all())

    def test_lets_other_threads_go_on(self):
        x = numpy.concatenate([self.x] * 40)
        done = threading.Event()
        worker = threading.Thread(target=lambda: (self.model(x), done.set()))
        steps = 0
        worker.start()
        while not done.is_set():
            time.sleep(0)
            steps += 1
        worker.join()
        self.assertGreater(steps, 3)

    def test_saves_a_library(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "digits.so")
            self.model.save(path)
            loaded = fpw.load(path, threads=2)
            self.assertEqual(loaded.inputs, self.model.inputs)
            numpy.testing.assert_array_equal(loaded(self.x), self.y)
            with self.assertRaisesRegex(fpw.Error, "but got a library"):
                loaded.save(path)
            with self.assertRaisesRegex(fpw.Error, "cannot write"):
                self.model.save(os.path.join(folder, "missing/digits.so"))

    def test_compiles_for_another_machine(self):
        foreign = self.network.compile(target="aarch64-linux-gnu")
        self.assertTrue(foreign.target.startswith("aarch64"))
        with self.assertRaisesRegex(fpw.Error, "a model for this machine but got one for aarch64"):
            foreign(self.x)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "digits.o")
            foreign.save(path)
            self.assertEqual(path.read_bytes()[18], 183)  # the machine of an ELF file: AArch64


class GPUTest(unittest.TestCase):
    """What a process finds depends on its driver, so that each case is a process: one without a driver, or with one
    that records and computes nothing (test/lib/FakeCUDA)."""

    def run_with(self, driver, code):
        prepare = f"import fpw, numpy\nnetwork = fpw.load({str(DIGITS / 'lenet_digits.nnp')!r}).convert(bits=8)\n"
        run = subprocess.run([sys.executable, "-c", prepare + code], capture_output=True, text=True,
                             env={**os.environ, "FPW_CUDA_LIBRARY": driver})
        return run.stdout + run.stderr

    def test_says_that_there_is_no_driver(self):
        said = self.run_with("/nowhere/libcuda.so.1", "network.compile(target='cuda')")
        self.assertIn("fpw.Error: expected NVIDIA's driver but got: /nowhere/libcuda.so.1", said)

    def test_saves_for_gpus_that_are_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "digits.so")
            said = self.run_with("/nowhere/libcuda.so.1", f"""
model = network.compile(target="cuda", architectures=["sm_90a", "sm_80"])
model.save({path!r})
loaded = fpw.load({path!r})
print(loaded.inputs[0].shape)
loaded(numpy.zeros((2, 1, 16, 16), numpy.float32))
""")
        self.assertIn("(None, 1, 16, 16)", said)
        self.assertIn("fpw.Error: expected NVIDIA's driver but got", said)

    @unittest.skipUnless("FPW_FAKE_CUDA" in os.environ, "skipped: without the driver that records")
    def test_runs_on_the_device(self):
        said = self.run_with(os.environ["FPW_FAKE_CUDA"], """
model = network.compile(target="cuda:0", activation_bits=8)
print(model(numpy.zeros((2, 1, 16, 16), numpy.float32)).shape)
network.compile(target="cuda:1")
""")
        self.assertIn("(2, 10)", said)
        self.assertIn("fpw.Error: expected device 0, which this process uses, but got 1", said)

    def test_refuses_names(self):
        network = load_digits()
        with self.assertRaisesRegex(fpw.Error, "expected target cuda or cuda:N but got 'cuda:x'"):
            network.compile(target="cuda:x")
        with self.assertRaisesRegex(fpw.Error, "expected architectures with target cuda only"):
            network.compile(architectures=["sm_80"])
        with self.assertRaisesRegex(fpw.Error, "but got 'sm_1'"):
            network.compile(target="cuda", architectures=["sm_1"])


class PackageTest(unittest.TestCase):
    def test_stub_has_what_the_module_has(self):
        stub = pathlib.Path(fpw.__file__).with_name("_fpw.pyi").read_text()
        for owner in (fpw._fpw.Network, fpw._fpw.Model):
            for name in vars(owner):
                if not name.startswith("_"):
                    self.assertRegex(stub, rf"\b{name}\b")

    def test_everything_is_documented(self):
        for name in fpw.__all__:
            self.assertTrue(getattr(fpw, name).__doc__, name)

    def run_example(self, name):
        example = pathlib.Path(__file__).with_name(name)
        arguments = [sys.executable, example, DIGITS / "lenet_digits.nnp", DIGITS / "x.npy", DIGITS / "labels.npy"]
        result = subprocess.run(arguments, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_example_runs(self):
        printed = self.run_example("example.py")
        self.assertRegex(printed, r"8 bits: 13880 -> 3470 bytes, accuracy 0\.98")
        self.assertIn("expected input 'x' of float32 but got float64", printed)

    @unittest.skipUnless(os.environ.get("FPW_TEST_RAY"), "FPW_TEST_RAY is not set")
    def test_ray_example_runs(self):
        self.assertRegex(self.run_example("ray_example.py"), r"accuracy: 0\.9[78]")


if __name__ == "__main__":
    unittest.main()
