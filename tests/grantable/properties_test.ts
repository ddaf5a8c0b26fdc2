import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Client } from "../../stores/clients.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as accessTokens from "../../stores/access_tokens.ts";
import * as clients from "../../stores/clients.ts";
import {
  covers,
  isOwnScope,
  ownScopes,
  type ResourceScope,
  scopeNames,
} from "../../stores/resource_scopes.ts";
import * as resources from "../../stores/resources.ts";
import type { Resource } from "../../stores/resources.ts";
import { noSecret } from "../../src/clients/kept_secret.ts";
import { clientMetadataSchema, clientOf as metadataToClient } from "../../src/clients/metadata.ts";
import { audienceOf, audienceWithin } from "../../src/grantable/audience.ts";
import { grantable, type Limits } from "../../src/grantable/grantable.ts";
import type { RegistrationRule } from "../../src/grantable/registered_scope.ts";
import { accessTokenAddress } from "../../src/tokens/access_token.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider } from "../support/provider.ts";
import { introspect, tokensOf } from "../support/tokens.ts";

const names = ["a", "b", "c"].map((name) => `https://${name}.example`);
const apiScopes = ["read", "write", "play"];
const claimNames = ["name", "email", "phone_number"];
const someOf = <T>(all: readonly T[]) => fc.subarray([...all]);

/** What is random of a client's registration. */
const registration = fc.record({
  scope: someOf([...ownScopes, ...apiScopes]),
  resources: fc.option(fc.uniqueArray(
    fc.record({
      resource: fc.constantFrom(...names),
      scope: fc.option(someOf(apiScopes)),
    }),
    { selector: ({ resource }) => resource, maxLength: 3 },
  )),
});
const registeredResources = fc.tuple(...names.map((resource) =>
  fc.record({
    resource: fc.constant(resource),
    scopes: someOf(apiScopes),
    clients: fc.constantFrom<Resource["clients"]>(null, "any", [], ["shop"], ["another"]),
  })
));
const rules: fc.Arbitrary<RegistrationRule> = fc.record({
  unregisteredResources: fc.constantFrom("allow", "refuse"),
  registrationScopes: someOf(apiScopes),
});
const strict: RegistrationRule = { unregisteredResources: "refuse", registrationScopes: [] };
/** Whether it registered itself, and whether an operator has set its scope since. */
const origin = fc.record({
  registration: fc.constantFrom(
    null,
    { accessTokenDigest: "", previousDigest: null, superseded: null },
  ),
  operatorSet: fc.subarray(["client_name", "scope"]),
});
const pairs = fc.uniqueArray(
  fc.record({
    resource: fc.constantFrom(null, ...names),
    scope: someOf([...ownScopes, ...apiScopes]),
  }),
  { selector: ({ resource }) => resource },
);

function clientOf(random: Pick<Client, "scope" | "resources"> & Partial<Client>): Client {
  return { ...plainClient, ...random };
}

const plainClient = metadataToClient(
  clientMetadataSchema.parse(aClient("shop", { native_sso: "acme" })),
  noSecret,
  0,
);

const asResource = (random: Pick<Resource, "resource" | "scopes" | "clients">): Resource => ({
  ...random,
  accessTokenFormat: "jwt",
  accessTokenSigningAlg: null,
  introspectionClients: [],
  metadata: null,
  createdAt: 0,
  updatedAt: 0,
});

/** Whether a client registered itself with a scope of an API, and no operator has set its scope since. */
function namesMore(
  { registrationScopes }: Pick<RegistrationRule, "registrationScopes">,
  client: Pick<Client, "scope"> & Partial<Client>,
): boolean {
  return client.registration != null && !client.operatorSet?.includes("scope") &&
    client.scope.some((one) => registrationScopes.includes(one));
}

/** Whether the registrations allow a pair: the rule of docs/configuration.md, word for word. */
function allows(
  { unregisteredResources, registrationScopes }: RegistrationRule,
  client: Pick<Client, "scope" | "resources"> & Partial<Client>,
  resource: Pick<Resource, "resource" | "scopes" | "clients">,
  name: string,
  isNamed: boolean,
): boolean {
  const mayName = isNamed && registrationScopes.includes(name) &&
    namesMore({ registrationScopes }, client);
  if (!resource.scopes.includes(name) || !(client.scope.includes(name) || mayName)) return false;
  const entry = client.resources?.find((one) => one.resource === resource.resource);
  if (entry && entry.scope !== null) return entry.scope.includes(name);
  if (client.resources?.some(({ scope }) => scope?.includes(name))) return false;
  if (entry || resource.clients === "any" || resource.clients?.includes("shop")) return true;
  return unregisteredResources === "allow" && client.resources === null &&
    resource.clients === null;
}

const situations = fc.record({
  rule: rules,
  client: fc.tuple(registration, origin).map(([one, other]) => clientOf({ ...one, ...other })),
  known: registeredResources.map((list) => list.map(asResource)),
  named: someOf([0, 1, 2]),
  asked: fc.option(someOf([...ownScopes, ...apiScopes, "unknown"])),
  granted: fc.option(pairs),
  userinfo: someOf([...claimNames, "shoe_size"]),
  ofUser: fc.boolean(),
  offline: fc.boolean(),
});

type Situation = typeof situations extends fc.Arbitrary<infer T> ? T : never;

function limitsOf(
  { known, named, asked, granted, userinfo, ofUser, offline }: Situation,
): Limits {
  return {
    resources: known.filter((_, n) => named.includes(n)),
    names: asked,
    granted,
    claims: { userinfo, idToken: [] },
    customClaims: [],
    ofUser,
    offline,
  };
}

Deno.test("nothing is granted that a registration does not allow, the request does not ask for or the grant does not hold", () => {
  fc.assert(
    fc.property(situations, (situation) => {
      const { rule, client, granted, asked, ofUser } = situation;
      const limits = limitsOf(situation);
      const map = grantable(rule, client, limits);
      for (const { resource, scope } of map.resourceScopes) {
        const record = limits.resources.find((one) => one.resource === resource);
        assert(scope.length > 0);
        for (const name of scope) {
          const isNamed = asked !== null || granted !== null;
          const isAdded = resource === null && name === "offline_access" && isNamed &&
            namesMore(rule, client);
          if (resource === null) assert(ofUser && ownScopes.includes(name));
          else {
            assert(record && allows(rule, client, record, name, isNamed));
          }
          if (resource === null || rule.registrationScopes.length === 0) {
            assert(client.scope.includes(name) || isAdded);
          }
          assert(asked === null || asked.includes(name));
          assert(granted === null || covers(granted, [{ resource, scope: [name] }]));
        }
      }
      for (const claim of map.claims.userinfo) {
        assert(limits.claims.userinfo.includes(claim) && claim !== "shoe_size");
        const telling = { name: "profile", email: "email", phone_number: "phone" }[claim] ?? "";
        assert(client.scope.includes(telling));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("everything that the registrations allow and the request asks for is granted", () => {
  fc.assert(
    fc.property(situations, (situation) => {
      const { rule, client, asked } = situation;
      const limits = { ...limitsOf(situation), granted: null };
      const { resourceScopes } = grantable(rule, client, limits);
      for (const record of limits.resources) {
        const expected = apiScopes.filter((name) =>
          allows(rule, client, record, name, asked !== null) &&
          (asked === null || asked.includes(name))
        );
        const got = resourceScopes.filter(({ resource }) => resource === record.resource)
          .flatMap(({ scope }) => scope);
        assertEquals(got.toSorted(), expected.toSorted());
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a token without a resource has scopes of this server only, and one for a resource none of another", () => {
  fc.assert(
    fc.property(situations, (situation) => {
      const { rule, client, asked, granted } = situation;
      const isNamed = asked !== null || granted !== null;
      const { resources: at, ...limits } = limitsOf(situation);
      const map = grantable(rule, client, { ...limits, resources: at });
      // The map may be of many resources: the audience takes one, or this server.
      for (const resource of [null, ...at]) {
        const { audience } = audienceWithin(rule, client, resource, limits);
        for (const { resource: name, scope } of [audience, audienceOf(map, resource)]) {
          assertEquals(name, resource?.resource ?? null);
          for (const one of scope) {
            if (resource === null) assert(isOwnScope(one));
            else assert(allows(rule, client, resource, one, isNamed) && !isOwnScope(one));
          }
        }
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("narrowing never widens: fewer names, a smaller grant, or less registered give no more", () => {
  fc.assert(
    fc.property(
      situations,
      someOf([...ownScopes, ...apiScopes]),
      fc.nat(2),
      (situation, kept, dropped) => {
        const { rule, client } = situation;
        const limits = limitsOf(situation);
        const whole = grantable(rule, client, limits);
        const within = (other: { resourceScopes: readonly ResourceScope[] }, what: string) =>
          assert(covers(whole.resourceScopes, other.resourceScopes), what);

        const asked = limits.names ?? scopeNames(whole.resourceScopes);
        const fewer = asked.filter((name) => kept.includes(name));
        within(grantable(rule, client, { ...limits, names: fewer }), "names");
        const smaller = whole.resourceScopes.map(({ resource, scope }) => ({
          resource,
          scope: scope.filter((name) => kept.includes(name)),
        }));
        within(grantable(rule, client, { ...limits, granted: smaller }), "grant");
        const less = { ...client, scope: client.scope.filter((name) => kept.includes(name)) };
        within(grantable(rule, less, limits), "client");
        const fewerResources = limits.resources.filter((_, n) => n !== dropped);
        within(grantable(rule, client, { ...limits, resources: fewerResources }), "resources");
        within(grantable(strict, client, limits), "rule");
        // What was granted is granted again, as long as nothing changes.
        const again = grantable(rule, client, {
          ...limits,
          names: null,
          granted: whole.resourceScopes,
          offline: true,
        });
        assertEquals(
          scopeNames(again.resourceScopes).toSorted(),
          scopeNames(whole.resourceScopes).toSorted(),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("with any registrations, and any refreshes while they change, no token contains more than allowed", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop", {
        scope: [...ownScopes, ...apiScopes].join(" "),
        resources: names,
        native_sso: "acme",
      }),
    ],
    resources: names.map((resource) => ({ resource, scopes: apiScopes, clients: "any" })),
  });
  const url = provider.authorizeUrl({
    parameters: { scope: [...ownScopes, ...apiScopes].join(" ") },
  });
  const landed = await provider.browser()
    .signInAndAllow(url + names.map((name) => `&resource=${name}`).join(""), alice);
  const code = landed.searchParams.get("code") ?? "";
  let { refresh_token } = await tokensOf(
    await provider.exchange(code, { parameters: { resource: names[0] } }),
  );

  const moves = fc.record({
    client: registration,
    known: registeredResources,
    asked: fc.option(someOf([...ownScopes, ...apiScopes])),
    at: fc.option(fc.constantFrom(...names)),
  });
  await fc.assert(
    fc.asyncProperty(moves, async ({ client, known, asked, at }) => {
      await provider.deps.kv.step(systemOrigin, async (tx) => {
        const { shop } = await tx.read({ shop: clients.ref("shop") });
        if (shop.value !== null) clients.replace(tx, shop, { ...shop.value, ...client });
      });
      for (const change of known) {
        await provider.deps.kv.step(systemOrigin, async (tx) => {
          const { found } = await tx.read({ found: resources.ref(change.resource) });
          if (found.value !== null) resources.replace(tx, found, { ...found.value, ...change });
        });
      }
      const response = await provider.refresh(refresh_token, {
        parameters: { scope: asked?.join(" ") || undefined, resource: at ?? undefined },
      });
      const body = await response.json();
      if (response.status !== 200) {
        assert(["invalid_scope", "invalid_target"].includes(body.error), JSON.stringify(body));
        return;
      }
      ({ refresh_token } = body);
      const { aud, scope } = await introspect(provider, body.access_token);
      // As it is stored: `presentedScope` relies on it, and would hide another scope from introspection.
      const tokenRef = accessTokens.ref(accessTokenAddress(body.access_token)?.digest ?? "");
      const { stored } = await provider.deps.kv.step(
        systemOrigin,
        (tx) => tx.read({ stored: tokenRef }),
      );
      assert(stored.value !== null);
      if (stored.value.resources.length === 0) assert(stored.value.scope.every(isOwnScope));
      const record = known.find(({ resource }) => resource === aud);
      assert(at === null || aud === at);
      for (const name of String(scope).split(" ")) {
        assert(asked === null || asked.length === 0 || asked.includes(name));
        if (record === undefined) {
          assert(ownScopes.includes(name) && client.scope.includes(name));
        } else {
          assert(allows(strict, client, record, name, false));
        }
      }
      assertEquals(body.scope, scope);
    }),
    { numRuns: 150 },
  );
});
