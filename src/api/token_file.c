/* SPDX-License-Identifier: ISC */
#include "api/token_file.h"

#include "base/text.h"
#include "base/yaml.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_SIZE = 4096, /* octets at most */
	NAME_SIZE = 64,
	SECRET_SIZE = 32 /* random octets */
};

static const char *const scopes[] = {"none", "read", "write", "admin"};

const char *nx_scope_name(enum nx_scope scope)
{
	return scopes[scope];
}

bool nx_scope_of_name(const char *name, enum nx_scope *out)
{
	for (int i = NX_SCOPE_READ; i <= NX_SCOPE_ADMIN; i++) {
		if (strcmp(name, scopes[i]) != 0)
			continue;
		*out = (enum nx_scope)i;
		return true;
	}
	return false;
}

static bool is_name(const char *name)
{
	const size_t size = strlen(name);
	for (size_t i = 0; i < size; i++)
		if (!nx_text_is_word(name[i]) && name[i] != '-' &&
		    name[i] != '.')
			return false;
	return size > 0 && size <= NAME_SIZE;
}

/* --- one that is there ---------------------------------------------------- */

static bool is_private(int descriptor, const char *path, struct nx_error *err)
{
	struct stat stat;
	if (fstat(descriptor, &stat) != 0)
		return nx_file_trouble(err, path);
	if (!S_ISREG(stat.st_mode) || stat.st_size > FILE_SIZE)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: not a token file", path);
	if (stat.st_uid != geteuid() && stat.st_uid != 0)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: belongs to neither root nor the user "
		                    "that this runs as",
		                    path);
	return (stat.st_mode & 077) == 0 ||
	       nx_error_set(err, NX_ERROR_CONFIG,
	                    "%s: mode %04o lets others than its owner read "
	                    "it: 0600 is wanted",
	                    path, (unsigned)stat.st_mode & 07777);
}

static bool read_private(TALLOC_CTX *ctx, const char *path, char **bytes,
                         size_t *size, struct nx_error *err)
{
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor < 0)
		return nx_error_set(err, NX_ERROR_CONFIG, "%s: %s", path,
		                    strerror(errno));
	return is_private(descriptor, path, err) &&
	       nx_file_read_all(ctx, descriptor, bytes, size, err);
}

static bool read_digest(const char *text, uint8_t out[NX_DIGEST_SIZE])
{
	if (strlen(text) != (size_t)2 * NX_DIGEST_SIZE)
		return false;
	for (size_t i = 0; i < NX_DIGEST_SIZE; i++) {
		const int byte = nx_text_hex_byte(text + 2 * i, 2);
		if (byte < 0)
			return false;
		out[i] = (uint8_t)byte;
	}
	return true;
}

static bool read_token(const struct nx_yaml *root, struct nx_bearer *out,
                       struct nx_error *err)
{
	static const char *const keys[] = {"name", "scope", "sha256", NULL};
	const char *scope, *digest;
	if (!nx_yaml_check_keys(root, keys, err) ||
	    !nx_yaml_need_text(root, "name", &out->name, err) ||
	    !nx_yaml_need_text(root, "scope", &scope, err) ||
	    !nx_yaml_need_text(root, "sha256", &digest, err))
		return false;
	if (!is_name(out->name))
		return nx_yaml_error(err, nx_yaml_get(root, "name"),
		                     "name: letters, digits, . _ and - are "
		                     "wanted, at most %d",
		                     NAME_SIZE);
	if (!nx_scope_of_name(scope, &out->scope))
		return nx_yaml_error(err, nx_yaml_get(root, "scope"),
		                     "scope: read, write or admin");
	return read_digest(digest, out->digest) ||
	       nx_yaml_error(err, nx_yaml_get(root, "sha256"),
	                     "sha256: 64 hexadecimal digits are wanted");
}

bool nx_token_file_parse(TALLOC_CTX *ctx, const char *path, const char *bytes,
                         size_t size, struct nx_bearer *out,
                         struct nx_error *err)
{
	const struct nx_yaml *root;
	return nx_yaml_parse(ctx, path, bytes, size, &root, err) &&
	       read_token(root, out, err);
}

bool nx_token_file_load(TALLOC_CTX *ctx, const char *path,
                        struct nx_bearer *out, struct nx_error *err)
{
	char *bytes = NULL;
	size_t size = 0;
	return read_private(ctx, path, &bytes, &size, err) &&
	       nx_token_file_parse(ctx, path, bytes, size, out, err);
}

/* --- a new one ------------------------------------------------------------ */

static void digest_of(const char *secret, uint8_t out[NX_DIGEST_SIZE])
{
	struct nx_digest_state state;
	nx_digest_init(&state);
	nx_digest_add(&state, secret, strlen(secret));
	nx_digest_end(&state, out);
}

/* What root makes is for the user of the directory. */
static void follow(int descriptor, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash == NULL
	                          ? talloc_strdup(NULL, ".")
	                          : talloc_strndup(NULL, path,
	                                           (size_t)(slash - path) + 1);
	nx_file_follow_owner(descriptor, directory);
	talloc_free(directory);
}

static bool write_new(const char *path, const char *text, struct nx_error *err)
{
	NX_CLOSES int descriptor =
	        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return nx_error_set(err, NX_ERROR_USAGE, "%s: %s", path,
		                    strerror(errno));
	follow(descriptor, path);
	if (!nx_file_write_all(descriptor, text, strlen(text), err) ||
	    fsync(descriptor) != 0) {
		unlink(path);
		return nx_file_trouble(err, path);
	}
	return true;
}

bool nx_token_file_new(TALLOC_CTX *ctx, const char *path, const char *name,
                       enum nx_scope scope, const char **secret,
                       struct nx_error *err)
{
	uint8_t random[SECRET_SIZE], digest[NX_DIGEST_SIZE];
	char hex[2 * NX_DIGEST_SIZE + 1];
	if (!is_name(name))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s: letters, digits, . _ and - are "
		                    "wanted in a name, at most %d",
		                    name, NAME_SIZE);
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no random numbers can be had");
	*secret = talloc_strdup(ctx, nx_digest_hex(random, SECRET_SIZE, hex));
	digest_of(*secret, digest);
	const char *text =
	        talloc_asprintf(ctx, "name: %s\nscope: %s\nsha256: %s\n", name,
	                        nx_scope_name(scope),
	                        nx_digest_hex(digest, NX_DIGEST_SIZE, hex));
	return write_new(path, text, err);
}

/* --- who has one ---------------------------------------------------------- */

const struct nx_bearer *nx_bearer_of_secret(const struct nx_bearer *token,
                                            size_t count, const char *secret)
{
	uint8_t digest[NX_DIGEST_SIZE];
	const struct nx_bearer *found = NULL;
	digest_of(secret, digest);
	for (size_t i = 0; i < count; i++)
		if (nx_digest_is_same(token[i].digest, digest))
			found = &token[i];
	return *secret != '\0' ? found : NULL; /* who has none is nobody */
}
