/*
 * The processes that make paper (印刷). `-x paper` draws one copy behind a wall without network and without writing;
 * `-x spool` hands one finished document to CUPS or into the directory of the directory printer and may start `lp`.
 * Each lives for one job, and is a copy of a template (app/privsep.h) that knows nobody; the next copy is made while
 * the last one works. Documents pass through memory only; nothing of them is left in a file but what the directory
 * printer was asked for. The service reaches both through struct paper_port.
 */
#ifndef APP_PAPER_H
#define APP_PAPER_H

#include "app/privsep.h"
#include "service/paperport.h"

struct paper_config {     /* borrowed */
    const char *share;    /* holds forms/layout and data/seal */
    const char *seal_dir; /* seals of this municipality, looked at first; may be missing */
    const char *font;     /* CERT_FONT */
    const char *out_dir;  /* of the directory printer */
    const char *key_file; /* key of the check codes, 32 bytes, 0600; made when it is not there */
    int64_t limit_ms;     /* a job that takes longer is ended */
};

struct paper;
enum err paper_new(struct loop *, struct privsep *, const struct paper_config *, struct paper **ret,
                   struct errinfo *) NODISCARD;
/* What is under way is not answered; the loop must not run between this and privsep_free, which ends the processes.
 * NULL allowed. */
void paper_free(struct paper *);
const struct paper_port *paper_port(struct paper *);
/* Process of the newest job under way, for tests and the log; 0 when none. */
pid_t paper_busy_pid(const struct paper *);
/* Process that waits to draw the next copy; 0 when none. */
pid_t paper_spare_pid(const struct paper *);

/* main() of the children, behind privsep_role(). Return the exit status. */
int paper_main(int argc, char **argv); /* -x paper SHARE SEALDIR FONT */
int spool_main(int argc, char **argv); /* -x spool directory DIR, -x spool lp QUEUE */

#endif
