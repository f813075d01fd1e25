/* SPDX-License-Identifier: ISC */
#ifndef NX_API_TOKEN_FILE_H
#define NX_API_TOKEN_FILE_H

#include "base/digest.h"
#include "base/error.h"

#include <talloc.h>

/*
 * Who may ask by HTTP from elsewhere: a file a token, which has its name, its
 * scope and the digest of its secret, and not the secret.
 */
enum nx_scope {                    /* each has those before it */
	        NX_SCOPE_NONE = 0, /* whoever can connect */
	        NX_SCOPE_READ,
	        NX_SCOPE_WRITE,
	        NX_SCOPE_ADMIN
};

struct nx_bearer {
	const char *name;
	enum nx_scope scope;
	uint8_t digest[NX_DIGEST_SIZE]; /* SHA-256 of the secret */
};

const char *nx_scope_name(enum nx_scope scope);
bool nx_scope_of_name(const char *name, enum nx_scope *out);

/* What a file of that path says. */
NX_MUST_USE bool nx_token_file_parse(TALLOC_CTX *ctx, const char *path,
                                     const char *bytes, size_t size,
                                     struct nx_bearer *out,
                                     struct nx_error *err);

/* Refuses a file that others than its owner may read, or that belongs to
 * somebody else than this user or root. */
NX_MUST_USE bool nx_token_file_load(TALLOC_CTX *ctx, const char *path,
                                    struct nx_bearer *out,
                                    struct nx_error *err);

/* Makes a file that is not there yet, mode 0600, for a new secret, which is on
 * ctx and nowhere else. */
NX_MUST_USE bool nx_token_file_new(TALLOC_CTX *ctx, const char *path,
                                   const char *name, enum nx_scope scope,
                                   const char **secret, struct nx_error *err);

/* The token of that secret, or NULL; how long it takes does not tell how much
 * of it is right. */
const struct nx_bearer *nx_bearer_of_secret(const struct nx_bearer *token,
                                            size_t count, const char *secret);

#endif
