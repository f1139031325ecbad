// TLS clients in pieces: the bytes of a hello, and a client that sends the alert that browsers send.
import { spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { type ConnectionOptions, connect } from "node:tls";
import type { Cleaner } from "./raw-client.ts";

/** The bytes of a client hello, as Node would send it. */
export function clientHelloBytes(options: ConnectionOptions): Promise<Buffer> {
  return new Promise(resolve => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    connect({ socket: wire, ...options }).on("error", () => undefined);
  });
}

/** `openssl s_client` through the proxy, which trusts nobody and says so by an alert. Resolves when it has ended. */
export function bareTlsOf(
  test: Cleaner,
  proxyPort: number,
  authority: string,
  version: "TLSv1.2" | "TLSv1.3",
): Promise<void> {
  const host = authority.replace(/:\d+$/, "");
  const flags = ["-verify_return_error", "-no-CAfile", "-no-CApath", version === "TLSv1.2" ? "-tls1_2" : "-tls1_3"];
  const args = ["s_client", "-proxy", `127.0.0.1:${proxyPort}`, "-connect", authority, "-servername", host, ...flags];
  const child = spawn("openssl", args, { stdio: "ignore" });
  test.after(() => child.kill());
  return new Promise(resolve => child.on("close", () => resolve()));
}
