/* The branch's statements with the framework: what a repository of this layer includes. */
#ifndef STORE_STMT_IN_H
#define STORE_STMT_IN_H

#include "stmts.h"
#include "store/stmt.h"

#endif
