const file = new URL("../../deno.json", import.meta.url);

/** The tasks of deno.json, by their names. */
export async function allTasks(): Promise<Readonly<Record<string, string>>> {
  return JSON.parse(await Deno.readTextFile(file)).tasks;
}

export async function taskNamed(name: string): Promise<string> {
  const task = (await allTasks())[name];
  if (task === undefined) throw new Error(`deno.json has no task ${name}`);
  return task;
}

/** The flags with which a task runs the server, which is the last of its commands. */
export function flagsOfServer(task: string): string[] {
  const words = (task.split(" && ").at(-1) ?? "").split(" ");
  return words.map((word) => word.replaceAll(/['"]/g, "")).filter((word) => word.startsWith("--"));
}
