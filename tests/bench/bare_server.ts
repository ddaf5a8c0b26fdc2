/** The least that a server on Deno can be: what a cold start is compared with. */
Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} },
  () => Response.json({ issuer: "nobody" }),
);
