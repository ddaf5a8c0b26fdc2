/** Runs a program of tests/support with `--expose-gc`, in a process that nothing else uses. It prints what memory takes. */
export async function memoryProgram(name: string): Promise<{ printed: string; errors: string }> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", "--lock=tests/deno.lock"],
      ...["--v8-flags=--expose-gc", "-A", `tests/support/${name}`],
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const decoder = new TextDecoder();
  return { printed: decoder.decode(stdout), errors: decoder.decode(stderr) };
}
