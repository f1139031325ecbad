import { connect, type Socket } from "node:net";

/** Connects to a Unix socket of this machine. Rejects with the system's error (`ENOENT`, `ECONNREFUSED`, `EACCES` …). */
export function dialUnix(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
