/** A file of the package, to find the others by. The package itself is not loaded for that. */
export const chromiumEntry: string = import.meta.resolve("npm:@sparticuz/chromium@^153.0.0");
