/* One network, many threads, each with a context of its own: all get the same bits. threads MODEL THREADS */

#include "fpw-c/Network.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kRounds = 30, kImage = 16 * 16, kClasses = 10, kBatch = 5 };

static const fpw_model *model;
static float images[kBatch * kImage], expected[kBatch * kClasses];

/* Runs the network on the first samples; null if all went well. */
static const char *run(fpw_context *context, int64_t batch, float *scores) {
  const void *inputs[] = {images};
  void *outputs[] = {scores};
  return fpw_run(context, batch, inputs, outputs) ? fpw_get_error(model) : NULL;
}

static void *work(void *argument) {
  uint32_t threads = *(uint32_t *)argument % 3; /* some contexts have helpers */
  float scores[kBatch * kClasses];
  fpw_context *context = NULL;
  if (fpw_create_context(model, threads, &context) || fpw_prepare(context, kBatch))
    return "cannot make a context";
  for (int round = 0; round < kRounds; ++round) {
    int64_t batch = 1 + round % kBatch;
    memset(scores, 0xff, sizeof(scores));
    const char *error = run(context, batch, scores);
    if (error)
      return (void *)error;
    if (memcmp(scores, expected, (size_t)batch * kClasses * sizeof(float)))
      return "other bits";
    /* An error of one thread is no other thread's. */
    if (!run(context, kBatch + 1, scores) || !strstr(fpw_get_error(model), "but got 6"))
      return "expected an error";
  }
  fpw_destroy_context(context);
  return NULL;
}

int main(int argc, char **argv) {
  uint32_t count = argc > 2 ? (uint32_t)atoi(argv[2]) : 0, numbers[64];
  pthread_t threads[64];
  fpw_compile_options options = {.size = sizeof(options), .bits = 8};
  fpw_network *network = NULL;
  fpw_context *context = NULL;
  if (count == 0 || count > 64 || fpw_compile_file(argv[1], &options, &network))
    return fprintf(stderr, "%s\n", fpw_get_network_error()), 1;
  model = fpw_get_model(network);
  for (int i = 0; i < kBatch * kImage; ++i)
    images[i] = (float)(i * 7919 % 1000) / 1000;
  if (fpw_create_context(model, 1, &context) || fpw_prepare(context, kBatch) ||
      run(context, kBatch, expected))
    return fprintf(stderr, "%s\n", fpw_get_error(model)), 1;
  fpw_destroy_context(context);

  int failures = 0;
  for (uint32_t i = 0; i < count; ++i) {
    numbers[i] = i;
    if (pthread_create(&threads[i], NULL, work, &numbers[i]))
      return fprintf(stderr, "cannot start a thread\n"), 1;
  }
  for (uint32_t i = 0; i < count; ++i) {
    void *error = NULL;
    pthread_join(threads[i], &error);
    if (error)
      fprintf(stderr, "thread %u: %s\n", i, (const char *)error), ++failures;
  }
  fpw_destroy_network(network);
  printf("%u threads, %d failures\n", count, failures);
  return failures != 0;
}
