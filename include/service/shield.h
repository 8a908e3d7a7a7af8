/*
 * The shield (抑止の関所): every handler that lets something about a person out — screen, list, certificate, export,
 * telephone — asks here first, and here only restrict_decide() is called with what the store and the operator's rights
 * say. Who lives with a protected person lives where that person lives: for everything that shows an address the
 * protection of one member counts for all of the household.
 * Source: spec/domain.md A.10, C.7, E.4; 標準仕様書 3.1, 3.4.
 */
#ifndef SERVICE_SHIELD_H
#define SERVICE_SHIELD_H

#include "domain/record.h"
#include "domain/restrict.h"
#include "service/method.h"

struct shield { /* of one call */
    struct call *call;
    int64_t list_age_s;  /* < 0: there is no list */
    bool may_see;        /* permission restrict.get: 支援措置責任者 */
    const char *request; /* 請求番号 of the certificate in question, else NULL */
};
enum err shield_open(struct call *, struct shield *ret, struct errinfo *) NODISCARD;
/* The restriction list is too old: only what needs no address may be told. */
bool shield_stale(const struct shield *);

enum err shield_person(const struct shield *, const struct resident *, enum restrict_process,
                       struct restrict_decision *ret, struct errinfo *) NODISCARD;
/* A certificate about the person (証明書発行). *ret_shared: somebody in the same household is protected, so that the
 * paper would tell where: parameter SUPPORT_HOUSEHOLD_CERT says whether 支援措置責任者 may approve it or it is refused
 * as for the person (scenario 5: 世帯一部 without them). */
enum err shield_certificate(const struct shield *, const struct resident *, struct restrict_decision *ret,
                            bool *ret_shared, struct errinfo *) NODISCARD;
/* All that holds for the household and each of its living members. */
enum err shield_household(const struct shield *, const char *household, enum restrict_process,
                          struct restrict_decision *ret, struct errinfo *) NODISCARD;
/* What holds for a person of whom people_around() says that nothing restricts anybody there: the same for all. */
struct restrict_decision shield_of_nobody(const struct shield *, enum restrict_process);
/* What a view decided, for this operator: refused, or to be had for a reason that is not given (支援措置責任者). */
bool shield_hidden(const struct shield *, const struct restrict_decision *view);
struct idlist;
/* Is one of them hidden on the screen, or (`listed`) kept off lists? Who is not in the copy has no restriction here. */
enum err shield_hides_one(const struct shield *, const struct idlist *, bool listed, bool *ret,
                          struct errinfo *) NODISCARD;
/* A household that somebody in it hides; one that nobody lives in hides nothing. */
enum err shield_hides_household(const struct shield *, const char *household, bool *ret, struct errinfo *) NODISCARD;
/* True when a restriction keeps the person off lists of names. */
enum err shield_off_lists(const struct shield *, const struct resident *, bool *ret, struct errinfo *) NODISCARD;
/* Adds the name of a person to a list (何人かの氏名): one who may not stand in a list, or is unknown, is left out. */
enum err shield_add_name(const struct shield *, json_t *list, const char *id, struct errinfo *) NODISCARD;
/* A row of restriction in force stands on the person or the household itself: the mark in lists. */
enum err shield_marked(const struct shield *, const struct resident *, bool *ret, struct errinfo *) NODISCARD;

/* Attributes that tell, or may tell, where somebody lives: withheld when a view or list is refused. */
bool shield_withholds(enum attr);
struct field;
/* The same of what was typed into a form; a free text may tell anything (届出人の住所と電話番号). */
bool shield_withholds_field(const struct field *);
/* A finding that, by being there or not, tells whether a typed address or household is the stored one: not for those
 * from whom somebody is hidden. The decision and the host check it. */
bool shield_veils(const char *msg);
/* A notice names these persons and households: each counts as a search of the hour, so that nobody is asked about by
 * way of a check. E_BUSY S012. */
enum err shield_checking(struct call *, const struct idlist *people, const struct idlist *households,
                         struct errinfo *) NODISCARD;
/* E_DENIED with the one neutral message. */
enum err shield_refuse(struct errinfo *);

/* A reason that tells something (domain/reason.h), from the parameter `reason`; goes to the log. E_INVALID S007. */
enum err shield_reason(struct call *, struct errinfo *) NODISCARD;
/* The operator opens a person or household: above VIEW_PER_H different ones in an hour only with a reason, and marked
 * `mass` in the log (reliability L8, L10). E_DENIED S062, E_INVALID S007; both name `reason`. */
enum err shield_opening(struct call *, const char *id, struct errinfo *) NODISCARD;

#endif
