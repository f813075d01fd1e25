/* SPDX-License-Identifier: ISC */
#include "mail/part_type.h"

#include "base/text.h"

#include <string.h>

bool nx_part_is_returned(const char *type, const char *file_name)
{
	static const char *const types[] = {"message/rfc822", "message/global",
	                                    "message/news", "message/partial"};
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return strcmp(type, "application/octet-stream") == 0 &&
	       nx_text_ends(file_name, ".eml");
}

bool nx_part_type_is_status(const char *type)
{
	static const char *const words[] = {"delivery-status", "feedback",
	                                    "-notification"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(type, words[i]) != NULL)
			return true;
	return false;
}

bool nx_part_type_is_text(const char *type)
{
	return strncmp(type, "text/", 5) == 0 ||
	       (strncmp(type, "message/", 8) == 0 &&
	        strcmp(type, "message/external-body") != 0);
}

bool nx_part_may_be_status(const char *type)
{
	static const char *const others[] = {"image/", "audio/", "video/",
	                                     "font/",  "model/", "multipart/"};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strncmp(type, others[i], strlen(others[i])) == 0)
			return false;
	return true;
}

bool nx_part_is_status(const char *text)
{
	static const char *const xarf[] = {"\"xarf_version\"", "\"ReportType\"",
	                                   "\"evidence\""};
	for (size_t i = 0; i < sizeof(xarf) / sizeof(*xarf); i++)
		if (strstr(text, xarf[i]) != NULL)
			return true;
	return nx_text_find(text, "Final-Recipient:") != NULL ||
	       nx_text_find(text, "Reporting-MTA:") != NULL ||
	       nx_text_find(text, "Feedback-Type:") != NULL;
}
