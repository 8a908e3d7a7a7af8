/* State of the counter for the top line, and the figures of the dashboard (S-01). */
#include "engine/sync_in.h"
#include "gate/internal.h"
#include "methods.h"
#include "service/status.h"

#define STATUS(name)    status_part name;
#define DASHBOARD(name) status_part name;
#include "parts.def"
#undef STATUS
#undef DASHBOARD

static status_part *const status_parts[] = {
#define STATUS(name) name,
#define DASHBOARD(name)
#include "parts.def"
#undef STATUS
#undef DASHBOARD
    NULL,
};

static status_part *const dashboard_parts[] = {
#define STATUS(name)
#define DASHBOARD(name) name,
#include "parts.def"
#undef STATUS
#undef DASHBOARD
    NULL,
};

/* Who, where, when, and whether the host answers. */
enum err status_core(struct call *c, json_t *result, struct errinfo *reterr)
{
    const struct service *svc = c->svc;
    const struct service_plug *plug = svc->plug;
    enum counter_state state = service_counter_state(c->svc);
    struct engine_status st;
    char now[CLOCK_TEXT];
    (void)reterr;
    clock_iso_jst(call_now(c), now);
    set_text(result, "now", now);
    set_bool(result, "trial", svc->id.trial);
    set_text(result, "office", svc->id.office);
    set_text(result, "office_name", svc->id.office_name);
    set_text(result, "terminal", svc->id.terminal);
    set_text(result, "state", counter_state_name(state));
    set_text(result, "state_label", counter_state_label(state));
    set_text(result, "host", plug && plug->host ? plug->host(plug->self) : "unknown");
    set_bool(result, "locked", c->session->locked);
    set_bool(result, "logged_in", c->session->op != NULL);
    sync_state(c, &st);
    sync_tell_load(&st, result);
    return OK;
}

static enum err run_parts(status_part *const *part, struct call *c, struct errinfo *reterr)
{
    for (; *part; part++)
        TRY((*part)(c, c->result, reterr));
    return OK;
}

static enum err status_get(struct call *c, struct errinfo *reterr)
{
    return run_parts(status_parts, c, reterr);
}

static enum err dashboard_get(struct call *c, struct errinfo *reterr)
{
    return run_parts(dashboard_parts, c, reterr);
}

static const struct method m_status_rows[] = {
    { .name = "status.get",
      .summary = "業務状態、副本と抑止表の古さ、未反映の数など、画面の上段に出す状態を返します。",
      .result = "state, state_label, types[], since, host(ok|down|unknown), copy_as_of, copy_age_s, restrict_as_of, "
                "unposted, conflicts, unknown_prints, now, trial, office, office_name, terminal, logged_in, locked, "
                "load{active,done,total,rate,remaining_s}",
      .action = "view",
      .states = IN_ANY,
      .flags = M_BEFORE_LOGIN | M_QUIET | M_BACKGROUND | M_LOCKED | M_EXPIRED,
      .run = status_get },
    { .name = "dashboard.get",
      .summary = "処理待ち、本日の件数、発行、回線の経過、期限をまとめて返します。",
      .result = "waiting[{state,label,count,oldest_s}], age_bars[], today[{kind,title,count}], "
                "certificates{issued,copies,fees}, link_history[], due[{what,level,count}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET | M_BACKGROUND,
      .run = dashboard_get },
};
METHOD_TABLE(m_status);
