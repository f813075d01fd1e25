/* SPDX-License-Identifier: ISC */
#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void hash(const char *text, size_t step, char hex[65])
{
	struct nx_digest_state state;
	uint8_t out[NX_DIGEST_SIZE];
	size_t size = strlen(text);
	nx_digest_init(&state);
	for (size_t at = 0; at < size; at += step)
		nx_digest_add(&state, text + at,
		              size - at < step ? size - at : step);
	nx_digest_end(&state, out);
	nx_digest_hex(out, sizeof(out), hex);
}

/* FIPS 180-4, the published examples */
static void digests_are_sha_256(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"", "e3b0c44298fc1c149afbf4c8996fb924"
	             "27ae41e4649b934ca495991b7852b855"},
	        {"abc", "ba7816bf8f01cfea414140de5dae2223"
	                "b00361a396177a9cb410ff61f20015ad"},
	        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	         "248d6a61d20638b8e5c026930c3e6039"
	         "a33ce45964ff2167f6ecedd419db06c1"},
	};
	char hex[65];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		hash(cases[i].text, 64, hex);
		assert_string_equal(hex, cases[i].want);
		hash(cases[i].text, 1, hex);
		assert_string_equal(hex, cases[i].want);
	}
}

/* Calculated with another implementation of HMAC over
 * "nixie-addr-v1\0user@example.com". */
static void a_recipient_key_is_a_cut_keyed_hash(void **state)
{
	uint8_t bytes[NX_KEY_SIZE];
	struct nx_digest_key key;
	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	nx_digest_key_init(&key, bytes);
	assert_int_equal(nx_digest_recipient(&key, "user@example.com"),
	                 INT64_C(0x049376e588bca608));
	bytes[31] ^= 1;
	nx_digest_key_init(&key, bytes);
	assert_int_not_equal(nx_digest_recipient(&key, "user@example.com"),
	                     INT64_C(0x049376e588bca608));
}

static void hexadecimal_is_in_lower_case(void **state)
{
	char hex[9];
	(void)state;
	assert_string_equal(
	        nx_digest_hex((const uint8_t *)"\x00\xAB\xFF\x10", 4, hex),
	        "00abff10");
	assert_string_equal(nx_digest_hex((const uint8_t *)"", 0, hex), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(digests_are_sha_256),
	        cmocka_unit_test(a_recipient_key_is_a_cut_keyed_hash),
	        cmocka_unit_test(hexadecimal_is_in_lower_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
