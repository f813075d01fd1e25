/* SPDX-License-Identifier: ISC */

/* linked: what starting cannot cost less than. Links what nixie links and does
 * nothing. */
int main(void)
{
	return 0;
}
