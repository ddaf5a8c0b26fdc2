import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { once } from "./idempotency.ts";
import type { JsonObject } from "./json_body.ts";
import { cursorAt, pageParameters, parseQuery, positionOf } from "./paging.ts";
import { Problem } from "./problem.ts";
import { existing } from "./records.ts";

const states = ["waiting", "sent", "dead"] as const;
const querySchema = z.strictObject({ ...pageParameters, state: z.enum(states).optional() });

/** Lists mails without their text: those of a state may be fewer a page than its limit. */
export async function listMails(deps: Deps, request: AdminRequest): Promise<Answer> {
  await asAdministrator(deps, request, () => {});
  const { limit, cursor, state } = parseQuery(querySchema, request);
  const list = `mail ${state ?? ""}`;
  const position = await positionOf(deps, list, cursor);
  const page = await deps.kv.list({
    collection: mailOutbox.all,
    limit,
    ...(position === undefined ? {} : { cursor: position }),
  });
  const mails = page.entries.filter(({ value }) =>
    // A decoy goes to nobody, and that is nobody's business.
    !value.decoy && (state === undefined || stateOf(value) === state)
  );
  return answer({
    items: mails.map(show),
    next_cursor: await cursorAt(deps, list, page.cursor),
  });
}

/** Sends a dead letter once more. @throws {Problem} 409 if it is not dead, or of no use any more */
export async function retryMail(
  deps: Deps,
  request: AdminRequest,
  mailId: string,
): Promise<Answer> {
  const at = /^[A-Za-z0-9_-]{22}$/.test(mailId) ? mailOutbox.ref(mailId) : null;
  const answered = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const mail = await existing(tx, { name: "mail" }, at);
        if (stateOf(mail.value) !== "dead") {
          throw new Problem("conflict", "only a mail that was given up can be sent once more");
        }
        if (mail.value.sealedMail === null || mail.value.giveUpAt <= tx.now) {
          throw new Problem("conflict", "what the mail was about is too old to be of use");
        }
        const { userId, template } = mail.value;
        const revived = mailOutbox.revive(tx, mail);
        auditEvents.append(tx, { type: "mail_retried", userId, reason: template });
        return answer(show({ ...mail, value: revived }));
      }),
  );
  deps.mailBell.ring();
  return answered;
}

function stateOf({ sentAt, deadAt }: OutgoingMail): (typeof states)[number] {
  if (sentAt !== null) return "sent";
  return deadAt === null ? "waiting" : "dead";
}

function show(mail: Present<OutgoingMail>): JsonObject {
  const { value } = mail;
  return {
    id: mailOutbox.idOf(mail),
    state: stateOf(value),
    template: value.template,
    user_id: value.userId,
    attempts: value.attempts,
    last_error: value.lastError,
    next_attempt_at: stateOf(value) === "waiting" ? value.nextAttemptAt : null,
    created_at: value.createdAt,
    sent_at: value.sentAt,
    dead_at: value.deadAt,
    give_up_at: value.giveUpAt,
  };
}
