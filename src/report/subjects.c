/* SPDX-License-Identifier: ISC */
#include "report/subjects.h"

#include "base/text.h"

#include <string.h>

static const char *const vacations[] = {
        /* en */
        "Automatic reply",
        "Auto:",
        "Auto reply",
        "Auto-reply",
        "Autoreply",
        "Auto-response",
        "Auto response",
        "Autoresponse",
        "Out of Office",
        "Out of the office",
        "OOO",
        "Vacation reply",
        "Vacation:",
        "Away from the office",
        "Away from my mail",
        "On leave",
        "Away until",
        "I am away",
        "I'm away",
        "I am out of",
        /* fr */
        "Réponse automatique",
        "Réponse d'absence",
        "Réponse d’absence",
        "Absence du bureau",
        "Absent du bureau",
        "Absente du bureau",
        "Absent(e) du bureau",
        "En congé",
        "Message d'absence",
        "Message d’absence",
        /* de */
        "Automatische Antwort",
        "Abwesenheitsnotiz",
        "Abwesenheit",
        "Abwesend",
        "AutoAntwort",
        "Autom. Antwort",
        "Nicht im Büro",
        /* es */
        "Respuesta automática",
        "Fuera de la oficina",
        "Fuera de oficina",
        "Ausente",
        /* it */
        "Risposta automatica",
        "Fuori sede",
        "Fuori ufficio",
        "Assente",
        /* pt */
        "Resposta automática",
        "Fora do escritório",
        "Ausência",
        "Férias",
        /* nl, sv, da, no, fi */
        "Automatisch antwoord",
        "Afwezig",
        "Niet aanwezig",
        "Autosvar",
        "Automatiskt svar",
        "Frånvaro",
        "Frånvarande",
        "Automatisk svar",
        "Fravær",
        "Ikke til stede",
        "Ikke på kontoret",
        "Automaattinen vastaus",
        "Poissa",
        /* pl, cs, sk, hu, ro, bg, hr, sl, el, tr, lt, lv, et */
        "Automatyczna odpowiedź",
        "Autoodpowiedź",
        "Poza biurem",
        "Nieobecność",
        "Automatická odpověď",
        "Mimo kancelář",
        "Automatická odpoveď",
        "Automatikus válasz",
        "Házon kívül",
        "Răspuns automat",
        "Автоматичен отговор",
        "Automatski odgovor",
        "Samodejni odgovor",
        "Αυτόματη απάντηση",
        "Otomatik yanıt",
        "Ofis dışında",
        "Automatinis atsakymas",
        "Automātiskā atbilde",
        "Automaatvastus",
        /* ru, uk */
        "Автоматический ответ",
        "Автоответ",
        "Отсутствие на рабочем месте",
        "Автоматична відповідь",
        /* ja, zh, ko, he, ar, th, vi */
        "自動応答",
        "自動返信",
        "不在",
        "自动答复",
        "自动回复",
        "自動回覆",
        "外出",
        "자동 회신",
        "자동 응답",
        "부재중",
        "תשובה אוטומטית",
        "رد تلقائي",
        "ตอบกลับอัตโนมัติ",
        "Trả lời tự động",
};

static const char *const bounces[] = {
        "Undeliver",
        "Undelivered",
        "Returned mail",
        "Returned to sender",
        "Mail delivery failed",
        "Mail delivery failure",
        "Mail delivery system",
        "Mail failure",
        "Mail could not be delivered",
        "Mail System Error",
        "Mail delivery status",
        "Delivery Status",
        "Delivery failure",
        "Delivery failed",
        "Delivery report",
        "Delivery notification",
        "Delivery has failed",
        "Delivery delayed",
        "Delivery incomplete",
        "Delayed mail",
        "failure notice",
        "failure delivery",
        "failed delivery",
        "Permanent delivery failure",
        "Non-deliverable",
        "Non delivery",
        "NDN:",
        "Message status -",
        "Message delivery has failed",
        "Message undeliverable",
        "Message frozen",
        "Warning: message",
        "Warning: could not send",
        "Postmaster notify",
        "NOTICE: mail delivery status",
        "WARNING: delayed mail",
        "Sorry, your message could not be delivered",
        "There was an error sending your mail",
        "Successful mail delivery",
        "[BOUNCE]",
        "Non remis",
        "Onbestelbaar",
        "Não entregue",
        "Nao entregue",
        "Non recapitabile",
        "Unzustellbar",
        "No se puede entregar",
        "Niedostarczalne",
        "配信不能",
        "未送達",
        "无法传递",
};

static bool begins_with_any(const char *subject, const char *const *words,
                            size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (nx_text_starts(subject, words[i]))
			return true;
	}
	return false;
}

static const char *skip_front(const char *subject)
{
	for (;;) {
		subject += strspn(subject, " \t");
		if (nx_text_starts(subject, "Re:"))
			subject += strlen("Re:");
		else if (*subject == '[' &&
		         !nx_text_starts(subject, "[BOUNCE]"))
			subject++;
		else
			return subject;
	}
}

bool nx_subject_is_vacation(const char *subject)
{
	return begins_with_any(skip_front(subject), vacations,
	                       sizeof vacations / sizeof *vacations);
}

bool nx_subject_is_bounce(const char *subject)
{
	return begins_with_any(skip_front(subject), bounces,
	                       sizeof bounces / sizeof *bounces);
}
