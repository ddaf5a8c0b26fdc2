import { assertEquals, assertRejects } from "@std/assert";
import { firstAlgorithms } from "../../stores/provider.ts";
import { pairwiseSubjects } from "../../src/claims/pairwise.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { SealError } from "../../src/crypto/master_key.ts";
import { formatRefreshToken, parseRefreshToken } from "../../src/tokens/refresh_token.ts";
import { anInstallation, newKey, oldKey } from "../boot/installation.ts";
import { readProvider } from "../boot/store_contents.ts";

Deno.test("in two rounds of restarts the master key is replaced while processes of both rounds run", async () => {
  await using installation = await anInstallation();
  await installation.boot();
  const before = await installation.process();
  const { deps: first } = await installation.boot(undefined, { previous: newKey });
  await assertUnderstands(before, first);
  await assertUnderstands(first, before);

  const { deps: second } = await installation.boot(undefined, { key: newKey, previous: oldKey });
  await assertUnderstands(first, second);
  await assertUnderstands(second, first);

  const provider = await readProvider(second);
  const { deps: last } = await installation.boot(undefined, { key: newKey });
  await assertUnderstands(last, second);
  // Why there are two rounds: by then, who knows the old key alone understands nothing.
  const old = await installation.process();
  await assertRejects(() => old.signer.load(provider), SealError);
});

const uri = "https://shop.example/callback";

/** Takes what another process gives out, and signs with keys that it has sealed. */
async function assertUnderstands(one: Deps, other: Deps) {
  const token = { grantId: "A".repeat(22), generation: 1 };
  const given = await formatRefreshToken(other.masterKey, token);
  assertEquals(await parseRefreshToken(one.masterKey, given), token);
  // A user keeps the name that a pairwise client knows.
  const client = {
    subjectType: "pairwise",
    sectorIdentifierUri: null,
    redirectUris: [uri],
  } as const;
  const [own, others] = [
    await pairwiseSubjects(one, client),
    await pairwiseSubjects(other, client),
  ];
  assertEquals(own("someone"), others("someone"));
  const provider = await readProvider(one);
  for (const alg of firstAlgorithms) await one.signer.sign(provider, alg, { sub: "someone" });
}
