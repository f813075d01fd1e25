/* SPDX-License-Identifier: ISC */
#include "report/conditions/detectors.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "report/conditions/fold.h"

#include <string.h>

static const char *local_part(TALLOC_CTX *ctx, const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? talloc_strndup(ctx, address, (size_t)(at - address)) : "";
}

static bool is_from_system(const struct nx_detectors *detectors,
                           struct nx_view *view)
{
	const struct nx_message *message = view->message;
	const char *from = nx_message_header(message, "From");
	const char *name = nx_fold(view, from, strlen(from));
	const char *local = local_part(view, nx_address_of_header(view, from));

	if (nx_phrases_hit(&detectors->wording.systems, name) ||
	    nx_text_equal(local, "postmaster") || nx_text_equal(local, "root"))
		return true;
	if (!nx_envelope_is_null(&message->envelope))
		return false;
	if (nx_phrases_hit(&detectors->wording.gateways, name))
		return true;
	nx_view_look(view);
	return nx_phrases_behind(&detectors->bounces, view->subject);
}

bool nx_detectors_is_system(const struct nx_detectors *detectors,
                            struct nx_view *view)
{
	if (view->system == NX_SYSTEM_UNKNOWN)
		view->system = is_from_system(detectors, view) ? NX_SYSTEM_YES
		                                               : NX_SYSTEM_NO;
	return view->system == NX_SYSTEM_YES;
}

const struct nx_detector *nx_detectors_find(
        const struct nx_detectors *detectors, struct nx_view *view,
        enum nx_detector_stage stage)
{
	for (size_t i = 0; i < detectors->count; i++) {
		const struct nx_detector *detector = detectors->item[i];

		if (detector->stage == stage &&
		    nx_view_holds(view, detector->when) &&
		    (!detector->with || nx_view_holds(view, detector->with)) &&
		    !nx_view_holds(view, detector->unless) &&
		    (detector->system ||
		     !nx_detectors_is_system(detectors, view)))
			return detector;
	}
	return NULL;
}
