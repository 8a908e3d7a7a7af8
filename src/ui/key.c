/* The sequences of function keys that terminfo knows for this terminal, added to the decoder's own table. */
#include "base/mem.h"
#include "tui.h"

#include <curses.h>
#include <term.h>

static const struct {
    const char *capability;
    enum key_code code;
} rows[] = {
    { "kf1", K_F1 },       { "kf2", K_F2 },       { "kf3", K_F3 },       { "kf4", K_F4 },     { "kf5", K_F5 },
    { "kf6", K_F6 },       { "kf7", K_F7 },       { "kf8", K_F8 },       { "kf9", K_F9 },     { "kf10", K_F10 },
    { "kf11", K_F11 },     { "kf12", K_F12 },     { "kcuu1", K_UP },     { "kcud1", K_DOWN }, { "kcub1", K_LEFT },
    { "kcuf1", K_RIGHT },  { "khome", K_HOME },   { "kend", K_END },     { "kpp", K_PGUP },   { "knp", K_PGDN },
    { "kdch1", K_DELETE }, { "kich1", K_INSERT }, { "kcbt", K_BACKTAB },
};

void key_from_terminfo(struct keydec *dec)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *seq = tigetstr(rows[i].capability);
        if (seq && seq != (char *)-1)
            keydec_add(dec, seq, rows[i].code);
    }
}
