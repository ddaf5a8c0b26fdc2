/** The bytes of V8's heap that are in use after a collection, in a process with `--expose-gc`. */
export function heapInUse(): number {
  const gc: unknown = Object.getOwnPropertyDescriptor(globalThis, "gc")?.value;
  if (typeof gc !== "function") throw new Error("there is no gc");
  gc();
  gc(); // what the first one has freed may have held more
  return Deno.memoryUsage().heapUsed;
}
