import { spawnSync } from "node:child_process";

/** Every process that a process started, directly or not, as far as the system still knows who started whom. */
export function descendantsOf(pid: number): number[] {
  if (process.platform === "win32") return [];
  const { stdout } = spawnSync("ps", ["-Ao", "pid=,ppid="], { encoding: "utf8" });
  const children = new Map<number, number[]>();
  for (const line of (stdout ?? "").split("\n")) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (child === undefined || parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const found: number[] = [];
  for (let next = [pid]; next.length > 0; ) {
    next = next.flatMap((parent) => children.get(parent) ?? []).filter((child) => !found.includes(child));
    found.push(...next);
  }
  return found;
}

/** Ends a process that leads a group of its own, its group, and what it started in other groups: at once, as when a machine loses its power. */
export function endTree(pid: number): void {
  const others = descendantsOf(pid);
  if (process.platform === "win32") spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"]);
  else for (const target of [-pid, pid, ...others]) kill(target);
}

function kill(target: number): void {
  try {
    process.kill(target, "SIGKILL");
  } catch {
    // Ended already.
  }
}
