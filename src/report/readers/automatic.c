/* SPDX-License-Identifier: ISC */
#include "report/conditions/detectors.h"
#include "report/readers/readers.h"

/* Mail that a program wrote in somebody's absence, or for its operator: the
 * detectors of rules/automatic.yaml. None names a recipient. */

static bool read_stage(struct nx_report *report, enum nx_detector_stage stage)
{
	const struct nx_detector *detector =
	        nx_detectors_find(report->detectors, report->view, stage);

	if (!detector)
		return false;
	report->kind = nx_kind_of_name(detector->kind);
	report->format = detector->format;
	return true;
}

bool nx_reader_disguised(struct nx_report *report)
{
	return read_stage(report, NX_DETECTOR_EARLY);
}

bool nx_reader_automatic(struct nx_report *report)
{
	return read_stage(report, NX_DETECTOR_LATE);
}
