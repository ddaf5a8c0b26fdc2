import { z } from "zod";
import { collection } from "../stores/engine/collection.ts";
import { eachRecord } from "./each_record.ts";
import type { Migration } from "./migration.ts";

// Loose, to leave everything else of an event as it is.
const eventSchema = z.looseObject({
  type: z.string(),
  time: z.int(),
  userId: z.string().nullable(),
});
const events = collection({ family: "audit_events", version: 1, schema: eventSchema });
const users = collection({
  family: "users",
  version: 2,
  schema: z.unknown(),
  upgrades: { 1: same },
});
const eventsByPerson = collection({
  family: "audit_events_by_person",
  version: 1,
  schema: z.object({}),
  target: (key) => events.ref(String(key[3])),
});

/**
 * Finds what happened to a person, so that they can read it themselves. Events of people who have been
 * deleted stay out of the index: nobody is left to read them.
 */
export const migration: Migration = {
  description: "find audit events by the person they are about",
  // An earlier release writes events without their entries, and leaves them behind with their person.
  worksFrom: 4,
  run: (context) =>
    eachRecord(context, {
      collection: events,
      atOnce: 3, // each needs a second check, of the person, and there are 7 in all
      async visit(tx, event) {
        const { userId, time } = event.value;
        if (userId === null) return;
        // Checked, so that no entry comes after the end of its person.
        const { user } = await tx.read({ user: users.ref(userId) });
        if (user.versionstamp === null) return;
        tx.add(eventsByPerson.ref(userId, time, String(event.ref.key[1])), {});
      },
    }),
};

function same(record: unknown): unknown {
  return record;
}
