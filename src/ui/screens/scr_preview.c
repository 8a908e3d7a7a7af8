/* The certificate as it will be on paper (交付前の確認): page by page, and the issue of exactly what is shown. */
#include "base/mem.h"
#include "base/utf8.h"
#include "cert_entry.h"
#include "ui/bars.h"
#include "ui/chart.h"
#include "ui/dialog.h"

#include <stdlib.h>
#include <string.h>

struct preview {
    struct cert_entry *entry;
    size_t page;
    int scroll, view_h;
};

static const json_t *lines_of(const struct preview *p)
{
    return ja(json_array_get(ja(p->entry->preview, "pages"), p->page), "lines");
}

static size_t pages(const struct preview *p)
{
    return json_array_size(ja(p->entry->preview, "pages"));
}

/* It may be issued with an approval, but its text is only on the paper. */
static bool withheld(const struct preview *p)
{
    return jb(p->entry->preview, "withheld") && !*js(json_object_get(p->entry->preview, "problem"), "text");
}

/* What the clerk must know before handing it over. */
static void say_findings(struct screen *s)
{
    struct preview *p = s->priv;
    const json_t *problem = json_object_get(p->entry->preview, "problem");
    const json_t *finding = json_array_get(ja(p->entry->preview, "findings"), 0);
    size_t over = json_array_size(ja(p->entry->preview, "overflow"));
    if (*js(problem, "text"))
        ui_say(s->ui, SAY_ERROR, "%s %s", js(problem, "text"), js(problem, "remedy"));
    else if (finding)
        ui_say(s->ui, SAY_WARN, "%s %s", js(finding, "text"), js(finding, "remedy"));
    else if (over)
        ui_say(s->ui, SAY_WARN, "枠に収まらない項目が%zuあります。F7で確かめてください。", over);
}

static bool preview_open(struct screen *s, const void *arg)
{
    struct preview *p = s->priv;
    p->entry = (struct cert_entry *)arg; /* the request below outlives its preview */
    say_findings(s);
    return true;
}

static void preview_layout(struct screen *s, struct rect body)
{
    struct preview *p = s->priv;
    p->view_h = body.h - 2;
    int n = (int)json_array_size(lines_of(p)), most = n > p->view_h ? n - p->view_h : 0;
    p->scroll = p->scroll < 0 ? 0 : p->scroll > most ? most : p->scroll;
}

static void draw_head(const struct preview *p, struct canvas *cv, struct rect body)
{
    const json_t *request = p->entry->request;
    struct buf b = BUF_INIT;
    buf_printf(&b, "請求番号 %s   手数料 ", js(request, "request"));
    chart_number(ji(request, "fee"), &b);
    buf_printf(&b, "円   %zu/%zuページ", pages(p) ? p->page + 1 : 0, pages(p));
    canvas_text(cv, body.y, body.x + 1, body.w - 2, STYLE_STRONG, buf_str(&b));
    if (withheld(p))
        canvas_text(cv, body.y + 2, body.x + 2, body.w - 4, STYLE_PAPER,
                    "内容は画面に出しません。承認を受けて印刷し、請求書と照らし合わせてください。");
    if (jb(p->entry->preview, "needs_approval"))
        canvas_right(cv, body.y, body.x + body.w - 22, 21, STYLE_CAREFUL, " 承認が要ります ");
    buf_done(&b);
}

/* Lines of the paper come as "-----" and "|"; on the screen they are drawn as lines that meet. */

#define PAPER_COLS 80
#define RULE_LEAST 4 /* a shorter run of "-" is text */

/* What each column of a text line is: '-' or '|' of a line, 0 anything else. */
static void find_rules(const struct width_profile *wp, const char *text, char ret[PAPER_COLS + 1])
{
    struct span s = span_of(text ? text : "");
    memset(ret, 0, PAPER_COLS + 1);
    for (int x = 0, run = 0; x < PAPER_COLS;) {
        size_t n = s.n ? utf8_cluster(s) : 0;
        bool level = n == 1 && *s.p == '-';
        run = level ? run + 1 : 0;
        if (level && run == RULE_LEAST)
            memset(ret + x + 1 - RULE_LEAST, '-', RULE_LEAST);
        else if (level && run > RULE_LEAST)
            ret[x] = '-';
        else if (n == 1 && *s.p == '|')
            ret[x] = '|';
        x += n ? width_str(wp, (struct span){ s.p, n }) : PAPER_COLS;
        s.p += n;
        s.n -= n;
    }
}

static void draw_rules(struct canvas *cv, int y, int x, const char *above, const char *here, const char *below)
{
    static const enum glyph level[] = { GLYPH_H, GLYPH_BOTTOM_TEE, GLYPH_TOP_TEE, GLYPH_CROSS };
    static const enum glyph upright[] = { GLYPH_V, GLYPH_RIGHT_TEE, GLYPH_LEFT_TEE, GLYPH_CROSS };
    for (int i = 0; i < PAPER_COLS; i++) {
        bool left = i > 0 && here[i - 1] == '-', right = here[i + 1] == '-';
        if (here[i] == '-')
            canvas_glyph(cv, y, x + i, STYLE_PAPER, level[(above[i] == '|') + 2 * (below[i] == '|')]);
        else if (here[i] == '|')
            canvas_glyph(cv, y, x + i, STYLE_PAPER, upright[left + 2 * right]);
    }
}

static void draw_paper(const struct preview *p, struct canvas *cv, struct rect r)
{
    const json_t *lines = lines_of(p);
    char rules[3][PAPER_COLS + 1];
    for (int i = 0; i < r.h; i++) {
        const char *text = json_string_value(json_array_get(lines, (size_t)(i + p->scroll)));
        for (int k = -1; k <= 1; k++) {
            int at = i + p->scroll + k;
            find_rules(canvas_profile(cv), at < 0 ? NULL : json_string_value(json_array_get(lines, (size_t)at)),
                       rules[k + 1]);
        }
        if (text)
            canvas_text(cv, r.y + i, r.x, r.w, STYLE_PAPER, text);
        draw_rules(cv, r.y + i, r.x, rules[0], rules[1], rules[2]);
    }
}

static void preview_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct preview *p = s->priv;
    const json_t *lines = lines_of(p);
    int w = body.w < 80 ? body.w : 80, x = body.x + (body.w - w) / 2;
    canvas_fill(cv, (struct rect){ body.y + 1, x, body.h - 2, w }, STYLE_PAPER);
    draw_paper(p, cv, (struct rect){ body.y + 1, x + 1, p->view_h, w - 2 });
    draw_head(p, cv, body);
    if (p->scroll > 0)
        canvas_glyph(cv, body.y + 1, x + w - 1, STYLE_PAPER, GLYPH_UP);
    if (p->scroll + p->view_h < (int)json_array_size(lines))
        canvas_glyph(cv, body.y + body.h - 2, x + w - 1, STYLE_PAPER, GLYPH_DOWN);
    canvas_cursor(cv, body.y, body.x);
}

static unsigned preview_key(struct screen *s, const struct key *k)
{
    struct preview *p = s->priv;
    int n = (int)json_array_size(lines_of(p));
    switch ((int)k->code) {
    case K_UP:
    case K_DOWN:
        bars_scroll(k, p->view_h, &p->scroll);
        return R_HANDLED;
    case K_PGDN:
        if (p->scroll + p->view_h < n) {
            p->scroll += p->view_h;
        } else if (p->page + 1 < pages(p)) {
            p->page++;
            p->scroll = 0;
        }
        return R_HANDLED;
    case K_PGUP:
        if (p->scroll > 0) {
            p->scroll -= p->view_h;
        } else if (p->page > 0) {
            p->page--;
            p->scroll = (int)json_array_size(lines_of(p));
        }
        return R_HANDLED;
    default:
        return R_NONE;
    }
}

/* Issue. */

static void tell_issues(struct screen *s, const json_t *answer)
{
    struct buf b = BUF_INIT;
    bool unknown = false;
    size_t i;
    json_t *row;
    json_array_foreach (ja(answer, "issues"), i, row) {
        buf_printf(&b, "%lld通目  %s\n", (long long)ji(row, "copy"), js(row, "no"));
        buf_printf(&b, "        照合符号 %s  %s\n", js(row, "check_code"),
                   *js(row, "state_label") ? js(row, "state_label") : js(row, "state"));
        unknown |= strcmp(js(row, "state"), "unknown") == 0;
    }
    buf_adds(&b, unknown ? "印刷の結果がわからないものがあります。「印刷の記録と確認」で答えてください。"
                         : "出てきた紙と請求書を確かめて交付してください。");
    dialog_message(s->ui, "発行しました", buf_str(&b));
    buf_done(&b);
}

static unsigned issue_with(struct screen *s, json_t *params)
{
    struct preview *p = s->priv;
    json_object_set_new(params, "request", json_string(js(p->entry->request, "request")));
    json_t *answer = ui_call_slow(s->ui, "発行番号を取り、印刷しています", "cert.issue", params);
    if (!answer)
        return R_HANDLED;
    p->entry->issued = true;
    tell_issues(s, answer);
    json_decref(answer);
    return R_HANDLED;
}

static unsigned approved(struct screen *s, const struct dialog_answer *a)
{
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s}", "approver", a->person, "password", a->password);
    if (*a->text)
        json_object_set_new(params, "contact_no", json_string(a->text));
    return issue_with(s, params);
}

static unsigned confirmed(struct screen *s, const struct dialog_answer *a)
{
    return a->ok ? issue_with(s, json_object()) : R_HANDLED;
}

static unsigned issue(struct screen *s)
{
    const struct preview *p = s->priv;
    bool contact = jb(p->entry->preview, "needs_contact");
    const char *by = js(p->entry->preview, "approver_label");
    char *text = xprintf("%s%sが番号とパスワードを入れます。",
                         contact ? "本庁に電話で確かめ、連絡の番号を入れてください。" : "この発行には承認がいります。",
                         *by ? by : "承認者");
    if (jb(p->entry->preview, "needs_approval"))
        dialog_second(s->ui, "発行の承認", text, contact ? "連絡の番号" : NULL, approved);
    else
        dialog_confirm(s->ui, "この内容で発行番号を取り、印刷します。", "発行する", false, confirmed);
    free(text);
    return R_HANDLED;
}

/* The list of what does not fit and of every warning. */
static unsigned show_warnings(struct screen *s)
{
    const struct preview *p = s->priv;
    struct buf b = BUF_INIT;
    size_t i;
    json_t *row;
    json_array_foreach (ja(p->entry->preview, "findings"), i, row)
        buf_printf(&b, "%s %s %s\n", js(row, "msg"), js(row, "text"), js(row, "remedy"));
    json_array_foreach (ja(p->entry->preview, "overflow"), i, row)
        buf_printf(&b, "%s: %lld文字のうち%lld文字しか入りません。\n", js(row, "label"), (long long)ji(row, "chars"),
                   (long long)ji(row, "fits"));
    dialog_message(s->ui, "確かめること", b.len ? buf_str(&b) : "特にありません。");
    buf_done(&b);
    return R_HANDLED;
}

static unsigned back(struct screen *s)
{
    (void)s;
    return R_CLOSE;
}

static unsigned preview_resume(struct screen *s)
{
    return ((struct preview *)s->priv)->entry->issued ? R_CLOSE : R_HANDLED;
}

static unsigned preview_facts(const struct screen *s)
{
    return pages(s->priv) || withheld(s->priv) ? NEED_PAGES : 0;
}

static const struct action actions[] = {
    { .key = K_F3, .label = "戻る", .help = "請求の入力に戻る", .run = back },
    { .key = K_F7, .label = "注意", .help = "警告と、枠に収まらない項目を読む", .run = show_warnings },
    { .key = K_F10,
      .label = "発行",
      .help = "表示した内容で発行番号を取り、印刷する",
      .need = NEED_PAGES,
      .method = "cert.issue",
      .run = issue },
};

const struct screen_ops scr_preview = {
    .id = "preview",
    .title = "交付前の確認",
    .priv_size = sizeof(struct preview),
    .open = preview_open,
    .layout = preview_layout,
    .draw = preview_draw,
    .key = preview_key,
    .facts = preview_facts,
    .resume = preview_resume,
    SCREEN_ACTIONS(actions),
};
