/* SPDX-License-Identifier: ISC */
#include "config/config.h"
#include "stores.h"

struct place {
	char *directory;
	struct nx_error err;
};

static int make_place(void **state)
{
	struct place *place = talloc_zero(NULL, struct place);
	place->directory = make_directory(place);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	remove_tree(place->directory);
	talloc_free(place);
	return 0;
}

static const char *write_file(struct place *place, const char *name,
                              const char *text)
{
	const char *path =
	        talloc_asprintf(place, "%s/%s", place->directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static void make_folder(struct place *place, const char *name)
{
	assert_int_equal(
	        mkdir(talloc_asprintf(place, "%s/%s", place->directory, name),
	              0700),
	        0);
}

/* --- nixie.yaml ----------------------------------------------------------- */

static void a_file_says_what_it_says(void **state)
{
	struct place *place = *state;
	struct nx_config config;
	const char *path = write_file(place, "nixie.yaml",
	                              "store: /srv/nixie\nrules: ./rules\n"
	                              "scope: news\nworkers: 3\n"
	                              "site_rules: /srv/rules.d\n");
	assert_true(nx_config_load(place, path, &config, &place->err));
	assert_string_equal(config.file, path);
	assert_string_equal(config.store, "/srv/nixie");
	assert_string_equal(config.rules, "./rules");
	assert_string_equal(config.site_rules, "/srv/rules.d");
	assert_string_equal(config.stream, "news");
	assert_int_equal(config.workers, 3);
}

static void what_a_file_leaves_out_is_the_default(void **state)
{
	struct place *place = *state;
	struct nx_config config;
	const char *path = write_file(place, "nixie.yaml", "# nothing\n");
	assert_true(nx_config_load(place, path, &config, &place->err));
	assert_string_equal(config.store, "/var/lib/nixie");
	assert_string_equal(config.rules, nx_config_default_rules(place));
	assert_string_equal(config.site_rules, "");
	assert_string_equal(config.stream, "");
	assert_int_equal(config.budget.rows, 200000);
	assert_int_equal(config.budget.bytes, INT64_C(1) << 30);
	assert_int_equal(config.workers, 0);
	assert_int_equal(config.site.domains.count, 0);
	assert_int_equal(config.originals.days, 30);
	assert_int_equal(config.originals.bytes, INT64_C(1) << 30);
	path = write_file(place, "nixie.yaml", "originals: 0\n");
	assert_true(nx_config_load(place, path, &config, &place->err));
	assert_int_equal(config.originals.bytes, 0);
}

static void a_file_says_where_to_listen_and_how_much(void **state)
{
	struct place *place = *state;
	struct nx_config config;
	const char *path = write_file(
	        place, "nixie.yaml",
	        "lmtp:\n"
	        "  - { listen: 'unix:/run/a.sock', owner: x, group: '7', "
	        "mode: '0620' }\n"
	        "  - listen: '[::1]:2424'\n"
	        "limits: { sessions: 9, memory: 2, idle: 5s, data: 1m,\n"
	        "  rows: 11, bytes: 12 }\n"
	        "own_hosts: [MX.example.org.]\n"
	        "quarantine: { messages: 3, mebibytes: 1, days: 2 }\n"
	        "originals: { days: 0, mebibytes: 5 }\n"
	        "log: { addresses: full }\n"
	        "domains: [B\xc3\xbc"
	        "cher.example, example.org.]\n"
	        "host: mx.example.org\n");
	if (!nx_config_load(place, path, &config, &place->err))
		fail_msg("%s", place->err.text);
	assert_int_equal(config.lmtps, 2);
	assert_string_equal(config.lmtp[0].path, "/run/a.sock");
	assert_string_equal(config.lmtp[0].owner, "x");
	assert_string_equal(config.lmtp[0].group, "7");
	assert_int_equal(config.lmtp[0].mode, 0620);
	assert_string_equal(config.lmtp[1].host, "::1");
	assert_int_equal(config.lmtp[1].port, 2424);
	assert_int_equal(config.limits.sessions, 9);
	assert_int_equal(config.limits.memory, 2 * 1024 * 1024);
	assert_int_equal(config.limits.idle, 5);
	assert_int_equal(config.limits.data, 60);
	assert_int_equal(config.budget.rows, 11);
	assert_int_equal(config.budget.bytes, 12);
	assert_int_equal(config.budget.own_hosts.count, 1);
	assert_string_equal(config.budget.own_hosts.name[0], "mx.example.org");
	assert_int_equal(config.quarantine.messages, 3);
	assert_int_equal(config.quarantine.bytes, 1024 * 1024);
	assert_int_equal(config.quarantine.days, 2);
	assert_int_equal(config.originals.days, 0);
	assert_int_equal(config.originals.bytes, 5 * 1024 * 1024);
	assert_true(config.full_addresses);
	assert_string_equal(config.host, "mx.example.org");
	assert_int_equal(config.site.domains.count, 2);
	assert_string_equal(config.site.domains.name[0], "example.org");
	assert_string_equal(config.site.domains.name[1],
	                    "xn--bcher-kva.example");
	nx_config_complete(place, &config);
	assert_string_equal(config.status, "/var/lib/nixie/status.sock");
	assert_string_equal(config.spool, "/var/lib/nixie/spool");
}

static void a_file_says_where_mail_servers_ask(void **state)
{
	struct place *place = *state;
	struct nx_config config;
	const char *path = write_file(
	        place, "nixie.yaml",
	        "ask:\n"
	        "  - { listen: 'unix:/run/a.sock', protocol: socketmap,\n"
	        "      group: g, mode: '0620', transport: 'error:5.7.1' }\n"
	        "  - { listen: 'unix:/b', protocol: policy, on_trouble: open }\n"
	        "  - { listen: '[::1]:7', protocol: tcp_table,\n"
	        "      map: 'check:news' }\n");
	if (!nx_config_load(place, path, &config, &place->err))
		fail_msg("%s", place->err.text);
	assert_int_equal(config.asks, 3);
	assert_string_equal(config.ask[0].path, "/run/a.sock");
	assert_string_equal(config.ask[0].group, "g");
	assert_int_equal(config.ask[0].mode, 0620);
	assert_int_equal(config.asked[0].protocol, NX_ASK_SOCKETMAP);
	assert_string_equal(config.asked[0].transport, "error:5.7.1");
	assert_false(config.asked[0].open);
	assert_int_equal(config.asked[1].protocol, NX_ASK_POLICY);
	assert_true(config.asked[1].open);
	assert_string_equal(config.asked[1].transport, NX_ASKED_NEXT_HOP);
	assert_int_equal(config.asked[2].protocol, NX_ASK_TCP_TABLE);
	assert_string_equal(config.asked[2].map, "check:news");
	assert_int_equal(config.lmtps, 0);
}

static void a_file_says_what_is_ours(void **state)
{
	struct place *place = *state;
	struct nx_config config;
	const char *path = write_file(place, "nixie.yaml",
	                              "protect: [Zoe@Example.COM, example.net, "
	                              "'@mailhub', anna@mailhub]\n"
	                              "local_domains: [MAILHUB, b\xc3\xbc"
	                              "ro]\n");
	if (!nx_config_load(place, path, &config, &place->err))
		fail_msg("%s", place->err.text);
	const struct nx_site *site = &config.site;
	assert_int_equal(site->protect.count, 4);
	assert_true(nx_site_names_has(&site->protect, "zoe@example.com"));
	assert_true(nx_site_names_has(&site->protect, "@example.net"));
	assert_true(nx_site_names_has(&site->protect, "@mailhub"));
	assert_true(nx_site_names_has(&site->protect, "anna@mailhub"));
	assert_false(nx_site_names_has(&site->protect, "example.net"));
	assert_int_equal(site->local_domains.count, 2);
	assert_true(nx_site_names_has(&site->local_domains, "mailhub"));
	assert_true(nx_site_names_has(&site->local_domains, "xn--bro-hoa"));
}

static void a_wrong_file_is_refused_where_it_is_wrong(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	        {"store: /a\nstroe: /b\n", ":2:1: unknown key \"stroe\""},
	        {"store: /a\nstore: /b\n", ":2:1: "},
	        {"store: [a]\n", ":1:8: store: must be text"},
	        {"workers: many\n", ":1:10: workers: "},
	        {"workers: 65\n", ":1:10: workers: "},
	        {"workers: -1\n", ":1:10: workers: "},
	        {"- store\n", ":1:1: "},
	        {"store: &a /b\n", ":1:8: "},
	        {"domains: x\n", ":1:10: domains: must be a list"},
	        {"domains: []\n", ":1:10: domains: must be a list"},
	        {"domains:\n  - a@b\n", ":2:5: domains: \"a@b\" is no"},
	        {"domains:\n  - ''\n", ":2:5: domains: \"\" is no"},
	        {"protect: x\n", ":1:10: protect: must be a list"},
	        {"protect: [x]\n", ":1:11: protect: \"x\" is neither"},
	        {"protect: ['@']\n", ":1:11: protect: \"@\" is neither"},
	        {"protect:\n  - a@b@\n", ":2:5: protect: \"a@b@\" is"},
	        {"protect:\n  - a b@c.d\n", ":2:5: protect: \"a b@c.d\""},
	        {"local_domains: x\n", ":1:16: local_domains: must be a list"},
	        {"local_domains: [a.b]\n", ":1:17: local_domains: \"a.b\""},
	        {"local_domains: ['[1]']\n", ":1:17: local_domains: "},
	        {"lmtp: x\n", ":1:7: lmtp: must be a list"},
	        {"lmtp:\n  - listen: x\n", ":2:13: x: neither unix:PATH"},
	        {"lmtp:\n  - listen: unix:x\n", "the path must begin with /"},
	        {"lmtp:\n  - listen: 10.0.0.1:24\n", "not a loopback"},
	        {"lmtp:\n  - listen: 127.0.0.1:25\n", "port 25"},
	        {"lmtp:\n  - listen: 127.0.0.1:70000\n", "neither"},
	        {"lmtp:\n  - mode: 7\n", "listen"},
	        {"lmtp:\n  - listen: unix:/a\n    mode: 9\n", ":3:11: mode"},
	        {"lmtp:\n  - listen: unix:/a\n  - listen: unix:/a\n",
	         ":3:5: unix:/a is there twice"},
	        {"lmtp:\n  - listen: 127.0.0.1:24\n    mode: 0600\n",
	         "for unix sockets"},
	        {"lmtp:\n  - listen: unix:/a\n    mode: '0662'\n",
	         ":3:11: mode: with 0662 anybody"},
	        {"ask: x\n", ":1:6: ask: must be a list"},
	        {"ask:\n  - listen: unix:/a\n", "protocol"},
	        {"ask:\n  - { listen: 'unix:/a', protocol: x }\n",
	         ":2:36: protocol: socketmap, tcp_table or policy"},
	        {"ask:\n  - { listen: '0.0.0.0:7', protocol: policy }\n",
	         ":2:15: 0.0.0.0:7: not a loopback"},
	        {"ask:\n  - { listen: '127.0.0.1:7', protocol: tcp_table }\n",
	         "map"},
	        {"ask:\n  - { listen: '127.0.0.1:7', protocol: tcp_table,\n"
	         "      map: acces }\n",
	         ":3:12: map: access, transport or check"},
	        {"ask:\n  - { listen: 'unix:/a', protocol: policy, map: x }\n",
	         "map: is for tcp_table alone"},
	        {"ask:\n  - { listen: 'unix:/a', protocol: policy,\n"
	         "      transport: x }\n",
	         "transport: is not for policy"},
	        {"ask:\n  - { listen: 'unix:/a', protocol: socketmap,\n"
	         "      transport: 'error: no' }\n",
	         "without blanks"},
	        {"ask:\n  - { listen: 'unix:/a', protocol: policy,\n"
	         "      on_trouble: maybe }\n",
	         ":3:19: on_trouble: open or closed"},
	        {"ask:\n  - { listen: 'unix:/a', protocol: policy,\n"
	         "      mode: '0666' }\n",
	         "anybody on this host"},
	        {"lmtp:\n  - listen: unix:/a\n"
	         "ask:\n  - { listen: 'unix:/a', protocol: policy }\n",
	         ":4:5: unix:/a is there twice"},
	        {"limits: { idle: 3 }\n", ":1:17: idle: a span"},
	        {"limits: { sessions: 0 }\n", ":1:21: sessions: "},
	        {"log: { addresses: some }\n", ":1:19: addresses: "},
	};
	struct place *place = *state;
	struct nx_config config;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *path =
		        write_file(place, "nixie.yaml", cases[i].text);
		assert_false(nx_config_load(place, path, &config, &place->err));
		assert_int_equal(place->err.kind, NX_ERROR_CONFIG);
		if (strncmp(place->err.text, path, strlen(path)) != 0 ||
		    !strstr(place->err.text, cases[i].words))
			fail_msg("case %zu: %s", i, place->err.text);
	}
}

static void a_file_that_is_not_there_is_refused(void **state)
{
	struct place *place = *state;
	struct nx_config config;
	assert_false(nx_config_load(place, "/none/nixie.yaml", &config,
	                            &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_CONFIG);
}

/* --- rules ---------------------------------------------------------------- */

static const char POLICY[] = "hard: { ladder: [24h] }\n"
                             "soft: { ladder: [24h] }\n" OTHER_CAUSES;

static char *text_rule(TALLOC_CTX *ctx, const char *id, const char *word)
{
	return talloc_asprintf(ctx,
	                       "rules:\n  - id: %s\n"
	                       "    when: { text: '%s' }\n"
	                       "    reason: unknown-user\n"
	                       "    examples:\n      - \"550 %s\"\n",
	                       id, word, word);
}

static void rules_are_read_in_the_order_of_the_list(void **state)
{
	struct place *place = *state;
	struct nx_rules rules;
	make_folder(place, "providers");
	make_folder(place, "profiles");
	make_folder(place, ".git");
	write_file(place, "policy.yaml", POLICY);
	write_file(place, "reasons.yaml", REASONS);
	write_file(place, "text.yaml", text_rule(place, "text/c", "gamma"));
	write_file(place, "local.yaml", text_rule(place, "local/a", "alpha"));
	write_file(place, "providers/x.yaml",
	           text_rule(place, "providers/b", "beta"));
	write_file(place, "order.yaml",
	           "order: [text.yaml, providers/x.yaml, local.yaml]\n");
	write_file(place, "profiles/x.yaml", "no: rules\n");
	write_file(place, ".git/x.yaml", "no: rules\n");
	write_file(place, ".hidden.yaml", "no: rules\n");
	write_file(place, "notes.txt", "no rules\n");
	const struct nx_rules_from from = {.shipped = place->directory,
	                                   .site = "",
	                                   .profile = "",
	                                   .policy = ""};
	if (!nx_rules_load(place, &from, &rules, &place->err))
		fail_msg("%s", place->err.text);
	const struct nx_tables *tables = nx_engine_tables(rules.engine);
	assert_int_equal(nx_tables_count(tables), 3);
	assert_string_equal(nx_tables_info(tables, 0).id, "text/c");
	assert_string_equal(nx_tables_info(tables, 1).id, "providers/b");
	assert_string_equal(nx_tables_info(tables, 2).id, "local/a");
	assert_string_equal(nx_tables_info(tables, 1).file,
	                    talloc_asprintf(place, "%s/providers/x.yaml",
	                                    place->directory));
	assert_int_equal(
	        nx_policy_terms(rules.policy, NX_CAUSE_HARD, "")->ladder[0],
	        NX_DAY);
}

static void refuse(struct place *place, const char *directory,
                   const char *words)
{
	struct nx_rules rules;
	const struct nx_rules_from from = {
	        .shipped = directory, .site = "", .profile = "", .policy = ""};
	assert_false(nx_rules_load(place, &from, &rules, &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_CONFIG);
	if (!strstr(place->err.text, words))
		fail_msg("%s", place->err.text);
}

static void rules_that_are_not_there_are_refused(void **state)
{
	struct place *place = *state;
	refuse(place, "/none/rules", "/none/rules: No such file");
	refuse(place, place->directory, "there are no rules in it");
	write_file(place, "reasons.yaml", REASONS);
	refuse(place, place->directory, "/policy.yaml: No such file");
	write_file(place, "policy.yaml", "hard: {}\n");
	refuse(place, place->directory, "/policy.yaml:1:1: missing key");
	make_folder(place, "big.yaml");
	refuse(place, place->directory, "big.yaml: not a regular file");
}

/* Rules in two folders: "rules" as shipped, "site" for the administrator's
 * own. */
static struct nx_rules_from make_both(struct place *place)
{
	make_folder(place, "rules");
	make_folder(place, "rules/formats");
	make_folder(place, "site");
	make_folder(place, "site/providers");
	write_file(place, "rules/policy.yaml", POLICY);
	write_file(place, "rules/reasons.yaml", REASONS);
	write_file(place, "rules/text.yaml",
	           text_rule(place, "text/a", "alpha"));
	write_file(place, "site/text.yaml", text_rule(place, "site/b", "beta"));
	return (struct nx_rules_from){
	        .shipped = talloc_asprintf(place, "%s/rules", place->directory),
	        .site = talloc_asprintf(place, "%s/site", place->directory),
	        .profile = "",
	        .policy = ""};
}

static void site_rules_come_to_the_shipped_ones(void **state)
{
	struct place *place = *state;
	struct nx_rules_from from = make_both(place);
	struct nx_rules rules;
	write_file(place, "site/providers/x.yaml",
	           text_rule(place, "site/c", "gamma"));
	write_file(place, "site/policy.yaml",
	           "hard: { ladder: [1h] }\n"
	           "soft: { ladder: [24h] }\n" OTHER_CAUSES);
	if (!nx_rules_load(place, &from, &rules, &place->err))
		fail_msg("%s", place->err.text);
	const struct nx_tables *tables = nx_engine_tables(rules.engine);
	assert_int_equal(nx_tables_count(tables), 3);
	assert_string_equal(nx_tables_info(tables, 0).id, "site/c");
	assert_string_equal(nx_tables_info(tables, 1).id, "site/b");
	assert_string_equal(nx_tables_info(tables, 2).id, "text/a");
	assert_true(nx_tables_info(tables, 1).site);
	assert_false(nx_tables_info(tables, 2).site);
	assert_int_equal(
	        nx_policy_terms(rules.policy, NX_CAUSE_HARD, "")->ladder[0],
	        NX_HOUR);
}

static void a_policy_is_read_without_rules(void **state)
{
	struct place *place = *state;
	struct nx_rules_from from = make_both(place);
	const struct nx_policy *policy;
	struct nx_rules rules;
	write_file(place, "site/text.yaml", "no: rules\n");
	assert_true(nx_rules_policy(place, &from, NULL, &policy, &place->err));
	assert_int_equal(nx_policy_terms(policy, NX_CAUSE_HARD, "")->ladder[0],
	                 NX_DAY);
	write_file(place, "site/text.yaml", text_rule(place, "site/b", "beta"));
	write_file(place, "site/policy.yaml",
	           "hard: { ladder: [1h], reasons: { odd: { ladder: [2h] } } "
	           "}\nsoft: { ladder: [24h] }\n" OTHER_CAUSES);
	assert_true(nx_rules_policy(place, &from, NULL, &policy, &place->err));
	assert_int_equal(
	        nx_policy_terms(policy, NX_CAUSE_HARD, "odd")->ladder[0],
	        2 * NX_HOUR);
	assert_false(nx_rules_load(place, &from, &rules, &place->err));
	assert_non_null(strstr(place->err.text, "odd: undeclared reason"));
	from.site = "/none/rules.d";
	assert_false(nx_rules_policy(place, &from, NULL, &policy, &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_CONFIG);
}

static void a_site_may_be_empty_but_must_be_there(void **state)
{
	struct place *place = *state;
	struct nx_rules_from from = make_both(place);
	struct nx_rules rules;
	unlink(talloc_asprintf(place, "%s/text.yaml", from.site));
	assert_true(nx_rules_load(place, &from, &rules, &place->err));
	from.site = "/none/rules.d";
	assert_false(nx_rules_load(place, &from, &rules, &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_CONFIG);
	assert_non_null(strstr(place->err.text, "/none/rules.d"));
}

static void a_broken_site_file_leaves_the_rules_in_use(void **state)
{
	struct place *place = *state;
	struct nx_rules_from from = make_both(place);
	struct nx_rules rules;
	assert_true(nx_rules_load(place, &from, &rules, &place->err));
	const struct nx_rules before = rules;
	write_file(place, "site/text.yaml",
	           "rules:\n  - id: site/b\n    x: 1\n");
	assert_false(nx_rules_load(place, &from, &rules, &place->err));
	if (!strstr(place->err.text, "/site/text.yaml:3:5: unknown key"))
		fail_msg("%s", place->err.text);
	assert_int_equal(place->err.kind, NX_ERROR_CONFIG);
	assert_ptr_equal(rules.engine, before.engine);
	assert_ptr_equal(rules.policy, before.policy);
	assert_int_equal(nx_tables_count(nx_engine_tables(rules.engine)), 2);
}

static void the_shipped_rules_load(void **state)
{
	struct place *place = *state;
	struct nx_rules rules;
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	if (!nx_rules_load(place, &from, &rules, &place->err))
		fail_msg("%s", place->err.text);
	assert_true(nx_tables_count(nx_engine_tables(rules.engine)) > 100);
}

#define PLACE_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        PLACE_TEST(a_file_says_what_it_says),
	        PLACE_TEST(what_a_file_leaves_out_is_the_default),
	        PLACE_TEST(a_file_says_where_to_listen_and_how_much),
	        PLACE_TEST(a_file_says_where_mail_servers_ask),
	        PLACE_TEST(a_file_says_what_is_ours),
	        PLACE_TEST(a_wrong_file_is_refused_where_it_is_wrong),
	        PLACE_TEST(a_file_that_is_not_there_is_refused),
	        PLACE_TEST(rules_are_read_in_the_order_of_the_list),
	        PLACE_TEST(rules_that_are_not_there_are_refused),
	        PLACE_TEST(site_rules_come_to_the_shipped_ones),
	        PLACE_TEST(a_policy_is_read_without_rules),
	        PLACE_TEST(a_site_may_be_empty_but_must_be_there),
	        PLACE_TEST(a_broken_site_file_leaves_the_rules_in_use),
	        PLACE_TEST(the_shipped_rules_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
