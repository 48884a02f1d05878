/* Runs a compiled network: run-library MODEL.so BATCH THREADS OUTPUT INPUT.npy... Inputs are the first samples of
 * .npy files of f4; outputs follow each other as bare floats. Prints the features of the code that ran. */

#include "Model.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static size_t count(const fpw_tensor *tensor, int64_t batch) {
  size_t elements = 1;
  for (uint32_t i = 0; i < tensor->rank; ++i)
    elements *= (size_t)(tensor->shape[i] < 0 ? batch : tensor->shape[i]);
  return elements;
}

/* Reads what follows the header. */
static int read_npy(const char *path, float *data, size_t elements) {
  FILE *file = fopen(path, "rb");
  unsigned char magic[10];
  int good = file && fread(magic, 1, 10, file) == 10 &&
             fseek(file, magic[8] + 256 * magic[9], SEEK_CUR) == 0 &&
             fread(data, sizeof(float), elements, file) == elements;
  if (file)
    fclose(file);
  return good;
}

int main(int argc, char **argv) {
  void *library = argc > 4 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library)
    return fprintf(stderr, "%s\n", argc > 4 ? dlerror() : "expected arguments"), 1;
  const fpw_model *(*entry)(void);
  *(void **)&entry = dlsym(library, "fpw_model");
  const fpw_model *model = entry();
  int64_t batch = atoll(argv[2]);
  uint32_t threads = (uint32_t)atoi(argv[3]);
  const void *inputs[16];
  void *outputs[16];
  for (uint32_t i = 0; i < model->num_inputs; ++i) {
    size_t elements = count(&model->inputs[i], batch);
    float *data = malloc(elements * sizeof(float));
    if ((int)i + 5 >= argc || !read_npy(argv[5 + i], data, elements))
      return fprintf(stderr, "cannot read input %u\n", i), 1;
    inputs[i] = data;
  }
  for (uint32_t i = 0; i < model->num_outputs; ++i)
    outputs[i] = malloc(count(&model->outputs[i], batch) * sizeof(float));

  fpw_context *context = NULL;
  if (fpw_create_context(model, threads, &context) ||
      fpw_prepare(context, batch) || fpw_run(context, batch, inputs, outputs))
    return fprintf(stderr, "%s\n", fpw_get_error(model)), 1;
  printf("features: %s\n", context->code->features);
  fpw_destroy_context(context);

  FILE *file = fopen(argv[4], "wb");
  for (uint32_t i = 0; i < model->num_outputs; ++i)
    fwrite(outputs[i], sizeof(float), count(&model->outputs[i], batch), file);
  return fclose(file);
}
