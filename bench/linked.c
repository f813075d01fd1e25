/* SPDX-License-Identifier: ISC */

/* linked: the minimum cost of starting. Links what nixie links and does
 * nothing. */
int main(void)
{
	return 0;
}
