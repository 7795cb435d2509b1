// A real OpenID provider for tests: node tests/provider.mjs PORT MODULES CLIENT_ID BACK AFTER
// Whoever gives a name at its sign-in is that person. It is found from where npm put it.
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"

const [port, modules, clientId, back, after] = process.argv.slice(2)
const found = createRequire(`${modules}/`).resolve("oidc-provider")
const { default: Provider } = await import(pathToFileURL(found))

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: clientId, client_secret: "a secret of the tests", redirect_uris: [back],
    post_logout_redirect_uris: [after] }],
  claims: { openid: ["sub"], profile: ["preferred_username"] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: `person of ${id}`, preferred_username: id }) }),
  pkce: { required: () => true },
  features: { rpInitiatedLogout: { enabled: true } },
  cookies: { keys: ["only for tests"] },
})
provider.listen(Number(port), "127.0.0.1")
