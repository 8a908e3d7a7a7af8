/*
 * Sees what is wiped: wiped.c stands in front of the C library's explicit_bzero and looks for the marker in the
 * memory before it is overwritten.
 */
#ifndef TESTS_BASE_WIPED_H
#define TESTS_BASE_WIPED_H

#define MARKER "hidden-name"

extern int markers_wiped;

#endif
