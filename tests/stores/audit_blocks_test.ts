import { assertEquals } from "@std/assert";
import * as auditBlocks from "../../stores/audit_blocks.ts";

Deno.test("a stored block has the events of which an earlier build wrote it", () => {
  const about = new Uint8Array([38, 34, 119, 128, 192, 91, 87]);
  const mayHave = (searched: auditBlocks.SearchedFor) =>
    auditBlocks.mayHave({ to: [0, ""], about, expiresAt: 0 }, searched);

  for (const type of ["user_created", "token_issued"]) assertEquals(mayHave({ type }), true, type);
  for (const clientId of ["shop", "other"]) assertEquals(mayHave({ clientId }), true, clientId);
  assertEquals(mayHave({ userId: "alice" }), true);
  const strangers = Array.from({ length: 50 }, (_, n) => mayHave({ userId: `stranger ${n}` }));
  assertEquals(strangers.filter((found) => found).length < 5, true);
});
