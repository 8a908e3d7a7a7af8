/* The sections of the standard (技術的基準の節) and what serves them: data/tables/sections.tsv. */
#ifndef SERVICE_SECTIONS_H
#define SERVICE_SECTIONS_H

#include "domain/rulebook.h"

/* When the service opens: each section names functions, ledgers and due dates. E_INVALID with the row. */
enum err sections_check(const struct rulebook *, struct errinfo *) NODISCARD;

#endif
