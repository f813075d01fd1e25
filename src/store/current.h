/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_CURRENT_H
#define NX_STORE_CURRENT_H

#include "store/store.h"

/* No process has committed anything since the view began: it may be asked as if
 * it began now. Costs next to nothing; that the store was not moved is not
 * looked at. Of the first view of a store nobody knows. */
bool nx_store_is_current(const struct nx_store *store);

#endif
