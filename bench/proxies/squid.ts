// squid with ssl_bump: the one in C++ that everybody measures against. It records nothing.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accepting, type Contestant, executable, freePort, launch } from "../contestant.ts";

const SQUID = ["/usr/sbin/squid", "squid"];
const CERTGEN = [
  "/usr/lib/squid/security_file_certgen",
  "/usr/lib64/squid/security_file_certgen",
  "/usr/libexec/squid/security_file_certgen",
];

export const squid: Contestant = {
  name: "squid",
  setup: "`ssl_bump bump all`, generated certificates, no cache, no access log, one process",
  missing: () => {
    if (executable(...SQUID) === undefined) return "squid is not installed";
    return executable(...CERTGEN) ? undefined : "squid is built without OpenSSL (Debian: squid-openssl)";
  },
  start: async scene => {
    const port = await freePort();
    const folder = join(scene.folder, `squid-${port}`);
    mkdirSync(folder);
    chmodSync(folder, 0o777); // squid gives up root and then works as a user of its own
    const certgen = executable(...CERTGEN) as string; // missing() has seen it
    execFileSync(certgen, ["-c", "-s", join(folder, "certs"), "-M", "16MB"], { stdio: "ignore" });
    execFileSync("chmod", ["-R", "a+rwX", join(folder, "certs")]);
    const signer = join(folder, "signer.pem");
    writeFileSync(signer, readFileSync(scene.ca.keyFile, "utf8") + scene.ca.certPem, { mode: 0o600 });
    const config = join(folder, "squid.conf");
    writeFileSync(config, configuration(port, folder, signer, certgen, scene.ca.certFile));
    const command = [executable(...SQUID) as string, "-N", "-n", `bench${port}`, "-f", config];
    const started = await launch(scene, command, port, () => accepting(port));
    return { ...started, caPem: scene.ca.certPem };
  },
};

function configuration(port: number, folder: string, signer: string, certgen: string, trusted: string): string {
  return `
http_port 127.0.0.1:${port} ssl-bump tls-cert=${signer} generate-host-certificates=on dynamic_cert_mem_cache_size=16MB
sslcrtd_program ${certgen} -s ${join(folder, "certs")} -M 16MB
sslcrtd_children 1 startup=1 idle=1
ssl_bump bump all
tls_outgoing_options cafile=${trusted}
http_access allow all
cache deny all
cache_mem 8 MB
access_log none
cache_store_log none
cache_log ${join(folder, "cache.log")}
pid_filename ${join(folder, "squid.pid")}
coredump_dir ${folder}
netdb_filename none
pinger_enable off
visible_hostname bench
workers 1
max_filedescriptors 4096
shutdown_lifetime 0 seconds
`;
}
