/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_TABLES_H
#define NX_TESTS_TABLES_H

/* The least that tables are made of: some reasons, and one text rule. */

#include "sources.h"

static const char reasons[] =
        "reasons:\n"
        "  - {id: unknown-user, class: hard, fault: recipient,\n"
        "     advice: never, says: No such mailbox.}\n"
        "  - {id: spam, class: soft, fault: message, advice: fix content,\n"
        "     says: Taken for spam.}\n"
        "  - {id: full, class: soft, transient: none, fault: recipient,\n"
        "     advice: retry later, says: Full.}\n";

static const char text[] = "rules:\n"
                           "  - id: text/unknown\n"
                           "    when: {text: 'user unknown'}\n"
                           "    reason: unknown-user\n"
                           "    examples:\n"
                           "      - 550 User unknown\n";

#endif
