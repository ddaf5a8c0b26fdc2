import { z } from "zod";
import { collection, isPresent } from "./engine/collection.ts";
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

/**
 * Notes in the commit of what a form does that the form of this request is carried out. If it was undone
 * meanwhile and the form does it again, the trace is replaced.
 */
export function add(tx: Transaction, note: string | null = null) {
  const { formId, requestId } = tx.origin;
  if (formId === undefined || requestId === null) return;
  tx.add(forms.ref(formId), { requestId, note, expiresAt: tx.now + kept });
}

/** The trace of this request's form; null: nobody has carried it out a moment ago. */
export async function read(tx: Transaction): Promise<CarriedOutForm | null> {
  const { formId } = tx.origin;
  if (formId === undefined) return null;
  const { form } = await tx.read({ form: forms.ref(formId) });
  return isPresent(form) ? form.value : null;
}
