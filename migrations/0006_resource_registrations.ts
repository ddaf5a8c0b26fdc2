import { z } from "zod";
import { type Collection, collection } from "../stores/engine/collection.ts";
import type { Page } from "../stores/engine/step.ts";
import type { Migration, MigrationContext } from "./migration.ts";

const clients = collection({
  family: "clients",
  version: 1,
  schema: z.looseObject({
    clientId: z.string(),
    scope: z.array(z.string()),
    resources: z.unknown().optional(),
  }),
});
const resources = collection({
  family: "resources",
  version: 1,
  schema: z.looseObject({
    resource: z.string(),
    scopes: z.array(z.string()),
    clients: z.unknown().optional(),
  }),
});

/**
 * Tells the operator which clients could use which resources so far, though nobody registered them for
 * it. Nothing is written: they may go on until LATCHKEY_UNREGISTERED_RESOURCES is `refuse`, and what the
 * operator means only the operator can say. Records with pairs of resource and scope are upgraded as
 * they are read, and written so that the release before can read them.
 */
export const migration: Migration = {
  description: "name the clients that are registered for no resource, but use one",
  worksFrom: 5,
  async run(context) {
    const open = (await all(context, resources)).filter((one) => (one.clients ?? null) === null);
    for (const client of open.length === 0 ? [] : await all(context, clients)) {
      if ((client.resources ?? null) !== null) continue;
      const usable = open.filter(({ scopes }) =>
        scopes.some((name) => client.scope.includes(name))
      );
      if (usable.length === 0) continue;
      const names = usable.slice(0, 10).map(({ resource }) => resource);
      const more = usable.length > names.length ? ` and ${usable.length - names.length} more` : "";
      context.progress(
        `client ${client.clientId} can use ${
          names.join(", ")
        }${more}, which no registration says: name \
them in its resources, or it in their clients; the next release refuses it`,
      );
    }
  },
};

async function all<T>(context: MigrationContext, family: Collection<T>): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const options = { collection: family, limit: 100 };
    const page: Page<T> = await context.list(cursor === null ? options : { ...options, cursor });
    found.push(...page.entries.map(({ value }) => value));
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}
