/* SPDX-License-Identifier: ISC */
#include "report/readers/heuristic_words.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "report/explanation.h"

#include <string.h>

static const char *const failures[] = {
        /* en: the recipient */
        "user unknown",
        "unknown user",
        "no such user",
        "no such mailbox",
        "no such recipient",
        "no such address",
        "no such account",
        "no such local user",
        "no such person",
        "unknown recipient",
        "recipient unknown",
        "unknown address",
        "address unknown",
        "unknown mailbox",
        "unknown account",
        "unknown local",
        "final delivery userid",
        "user not found",
        "user is not found",
        "recipient not found",
        "mailbox not found",
        "address not found",
        "account not found",
        "not our customer",
        "not known here",
        "is unknown",
        "are unknown",
        "were unknown",
        "unrouteable",
        "unroutable",
        "doesn't exist",
        "does not exist",
        "not exist",
        "doesn't have a",
        "does not have a",
        "no mailbox",
        "not a valid",
        "invalid address",
        "invalid recipient",
        "invalid receiver",
        "invalid mailbox",
        "invalid user",
        "not listed in",
        "not recognized",
        "not recognised",
        "bad destination",
        "account has been closed",
        "account is closed",
        "account closed",
        "no longer valid",
        "no longer active",
        "no longer available",
        "no longer has an account",
        "mailbox unavailable",
        "is disabled",
        "has been disabled",
        "been suspended",
        "is suspended",
        "deactivated",
        "is inactive",
        /* en: room */
        "mailbox full",
        "mailbox is full",
        "mail box is full",
        "inbox is full",
        "mail folder is full",
        "mailfolder is full",
        "over quota",
        "overquota",
        "over the quota",
        "over his quota",
        "over their quota",
        "quota exceeded",
        "exceeded quota",
        "exceeds quota",
        "exceed quota",
        "disk quota",
        "storage limit",
        "exceeded the limit",
        "exceeds the limit",
        "too large",
        "too big",
        /* en: the host */
        "host unknown",
        "unknown host",
        "host not found",
        "unknown domain",
        "domain not found",
        "name server",
        "name service error",
        "dns lookup",
        "connection timed out",
        "connection refused",
        "unable to connect",
        "could not connect",
        "not responding",
        "too many hops",
        /* en: the mail */
        "could not be delivered",
        "couldn't be delivered",
        "cannot be delivered",
        "can not be delivered",
        "not be delivered",
        "not able to deliver",
        "wasn't able to deliver",
        "was not delivered",
        "wasn't delivered",
        "were not delivered",
        "not been delivered",
        "not yet been delivered",
        "not yet delivered",
        "could not deliver",
        "unable to deliver",
        "unable to be delivered",
        "could not be sent",
        "could not be reached",
        "undeliverable",
        "undelivered",
        "non-deliverable",
        "delivery failed",
        "delivery has failed",
        "delivery failure",
        "failed to deliver",
        "failed delivery",
        "failed addresses",
        "failed recipient",
        "failed permanently",
        "problems delivering",
        "problem delivering",
        "trouble delivering",
        "error delivering",
        "had delivery problems",
        "delivery problems",
        "delivery error",
        "delivery has been delayed",
        "delivery is delayed",
        "has been postponed",
        "has been deferred",
        "did not reach",
        "fatal error",
        "permanent error",
        "recipients rejected",
        "recipient rejected",
        "address rejected",
        "was rejected",
        "were rejected",
        "been rejected",
        "rejected by",
        "message rejected",
        "mail rejected",
        "refused by",
        "was refused",
        "will not be delivered",
        "did not receive",
        /* de */
        "nicht zugestellt",
        "nicht ausgeliefert",
        "nicht zustellbar",
        "unzustellbar",
        "konnte nicht",
        "unbekannter empf",
        "unbekannter benutzer",
        "existiert nicht",
        "postfach ist voll",
        "postfach voll",
        "nicht erreichbar",
        /* fr */
        "n'a pas pu",
        "n'a pu",
        "n’a pas pu",
        "n'ont pas pu",
        "pas pu être",
        "pas été remis",
        "n'a pas été délivré",
        "n'existe pas",
        "utilisateur inconnu",
        "destinataire inconnu",
        "adresse inconnue",
        "impossible de remettre",
        "non remis",
        "boîte pleine",
        "quota dépassé",
        /* es, pt */
        "no se ha podido",
        "no pudo ser",
        "no ha podido ser",
        "no se pudo",
        "no ha sido posible",
        "no puede ser entregado",
        "usuario desconocido",
        "no existe",
        "buzón lleno",
        "não pôde ser",
        "nao pode ser",
        "não foi possível",
        "nao foi possivel",
        "não existe",
        "não foi entregue",
        "usuário desconhecido",
        "caixa postal cheia",
        /* it */
        "non è stato possibile",
        "non e' stato possibile",
        "impossibile consegnare",
        "non recapitabil",
        "non può essere consegnat",
        "utente sconosciuto",
        "non esiste",
        "casella piena",
        /* nl, sv, da, no, fi */
        "kon niet worden",
        "niet worden afgeleverd",
        "niet worden bezorgd",
        "bestaat niet",
        "onbekende gebruiker",
        "kunde inte levereras",
        "kunde inte skickas",
        "kunne ikke leveres",
        "kunne ikke afleveres",
        "ei voitu toimittaa",
        /* pl, cs, hu, tr */
        "nie mógł zostać",
        "nie mogła zostać",
        "nie można dostarczyć",
        "nie został dostarczon",
        "nie została dostarczon",
        "nie istnieje",
        "nelze doručit",
        "nebyla doručena",
        "nemohla být doručena",
        "neexistuje",
        "nem kézbesíthető",
        "teslim edilemedi",
        "iletilemedi",
        /* ru, uk */
        "не доставлен",
        "не может быть доставлен",
        "не может быть получен",
        "не удалось доставить",
        "не удается доставить",
        "невозможно доставить",
        "не существует",
        "Не существует",
        "не найден",
        "Неизвестный",
        "неизвестен",
        "переполнен",
        /* ja, zh, ko */
        "配信できません",
        "配送できません",
        "送信できません",
        "送信に失敗",
        "配信に失敗",
        "届けられません",
        "お届けできません",
        "見つかりません",
        "存在しません",
        "配信不能",
        "无法投递",
        "无法送达",
        "投递失败",
        "不能送达",
        "發送失敗",
        "無法投遞",
        "無法送達",
        "不存在",
        "退信",
        "退回",
        "전달할 수 없",
        "배달할 수 없",
        "보낼 수 없",
        "존재하지 않",
        NULL,
};

static const char *const delays[] = {
        "not yet been delivered",
        "not yet delivered",
        "not yet be delivered",
        "still being tried",
        "still in the queue",
        "still in queue",
        "still trying",
        "delivery attempts will continue",
        "attempts will continue",
        "will continue to be retried",
        "will be tried again",
        "will try again",
        "will be attempted again",
        "just a warning",
        "only a warning",
        "warning only",
        "warning message only",
        "has been postponed",
        "temporarily delayed",
        "has been deferred",
        /* a moderator decides */
        "is being held",
        "awaits moderator",
        "awaiting moderat",
        "awaiting approval",
        /* de, fr, es, pt, it, nl: it is still tried */
        "wird weiter versucht",
        "weiterhin versucht",
        "weitere zustellversuche",
        "nouvelles tentatives seront",
        "seguirá intentando",
        "seguiremos intentando",
        "continuará a tentar",
        "altri tentativi verranno",
        "verranno effettuati altri tentativi",
        "wordt opnieuw geprobeerd",
        /* ru, ja, zh, ko */
        "попытки будут продолжены",
        "попытки доставки будут продолжены",
        "再送を試み",
        "继续尝试",
        "繼續嘗試",
        "계속 시도",
        NULL,
};

static const char *const ends[] = {
        "permanent error",
        "permanent fatal",
        "permanent failure",
        "failed permanently",
        "giving up",
        "given up",
        "gave up",
        "no further attempt",
        "not try again",
        "not going to try again",
        "will not be retried",
        "could not be delivered for",
        "returned to sender",
        NULL,
};

/* Words are in lower case, like the text. */
static bool has_any(const char *text, const char *const *words)
{
	while (*words && !strstr(text, *words))
		words++;
	return *words;
}

bool nx_heuristic_words_tell_failure(TALLOC_CTX *ctx, const char *text)
{
	return has_any(nx_text_lower(ctx, text), failures);
}

static bool tells_delay(const char *text)
{
	return nx_explanation_tells_delay(text) || has_any(text, delays);
}

bool nx_heuristic_words_tell_delay(TALLOC_CTX *ctx, const char *subject,
                                   const char *text)
{
	text = nx_text_lower(ctx, text);
	if (tells_delay(nx_text_lower(ctx, subject)))
		return true;
	return tells_delay(text) && !has_any(text, ends);
}

/* A mail of another type is not a bounce, whatever its text says. */
static bool is_other_report(const struct nx_message *message)
{
	return *message->report_type &&
	       strcmp(message->report_type, "delivery-status") != 0 &&
	       strcmp(message->report_type, "global-delivery-status") != 0;
}

static bool is_from_root(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const char *from = nx_message_header(report->message, "From");

	return nx_text_starts(nx_address_of_header(ctx, from), "root@");
}

bool nx_heuristic_words_report(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const char *text = nx_report_notice(report);
	const char *subject = nx_message_header(report->message, "Subject");

	if (is_other_report(report->message) ||
	    !nx_report_is_from_system(report))
		return false;
	if (nx_heuristic_words_tell_failure(ctx, subject))
		return true;
	return !is_from_root(ctx, report) &&
	       (nx_explanation_tells_failure(subject) ||
	        nx_heuristic_words_tell_failure(ctx, text) ||
	        nx_heuristic_words_tell_delay(ctx, subject, text));
}

bool nx_heuristic_words_refuse(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const char *text = nx_report_notice(report);
	struct nx_reply reply;

	if (is_other_report(report->message) || is_from_root(ctx, report) ||
	    !nx_report_is_from_system(report))
		return false;
	nx_reply_parse(ctx, text, &reply);
	return reply.code >= 500 && reply.status.class == 5;
}
