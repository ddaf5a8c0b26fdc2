import { ownerOfName, usernameRef } from "../../stores/user_names.ts";
import { assert, assertEquals } from "@std/assert";
import * as challenges from "../../stores/challenges.ts";
import {
  type Binding,
  challengeKinds,
  type ChallengeType,
  challengeTypes,
} from "../../stores/challenges.ts";
import * as providers from "../../stores/provider.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import {
  isCodeOf,
  newCode,
  openChallenge,
  type Presented,
  reserveTry,
} from "../../src/authn/challenges.ts";
import { assertProvider } from "../../stores/provider.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { seededRandom } from "../support/random.ts";

const bindings = {
  browserDigest: "browser",
  interactionId: "interaction",
  clientId: "shop",
  sessionId: "session",
  address: "alice@example.com",
  provenBy: "an invitation",
};

async function alice(provider: TestProvider, tx: Transaction) {
  const { name, provider: record } = await tx.read({
    name: usernameRef("alice"),
    provider: providers.ref(),
  });
  const { user } = await tx.read({ user: users.ref(ownerOfName(name, "alice") ?? "") });
  assert(user.value !== null && provider);
  return { userId: ownerOfName(name, "alice") ?? "", user, provider: assertProvider(record) };
}

/** Adds a challenge with all the bindings there are. */
async function add(
  provider: TestProvider,
  type: ChallengeType,
  secret: string,
  given: Partial<Record<Binding | "newUserId" | "codeMac", string | null>> = {},
) {
  const at = await challenges.ref(type, secret);
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { userId, user, provider: { epoch } } = await alice(provider, tx);
    challenges.add(tx, type, at, {
      ...bindings,
      newUserId: "somebody to be",
      userId,
      epoch: user.value.epoch,
      sessionEpoch: user.value.sessionEpoch,
      providerEpoch: epoch,
      ...given,
    });
  });
}

/** Whether a challenge opens now, for who presents these things. */
async function opens(
  provider: TestProvider,
  type: ChallengeType,
  secret: string,
  presented: Partial<Presented> = {},
  as = type,
): Promise<boolean> {
  const at = await challenges.ref(type, secret);
  return await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { user, provider: record } = await alice(provider, tx);
    const { challenge } = await tx.read({ challenge: at });
    const known = { provider: record, user, ...bindings, ...presented };
    return openChallenge(as, challenge, known) !== null;
  });
}

Deno.test("a challenge of one type is never accepted for another, by its key or by its record", async () => {
  await using provider = await aProvider();
  for (const type of challengeTypes) {
    const secret = `secret of ${type}`;
    await add(provider, type, secret);
    for (const other of challengeTypes) {
      assertEquals(await opens(provider, other, secret), other === type, `${type} as ${other}`);
      assertEquals(await opens(provider, type, secret, {}, other), other === type);
    }
  }
});

Deno.test("a challenge is accepted only with all its bindings", async () => {
  await using provider = await aProvider();
  await add(provider, "session_token", "s");
  assert(await opens(provider, "session_token", "s"));
  const absent: Presented = { provider: assertProvider(await readProvider(provider)) };
  for (const binding of Object.keys(bindings) as (keyof typeof bindings)[]) {
    const wrong = { ...bindings, [binding]: "another" };
    assertEquals(await opens(provider, "session_token", "s", wrong), false, binding);
    const { [binding]: _, ...rest } = bindings;
    const at = await challenges.ref("session_token", "s");
    const without = await provider.deps.kv.step(systemOrigin, async (tx) => {
      const { user } = await alice(provider, tx);
      const { challenge } = await tx.read({ challenge: at });
      return openChallenge("session_token", challenge, { ...absent, user, ...rest });
    });
    assertEquals(without, null, binding);
  }
  assertEquals(await opens(provider, "session_token", "s", { user: null }), false);
  assert(await opens(provider, "session_token", "s"), "looking spent it");
});

Deno.test("a challenge without a required binding is never accepted", async () => {
  await using provider = await aProvider();
  for (const type of challengeTypes) {
    for (const binding of challengeKinds[type].binds) {
      await add(provider, type, binding, {
        [binding]: null,
      });
      assertEquals(await opens(provider, type, binding), false, `${type} without ${binding}`);
    }
  }
});

Deno.test("each raised epoch, a suspension and its lifetime end a challenge", async () => {
  const changes: [string, (provider: TestProvider) => unknown][] = [
    ["epoch", (provider) => editUser(provider, "alice", { epoch: 2 })],
    ["sessionEpoch", (provider) => editUser(provider, "alice", { sessionEpoch: 2 })],
    ["suspended", (provider) => editUser(provider, "alice", { status: "suspended" })],
    ["expired", (provider) => provider.clock.advance(300)],
    ["server", async (provider) => {
      const record = await readProvider(provider);
      await provider.deps.kv.step(systemOrigin, async (tx) => {
        const { entry } = await tx.read({ entry: record.ref });
        if (entry.value !== null) tx.replace(entry, { ...entry.value, epoch: 99 });
      });
    }],
  ];
  for (const [what, change] of changes) {
    await using provider = await aProvider();
    await add(provider, "session_token", "s");
    provider.clock.advance(299);
    assert(await opens(provider, "session_token", "s"), what);
    provider.clock.advance(-299);
    await change(provider);
    assertEquals(await opens(provider, "session_token", "s"), false, what);
  }
});

Deno.test("five of a thousand concurrent guesses at a code are compared", async () => {
  await using provider = await aProvider();
  const { deps } = provider;
  const { code, codeMac } = await newCode(deps, deps.random, "the-challenge");
  await add(provider, "email_code", "the-challenge", { codeMac });
  let compared = 0;
  const at = await challenges.ref("email_code", "the-challenge");
  const guess = async (text: string): Promise<boolean> => {
    const request = { origin: systemOrigin, type: "email_code", secret: "the-challenge" } as const;
    const reserved = await reserveTry(deps, request);
    if (reserved === null) return false;
    compared++;
    return await deps.kv.step(systemOrigin, async (tx) => {
      const { user, provider: record } = await alice(provider, tx);
      const { challenge } = await tx.read({ challenge: at });
      const open = openChallenge("email_code", challenge, { ...bindings, user, provider: record });
      const presented = { secret: "the-challenge", code: text };
      if (open === null || !await isCodeOf(deps, open, presented, reserved)) return false;
      challenges.consume(tx, open, "session");
      return true;
    });
  };
  const wrong = code === "BBBBBBBB" ? "CCCCCCCC" : "BBBBBBBB";
  const guesses = await Promise.all(Array.from({ length: 1000 }, () => guess(wrong)));
  assertEquals(guesses.filter(Boolean), []);
  assertEquals(compared, 5);
  assertEquals(await guess(code), false, "the right one is too late");
});

Deno.test("a code is accepted once, also at the last try", async () => {
  await using provider = await aProvider();
  const { deps } = provider;
  const { code, codeMac } = await newCode(deps, deps.random, "c");
  await add(provider, "email_code", "c", { codeMac });
  const at = await challenges.ref("email_code", "c");
  const reserve = () => reserveTry(deps, { origin: systemOrigin, type: "email_code", secret: "c" });
  for (let n = 0; n < 4; n++) assert(await reserve());
  const reserved = await reserve();
  assert(reserved);
  const spend = () =>
    deps.kv.step(systemOrigin, async (tx) => {
      const { user, provider: record } = await alice(provider, tx);
      const { challenge } = await tx.read({ challenge: at });
      const open = openChallenge("email_code", challenge, { ...bindings, user, provider: record });
      if (!open || !await isCodeOf(deps, open, { secret: "c", code }, reserved)) return false;
      challenges.consume(tx, open, "session");
      return true;
    });
  assertEquals([await spend(), await spend()], [true, false]);
  assertEquals(await reserve(), null);
});

Deno.test("a try for one challenge does not count for another, and only codes have tries", async () => {
  await using provider = await aProvider();
  const { deps } = provider;
  const { code, codeMac } = await newCode(deps, deps.random, "a");
  for (const secret of ["a", "b"]) await add(provider, "email_code", secret, { codeMac });
  await add(provider, "magic_link", "a");
  const reserved = await reserveTry(deps, {
    origin: systemOrigin,
    type: "email_code",
    secret: "b",
  });
  assert(reserved);
  const at = await challenges.ref("email_code", "a");
  await deps.kv.step(systemOrigin, async (tx) => {
    const { user, provider: record } = await alice(provider, tx);
    const { challenge } = await tx.read({ challenge: at });
    const open = openChallenge("email_code", challenge, { ...bindings, user, provider: record });
    assert(open);
    assertEquals(await isCodeOf(deps, open, { secret: "a", code }, reserved), false);
  });
  const request = { origin: systemOrigin, secret: "a" };
  assertEquals(await reserveTry(deps, { ...request, type: "magic_link" }), null);
});

Deno.test("codes have eight letters of an alphabet without look-alikes, and the store cannot tell which", async () => {
  await using provider = await aProvider();
  const random = seededRandom(1);
  const codes = await Promise.all(
    Array.from({ length: 200 }, () => newCode(provider.deps, random, "c")),
  );
  for (const { code, codeMac } of codes) {
    assert(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code));
    assert(!codeMac.includes(code));
  }
  assertEquals(new Set(codes.map(({ code }) => code)).size, 200);
  assertEquals(new Set(codes.flatMap(({ code }) => [...code])).size, 20, "each letter occurs");
});

async function readProvider(provider: TestProvider) {
  const { record } = await provider.deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ record: providers.ref() }),
  );
  return record;
}
