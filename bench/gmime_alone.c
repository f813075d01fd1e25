/* SPDX-License-Identifier: ISC */

/*
 * gmime_alone FILE…: the minimum cost of parsing. Reads each file, parses it
 * with GMime and drops the result.
 */
#include <gmime/gmime.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static GByteArray *read_file(const char *path)
{
	struct stat status;
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) != 0)
		return NULL;
	GByteArray *bytes = g_byte_array_sized_new((guint)status.st_size);
	g_byte_array_set_size(bytes, (guint)status.st_size);
	const ssize_t n = read(file, bytes->data, bytes->len);
	close(file);
	if (n == status.st_size)
		return bytes;
	g_byte_array_unref(bytes);
	return NULL;
}

static bool parse(const char *path)
{
	GByteArray *bytes = read_file(path);
	if (bytes == NULL) {
		perror(path);
		return false;
	}
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	if (message != NULL)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	return true;
}

int main(int argc, char **argv)
{
	bool ok = argc > 1;
	g_mime_init();
	for (int i = 1; i < argc; i++)
		ok &= parse(argv[i]);
	g_mime_shutdown();
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
