/* The nn dialect through MLIR's C interface: parses a module, converts it with a pass, and looks at the format of its
 * weight. */

#include "fpw-c/Dialects.h"
#include "mlir-c/Diagnostics.h"
#include "mlir-c/Pass.h"
#include <stdio.h>

static const char *kNetwork =
    "func.func @net(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {\n"
    "  %w = nn.parameter \"w\" = dense<[[0.5, -0.25], [0.75, 1.0]]> : tensor<2x2xf32>\n"
    "  %0 = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>\n"
    "  return %0 : tensor<?x2xf32>\n"
    "}\n";

static void print(MlirStringRef text, void *file) {
  fwrite(text.data, 1, text.length, (FILE *)file);
}

static MlirLogicalResult report(MlirDiagnostic diagnostic, void *data) {
  (void)data;
  printf("diagnostic: ");
  mlirDiagnosticPrint(diagnostic, print, stdout);
  printf("\n");
  return mlirLogicalResultSuccess();
}

/* Prints the formats of an op's weight. */
static MlirWalkResult look(MlirOperation op, void *data) {
  MlirAttribute format =
      mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString("weight_format"));
  (void)data;
  if (mlirAttributeIsANNFixedPoint(format))
    printf("weight: %u bits, %s, %d step(s), %g, codes to %d\n", mlirNNFixedPointAttrGetBits(format),
           mlirNNFixedPointAttrIsSigned(format) ? "signed" : "unsigned",
           (int)mlirNNFixedPointAttrGetNumSteps(format), mlirNNFixedPointAttrGetStep(format, 0),
           (int)mlirNNFixedPointAttrGetMaxCode(format));
  return MlirWalkResultAdvance;
}

int main(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__nn__(), registry);
  mlirRegisterFPWDialects(registry);
  mlirRegisterFPWPasses();
  MlirContext context = mlirContextCreateWithRegistry(registry, true);
  mlirContextAttachDiagnosticHandler(context, report, NULL, NULL);
  mlirContextLoadAllAvailableDialects(context);

  MlirModule module = mlirModuleCreateParse(context, mlirStringRefCreateFromCString(kNetwork));
  MlirPassManager passes = mlirPassManagerCreate(context);
  MlirStringRef pipeline =
      mlirStringRefCreateFromCString("builtin.module(nn-fixed-point-weight{n-w=4})");
  if (mlirModuleIsNull(module) ||
      mlirLogicalResultIsFailure(mlirParsePassPipeline(mlirPassManagerGetAsOpPassManager(passes),
                                                       pipeline, print, stderr)) ||
      mlirLogicalResultIsFailure(mlirPassManagerRunOnOp(passes, mlirModuleGetOperation(module))))
    return 1;
  mlirOperationWalk(mlirModuleGetOperation(module), look, NULL, MlirWalkPreOrder);

  float steps[] = {0.5f, 0.25f};
  MlirAttribute format = mlirNNFixedPointAttrGet(context, 4, false, 2, steps);
  mlirAttributePrint(format, print, stdout);
  printf("\n");
  MlirAttribute invalid = mlirNNFixedPointAttrGet(context, 99, true, 2, steps);
  printf("null: %d\n", mlirAttributeIsNull(invalid) && !mlirAttributeIsANNFixedPoint(invalid));

  mlirPassManagerDestroy(passes);
  mlirModuleDestroy(module);
  mlirContextDestroy(context);
  mlirDialectRegistryDestroy(registry);
  return 0;
}
