import { z } from "zod";
import { collection, isPresent, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** The request that carried it out. A request that repeats the form has another id. */
  requestId: z.string(),
  /** What the answer to a repeated form depends on, such as what was decided; null: nothing. */
  note: z.string().nullable(),
  expiresAt: z.int(),
});
/** The trace of a form that was carried out, so that a second press gets the answer to the first. */
export type CarriedOutForm = z.infer<typeof schema>;
const forms = collection({ family: "carried_out_forms", version: 1, schema });

/**
 * Seconds for which a form may be repeated: long enough for a second press on a slow connection. What
 * the form has done may be undone later, and then a repeated form must not seem to have done it again.
 */
const kept = 120;

/** @param formId from `formIdOf`: it is known only to whoever has sent the form */
export function ref(formId: string): Ref<CarriedOutForm> {
  return forms.ref(formId);
}

/** Notes in the commit of what a form does that the form of this request is carried out. */
export function add(tx: Transaction, note: string | null = null) {
  const { formId, requestId } = tx.origin;
  if (formId === undefined || requestId === null) return;
  tx.add(ref(formId), { requestId, note, expiresAt: tx.now + kept });
}

/** Whether the form of this request was carried out before, in a step that would refuse it. */
export async function isCarriedOut(tx: Transaction): Promise<boolean> {
  const { formId } = tx.origin;
  if (formId === undefined) return false;
  const { form } = await tx.read({ form: ref(formId) });
  return isPresent(form);
}
