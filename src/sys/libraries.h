/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_LIBRARIES_H
#define NX_SYS_LIBRARIES_H

/* Tells each library that the program runs with, and its version: of the one
 * that is loaded, not of the one that it was built with. */
void nx_libraries_each(void (*one)(void *user, const char *name,
                                   const char *version),
                       void *user);

#endif
