import { aProvider } from "./provider.ts";

// Writes server_records.json. After a change that cannot read the old records, put [] into it before:
//
//     echo '[]' > tests/support/server_records.json
//     deno run -A --no-check --lock=tests/deno.lock tests/support/write_server_records.ts

await using provider = await aProvider({ clients: [], users: [] });
const { backend } = provider;
const record = await backend.getMany([["provider"]]);
const keys = await backend.list({ prefix: ["signing_keys"] }, { limit: 100 });
const records = [...record, ...keys.entries].map(({ key, value }) => ({ key, value }));
const text = JSON.stringify(records, null, 2);
await Deno.writeTextFile(new URL("server_records.json", import.meta.url), `${text}\n`);
