/*
 * One event loop per process: poll over descriptors, signalfd and timers. No threads, no work in signal
 * handlers. Callbacks may add and remove handlers, their own included.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/err.h"
#include <stdint.h>

struct loop;
struct loop *loop_new(void);
void loop_free(struct loop *); /* complains in the log when handlers are still registered */

/* events and the callback's argument are poll(2) bits. One handler per descriptor; set events 0 to pause. */
void loop_fd(struct loop *, int fd, short events, void (*cb)(void *arg, short revents), void *arg);
void loop_fd_events(struct loop *, int fd, short events);
void loop_fd_del(struct loop *, int fd);
/* Blocks the signal for the process and delivers it here. It stays blocked after loop_free, so that a second one
 * cannot cut the end of the program short. One handler per signal; E_INVALID for a signal that cannot be taken. */
enum err loop_signal(struct loop *, int signo, void (*cb)(void *arg), void *arg, struct errinfo *) NODISCARD;
/* Fires once after delay_ms; returns an id > 0 for loop_timer_del, which ignores a timer that has fired. */
int loop_timer(struct loop *, int64_t delay_ms, void (*cb)(void *arg), void *arg);
void loop_timer_del(struct loop *, int id);
/* Called once after each round of callbacks (the ui draws here). */
void loop_after(struct loop *, void (*cb)(void *arg), void *arg);

int loop_run(struct loop *); /* until loop_stop; returns its code */
void loop_once(struct loop *, int64_t max_ms);
void loop_stop(struct loop *, int code);

#endif
