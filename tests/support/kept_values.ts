/** A program for a process with `--expose-gc`: prints the MiB that values of many large bodies take. */
import { readForm } from "../../routes/http/form.ts";
import { heapInUse } from "./heap_in_use.ts";

const kept: unknown[] = [];
for (let n = 0; n < 2000; n++) {
  const filler = "x".repeat(20_000);
  const body = `a=${filler}&plain=abcdefghijklmnop${n}&coded=abcdefghijklmnop%2F${n}&b=${filler}`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const form = await readForm(new Request("http://x", { method: "POST", headers, body }));
  kept.push([form.plain, form.coded]);
}
await new Promise((resolve) => setTimeout(resolve, 10));
console.log(Math.round(heapInUse() / 2 ** 20), kept.length);
