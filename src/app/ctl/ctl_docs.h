/* Documents printed from tables; each is compared with its file in docs/ by a test. */
#ifndef APP_CTL_DOCS_H
#define APP_CTL_DOCS_H

#include "app/ctl.h"

enum err docs_forms(struct ctl *, struct errinfo *) NODISCARD;
enum err docs_man(struct ctl *, struct errinfo *) NODISCARD;

#endif
