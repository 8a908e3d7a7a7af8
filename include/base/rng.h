/*
 * Repeatable pseudo-random numbers for demonstration data and tests: the same seed gives the same sequence on every
 * machine (xoshiro256**, seeded by splitmix64). Never for keys, numbers of persons or anything secret.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_seed(struct rng *, uint64_t seed);
uint64_t rng_u64(struct rng *);
uint32_t rng_below(struct rng *, uint32_t n);  /* 0 … n-1, without bias; n > 0 */
int rng_between(struct rng *, int lo, int hi); /* both ends included */
bool rng_chance(struct rng *, uint32_t per_mille);

#endif
