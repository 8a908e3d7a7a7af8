/*
 * The whole check of a notice (事前確認): what its form names and what is checked of every notice.
 */
#ifndef DOMAIN_NOTICE_CHECK_H
#define DOMAIN_NOTICE_CHECK_H

#include "domain/effect.h"
#include "domain/finding.h"

/* All checks of the kind, its fields and the common ones of spec F. Never fails for bad input: it reports. */
enum err notice_check(const struct kind *, const struct notice *, const struct world *, const struct effect_ctx *,
                      struct findings *ret, struct errinfo *) NODISCARD;

#endif
