#include "ui/action.h"
#include "base/mem.h"

/* In the order of the bits; the first that does not hold is told. */
static const char *const reasons[] = {
    "先に行を選んでください。",
    "入力欄に移ってから押してください。",
    "この欄に候補はありません。",
    "この部分の行は増減できません。",
    "先にF8で事前確認をしてください。",
    "直していない誤りがあります。F8で一覧を見て直してください。",
    "確認していない警告があります。F8の画面でF7を押して確認済みにしてください。",
    "確認していない警告はありません。",
    "審査の項目にすべて答えてください。",
    "先に人を選んでください。",
    "続きはありません。",
    "今の状態ではこの操作はできません。",
    "誤りも警告もありません。",
    "対象者が選ばれていません。",
    "先に内容を表示して確かめてください。",
    "差し戻された届出ではありません。",
    "先にSpaceで届出を選んでください。",
};
_Static_assert(sizeof reasons / sizeof *reasons == NEED_BITS, "a need has no reason");

const char *action_refusal(const struct action *a, unsigned facts)
{
    unsigned missing = a->need & ~facts;
    for (unsigned i = 0; i < NEED_BITS; i++)
        if (missing & 1u << i)
            return reasons[i];
    return NULL;
}
