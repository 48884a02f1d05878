/* A library as another version of FPW made it. */

static const struct {
  unsigned version;
} model = {1};

const void *fpw_model(void);
const void *fpw_model(void) { return &model; }
