#ifndef SUM64_H
#define SUM64_H

#include <stddef.h>
#include <stdint.h>

/* The two sums of src/util/sum64.ts, the first one in the upper half. They tell texts apart; they are no
 * signature. */
uint64_t sum64(const char *text, size_t size);

#endif
