/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_GUESS_H
#define NX_MAIL_GUESS_H

#include <stddef.h>

/*
 * Guesses the character set of bytes that have a wrong label or none. Never "":
 * windows-1252 when there is no evidence for another. Looks for UTF-8, the
 * escapes of ISO-2022, and the letters that are common in Japanese, Korean,
 * Chinese and Russian text: "utf8", "iso2022jp", "iso2022kr", "shiftjis",
 * "eucjp", "euckr", "big5", "gb18030", "koi8r", "windows1251".
 */
const char *nx_guess_charset(const char *bytes, size_t size);

#endif
