/*
 * The screens of the counter. What each needs to open stands beside it; everything else they ask the service.
 */
#ifndef UI_SCREENS_H
#define UI_SCREENS_H

#include "ui/ui.h"

extern const struct screen_ops scr_login;    /* S-00 操作者認証 */
extern const struct screen_ops scr_lock;     /* 離席 */
extern const struct screen_ops scr_password; /* パスワードの変更 */
extern const struct screen_ops scr_help;     /* const char *: id of the screen that is explained */
extern const struct screen_ops scr_menu;     /* S-01 業務メニュー */

struct search_arg {   /* of scr_search; NULL: look somebody up and show the record */
    const char *text; /* beginning of a name, "" for none */
    unsigned (*picked)(struct screen *owner, const json_t *row); /* the search is closed when it runs */
};
extern const struct screen_ops scr_search; /* 検索 */
extern const struct screen_ops scr_person; /* const char *: 宛名番号 */

struct person_arg { /* somebody to begin with */
    const char *id, *name;
    bool whole; /* 世帯全員: for a notice, the others of the household come along where its form takes them */
};
extern const struct screen_ops scr_kinds; /* struct person_arg or NULL: 届出の種類 */
struct notice_arg {
    const char *kind;
    const char *draft;               /* draft to go on with, or NULL */
    const char *again;               /* number of a case that was given back, or NULL */
    const char *book;                /* line in the book of the stop it is typed in from, or NULL */
    const char *received_at;         /* of that line: the day that is offered as 届出日 */
    const struct person_arg *person; /* goes into the first field that takes a person, or NULL */
};
extern const struct screen_ops scr_notice; /* 届出の入力 */
extern const struct screen_ops scr_drafts; /* 下書き */
extern const struct screen_ops scr_cases;  /* const char *: state to begin with, or NULL: 仮登録の一覧 */
extern const struct screen_ops scr_decide; /* const json_t *: rows of notice.list: 一括決裁 */
extern const struct screen_ops scr_case;   /* const char *: 受付番号: 審査・決裁 */

extern const struct screen_ops scr_cert; /* struct person_arg or NULL: 証明書の請求 */
extern const struct screen_ops scr_jobs; /* 印刷の記録と確認 */

extern const struct screen_ops scr_restrict;     /* struct person_arg, or NULL for all: 抑止・支援措置 */
extern const struct screen_ops scr_restrict_set; /* struct person_arg: 抑止・支援措置の設定 */

extern const struct screen_ops scr_outage;    /* 作動停止と復旧 */
extern const struct screen_ops scr_book;      /* 停止時受付簿 */
extern const struct screen_ops scr_receive;   /* 届書の預かり: a line of the book, to be typed in later */
extern const struct screen_ops scr_book_note; /* const json_t *: row of outage.book: 受付簿への追記 */
extern const struct screen_ops scr_recheck;   /* 停止時証明書の再照合 */
extern const struct screen_ops scr_replay;    /* 復旧処理 */
extern const struct screen_ops scr_sync;      /* 本庁との同期 */
extern const struct screen_ops scr_conflicts; /* 競合の一覧 */
extern const struct screen_ops scr_conflict;  /* int64_t: number of the operation */

extern const struct screen_ops scr_reports; /* 一覧・記録: which one */
extern const struct screen_ops scr_report;  /* one of them; a row of the table in scr_reports.c */
extern const struct screen_ops scr_held;    /* 預かっている請求 */
extern const struct screen_ops scr_stock;   /* 用紙の受払の記入 */
extern const struct screen_ops scr_log;     /* 操作記録 */

#endif
