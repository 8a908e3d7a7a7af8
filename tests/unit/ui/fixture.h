/*
 * The service as recorded answers: stands in for the client library when a screen is tested on the memory canvas. Each
 * method has a queue of answers; the last one repeats. Calls are kept, so that a test can see what was asked.
 */
#ifndef TESTS_UNIT_UI_FIXTURE_H
#define TESTS_UNIT_UI_FIXTURE_H

#include "ui/ui.h"

struct fixture;
/* A front end of the given size on a memory canvas, with the eras of the register and a clock that stands still. */
struct fixture *fixture_new(int rows, int cols);
void fixture_free(struct fixture *);
struct ui *fixture_ui(struct fixture *);
const struct eras *fixture_eras(void);

/* Answer as JSON text (single quotes stand for double ones). fixture_refuse: the service says no. */
void fixture_answer(struct fixture *, const char *method, const char *json);
void fixture_refuse(struct fixture *, const char *method, enum err, const char *text, const char *remedy);
void fixture_item(struct fixture *, const char *item); /* what refusals are about from now on */
void fixture_down(struct fixture *, bool down);        /* nobody answers at the socket */
/* Parameters of the last call of a method as compact JSON with sorted keys, "" if it was not called. */
const char *fixture_params(struct fixture *, const char *method);
int fixture_calls(struct fixture *, const char *method);
/* The usual beginning: logged in as a clerk who may do everything, counter in normal state. */
void fixture_login(struct fixture *);
/* A new one, logged in, at the menu; `board` is the answer of dashboard.get. */
struct fixture *fixture_menu(const char *board);

/* Keys as in the terminal harness: "転居<Enter><F10>". */
void fixture_keys(struct fixture *, const char *script);
void fixture_resize(struct fixture *, int rows, int cols);
void fixture_advance(struct fixture *, int64_t ms); /* clock, then a tick */

/* What is on the screen. Rows without blanks at the end. */
const char *fixture_row(struct fixture *, int y);
bool fixture_sees(struct fixture *, const char *text);
int fixture_find(struct fixture *, const char *text); /* row, or -1 */
const char *fixture_mark(struct fixture *);
struct canvas *fixture_canvas(struct fixture *);
/* Fails the test unless the screen has the text; prints the screen. */
void fixture_expect(struct fixture *, const char *text);
void fixture_expect_not(struct fixture *, const char *text);
void fixture_expect_mark(struct fixture *, const char *mark);
void fixture_print(struct fixture *);

#endif
