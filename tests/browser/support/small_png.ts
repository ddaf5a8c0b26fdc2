import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of each pixel, row by row. */
  readonly rgba: Uint8Array;
}

/** The pixels of a PNG: a browser can read what it wrote. */
export async function readPng(page: Page, png: Uint8Array): Promise<Picture> {
  const { width, height, pixels }: { width: number; height: number; pixels: string } = await page
    .evaluate(`(async () => {
      const bytes = Uint8Array.fromBase64("${png.toBase64()}");
      const image = await createImageBitmap(new Blob([bytes]));
      const { width, height } = image;
      const canvas = new OffscreenCanvas(width, height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      const { data } = canvas.getImageData(0, 0, width, height);
      return { width, height, pixels: new Uint8Array(data.buffer).toBase64() };
    })()`);
  return { width, height, rgba: Uint8Array.from(atob(pixels), (one) => one.charCodeAt(0)) };
}

/**
 * A PNG with a palette: a page has few colours, so this is a third of what a browser writes. Of more
 * than 256 colours, those that hardly differ become one; alpha is left out.
 *
 * @see Portable Network Graphics (PNG) Specification, sections 5 and 11
 */
export function smallPng({ width, height, rgba }: Picture): Uint8Array {
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const [red = 0, green = 0, blue = 0] = rgba.subarray(i * 4, i * 4 + 3);
    pixels[i] = red << 16 | green << 8 | blue;
  }
  const { palette, indexOf } = paletteOf(pixels);
  const rows = new Uint8Array((width + 1) * height); // each begins with its filter: none
  for (let i = 0; i < pixels.length; i++) {
    rows[i + Math.floor(i / width) + 1] = indexOf(pixels[i] ?? 0);
  }
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([8, 3], 8); // 8 bits a pixel, which are an index into the palette
  return joined([
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flatMap(channels))),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** How many colours are large areas: of these each stays what it is. */
const areas = 32;

/** Colours that differ in their lowest bits alone are one: the one that is there most often. */
function paletteOf(pixels: Uint32Array) {
  const counts = new Map<number, number>();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const byCount = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  for (let dropped = 0;; dropped++) {
    const mask = (0xff >> dropped << dropped) * 0x01_01_01;
    const groups = new Map<number, number>();
    for (const colour of byCount.slice(areas)) {
      if (!groups.has(colour & mask)) groups.set(colour & mask, colour);
    }
    const palette = [...byCount.slice(0, areas), ...groups.values()];
    if (palette.length > 256) continue;
    const own = new Map(palette.slice(0, areas).map((colour, index) => [colour, index]));
    const grouped = new Map([...groups.keys()].map((group, index) => [group, areas + index]));
    return {
      palette,
      indexOf: (colour: number) => own.get(colour) ?? grouped.get(colour & mask) ?? 0,
    };
  }
}

function channels(colour: number): number[] {
  return [colour >> 16, colour >> 8 & 255, colour & 255];
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = joined([new TextEncoder().encode(type), data]);
  const framed = new Uint8Array(named.length + 8);
  framed.set(named, 4);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  view.setUint32(named.length + 4, crc32(named));
  return framed;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
