// What is around waylay: the runtime and the default ports.

import { listen } from "../../net/listen.ts";
import { bad, type Finding, good, note, type Patient } from "./finding.ts";

export function checkNode({ nodeVersion }: Patient): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, "").split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return [good("node", nodeVersion)];
  return [bad("node", `${nodeVersion} is too old; 20.19 is the oldest that will do`, "nvm install --lts")];
}

export async function checkPorts(): Promise<Finding[]> {
  return [await checkPort("proxy port", 8080), await checkPort("ui port", 8081)];
}

/** A taken port is no fault: `start` goes on to the next one. */
async function checkPort(name: string, port: number): Promise<Finding> {
  try {
    const listener = await listen({ host: "127.0.0.1", port }, 1, socket => socket.destroy());
    await listener.close();
    return good(name, `${port} is free`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // listen rejects with the system's error
    const says = code === "EADDRINUSE" ? "is taken (a running waylay?); start takes the next free one" : `: ${code}`;
    return note(name, `${port} ${says}`, `lsof -i :${port}`);
  }
}
