import chromium, { inflate } from "@sparticuz/chromium";
import { chromiumEntry } from "../../packages/chromium_entry.ts";

// A program of its own: see unpackedChromium.
const packages = new URL("../bin/", chromiumEntry);
await chromium.executablePath();
await inflate(new URL("al2023.tar.br", packages).pathname);
