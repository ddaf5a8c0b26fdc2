import chromium, { inflate } from "@sparticuz/chromium";

// A program of its own: see unpackedChromium.
const packages = new URL("../bin/", import.meta.resolve("@sparticuz/chromium"));
await chromium.executablePath();
await inflate(new URL("al2023.tar.br", packages).pathname);
