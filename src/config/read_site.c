/* SPDX-License-Identifier: ISC */
#include "config/read_site.h"

#include "mail/address.h"

#include <string.h>

/* The name in normal form; NULL and an error when it is invalid. */
typedef const char *read_name(TALLOC_CTX *ctx, const struct nx_yaml *item,
                              struct nx_error *err);

static const char *read_domain(TALLOC_CTX *ctx, const struct nx_yaml *item,
                               struct nx_error *err)
{
	const char *domain = nx_address_normal_domain(ctx, item->text);
	if (*domain != '\0')
		return domain;
	nx_yaml_error(err, item, "domains: \"%s\" is no domain", item->text);
	return NULL;
}

/* "example.com" is "@example.com"; "mailhub" alone may be a user's name. */
static const char *read_protected(TALLOC_CTX *ctx, const struct nx_yaml *item,
                                  struct nx_error *err)
{
	const char *text = item->text;
	const char *name = "";
	if (*text == '@')
		name = nx_address_normal_domain(ctx, text + 1);
	else if (strchr(text, '@') != NULL)
		name = nx_address_normal(ctx, text);
	else if (strchr(text, '.') != NULL)
		name = nx_address_normal_domain(ctx, text);
	if (*name == '\0') {
		nx_yaml_error(err, item,
		              "protect: \"%s\" is neither an address nor a "
		              "domain",
		              item->text);
		return NULL;
	}
	return strchr(name, '@') != NULL ? name
	                                 : talloc_asprintf(ctx, "@%s", name);
}

static const char *read_local(TALLOC_CTX *ctx, const struct nx_yaml *item,
                              struct nx_error *err)
{
	const char *domain = nx_address_normal_domain(ctx, item->text);
	if (*domain != '\0' && *domain != '[' && strchr(domain, '.') == NULL)
		return domain;
	nx_yaml_error(err, item,
	              "local_domains: \"%s\" is no name of a host without a "
	              "dot",
	              item->text);
	return NULL;
}

static const char *read_host(TALLOC_CTX *ctx, const struct nx_yaml *item,
                             struct nx_error *err)
{
	const char *host = nx_address_normal_domain(ctx, item->text);
	if (*host != '\0')
		return host;
	nx_yaml_error(err, item, "own_hosts: \"%s\" is no name of a host",
	              item->text);
	return NULL;
}

static bool read_names(TALLOC_CTX *ctx, const struct nx_yaml *root,
                       const char *key, read_name *read,
                       struct nx_site_names *out, struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(root, key);
	size_t count = 0;
	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(err, list, "%s: must be a list", key);
	const char **name = talloc_array(ctx, const char *, list->count);
	for (const struct nx_yaml *item = list->first; item != NULL;
	     item = item->next) {
		name[count] = read(ctx, item, err);
		if (name[count++] == NULL)
			return false;
	}
	*out = nx_site_names_of(name, count);
	return true;
}

/* An empty list would refuse all mail, which nobody can want. */
static bool read_domains(TALLOC_CTX *ctx, const struct nx_yaml *root,
                         struct nx_site_names *out, struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(root, "domains");
	if (list != NULL && list->count == 0)
		return nx_yaml_error(err, list,
		                     "domains: must be a list of domains");
	return read_names(ctx, root, "domains", read_domain, out, err);
}

bool nx_config_read_site(TALLOC_CTX *ctx, const struct nx_yaml *root,
                         struct nx_site *out, struct nx_error *err)
{
	return read_domains(ctx, root, &out->domains, err) &&
	       read_names(ctx, root, "protect", read_protected, &out->protect,
	                  err) &&
	       read_names(ctx, root, "local_domains", read_local,
	                  &out->local_domains, err);
}

bool nx_config_read_own_hosts(TALLOC_CTX *ctx, const struct nx_yaml *root,
                              struct nx_site_names *out, struct nx_error *err)
{
	return read_names(ctx, root, "own_hosts", read_host, out, err);
}
