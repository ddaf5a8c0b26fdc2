// Hands out the two files of the page. There is no other server side.
const files: Record<string, [path: string, type: string]> = {
  "/": ["index.html", "text/html"],
  "/app.js": ["app.js", "text/javascript"],
};

// By its number: to a browser localhost, where the provider is, is then another site.
Deno.serve({ port: 3000, hostname: "127.0.0.1" }, async (request) => {
  const file = files[new URL(request.url).pathname];
  if (!file) return new Response("not found", { status: 404 });
  const [path, type] = file;
  return new Response(await Deno.readFile(path), {
    headers: { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" },
  });
});
