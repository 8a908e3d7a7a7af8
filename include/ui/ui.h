/*
 * The front end of one window (窓口端末の画面): stack of screens, message line, the service connection and what it last
 * said about the counter. Has no terminal and no loop: the program feeds keys and ticks and shows the canvas.
 */
#ifndef UI_UI_H
#define UI_UI_H

#include "base/clock.h"
#include "client/client.h"
#include "domain/date.h"
#include "ui/screen.h"

#define UI_ROWS_MIN 24
#define UI_COLS_MIN 80

enum say { SAY_NOTHING, SAY_DONE, SAY_WARN, SAY_ERROR };

struct ui_opt {
    const struct eras *eras; /* borrowed */
    int ambiguous;           /* columns of ambiguous characters on this terminal, 1 or 2 */
    int lock_min;            /* minutes without a key until the screen locks; 0: never */
    int status_s;            /* seconds between two looks at the state of the counter */
    struct clock clock;      /* monotonic part only; the time shown is the branch's */
    const char *socket;      /* of the service; borrowed */
    /* Tries to get the service running; 0 when it may be there now, else what it said why not. May be NULL */
    int (*start_service)(void *arg, struct buf *ret_why);
    void *start_arg;
    bool (*char_code)(void *arg, struct span code, struct buf *ret); /* by 面区点 and MJ number; may be NULL */
    void *char_arg;
    void (*beep)(void *arg);  /* may be NULL */
    void (*flush)(void *arg); /* shows the canvas now, before a call that takes long; may be NULL */
    void *show_arg;
};

struct ui {
    struct ui_opt opt;
    struct client *client; /* NULL: not connected */
    struct screen *top;
    json_t *status;      /* last answer of status.get; an empty object before */
    int64_t status_at;   /* mono_ms of that answer */
    json_t *session;     /* answer of session.login; NULL: nobody is logged in */
    int64_t touched;     /* mono_ms of the last key */
    struct errinfo last; /* why the last call was refused */
    enum say say;
    struct buf message;
    struct buf why_not; /* what the service said when it could not be started */
    struct buf waiting; /* what is being waited for, shown while a long call runs */
    int rows, cols;
    bool ended;
    char mark[96];
};

struct ui *ui_new(const struct ui_opt *);
void ui_free(struct ui *); /* closes all screens and the session */

/* From the program: a key, about one tick a second, a new size, a frame to draw. */
void ui_key(struct ui *, const struct key *);
void ui_tick(struct ui *);
void ui_resize(struct ui *, int rows, int cols);
void ui_draw(struct ui *, struct canvas *);
/* "notice:tenkyo": name of the screen on top, for the frame mark. */
const char *ui_mark(struct ui *);

/* Screens. NULL when the screen refused to open. `arg` is borrowed for the call. */
struct screen *ui_push(struct ui *, const struct screen_ops *, const void *arg);
/* Closes screens down to (not including) `keep`; NULL closes all. Unsaved work is not asked about. */
void ui_pop_to(struct ui *, struct screen *keep);

/* Message line; cleared by the next key. */
void ui_say(struct ui *, enum say, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Service calls. `params` is stolen. On failure the message line says what the service said (or that it is not
 * there) and NULL comes back; the caller only stops. The answer is the caller's. */
json_t *ui_call(struct ui *, const char *method, json_t *params);
/* As ui_call for what may take seconds: shows `what` first ("反映を待っています"). */
json_t *ui_call_slow(struct ui *, const char *what, const char *method, json_t *params);
/* As ui_call without any message. */
json_t *ui_ask(struct ui *, const char *method, json_t *params);
void ui_refresh_status(struct ui *);
/* The operator may call this method (session.login's functions). */
bool ui_may(const struct ui *, const char *method);
/* The one gate: Japanese reason why an action cannot be run now, NULL when it can. */
const char *ui_refusal(const struct screen *, const struct action *);
/* Action of a key on a screen: its own before the common ones; of several on one key the one that can be run. */
const struct action *ui_action(const struct screen *, enum key_code);
/* The branch's time now, in ms; 0 before the first answer. */
int64_t ui_now_ms(const struct ui *);
void ui_today(const struct ui *, struct date *ret);

/* Members of answers, with "" and 0 for what is missing. Borrowed. */
const char *js(const json_t *object, const char *key);
int64_t ji(const json_t *object, const char *key);
bool jb(const json_t *object, const char *key);
json_t *ja(const json_t *object, const char *key); /* array; NULL (jansson takes it as empty) when missing */

#endif
