// Runs mockttp as a plain intercepting proxy: node mockttp.mjs PACKAGE_JSON PORT FOLDER
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packageJson, port, folder] = process.argv.slice(2);
const { generateCACertificate, getLocal } = createRequire(packageJson)("mockttp");
const { key, cert } = await generateCACertificate();
mkdirSync(join(folder, "certs"));
writeFileSync(join(folder, "certs", "ca.pem"), cert);
const server = getLocal({ https: { key, cert } });
await server.start(Number(port));
// The origin is trusted through NODE_EXTRA_CA_CERTS: `additionalTrustedCAs` would read all roots for each connection.
await server.forAnyRequest().thenPassThrough();
