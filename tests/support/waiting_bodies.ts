/** A program for a process with `--expose-gc`: prints the bytes that a request takes while its body waits. */
import { createApp } from "../../routes/app.ts";
import { heapInUse } from "./heap_in_use.ts";
import { aProvider } from "./provider.ts";

const collected = async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return heapInUse();
};
const aRequest = () =>
  new Request("http://localhost/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new ReadableStream(),
  });
const count = 900;

await using provider = await aProvider();
const { fetch: answer } = createApp(provider.deps);
for (let n = 0; n < 60; n++) void answer(aRequest()); // these are read
const requests = Array.from({ length: count }, aRequest);
const before = await collected();
for (const request of requests) void answer(request);
console.log(Math.round((await collected() - before) / count));
Deno.exit();
