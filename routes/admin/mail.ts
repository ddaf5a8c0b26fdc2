import { z } from "zod";
import type { Present } from "../../stores/engine/collection.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import { isRandomId } from "../../src/crypto/random.ts";
import { mailState, mailStates, retryMail } from "../../src/admin/mail.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer } from "./http/answer.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { once } from "./http/idempotency.ts";
import { pageOf, pageParameters } from "./http/paging.ts";
import { existing } from "./http/records.ts";

/** The outbox, with the mails that were given up. */
export function mailRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/mail", answeredByQuery(deps, mailQuery, list))
    .post("/mail/:id/retry", answered(deps, retry));
}

const mailQuery = z.strictObject({ ...pageParameters, state: z.enum(mailStates).optional() });

/** Lists mails without their text. With a `state`, a page may have fewer mails than its limit. */
const list: Endpoint<z.infer<typeof mailQuery>> = async (deps, request) => {
  const query = await request.step((_tx, { query }) => query);
  const { state } = query;
  return await pageOf(deps, `mail ${state ?? ""}`, query, async (page) => {
    const { entries, cursor } = await deps.kv.list({ collection: mailOutbox.all, ...page });
    const mails = entries.filter(({ value }) =>
      // Decoys are not shown: nobody may learn which requests were for unknown addresses.
      !value.decoy && (state === undefined || mailState(value) === state)
    );
    return { items: mails.map(show), position: cursor };
  });
};

const retry: Endpoint = async (deps, request, id) => {
  const at = isRandomId(id) ? mailOutbox.ref(id) : null;
  const answered = await request.step((tx, caller) =>
    once(deps, tx, request, caller, async () => {
      return answer(show(retryMail(tx, await existing(tx, "mail", at))));
    })
  );
  deps.mailWakeUp.wake();
  return answered;
};

function show(mail: Present<OutgoingMail>): JsonObject {
  const { value } = mail;
  const state = mailState(value);
  return {
    id: mailOutbox.idOf(mail),
    state,
    template: value.template,
    user_id: value.userId,
    attempts: value.attempts,
    last_error: value.lastError,
    next_attempt_at: state === "waiting" ? value.nextAttemptAt : null,
    created_at: value.createdAt,
    sent_at: value.sentAt,
    dead_at: value.deadAt,
    give_up_at: value.giveUpAt,
  };
}
