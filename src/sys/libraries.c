/* SPDX-License-Identifier: ISC */
#include "sys/libraries.h"

/* as it is used */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <glib.h>
#include <gmime/gmime.h>
#include <idn2.h>
#include <jansson.h>
#include <nettle/version.h>
#include <pcre2.h>
#include <seccomp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <talloc.h>
#include <uv.h>
#include <yaml.h>
#include <zstd.h>

enum { VERSION = 64 };

struct libraries {
	void (*one)(void *user, const char *name, const char *version);
	void *user;
};

static void tell(const struct libraries *to, const char *name, unsigned major,
                 unsigned minor, unsigned micro)
{
	char version[VERSION];
	snprintf(version, sizeof(version), "%u.%u.%u", major, minor, micro);
	to->one(to->user, name, version);
}

/* Of these two the third number cannot be asked for. */
static void tell_short(const struct libraries *to, const char *name, int major,
                       int minor)
{
	char version[VERSION];
	snprintf(version, sizeof(version), "%d.%d", major, minor);
	to->one(to->user, name, version);
}

static void tell_pcre2(const struct libraries *to)
{
	char version[VERSION] = "unknown";
	if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof(version))
		pcre2_config(PCRE2_CONFIG_VERSION, version);
	to->one(to->user, "pcre2", version);
}

void nx_libraries_each(void (*one)(void *user, const char *name,
                                   const char *version),
                       void *user)
{
	const struct libraries to = {.one = one, .user = user};
	const struct scmp_version *seccomp = seccomp_version();
	one(user, "sqlite", sqlite3_libversion());
	tell(&to, "gmime", gmime_major_version, gmime_minor_version,
	     gmime_micro_version);
	tell(&to, "glib", glib_major_version, glib_minor_version,
	     glib_micro_version);
	tell_pcre2(&to);
	one(user, "libyaml", yaml_get_version_string());
	one(user, "jansson", jansson_version_str());
	tell_short(&to, "nettle", nettle_version_major(),
	           nettle_version_minor());
	one(user, "libidn2", idn2_check_version(NULL));
	one(user, "libuv", uv_version_string());
	one(user, "libzstd", ZSTD_versionString());
	tell(&to, "libseccomp", seccomp->major, seccomp->minor, seccomp->micro);
	tell_short(&to, "talloc", talloc_version_major(),
	           talloc_version_minor());
}
