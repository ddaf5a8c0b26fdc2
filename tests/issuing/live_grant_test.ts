import { assert, assertEquals } from "@std/assert";
import * as accessTokens from "../../stores/access_tokens.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import * as providers from "../../stores/provider.ts";
import { grantRefs, liveGrant } from "../../src/issuing/live_grant.ts";
import { accessTokenAddress } from "../../src/tokens/access_token.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { signIn } from "../support/tokens.ts";

type Records = Parameters<typeof liveGrant>[0];
type Value<T> = T extends { readonly value: infer V } ? NonNullable<V> : never;

/** The records that the grant of an access token depends on. */
async function recordsOf(provider: TestProvider, accessToken: string): Promise<Records> {
  const { grantId, digest } = accessTokenAddress(accessToken) ?? { grantId: "", digest: "" };
  return await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { token, ...first } = await providers.read(tx, {
      token: accessTokens.ref(digest),
      grant: grants.ref(grantId),
    });
    const grant = accessTokens.grantOf(token, first.grant);
    const { config } = provider.deps;
    return { config, ...first, grant, ...await tx.read(grantRefs(grant)) };
  });
}

function changed<Name extends "grant" | "client" | "user" | "session">(
  records: Records,
  name: Name,
  change: Partial<Value<NonNullable<Records[Name]>>> | null,
): Records {
  const entry = records[name];
  assert(entry);
  const value = change === null ? null : { ...entry.value, ...change };
  return { ...records, [name]: { ...entry, value } };
}

Deno.test("a grant is dead as soon as any one of what it depends on has ended", async () => {
  await using provider = await aProvider();
  const { access_token } = await signIn(provider);
  const records = await recordsOf(provider, access_token);
  const { clientId = "", epoch = 0 } = records.grant?.value ?? {};
  const withdrawals = [{ clientId, id: "later", at: 1 }];
  const causes: Record<string, Records> = {
    "the grant was ended": changed(records, "grant", null),
    "the client was deleted": changed(records, "client", null),
    "another client has the id": changed(records, "client", { createdAt: 1 }),
    "the user was deleted": changed(records, "user", null),
    "the user is suspended": changed(records, "user", { status: "suspended" }),
    "a password reset": changed(records, "user", { epoch: (epoch ?? 0) + 1 }),
    "the user withdrew": changed(records, "user", { withdrawals }),
    "the session was ended": changed(records, "session", null),
    "another user's session": changed(records, "session", { userId: "another" }),
    "sign out everywhere": changed(records, "user", { sessionEpoch: 99 }),
    "a backup was restored": { ...records, provider: { ...records.provider, epoch: 99 } },
    "its issuer is not trusted": changed(records, "grant", { assertedBy: "https://idp.example" }),
    "no user was read": { ...records, user: null },
    "no session was read": { ...records, session: null },
  };

  assertEquals(liveGrant(records)?.client.clientId, clientId);
  for (const [cause, dead] of Object.entries(causes)) {
    assertEquals(liveGrant(dead), null, cause);
  }
});

Deno.test("a client's grant to itself depends on the client and the server alone", async () => {
  const clients = [{
    client_id: "job",
    client_secret: "a secret of the job",
    grant_types: ["client_credentials"],
  }];
  await using provider = await aProvider({ clients });
  const form = {
    grant_type: "client_credentials",
    client_id: "job",
    client_secret: "a secret of the job",
  };
  const { access_token } = await (await provider.post("/token", form)).json();
  const records = await recordsOf(provider, access_token);

  assertEquals(liveGrant(records)?.user, null);
  assertEquals(liveGrant(records)?.client.clientId, "job");
  assertEquals(liveGrant(changed(records, "client", null)), null);
  assertEquals(liveGrant({ ...records, provider: { ...records.provider, epoch: 99 } }), null);
});
