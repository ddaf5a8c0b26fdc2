import { assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

Deno.test("the README's ratios to the peer are those of the table in docs/proofs.md", async () => {
  const proofs = await Deno.readTextFile(new URL("docs/proofs.md", root));
  const readme = (await Deno.readTextFile(new URL("README.md", root))).replaceAll(/\s+/g, " ");
  const [, table = ""] = /^(\| operation .* peer, .*\n(?:\|.*\n)+)/m.exec(proofs) ?? [];
  const rows = table.split("\n").slice(2, -1).map((row) => {
    const [operation = "", , , ratio, native] = row.split("|").slice(1).map((cell) => cell.trim());
    return { signs: /^(refresh|code flow)/.test(operation), ratio, native };
  });
  const range = (ratios: (string | undefined)[]) => {
    const tenths = ratios.map((ratio) => Math.round(Number(ratio) * 10) / 10);
    return `${Math.min(...tenths).toFixed(1)} to ${Math.max(...tenths).toFixed(1)}`;
  };
  const signing = rows.filter(({ signs }) => signs);
  const sentence = `endpoints that sign nothing answer ${
    range(rows.filter(({ signs }) => !signs).map(({ ratio }) => ratio))
  } times as many requests, and refresh and code flow ${
    range(signing.map(({ ratio }) => ratio))
  } times as many (${range(signing.map(({ native }) => native))} with OpenSSL's signatures)`;
  assertEquals(readme.includes(sentence), true, `the README should say: ${sentence}`);
});
