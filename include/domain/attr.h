/*
 * The attributes of a resident record (住民票の記載事項 and the event header of each history row): one list from
 * which enum, keys, labels, lengths and viewing rights come. Values are text in canonical form; what a value
 * means is the business of date.h, relation.h, address.h. Lengths are user-perceived characters.
 * Source: spec A.3; 住民基本台帳法 第7条, 第30条の45.
 */
#ifndef DOMAIN_ATTR_H
#define DOMAIN_ATTR_H

#include "base/buf.h"

enum attr_type { AT_TEXT, AT_NAME, AT_KANA, AT_ALPHA, AT_DATE, AT_DATEX, AT_CODE, AT_DIGITS, AT_FLAG, AT_RELATION };

/* What an operator must be allowed to see before the value is rendered at all (spec E.4, 標準仕様書 10.4). */
enum attr_view { AV_BASE, AV_DOMICILE, AV_MY_NUMBER, AV_RESIDENT_CODE, AV_RESIDENCE, AV_WELFARE, AV_EVENT };

/* Whom it concerns. */
enum attr_who { AW_BOTH, AW_JAPANESE, AW_FOREIGN };

/* clang-format off */
/*    id                 key                 label                     type         max  view              who        */
#define ATTR_LIST(X)                                                                                 \
    X(HOUSEHOLD, "household", "世帯番号", AT_DIGITS, 15, AV_BASE, AW_BOTH)                           \
    X(CLASS, "class", "住民種別", AT_CODE, 1, AV_BASE, AW_BOTH)                                      \
    X(STATUS, "status", "住民状態", AT_CODE, 1, AV_BASE, AW_BOTH)                                    \
    X(NAME, "name", "氏名", AT_NAME, 100, AV_BASE, AW_BOTH)                                          \
    X(NAME_ALPHA, "name_alpha", "氏名(アルファベット)", AT_ALPHA, 100, AV_BASE, AW_FOREIGN)          \
    X(KANA, "kana", "氏名フリガナ", AT_KANA, 100, AV_BASE, AW_BOTH)                                  \
    X(KANA_STATE, "kana_state", "フリガナ確認", AT_CODE, 1, AV_BASE, AW_BOTH)                        \
    X(OLD_SURNAME, "old_surname", "旧氏", AT_NAME, 50, AV_BASE, AW_JAPANESE)                         \
    X(OLD_SURNAME_KANA, "old_surname_kana", "旧氏フリガナ", AT_KANA, 50, AV_BASE, AW_JAPANESE)       \
    X(ALIAS, "alias", "通称", AT_NAME, 100, AV_BASE, AW_FOREIGN)                                     \
    X(ALIAS_KANA, "alias_kana", "通称フリガナ", AT_KANA, 100, AV_BASE, AW_FOREIGN)                   \
    X(ALIAS_LOG, "alias_log", "通称の記載及び削除", AT_TEXT, 2000, AV_BASE, AW_FOREIGN)              \
    X(BIRTH_ON, "birth_on", "生年月日", AT_DATEX, 72, AV_BASE, AW_BOTH)                              \
    X(SEX, "sex", "性別", AT_CODE, 1, AV_BASE, AW_BOTH)                                              \
    X(HEAD_NAME, "head_name", "世帯主の氏名", AT_NAME, 100, AV_BASE, AW_BOTH)                        \
    X(RELATION, "relation", "続柄", AT_RELATION, 40, AV_BASE, AW_BOTH)                               \
    X(DOMICILE, "domicile", "本籍", AT_TEXT, 200, AV_DOMICILE, AW_JAPANESE)                          \
    X(DOMICILE_HEAD, "domicile_head", "筆頭者", AT_NAME, 100, AV_DOMICILE, AW_JAPANESE)              \
    X(RESIDENT_SINCE, "resident_since", "住民となった年月日", AT_DATEX, 72, AV_BASE, AW_JAPANESE)    \
    X(FOREIGN_SINCE, "foreign_since", "外国人住民となった年月日", AT_DATEX, 72, AV_BASE, AW_FOREIGN) \
    X(ADDR_CODE, "addr_code", "住所コード", AT_DIGITS, 11, AV_BASE, AW_BOTH)                         \
    X(ADDR_ZIP, "addr_zip", "郵便番号", AT_DIGITS, 7, AV_BASE, AW_BOTH)                              \
    X(ADDR_PREF, "addr_pref", "都道府県", AT_TEXT, 4, AV_BASE, AW_BOTH)                              \
    X(ADDR_CITY, "addr_city", "市区郡町村", AT_TEXT, 12, AV_BASE, AW_BOTH)                           \
    X(ADDR_TOWN, "addr_town", "町字", AT_TEXT, 120, AV_BASE, AW_BOTH)                                \
    X(ADDR_LOT, "addr_lot", "番地号", AT_TEXT, 50, AV_BASE, AW_BOTH)                                 \
    X(ADDR_BUILDING, "addr_building", "方書", AT_TEXT, 300, AV_BASE, AW_BOTH)                        \
    X(ADDR_SINCE, "addr_since", "住所を定めた年月日", AT_DATEX, 72, AV_BASE, AW_BOTH)                \
    X(FILED_ON, "filed_on", "届出の年月日", AT_DATE, 10, AV_BASE, AW_BOTH)                           \
    X(PREV_ADDR, "prev_addr", "転入前住所", AT_TEXT, 300, AV_BASE, AW_BOTH)                          \
    X(PREV_COUNTRY, "prev_country", "転入前国名", AT_TEXT, 200, AV_BASE, AW_BOTH)                    \
    X(PREV_HEAD, "prev_head", "転入前世帯主", AT_NAME, 100, AV_BASE, AW_BOTH)                        \
    X(LAST_REGISTERED, "last_registered", "最終登録住所地", AT_TEXT, 300, AV_BASE, AW_BOTH)          \
    X(MOVED_FROM, "moved_from", "転居前住所", AT_TEXT, 300, AV_BASE, AW_BOTH)                        \
    X(MY_NUMBER, "my_number", "個人番号", AT_DIGITS, 12, AV_MY_NUMBER, AW_BOTH)                      \
    X(RESIDENT_CODE, "resident_code", "住民票コード", AT_DIGITS, 11, AV_RESIDENT_CODE, AW_BOTH)      \
    X(NATIONALITY, "nationality", "国籍・地域", AT_TEXT, 200, AV_RESIDENCE, AW_FOREIGN)              \
    X(FOREIGN_CLASS, "foreign_class", "法30条45の区分", AT_CODE, 2, AV_RESIDENCE, AW_FOREIGN)        \
    X(STAY_STATUS, "stay_status", "在留資格", AT_TEXT, 60, AV_RESIDENCE, AW_FOREIGN)                 \
    X(STAY_PERIOD, "stay_period", "在留期間等", AT_TEXT, 20, AV_RESIDENCE, AW_FOREIGN)               \
    X(STAY_UNTIL, "stay_until", "在留期間の満了の日", AT_DATE, 10, AV_RESIDENCE, AW_FOREIGN)         \
    X(CARD_NO, "card_no", "在留カード等の番号", AT_ALPHA, 12, AV_RESIDENCE, AW_FOREIGN)              \
    X(VOTER, "voter", "選挙人名簿登録", AT_FLAG, 1, AV_WELFARE, AW_JAPANESE)                         \
    X(NHI, "nhi", "国民健康保険", AT_TEXT, 40, AV_WELFARE, AW_BOTH)                                  \
    X(ELDERLY, "elderly", "後期高齢者医療", AT_TEXT, 40, AV_WELFARE, AW_BOTH)                        \
    X(CARE, "care", "介護保険", AT_TEXT, 40, AV_WELFARE, AW_BOTH)                                    \
    X(PENSION, "pension", "国民年金", AT_TEXT, 60, AV_WELFARE, AW_BOTH)                              \
    X(CHILD_ALLOWANCE, "child_allowance", "児童手当", AT_TEXT, 40, AV_WELFARE, AW_BOTH)              \
    X(CARD_HOLDER, "card_holder", "個人番号カード", AT_FLAG, 1, AV_BASE, AW_BOTH)                    \
    X(WARD, "ward", "成年被後見人", AT_FLAG, 1, AV_BASE, AW_BOTH)                                    \
    X(PLANNED_TO, "planned_to", "転出先(予定)", AT_TEXT, 300, AV_BASE, AW_BOTH)                      \
    X(PLANNED_ON, "planned_on", "転出予定年月日", AT_DATE, 10, AV_BASE, AW_BOTH)                     \
    X(PLANNED_HEAD, "planned_head", "転出先の世帯主", AT_NAME, 100, AV_BASE, AW_BOTH)                \
    X(FIXED_TO, "fixed_to", "転出先(確定)", AT_TEXT, 300, AV_BASE, AW_BOTH)                          \
    X(FIXED_ON, "fixed_on", "転出年月日(確定)", AT_DATE, 10, AV_BASE, AW_BOTH)                       \
    X(FIXED_NOTICE_ON, "fixed_notice_on", "転入通知年月日", AT_DATE, 10, AV_BASE, AW_BOTH)           \
    X(REMOVED_REASON, "removed_reason", "消除事由", AT_CODE, 3, AV_BASE, AW_BOTH)                    \
    X(REMOVED_ON, "removed_on", "消除の異動日", AT_DATEX, 72, AV_BASE, AW_BOTH)                      \
    X(REMOVED_FILED_ON, "removed_filed_on", "消除の届出日", AT_DATE, 10, AV_BASE, AW_BOTH)           \
    X(POSITION, "position", "記載順位", AT_DIGITS, 3, AV_BASE, AW_BOTH)                              \
    X(REFORM_ON, "reform_on", "改製年月日", AT_DATE, 10, AV_BASE, AW_BOTH)                           \
    X(REMARK, "remark", "備考", AT_TEXT, 1000, AV_BASE, AW_BOTH)                                     \
    X(EV_REASON, "ev_reason", "異動事由", AT_CODE, 3, AV_EVENT, AW_BOTH)                             \
    X(EV_ON, "ev_on", "異動日", AT_DATEX, 72, AV_EVENT, AW_BOTH)                                     \
    X(EV_FILED_ON, "ev_filed_on", "届出日等", AT_DATE, 10, AV_EVENT, AW_BOTH)                        \
    X(EV_FILED_AS, "ev_filed_as", "届出の別", AT_CODE, 2, AV_EVENT, AW_BOTH)                         \
    X(EV_PROCESSED_ON, "ev_processed_on", "処理日", AT_DATE, 10, AV_EVENT, AW_BOTH)                  \
    X(EV_OFFICE, "ev_office", "入力場所", AT_TEXT, 20, AV_EVENT, AW_BOTH)                            \
    X(EV_TERMINAL, "ev_terminal", "入力端末", AT_TEXT, 20, AV_EVENT, AW_BOTH)                        \
    X(EV_NOTICE_NO, "ev_notice_no", "受付番号", AT_TEXT, 40, AV_EVENT, AW_BOTH)                      \
    X(EV_NOTE, "ev_note", "留意事項", AT_TEXT, 1000, AV_EVENT, AW_BOTH)

enum attr {
#define ATTR_ENUM(id, key, label, type, max, view, who) ATTR_##id,
    ATTR_LIST(ATTR_ENUM)
#undef ATTR_ENUM
    ATTR_COUNT
};
/* clang-format on */

struct attr_info {
    const char *key;   /* stable name in bodies, wire and forms */
    const char *label; /* 画面・帳票の項目名 */
    enum attr_type type;
    int max; /* characters */
    enum attr_view view;
    enum attr_who who;
};

/* Row of an attribute; `a` must be < ATTR_COUNT. */
const struct attr_info *attr_info(enum attr a);
/* Attribute of a key, or ATTR_COUNT when there is none. */
enum attr attr_by_key(struct span key);

/* Codes of ATTR_CLASS, ATTR_STATUS, ATTR_SEX as stored. */
#define CLASS_JAPANESE "J"
#define CLASS_FOREIGN  "F"
#define STATUS_LIVING  "1" /* 住民 */
#define STATUS_MOVED   "2" /* 転出 */
#define STATUS_DEAD    "3" /* 死亡 */
#define STATUS_REMOVED "4" /* 消除(その他) */
#define SEX_MALE       "1"
#define SEX_FEMALE     "2"

#endif
