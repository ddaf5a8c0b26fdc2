/** Reads `--name value` pairs of the command line. @throws if one is not among the defaults */
export function readOptions<T extends Record<string, string>>(
  args: readonly string[],
  defaults: T,
): T {
  const options: Record<string, string> = { ...defaults };
  for (let at = 0; at < args.length; at += 2) {
    const name = args[at]?.replace(/^--/, "") ?? "";
    const value = args[at + 1];
    if (!(name in defaults) || value === undefined) {
      const known = Object.keys(defaults).map((option) => `--${option} VALUE`);
      throw new Error(`the options are ${known.join(", ")}`);
    }
    options[name] = value;
  }
  return options as T;
}
