/* A library that is no network. */

int strange(void);
int strange(void) { return 1; }
