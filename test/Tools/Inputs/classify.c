/* Reads one image from standard input and prints the class with the best score. */

#include "digits.h"
#include <stdio.h>

int main(void) {
  static float image[16 * 16], scores[10];
  const void *inputs[] = {image};
  void *outputs[] = {scores};
  const fpw_model *model = fpw_model_digits();
  fpw_context *context = NULL;
  int best = 0, i;
  if (fread(image, sizeof(float), 256, stdin) != 256 || fpw_create_context(model, 1, &context) ||
      fpw_prepare(context, 1) || fpw_run(context, 1, inputs, outputs))
    return fprintf(stderr, "%s\n", fpw_get_error(model)), 1;
  for (i = 1; i < 10; ++i)
    best = scores[i] > scores[best] ? i : best;
  printf("class %d\n", best);
  fpw_destroy_context(context);
  return 0;
}
