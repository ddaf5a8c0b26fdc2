import { assertEquals, assertRejects } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import type { Transport } from "../../src/deps/transport.ts";
import { OutgoingRefused } from "../../src/outgoing/refused.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { sendOutgoing } from "../../src/outgoing/send.ts";
import { defaultConfig } from "../support/config.ts";
import { testOnNewerDeno } from "../support/newer_deno.ts";
import { hostileServer, transportWith } from "../support/hostile_server.ts";
import { aProvider } from "../support/provider.ts";

/** Fails closed there: no connection is made. */
const whyNewer = "whose node:http cannot use a connection that exists";
const origin = { address: "203.0.113.7", requestId: null };
/** The test's own machine stands for the Internet: its addresses are allowed as a private network. */
const ownMachine = { hosts: null, privateNetworks: ["127.0.0.0/8"] };

interface Way {
  readonly transport: Transport;
  readonly config?: Partial<Config>;
  readonly mostBytes?: number;
}

/** The answer's status and text, or what was wrong. */
async function outcome(url: string, { transport, config = {}, mostBytes = 1000 }: Way) {
  await using provider = await aProvider();
  const deps = {
    ...provider.deps,
    config: { ...defaultConfig, outgoing: ownMachine, ...config },
    transport,
  };
  try {
    const { status, bytes } = await sendOutgoing(deps, {
      url,
      mostBytes,
      origin,
      isOperators: true,
    });
    return `${status} ${new TextDecoder().decode(bytes)}`;
  } catch (error) {
    if (error instanceof OutgoingRefused) return error.problem;
    throw error;
  }
}

testOnNewerDeno(
  whyNewer,
  "a request goes to the address that was checked, under the name of the URL",
  async () => {
    // The system resolves localhost to 127.0.0.1, where nobody listens on this port.
    await using server = await hostileServer((_, answer) => answer.end("hello"), {
      address: "127.0.0.2",
    });
    const { port } = server;
    // A name server that rebinds: the second lookup would lead somewhere else.
    const transport = transportWith(["127.0.0.2"], ["10.0.0.1"]);
    assertEquals(await outcome(`https://localhost:${port}/a?b=c`, { transport }), "200 hello");
    assertEquals(server.seen, [`GET localhost:${port} /a?b=c`]);
    assertEquals(transport.lookups, ["localhost"]);
  },
);

testOnNewerDeno(
  whyNewer,
  "a request says what sends it, and that its answer must not be compressed",
  async () => {
    await using server = await hostileServer(({ headers }, answer) =>
      answer.end(`${headers["user-agent"]} ${headers["accept-encoding"]}`)
    );
    const transport = transportWith(["127.0.0.1"]);
    const url = `https://localhost:${server.port}/`;
    assertEquals(await outcome(url, { transport }), "200 Latchkey identity");
  },
);

Deno.test("a server whose certificate is for another name is not believed", async () => {
  await using server = await hostileServer((_, answer) => answer.end("hello"));
  const transport = transportWith(["127.0.0.1"]);
  const url = `https://other.example:${server.port}/`;
  assertEquals(await outcome(url, { transport }), "unreachable");
  assertEquals(server.seen, []);
});

/** What a name server may answer, with the default settings. */
const unreachableAddresses: readonly (readonly string[])[] = [
  ["127.0.0.1"],
  ["127.255.255.254"],
  ["0.0.0.0"],
  ["0.1.2.3"],
  ["10.0.0.1"],
  ["172.16.0.1"],
  ["172.31.255.255"],
  ["192.168.1.1"],
  ["169.254.169.254"], // the credentials of a machine, at many clouds
  ["100.64.0.1"], // shared by customers of a provider; one cloud has its metadata here
  ["192.0.0.192"],
  ["192.0.2.1"],
  ["198.18.0.1"],
  ["198.51.100.1"],
  ["203.0.113.1"],
  ["224.0.0.1"],
  ["240.0.0.1"],
  ["255.255.255.255"],
  ["::"],
  ["::1"],
  ["::ffff:127.0.0.1"],
  ["::ffff:7f00:1"],
  ["::ffff:a9fe:a9fe"],
  ["::7f00:1"], // the deprecated form of an IPv4 address
  ["::ffff:0:7f00:1"],
  ["64:ff9b::7f00:1"], // NAT64
  ["64:ff9b:1::a00:1"],
  ["64:ff9b::808:808"],
  ["2002:7f00:1::"], // 6to4
  ["2001::1"], // Teredo
  ["fe80::1"],
  ["fe80::1%eth0"],
  ["fec0::1"],
  ["fc00::1"],
  ["fd00:ec2::254"],
  ["ff02::1"],
  ["2001:db8::1"],
  ["100::1"],
  ["4000::1"],
  ["8.8.8.8", "10.0.0.1"], // one of two is enough
  ["2001:4860:4860::8888", "::1"],
  ["127.1"],
  ["0x7f000001"],
  ["not an address"],
];

Deno.test("a host at an address that is not public is refused before a connection is made", async () => {
  const found = [];
  for (const addresses of unreachableAddresses) {
    const transport: Transport = {
      ...transportWith(addresses),
      send: () => Promise.reject(new Error("a connection was made")),
    };
    const config = { outgoing: { hosts: null, privateNetworks: [] } };
    const result = await outcome("https://client.example/", { transport, config });
    if (result !== "address") found.push([addresses, result]);
  }
  assertEquals(found, []);
});

const urls: Readonly<Record<string, string>> = {
  "http://client.example/": "url",
  "http://localhost/": "url",
  "ftp://client.example/": "url",
  "file:///etc/passwd": "url",
  "data:application/json,{}": "url",
  "https://user@client.example/": "url",
  "https://:secret@client.example/": "url",
  "https://client.example/#fragment": "url",
  "https://": "url",
  "client.example": "url",
  "": "url",
  [`https://client.example/${"a".repeat(2048)}`]: "url",
  "https://127.0.0.1/": "address",
  "https://[::1]/": "address",
  "https://[::ffff:127.0.0.1]/": "address",
  "https://[64:ff9b::7f00:1]/": "address",
  "https://2130706433/": "address", // 127.0.0.1 as a number
  "https://0x7f.1/": "address",
  "https://0177.0.0.1/": "address",
  "https://169.254.169.254/latest/meta-data/": "address",
  "https://１２７.0.0.1/": "address",
  "https://localhost/": "address",
  "https://localhost./": "address",
};

Deno.test("a URL that could lead into the own network is refused", async () => {
  const found: Record<string, string> = {};
  for (const url of Object.keys(urls)) {
    const config = { outgoing: { hosts: null, privateNetworks: [] } };
    found[url] = await outcome(url, { transport: transportWith(["127.0.0.1"]), config });
  }
  assertEquals(found, urls);
});

testOnNewerDeno(whyNewer, "a redirect is an error, and is not followed", async () => {
  await using other = await hostileServer((_, answer) => answer.end("secret"));
  await using server = await hostileServer((request, answer) => {
    answer.writeHead(Number(request.url?.slice(1)), {
      location: `https://localhost:${other.port}/`,
    });
    answer.end();
  });
  const transport = transportWith(["127.0.0.1"]);
  for (const status of [301, 302, 303, 304, 307, 308]) {
    const url = `https://localhost:${server.port}/${status}`;
    assertEquals(await outcome(url, { transport }), "redirect", String(status));
  }
  assertEquals(other.seen, []);
});

testOnNewerDeno(
  whyNewer,
  "an answer is cut off at its largest size, whatever its headers say",
  async () => {
    await using server = await hostileServer((request, answer) => {
      if (request.url === "/told") answer.setHeader("content-length", "1001");
      if (request.url === "/exact") return answer.end("a".repeat(1000));
      if (request.url === "/endless") {
        const more = () => {
          while (!answer.destroyed && answer.write("a".repeat(60_000))) { /* until it is full */ }
        };
        answer.on("drain", more);
        return more();
      }
      answer.end("a".repeat(1001));
    });
    const transport = transportWith(["127.0.0.1"]);
    const base = `https://localhost:${server.port}`;
    assertEquals(await outcome(`${base}/told`, { transport }), "large");
    assertEquals(await outcome(`${base}/chunked`, { transport }), "large");
    assertEquals(await outcome(`${base}/endless`, { transport }), "large");
    assertEquals(await outcome(`${base}/exact`, { transport }), `200 ${"a".repeat(1000)}`);
  },
);

/** What never ends, and where. */
const slowness = {
  name: () => new Promise<never>(() => {}),
  headers: () => {},
  body: (answer: { write(text: string): unknown }) => answer.write("{"),
};

testOnNewerDeno(whyNewer, "one deadline covers name, headers and body", async () => {
  await using server = await hostileServer((request, answer) => {
    if (request.url === "/body") slowness.body(answer);
  });
  await using provider = await aProvider();
  // The test's deadline has passed when the server has been asked, or soon after.
  const timers = { ...provider.deps.timers, sleep: soonOver };
  for (const what of ["name", "headers", "body"]) {
    const plain = transportWith(["127.0.0.1"]);
    const transport = what === "name" ? { ...plain, resolve: slowness.name } : plain;
    const deps = {
      ...provider.deps,
      config: { ...defaultConfig, outgoing: ownMachine },
      transport,
      timers,
    };
    const url = `https://localhost:${server.port}/${what}`;
    const error = await assertRejects(
      () => sendOutgoing(deps, { url, mostBytes: 1000, origin, isOperators: true }),
      OutgoingRefused,
    );
    assertEquals((error as OutgoingRefused).problem, "slow", what);
  }
});

/** Does not wait longer than 200 ms. */
async function soonOver(_milliseconds: number, signal?: AbortSignal) {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 200);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

testOnNewerDeno(
  whyNewer,
  "another address of the host is tried if one cannot be reached",
  async () => {
    await using server = await hostileServer((_, answer) => answer.end("hello"));
    const url = `https://localhost:${server.port}/`;
    const transport = transportWith(["127.0.0.9", "127.0.0.1"]);
    assertEquals(await outcome(url, { transport }), "200 hello");
    assertEquals(await outcome(url, { transport: transportWith(["127.0.0.9"]) }), "unreachable");
    assertEquals(await outcome(url, { transport: transportWith([]) }), "unreachable");
  },
);

Deno.test("the operator's list of hosts leaves nothing else, and * is for names below a name", async () => {
  const config = {
    outgoing: { hosts: ["client.example", "*.apps.example"], privateNetworks: [] },
  };
  const allowed: Readonly<Record<string, boolean>> = {
    "https://client.example/": true,
    "https://CLIENT.example:8443/": true,
    "https://a.apps.example/": true,
    "https://b.a.apps.example/": true,
    "https://apps.example/": false,
    "https://notapps.example/": false,
    "https://client.example.evil.example/": false,
    "https://evilclient.example/": false,
    "https://client.example./": false,
  };
  for (const [url, isAllowed] of Object.entries(allowed)) {
    // A private address is refused later than the name.
    const result = await outcome(url, { transport: transportWith(["10.0.0.1"]), config });
    assertEquals(result, isAllowed ? "address" : "host", url);
  }
});

testOnNewerDeno(
  whyNewer,
  "in development http is for this machine alone, and in production for none",
  async () => {
    await using server = await hostileServer((_, answer) => answer.end("hello"), { tls: false });
    const url = `http://localhost:${server.port}/`;
    const here = transportWith(["127.0.0.1"]);
    const development = {
      environment: "development",
      outgoing: { hosts: null, privateNetworks: [] },
    } as const;
    assertEquals(await outcome(url, { transport: here, config: development }), "200 hello");
    assertEquals(await outcome(url, { transport: here }), "url");
    assertEquals(
      await outcome(url, { transport: transportWith(["10.0.0.1"]), config: development }),
      "address",
    );
    const below = `http://app.localhost:${server.port}/`;
    assertEquals(await outcome(below, { transport: here, config: development }), "200 hello");
    const elsewhere = transportWith(["127.0.0.1", "10.0.0.1"]);
    assertEquals(
      await outcome(below, { transport: elsewhere, config: development }),
      "address",
    );
    assertEquals(
      await outcome("http://client.example/", { transport: here, config: development }),
      "url",
    );
  },
);

testOnNewerDeno(
  whyNewer,
  "requests to one host, and those that one address causes, have a budget",
  async () => {
    await using server = await hostileServer((_, answer) => answer.end("hello"));
    const limits = { ...defaultConfig.limits };
    limits.outgoingHost = { count: 3, seconds: 60 };
    limits.outgoingAddress = { count: 2, seconds: 60 };
    await using provider = await aProvider({ config: { rateLimits: true, limits } });
    const config = { ...provider.deps.config, outgoing: ownMachine };
    const deps = { ...provider.deps, config, transport: transportWith(["127.0.0.1"]) };
    const call = async (address: string) => {
      const url = `https://localhost:${server.port}/`;
      try {
        const causedBy = { address, requestId: null };
        const sent = { url, mostBytes: 9, origin: causedBy, isOperators: true };
        return (await sendOutgoing(deps, sent)).status;
      } catch (error) {
        return error instanceof OAuthError ? error.status : error;
      }
    };
    assertEquals(await call("203.0.113.1"), 200);
    assertEquals(await call("203.0.113.1"), 200);
    assertEquals(await call("203.0.113.1"), 429);
    assertEquals(await call("203.0.113.2"), 200);
    assertEquals(await call("203.0.113.2"), 429, "the host's budget is used up");
    provider.clock.advance(61);
    assertEquals(await call("203.0.113.2"), 200);
    assertEquals(server.seen.length, 4);
  },
);
