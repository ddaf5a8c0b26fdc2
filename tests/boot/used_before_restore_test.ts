import { assert, assertEquals } from "@std/assert";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import { currentNonce } from "../../src/tokens/dpop_nonce.ts";
import { outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { aCallCentre, signedBackchannel } from "../support/backchannel.ts";
import type { Browser } from "../support/browser.ts";
import { aClientKey, type ClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { aDpopKey, type DpopKey } from "../support/dpop.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { signedObject } from "../support/request_object.ts";
import { answerOf } from "../support/tokens.ts";
import { aTrustedIssuer, jwtBearer, type TestIssuer } from "../support/trusted_issuer.ts";
import { aWorkload, type TestWorkloads, workloads } from "../support/workload.ts";

const own = { grant_type: "client_credentials" };

interface World {
  readonly provider: TestProvider;
  browser: Browser;
  readonly key: ClientKey;
  readonly device: DpopKey;
  readonly cluster: TestWorkloads;
  readonly server: TestIssuer;
}

/** Replaces the claims about the time: those of a clock that is wrong, or of a client that sends no `iat`. */
type Times = Readonly<Record<string, unknown>>;

interface Kind {
  /** The family of its traces. */
  readonly family: string;
  readonly good: string;
  /** As something that was used is answered. */
  readonly refused: string;
  /** Seconds by which a clock may be wrong. */
  readonly tolerance: number;
  /** Signs one, and returns how it is sent. */
  make(world: World, times: Times): Promise<() => Promise<string>>;
}

function posts(
  { provider }: World,
  form: Readonly<Record<string, string>>,
  headers: Record<string, string> = {},
  path = "/token",
) {
  return async () => await answerOf(await provider.post(path, { ...own, ...form }, headers));
}

const assertion = { family: "client_assertion_jtis", refused: "401 invalid_client", tolerance: 30 };
const proof = { family: "dpop_jtis", refused: "400 invalid_dpop_proof", tolerance: 60 };
const object = { family: "request_object_jtis", tolerance: 30 };

/** An assertion of another server. */
function assertionOf(header: Readonly<Record<string, unknown>>): Kind {
  return {
    family: "assertion_jtis",
    good: "200",
    refused: "400 invalid_grant",
    tolerance: 30,
    make: async (world, claims) => {
      const assertion = await world.server.idJag(world.provider, claims, header);
      const credentials = world.provider.credentials("wiki");
      return posts(world, { ...credentials, grant_type: jwtBearer, assertion });
    },
  };
}

const kinds: Readonly<Record<string, Kind>> = {
  "a client assertion": {
    ...assertion,
    good: "200",
    make: async (world, claims) =>
      posts(world, await world.key.form(world.provider, "signer", { claims })),
  },
  "the token of a workload": {
    ...assertion,
    good: "200",
    make: async (world, claims) =>
      posts(world, await world.cluster.form(world.provider, "orders", { claims })),
  },
  "the token of a workload without a jti": {
    ...assertion,
    good: "200",
    make: async (world, claims) => {
      const all = { jti: undefined, trace: crypto.randomUUID(), ...claims };
      return posts(world, await world.cluster.form(world.provider, "orders", { claims: all }));
    },
  },
  "an ID-JAG": assertionOf({}),
  "the JWT of another server": assertionOf({ typ: "JWT" }),
  "a request object in a browser": {
    ...object,
    good: "code",
    refused: "page invalid_request_object",
    make: async ({ provider, browser, key }, times) => {
      const claims = { jti: crypto.randomUUID(), ...times };
      const request = await signedObject(provider, key, { claims });
      const path = `/authorize?${new URLSearchParams({ client_id: "shop", request })}`;
      return async () => outcomeOf(await browser.open(path));
    },
  },
  "a pushed request object": {
    ...object,
    good: "201",
    refused: "400 invalid_request_object",
    make: async (world, times) => {
      const claims = { jti: crypto.randomUUID(), ...times };
      const request = await signedObject(world.provider, world.key, { claims });
      return posts(world, { request, ...world.provider.credentials("shop") }, {}, "/par");
    },
  },
  "a signed request to a user elsewhere": {
    ...object,
    good: "200",
    refused: "400 invalid_request",
    make: async ({ provider, key }, times) => {
      const request = await signedBackchannel(provider, key, { claims: times });
      const form = { request, ...provider.credentials("bank") };
      return async () => await answerOf(await provider.post("/backchannel_authentication", form));
    },
  },
  "a DPoP proof": {
    ...proof,
    good: "200",
    make: async (world, claims) => {
      const dpop = await world.device.proof({ path: "/token", claims });
      return posts(world, world.provider.credentials("robot"), { dpop });
    },
  },
};

async function aWorld(config: { readonly dpopNonce?: boolean } = {}): Promise<World> {
  const [key, cluster, server] = [await aClientKey(), await workloads(), await aTrustedIssuer()];
  const members = { grant_types: [own.grant_type] };
  const jwks = { keys: [key.publicJwk] };
  const provider = await aProvider({
    clients: [
      aClient("shop", { skip_consent: true, jwks }),
      aKeyClient("signer", { ...members, jwks }),
      aWorkload("orders"),
      aClient("wiki", { grant_types: [jwtBearer] }),
      aClient("robot", members),
      aCallCentre("bank", { jwks, backchannel_authentication_request_signing_alg: "ES256" }),
    ],
    config: {
      ...config,
      workloadIssuers: [cluster.trusted()],
      trustedIssuers: [server.trusted({ assertions: ["id-jag", "jwt"] })],
    },
  });
  const device = await aDpopKey(provider);
  return { provider, browser: await signedInBrowser(provider), key, device, cluster, server };
}

/** Sets the store back to a time without traces. @returns the families that had some */
async function restore({ provider }: World): Promise<Set<string>> {
  const traces = [];
  for (const family of await families()) {
    const { entries } = await provider.backend.list({ prefix: [family] }, { limit: 500 });
    traces.push(...entries.map(({ key }) => key));
  }
  for (const key of traces) {
    await provider.backend.commit({ checks: [], mutations: [{ type: "delete", key }] });
  }
  await raiseEpoch(provider.deps);
  return new Set(traces.map(([family]) => String(family)));
}

/** All that are spent by a trace. */
async function families(): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const { name } of Deno.readDir(new URL("../../stores/", import.meta.url))) {
    const text = name.endsWith(".ts")
      ? await Deno.readTextFile(new URL(`../../stores/${name}`, import.meta.url))
      : "";
    const [, family] = /= usedOnce\("(\w+)"\)/.exec(text) ?? [];
    if (family !== undefined) found.add(family);
    assert(family !== undefined || !/_jtis\.ts$/.test(name), `${name} does not use usedOnce`);
  }
  return found;
}

Deno.test("after a restore nothing that others signed before it works again, and what is new does", async () => {
  const world = await aWorld();
  await using provider = world.provider;
  const { clock } = provider;
  const asked = async (times: (kind: Kind) => Times, isGood: boolean, title: string) => {
    const made: Record<string, () => Promise<string>> = {};
    for (const [name, kind] of Object.entries(kinds)) {
      const send = made[name] = await kind.make(world, times(kind));
      assertEquals(await send(), isGood ? kind.good : kind.refused, `${title}: ${name}`);
    }
    return made;
  };
  const assertRefused = async (made: Record<string, () => Promise<string>>, title: string) => {
    for (const [name, send] of Object.entries(made)) {
      assertEquals(await send(), kinds[name]?.refused, `${title}: ${name}`);
    }
  };
  const offset = (seconds: number) => ({ iat: clock.seconds() + seconds });

  const used = await asked(() => ({}), true, "before");
  const usedEarly = await asked(({ tolerance }) => offset(tolerance), true, "a clock ahead");
  const unused: Record<string, () => Promise<string>> = {};
  for (const [name, kind] of Object.entries(kinds)) unused[name] = await kind.make(world, {});

  assertEquals(await restore(world), new Set(Object.values(kinds).map(({ family }) => family)));
  assertEquals(await families(), new Set(Object.values(kinds).map(({ family }) => family)));
  world.browser = await signedInBrowser(provider);
  await assertRefused(used, "used before");
  await assertRefused(usedEarly, "used before, by a clock ahead");
  await assertRefused(unused, "signed before");
  // A clock that is ahead could have signed it before, so what is signed in the first moments waits, too.
  await asked(() => ({}), false, "at once");
  await asked(({ tolerance }) => offset(tolerance), false, "at once, by a clock ahead");

  const most = Math.max(...Object.values(kinds).map(({ tolerance }) => tolerance));
  clock.advance(30);
  await asked(({ tolerance }) => offset(tolerance - 30), false, "the last second");
  await assertRefused(usedEarly, "used before, later");
  clock.advance(1);
  const fresh = await asked(({ tolerance }) => offset(tolerance - 30), true, "the first second");
  await assertRefused(fresh, "used after");
  clock.advance(most - 30);
  await asked(() => ({}), true, "after");
  await asked(() => offset(-most), false, "a clock behind, soon");
  clock.advance(most);
  await asked(({ tolerance }) => offset(-tolerance), true, "a clock behind, later");
});

Deno.test("assertions and request objects are good until their last second, and a used one is refused until then", async () => {
  const world = await aWorld();
  await using provider = world.provider;
  const { clock } = provider;
  const ending = Object.entries(kinds).filter(([, { family }]) => family !== proof.family);
  for (const [name, kind] of ending) {
    const times = { iat: clock.seconds(), exp: clock.seconds() + 60 };
    const used = await kind.make(world, times);
    const unused = await kind.make(world, times);
    assertEquals(await used(), kind.good, name);
    clock.advance(60 + kind.tolerance - 1);
    assertEquals(await used(), kind.refused, name);
    assertEquals(await unused(), kind.good, name);
    clock.advance(1);
    assertEquals(await (await kind.make(world, times))(), kind.refused, name);
  }
});

Deno.test("after a restore an assertion without iat waits until its end shows when it was signed", async () => {
  const world = await aWorld();
  await using provider = world.provider;
  const { clock } = provider;
  const lifetimes: Readonly<Record<string, number>> = {
    "a client assertion": 600,
    "the token of a workload": 7200,
    "a request object in a browser": 86_400,
    "a pushed request object": 86_400,
  };
  const waiting = Object.entries(kinds).filter(([name]) => lifetimes[name] !== undefined);
  const send = async (kind: Kind, lifetime: number) => {
    const times = { iat: undefined, nbf: undefined, exp: clock.seconds() + lifetime };
    return await (await kind.make(world, times))();
  };
  for (const [name, kind] of waiting) assertEquals(await send(kind, 60), kind.good, name);
  await restore(world);
  const restoredAt = clock.seconds();
  for (const [name, kind] of waiting) {
    const longest = lifetimes[name] ?? 0;
    const wait = restoredAt + longest - 60 + kind.tolerance - clock.seconds();
    if (wait > 0) clock.advance(wait);
    world.browser = await signedInBrowser(provider);
    if (wait > 0) assertEquals(await send(kind, 60), kind.refused, name);
    clock.advance(1);
    assertEquals(await send(kind, 60), kind.good, name);
  }
});

Deno.test("after a restore a nonce of before it does not show that a proof is new", async () => {
  for (const dpopNonce of [true, false]) {
    const world = await aWorld({ dpopNonce });
    await using provider = world.provider;
    const claims = { iat: provider.clock.seconds() + 3600 }; // the clock of the device is wrong
    const make = async (nonce: string) => {
      const dpop = await world.device.proof({ path: "/token", nonce, claims });
      return posts(world, world.provider.credentials("robot"), { dpop });
    };
    const nonce = await currentNonce(provider.deps);
    const used = await make(nonce);
    assertEquals(await used(), "200");
    await restore(world);
    assertEquals(await used(), proof.refused);
    provider.clock.advance(31);
    assertEquals(await used(), proof.refused);
    assertEquals(await (await make(nonce))(), proof.refused);
    const fresh = await make(await currentNonce(provider.deps));
    assertEquals(await fresh(), "200");
    assertEquals(await fresh(), proof.refused);
  }
});
