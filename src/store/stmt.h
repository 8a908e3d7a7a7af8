/* The branch's statements with the framework: what a repository of this layer includes. */
#ifndef STORE_STMT_BRANCH_H
#define STORE_STMT_BRANCH_H

#include "stmts.h"
#include "store/stmt.h"

#endif
