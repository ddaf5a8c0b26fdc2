import { z } from "zod";
import type { Client } from "../../stores/clients.ts";

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
