import { assertEquals } from "@std/assert";
import { imageTypeOf, rasterTypeOf } from "../../src/config/image_type.ts";
import { pngBytes } from "./images.ts";

const text = (content: string) => new TextEncoder().encode(content);
const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16]);
const webp = text("RIFF\0\0\0\0WEBPVP8 ");
const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';

Deno.test("the type of an image is read from its first bytes", () => {
  const cases: [Uint8Array, string | null][] = [
    [pngBytes, "image/png"],
    [jpeg, "image/jpeg"],
    [webp, "image/webp"],
    [text(svg), "image/svg+xml"],
    [text(`\ufeff<?xml version="1.0"?>\n<!-- a <b> -->\n<!DOCTYPE svg>\n${svg}`), "image/svg+xml"],
    [text("GIF89a"), null],
    [text("<html><svg></svg></html>"), null],
    [text("<svgx/>"), null],
    [text("<script>alert(1)</script>"), null],
    [new Uint8Array([0xff, 0xfe, 0x3c, 0x73]), null],
    [pngBytes.slice(0, 7), null],
    [text("RIFF\0\0\0\0WAVE"), null],
    [new Uint8Array(), null],
  ];
  for (const [bytes, type] of cases) assertEquals(imageTypeOf(bytes), type);
  assertEquals(rasterTypeOf(text(svg)), null);
});
