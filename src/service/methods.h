/* The tables of methods, one per noun; methods.def is the list. */
#ifndef SERVICE_METHODS_H
#define SERVICE_METHODS_H

#include "service/method.h"

#define TABLE(name) extern const struct method_table name;
#include "methods.def"
#undef TABLE

#endif
