/* Classifies an image of 16 x 16 floats from standard input: classify MODEL [BITS]. The model is a file that is
 * compiled here, or a library that `fpw compile` made. */

#include "fpw-c/Network.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  static float image[1][16][16], scores[10];
  const void *inputs[] = {image};
  void *outputs[] = {scores};
  fpw_network *network = NULL;
  fpw_context *context = NULL;
  fpw_compile_options options = {.size = sizeof(options)};
  if (argc < 2 || fread(image, sizeof(image), 1, stdin) != 1)
    return fprintf(stderr, "expected a model and an image\n"), 2;
  options.bits = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;

  if (strstr(argv[1], ".so") ? fpw_load_library(argv[1], &network)
                             : fpw_compile_file(argv[1], &options, &network))
    return fprintf(stderr, "%s\n", fpw_get_network_error()), 1;
  const fpw_model *model = fpw_get_model(network);
  printf("%s: %s of rank %u -> %s\n", model->name, model->inputs[0].name, model->inputs[0].rank,
         model->outputs[0].name);
  if (fpw_create_context(model, 1, &context) || fpw_prepare(context, 1) ||
      fpw_run(context, 1, inputs, outputs))
    return fprintf(stderr, "%s\n", fpw_get_error(model)), 1;
  for (int digit = 0; digit < 10; ++digit)
    printf("%d: %.3f\n", digit, scores[digit]);
  fpw_destroy_context(context);
  fpw_destroy_network(network);
}
