// Hands out the four files of the page. There is no other server side.
const files: Record<string, [path: string, type: string]> = {
  "/": ["index.html", "text/html"],
  "/callback": ["index.html", "text/html"],
  "/app.js": ["app.js", "text/javascript"],
  "/oauth4webapi.js": ["node_modules/oauth4webapi/build/index.js", "text/javascript"],
};

Deno.serve({ port: 3000, hostname: "localhost" }, async (request) => {
  const file = files[new URL(request.url).pathname];
  if (!file) return new Response("not found", { status: 404 });
  const [path, type] = file;
  return new Response(await Deno.readFile(path), {
    headers: { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" },
  });
});
