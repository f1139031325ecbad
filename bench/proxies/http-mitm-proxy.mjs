// Runs http-mitm-proxy with nothing in between: node http-mitm-proxy.mjs PACKAGE_JSON PORT FOLDER
import { createRequire } from "node:module";

const [packageJson, port, folder] = process.argv.slice(2);
const { Proxy: MitmProxy } = createRequire(packageJson)("http-mitm-proxy");
const proxy = new MitmProxy();
proxy.onError((_context, error) => console.error(error?.message));
proxy.listen({ host: "127.0.0.1", port: Number(port), sslCaDir: folder, keepAlive: true });
