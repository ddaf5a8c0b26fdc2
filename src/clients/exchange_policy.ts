import { z } from "zod";
import type { Client } from "../../stores/clients.ts";
import { scopeNames, words } from "./member.ts";

const audiences = z.array(z.url("must be URLs").max(256)).max(64).default([]);

/** What a client may get by token exchange, as an operator writes it. @see RFC 8693 */
export const exchangePolicySchema = z.strictObject({
  subject_audiences: audiences,
  resources: audiences,
  impersonation: z.boolean().default(false),
});
type ExchangePolicy = z.infer<typeof exchangePolicySchema>;

export const exchangePolicy = {
  toRecord(policy: ExchangePolicy | undefined): Client["tokenExchange"] {
    if (policy === undefined) return null;
    const { subject_audiences: subjectAudiences, resources, impersonation } = policy;
    return { subjectAudiences, resources, impersonation };
  },
  toWire(policy: Client["tokenExchange"]): ExchangePolicy | undefined {
    if (policy === null) return undefined;
    const { subjectAudiences: subject_audiences, resources, impersonation } = policy;
    return { subject_audiences, resources, impersonation };
  },
};

/** For which servers a client may get identity assertions. What is not listed is not given. */
export const idJagAudiencesSchema = z.array(z.strictObject({
  audience: z.url("must be the issuer of the other server").max(256),
  client_id: z.string().min(1).max(256),
  resources: audiences,
  scope: scopeNames.default(""),
})).max(64).default([]);
type IdJagAudiences = z.infer<typeof idJagAudiencesSchema>;

export const idJagAudiences = {
  toRecord: (entries: IdJagAudiences): Client["idJagAudiences"] =>
    entries.map(({ audience, client_id: clientId, resources, scope }) => {
      return { audience, clientId, resources, scope: words(scope) };
    }),
  toWire: (entries: Client["idJagAudiences"]): IdJagAudiences =>
    entries.map(({ audience, clientId: client_id, resources, scope }) => {
      return { audience, client_id, resources, scope: scope.join(" ") };
    }),
};
