/* SPDX-License-Identifier: ISC */
#include "classify/verdict.h"

#include "base/text.h"

static const char *const class_names[] = {
        [NX_CLASS_NONE] = "none",
        [NX_CLASS_SOFT] = "soft",
        [NX_CLASS_HARD] = "hard",
        [NX_CLASS_COMPLAINT] = "complaint",
        [NX_CLASS_UNSUBSCRIBE] = "unsubscribe",
};

static const char *const fault_names[] = {
        [NX_FAULT_UNKNOWN] = "unknown", [NX_FAULT_RECIPIENT] = "recipient",
        [NX_FAULT_SENDER] = "sender",   [NX_FAULT_MESSAGE] = "message",
        [NX_FAULT_NETWORK] = "network",
};

static const char *const basis_names[] = {
        [NX_BASIS_NONE] = "",
        [NX_BASIS_PROVIDER] = "provider",
        [NX_BASIS_TEXT] = "text",
        [NX_BASIS_STATUS] = "status",
        [NX_BASIS_REPLY] = "reply",
        [NX_BASIS_ACTION] = "action",
        [NX_BASIS_FEEDBACK] = "feedback",
        [NX_BASIS_KIND] = "kind",
        [NX_BASIS_ADDRESS] = "address",
};

enum { CLASSES = sizeof(class_names) / sizeof(*class_names) };
enum { FAULTS = sizeof(fault_names) / sizeof(*fault_names) };

const char *nx_class_name(enum nx_class class)
{
	return class_names[class];
}

const char *nx_fault_name(enum nx_fault fault)
{
	return fault_names[fault];
}

const char *nx_verdict_basis_name(enum nx_basis basis)
{
	return basis_names[basis];
}

bool nx_class_of_name(const char *name, enum nx_class *out)
{
	size_t at = nx_text_index(name, class_names, CLASSES);

	if (at < CLASSES)
		*out = (enum nx_class)at;
	return at < CLASSES;
}

bool nx_fault_of_name(const char *name, enum nx_fault *out)
{
	size_t at = nx_text_index(name, fault_names, FAULTS);

	if (at < FAULTS)
		*out = (enum nx_fault)at;
	return at < FAULTS;
}
