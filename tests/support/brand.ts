import { makeBrand } from "../../src/branding/brand.ts";
import type { Brand } from "../../src/deps/brand.ts";

/** The default brand. */
export const unbranded: Brand = await makeBrand(
  { name: null, logoFile: null, colour: null, links: [] },
  () => Promise.reject(new Error("there is no logo")),
);
